// "Link for the class": this view or a step of a lesson as a link, with controls locked or hidden,
// and as a QR code for phones.

import { generate } from "lean-qr";
import { useMemo, useRef, useState } from "preact/hooks";
import { Radios } from "../../page/parts/controls.js";
import { Dialog, copy } from "../../page/parts/dialog.js";
import { html, useLab } from "../../page/parts/html.js";
import { controlsOf, readSettings } from "../../page/state/link.js";
import { PRESETS } from "./presets.js";
import { NAMES, t } from "../../page/words/t.js";

const OWN_NAMES = ["localhost", "127.0.0.1", "[::1]"];
const QUIET = 4; // white modules around a QR code, as its standard asks

export function ShareDialog({ link, close }) {
  const lab = useLab();
  const controls = controlsOf(lab).filter(({ name }) => name !== "where" || lab.hasChoice());
  const [chosen, choose] = useState({ lock: new Set(), hide: new Set() });
  const [step, take] = useState(null);
  const [over, put] = useState(new Map());
  const [base, type] = useState("");
  const [wants, picture] = useState(false);
  const [status, say] = useState("");
  const field = useRef(null);
  const steps = useMemo(() => stepsOf(lab), []);
  const rowOf = (name) => lab.rows.find(({ panel, link: each }) => panel === "lab" && each === name);
  // A setting for the class, whatever it is on this page.
  const setting = (name) => {
    const row = rowOf(name);
    return { value: over.has(row) ? over.get(row) : lab.valueOf(row),
      set: (value) => put(new Map(over).set(row, value)) };
  };
  const flag = (name, text) => html`<label><input type="checkbox" checked=${setting(name).value}
    onChange=${(event) => setting(name).set(event.target.checked)} /> ${text}</label>`;
  const box = (list, { name, title }) => html`<input type="checkbox"
    aria-label=${list === "lock" ? t`Lock: ${title}` : t`Hide: ${title}`}
    checked=${chosen[list].has(name)}
    onChange=${(event) => {
      const names = new Set(chosen[list]);
      if (event.target.checked) names.add(name);
      else names.delete(name);
      choose({ ...chosen, [list]: names });
      say("");
    }} />`;
  const elsewhere = placeOf(base);
  const address = link.address({ ...chosen, forClass: true, step: step?.values, over,
    base: elsewhere });
  const reach = reachOf(address, lab.kernel("network"));
  const pictured = wants && !reach;
  const fields = () => html`<label class="kd-field">${t`What it opens`}<select class="kd-select"
      value=${step?.title} onChange=${(event) => {
        const next = steps[event.target.selectedIndex - 1] ?? null;
        take(next);
        choose({ lock: new Set(next?.lock), hide: new Set(next?.hide) });
        say("");
      }}><option>${t`This view, as it is now`}</option>
      ${steps.map(({ title }) => html`<option key=${title} value=${title}>${title}</option>`)}
    </select></label>
    ${isOwn(location) && html`<label class="kd-field">${t`Where the class opens the file`}
      <input type="url" class="kd-number" placeholder=${t`The address of lab.html`} value=${base}
        onInput=${(event) => {
          type(event.target.value);
          say("");
        }} /></label>`}
    <p>${t`A locked control stays as it is and says so; a hidden one is not shown.`}${" "}
      ${t`Your own predictions are never in it.`}</p>
    <div class="kd-share-looks">${flag("large", t`Large type`)}
      ${flag("codes", t`Codes of predictions`)}
      <${Radios} name=${t`Colors`} options=${[["auto", t`Device's colors`], ["light", t`Light`],
        ["dark", t`Dark`]]} value=${setting("colors").value} pick=${setting("colors").set} />
      <${Radios} name=${t`Language`} options=${Object.entries(NAMES).map(([name, text]) =>
        [name, html`<span lang=${name}>${text}</span>`])} value=${setting("language").value}
        pick=${setting("language").set} /></div>
    <table class="kd-share">
      <thead><tr><td /><th scope="col">${t`Lock`}</th>
        <th scope="col">${t`Hide`}</th></tr></thead>
      <tbody>${controls.map((control) => html`<tr><th scope="row">${control.title}</th>
        <td>${control.lockable && box("lock", control)}</td><td>${box("hide", control)}</td></tr>`)}
      </tbody>
    </table>`;
  return html`<${Dialog} title=${t`A link for the class`} kind=${pictured ? "kd-tall" : ""}
      close=${close}>
    ${pictured ? html`<${QrCode} text=${address} />` : fields()}
    <div class="kd-share-link">
      <p class="kd-caption" role="status">${status
        || (base && !elsewhere ? t`That is no address: one begins with https:// or http://`
          : reach)}</p>
      <input ref=${field} class="kd-number kd-address" readonly aria-label=${t`Link`}
        value=${address} />
      <button type="button" class="kd-button kd-primary" onClick=${async () => {
        field.current.select();
        say(await copy(address) ? t`Copied.`
          : t`The browser does not let this page copy. The link is selected: press Ctrl+C.`);
      }}>${t`Copy link for the class`}</button>
      <button type="button" class="kd-button" disabled=${reach !== ""}
        onClick=${() => picture(!pictured)}>${pictured ? t`Back` : t`QR code`}</button>
    </div>
  <//>`;
}

