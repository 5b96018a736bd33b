// Any view of the open panel as SVG or PNG.

import { Dialog } from "../../page/parts/dialog.js";
import { download } from "../../page/parts/download.js";
import { temperature } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { drawing } from "./drawing.js";
import { t } from "../../page/words/t.js";

// Charts and tables, each by its name, and a card of several: what came of a run.
const VIEWS = ".kd-panel:not([hidden]) :is([data-card], [data-name]:not([data-name] *))";
const DOTS = 2; // pixels of a PNG for one of the page

export function SaveDialog({ root, close }) {
  const T = useLab().setting("lab", "temperature").value;
  const views = [...root().querySelectorAll(VIEWS)].filter((view) => view.getClientRects().length);
  const heat = root().querySelector(".kd-ruler") ? ` T ${temperature(T)}` : "";
  return html`<${Dialog} title=${t`Save a chart`} close=${close}>
    <p>${t`As it stands on the page now, in its colors.`}</p>
    <table class="kd-share"><tbody>${views.map((view) => {
      const title = view.dataset.card ?? view.dataset.name;
      const stem = `${title}${heat}`.toLowerCase().replace(/[^\p{L}\p{Nd}.]+/gu, "-").slice(0, 80);
      const save = (kind, make) => html`<td><button type="button" class="kd-tool"
        aria-label=${t`Save as ${kind}: ${title}`} onClick=${async () =>
          download(await make(view, title, root()), `${stem}.${kind.toLowerCase()}`)}>${kind}
        </button></td>`;
      return html`<tr><th scope="row">${title}</th>${save("SVG", asSvg)}${save("PNG", asPng)}</tr>`;
    })}</tbody></table>
  <//>`;
}

function asSvg(view, title, root) {
  return new Blob([drawing(view, title, root).text], { type: "image/svg+xml" });
}

async function asPng(view, title, root) {
  const { text, width, height } = drawing(view, title, root);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: Math.ceil(width * DOTS), height: Math.ceil(height * DOTS) });
  const context = canvas.getContext("2d");
  context.scale(DOTS, DOTS);
  context.drawImage(image, 0, 0, width, height);
  return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
}
