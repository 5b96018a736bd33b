// The shell: title, tabs, the temperature ruler, and the panel that is open.

import { render } from "preact";
import { useEffect, useErrorBoundary, useRef, useState } from "preact/hooks";
import { Page, html, useLab } from "../../page/parts/html.js";
import { Meanings } from "../../page/parts/term.js";
import { PAPER } from "../../page/parts/terms.js";
import { makeLab } from "../../page/state/lab.js";
import { controlsOf, makeLink } from "../../page/state/link.js";
import { makeUndo } from "../../page/state/undo.js";
import { Alive } from "./alive.js";
import { Code } from "./collect.js";
import { dropEvents, readFiles } from "./open.js";
import { Ruler } from "./ruler.js";
import { AskKind, Tools } from "./tools.js";
import { Greeting, Tour } from "./tour.js";
import { Foot, Next, Question } from "./ways.js";
import { direction, inEnglish, speak, t, tag, told } from "../../page/words/t.js";

// panels: by name, its module, with View; makeSession, if it can train in this page; and ask(lab), if
// it asks for a prediction: { name, at, asks, options or low, high, unit and near, value, outcome },
// where value is what the learner says and outcome what was found, null if nothing yet; and curve, if
// one may be drawn: { low, values, others }, others a signal with those of a class. place:
// where the state goes, "hash" on an exported page; a page of Voila has its query. prepare(lab)
// sets what is to be set before it is drawn; if it fails, nothing is.
export function renderLab({ model, el: host, panels, place = placeOf(), prepare }) {
  // At once: what a link or a session says may be said before anything is drawn.
  const hear = () => speak(model.get("language") ?? "en");
  hear();
  model.on("change:language", hear);
  const lab = makeLab(model, Object.fromEntries(Object.entries(panels)
    .map(([name, { makeSession }]) => [name, makeSession])));
  try {
    prepare?.(lab);
  } catch (error) {
    model.off("change:language", hear);
    lab.stop();
    throw error;
  }
  const link = makeLink(lab, place, (text) => { lab.keep("news", "").value = text; });
  lab.startPython = model.get("python") ? link?.python ?? null : null;
  const undo = makeUndo(lab);
  render(html`<${Page.Provider} value=${lab}>
    <${Spoken} panels=${panels} link=${link} undo=${undo} host=${host} owned=${place !== null} /><//>`,
  host);
  return () => {
    render(null, host);
    model.off("change:language", hear);
    [link, undo, lab].forEach((each) => each?.stop());
  };
}

// One lab a page may use its address: the first.
function placeOf() {
  const free = document.body.dataset.voila && !document.querySelector(".kdviz .kd-tools");
  return free ? "query" : null;
}

// Another language draws all anew.
function Spoken(props) {
  const { value } = useLab().setting("lab", "language");
  const [title] = useState(document.title);
  useEffect(() => {
    if (!props.owned) return;
    document.documentElement.lang = tag();
    document.title = t(title);
  }, [value]);
  return html`<${Shell} key=${value} ...${props} />`;
}