// The steps that this page can show, with what each sets and locks; panels beside it are hidden.
function stepsOf(lab) {
  const panels = lab.get("panels");
  return PRESETS.flatMap(([lesson, name, query]) => {
    const pairs = new URLSearchParams(query);
    const { values, odd } = readSettings(lab, pairs);
    if (odd.length) return [];
    return [{ title: t`Lesson ${lesson}: ${t(name)}`, values, lock: pairs.get("lock")?.split(",") ?? [],
      hide: panels.filter((panel) => panel !== pairs.get("panel")) }];
  });
}

// An address of the web as somebody types it, without what stands behind it; null if it is none.
function placeOf(text) {
  try {
    const url = new URL(text.trim());
    return ["http:", "https:"].includes(url.protocol) ? url.origin + url.pathname : null;
  } catch {
    return null;
  }
}

const isOwn = ({ protocol, hostname }) => protocol === "file:" || OWN_NAMES.includes(hostname);

// Whom a link reaches, where that is this computer alone. network: its address there, if known.
function reachOf(address, network) {
  const { protocol, hostname } = new URL(address);
  if (protocol === "file:") {
    return [t`This link leads to a file on this computer.`,
      t`Send the file itself; what follows the # in the link sets it as it is now.`].join(" ");
  }
  if (!OWN_NAMES.includes(hostname)) return "";
  const [make, serve] = ["python -m kdviz export lab.html", "python -m http.server 8000"];
  const there = `http://${network || t`ADDRESS`}:8000/lab.html`;
  return [t`This link opens on this computer alone, as its address says.`, network
    ? t`Send the file that ${make} writes; or run ${serve} in its folder, and write above ${
      there}, this computer's address here.`
    : t`Send the file that ${make} writes; or run ${serve} in its folder, and write above ${
      there}, with this computer's address in its network.`].join(" ");
}

// Dark on white in either theme: not all phones read the other way round.
function QrCode({ text }) {
  const code = useMemo(() => generate(text), [text]);
  const side = code.size + 2 * QUIET;
  const cells = Array.from({ length: code.size ** 2 }, (_, i) => [i % code.size,
    Math.floor(i / code.size)]).filter(([x, y]) => code.get(x, y));
  return html`<svg class="kd-qr" role="img" aria-label=${t`The link as a QR code`}
    viewBox="${-QUIET} ${-QUIET} ${side} ${side}" shape-rendering="crispEdges">
    <rect x=${-QUIET} y=${-QUIET} width=${side} height=${side} fill="#fff" />
    <path fill="#000" d=${cells.map(([x, y]) => `M${x} ${y}h1v1h-1z`).join("")} /></svg>`;
}
