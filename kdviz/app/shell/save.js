// Any view of the open panel as SVG or PNG.

import { el } from "../../page/parts/dom.js";
import { drawing } from "./drawing.js";
import { temperature } from "../../page/parts/format.js";
import { openDialog } from "./share.js";

const VIEWS = ".kd-panel:not([hidden]) [data-name]:not([data-name] *)";
const DOTS = 2; // pixels of a PNG for one of the page

export function saveDialog(page, root) {
  const views = [...root.querySelectorAll(VIEWS)]
    .filter((view) => view.checkVisibility({ visibilityProperty: true }));
  const T = root.querySelector(".kd-ruler").hidden ? ""
    : ` T ${temperature(page.get("temperature"))}`;
  const rows = views.map((view) => {
    const title = view.dataset.name;
    const stem = `${title}${T}`.toLowerCase().replace(/[^a-z0-9.]+/g, "-").slice(0, 80);
    const save = (kind, make) => el("button", { type: "button", class: "kd-tool",
      "aria-label": `Save as ${kind}: ${title}`,
      onclick: async () => download(await make(view, title, root), `${stem}.${kind.toLowerCase()}`) },
    kind);
    return el("tr", {}, el("th", { scope: "row" }, title),
      el("td", {}, save("SVG", asSvg)), el("td", {}, save("PNG", asPng)));
  });
  openDialog(root, "Save a chart", el("p", {}, "As it stands on the page now, in its colors."),
    el("table", { class: "kd-share" }, el("tbody", {}, rows)));
}

function asSvg(view, title, root) {
  return new Blob([drawing(view, title, root).text], { type: "image/svg+xml" });
}

async function asPng(view, title, root) {
  const { text, width, height } = drawing(view, title, root);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = el("canvas", { width: Math.ceil(width * DOTS), height: Math.ceil(height * DOTS) });
  const context = canvas.getContext("2d");
  context.scale(DOTS, DOTS);
  context.drawImage(image, 0, 0, width, height);
  return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
}

function download(blob, name) {
  const url = URL.createObjectURL(blob);
  const anchor = el("a", { href: url, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