function Shell({ panels, link, undo, host, owned }) {
  const lab = useLab();
  const root = useRef(null);
  const [odd, ask] = useState(null);
  const news = lab.keep("news", "");
  const tell = (text) => { news.value = text; };

  async function take(files, kind = null) {
    try {
      tell(t`Reading ${files.map((file) => file.name).join(", ")} …`);
      lab.use(await readFiles(files, kind));
      tell("");
    } catch (error) {
      const unsure = error.name === "LooksLikeProbabilities";
      if (unsure) ask({ error, files });
      tell(unsure ? "" : t`${error.message}. Nothing is changed.`);
    }
  }
  const drop = lab.hidden.value.has("data") ? {} : dropEvents(() => root.current, take);
  const shown = lab.get("panels").filter((name) => !lab.hidden.value.has(name));
  const open = shown.includes(lab.get("panel")) ? lab.get("panel") : shown[0];
  const { heated, trains } = lab.table[open];
  const locked = controlsOf(lab).filter(({ name }) => lab.locked.value.has(name));
  // of: in words that are the same for a class of two languages.
  const question = () => {
    const asked = panels[open].ask?.(lab);
    return asked ? { ...asked, of: inEnglish(() => panels[open].ask(lab).at) } : null;
  };
  const colors = useColors(owned);
  // Keys belong to the lab while it has the focus, not to the notebook around it.
  return html`<div ref=${root} class="kdviz ${lab.setting("lab", "large").value ? "kd-large" : ""}"
      lang=${tag()} dir=${direction()} style=${colors} data-lm-suppress-shortcuts="true" ...${drop}>
    <header><div class="kd-titles"><h1>${t(lab.get("title"))}</h1>
        <p class="kd-subtitle">${t`A hands-on tour of knowledge distillation (${html`<a href=${PAPER}
          target="_blank" rel="noreferrer">${t`Hinton, Vinyals and Dean, 2015`}</a>`})`}</p>
        <p class="kd-note">${told(trains ? lab.kernel("note") : lab.get("note"))}</p></div>
      <${Tools} link=${link} undo=${undo} owned=${owned} root=${() => root.current} tell=${tell}
        take=${take} question=${question} title=${t(lab.table[open].title)} />
    </header>
    ${lab.model.get("live") && html`<${Alive} host=${host} again=${link?.again} />`}
    <p class="kd-news" role="status">${news.value}</p>
    <p class="kd-why" id="${lab.id}-why">${locked.length > 0 && t`Locked by ${t(lab.lockedBy)}: ${
      locked.map(({ title }) => title).join(", ")}.`}</p>
    ${owned && open === shown[0] && html`<${Greeting} />`}
    <${Tabs} names=${shown} open=${open} />
    <${Question} panel=${open} />
    ${lab.setting("lab", "codes").value && html`<${Code} question=${question()} />`}
    ${heated && html`<${Ruler} />`}
    <div class="kd-body">${shown.map((name) => html`<section key=${name} role="tabpanel"
      id="${lab.id}-${name}" aria-labelledby="${lab.id}-${name}-tab"
      aria-describedby="${lab.id}-${name}-question" class="kd-panel kd-panel-${name}"
      hidden=${name !== open}>${name === open && html`<${Guarded} view=${panels[name].View} />
        <${Next} panel=${name} shown=${shown} />`}</section>`)}
    </div>
    <${Foot} />
    <${Tour} />
    <${Meanings} />
    ${odd && html`<${AskKind} error=${odd.error} close=${() => ask(null)}
      take=${(kind) => take(odd.files, kind)} />`}
  </div>`;
}

// Light or dark, where somebody chose; as a style, which a page around it can't overrule.
function useColors(owned) {
  const { value } = useLab().setting("lab", "colors");
  const chosen = value !== "auto" && CSS.supports("color: light-dark(#fff, #000)");
  useEffect(() => {
    if (owned) document.documentElement.style.colorScheme = chosen ? value : "";
  }, [value]);
  return chosen ? { colorScheme: value, "--kd-invert": value === "dark" ? 1 : 0 } : null;
}

// A fault in one panel leaves the others and the tools as they are.
function Guarded({ view }) {
  const [error, again] = useErrorBoundary((fault) => console.error(fault));
  if (!error) return html`<${view} />`;
  return html`<div class="kd-box" role="alert"><p>${t`This panel met an error: ${error.message}.`}</p>
    <button type="button" class="kd-button" onClick=${again}>${t`Draw it again`}</button></div>`;
}

// Arrow keys, Home and End walk the tabs as one sees them, and open the one they reach.
function Tabs({ names, open }) {
  const lab = useLab();
  const nodes = useRef({});
  const walk = (event) => {
    const at = names.indexOf(open);
    const [right, left] = direction() === "rtl" ? [at - 1, at + 1] : [at + 1, at - 1];
    const to = { ArrowRight: right, ArrowLeft: left, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const name = names[(to + names.length) % names.length];
    lab.change("lab", { panel: name });
    nodes.current[name].focus();
  };
  return html`<div class="kd-tabs" role="tablist" aria-label=${t`Panels`} hidden=${names.length < 2}
    onKeyDown=${walk}>${names.map((name) => html`<button key=${name} role="tab" type="button"
      ref=${(node) => { nodes.current[name] = node; }} id="${lab.id}-${name}-tab"
      data-panel=${name} aria-controls="${lab.id}-${name}" aria-selected=${String(name === open)}
      tabIndex=${name === open ? 0 : -1} onClick=${() => lab.change("lab", { panel: name })}>
      ${t(lab.table[name].title)}</button>`)}</div>`;
}
