// What the panels that train share: their two buttons, what there is to say, and the verdict's box.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Radios, held } from "./controls.js";
import { freshId, html, useLab } from "./html.js";
import { key, t } from "../words/t.js";

const PENDING = {
  verdict: {
    recorded: key`The verdict comes at the end of the recording.`,
    paused: key`They are paused. The verdict comes when they are done.`,
    training: key`They are training. The verdict comes when they are done.`,
    none: key`There is no verdict: nothing trains here now.`,
  },
  summary: {
    recorded: key`The summary comes at the end of the recording.`,
    paused: key`They are paused. The summary comes when they are done.`,
    training: key`They are training. The summary comes when they are done.`,
    none: key`There is no summary: nothing trains here now.`,
  },
};

// What stands where a "verdict" or a "summary" will be, as long as there is none.
export function pending(what, { busy, live, recorded, state }, quiet) {
  const said = PENDING[what];
  if (recorded) return t(said.recorded);
  if (busy && live) return t(state === "paused" ? said.paused : said.training);
  return live ? quiet : t(said.none);
}

const [NARROW, LOW] = [660, 700]; // pixels; below, settings begin folded

// Where the columns are stacked, as on a phone, a start leads to what it fills.
export function reveal(node, block = "center") {
  if (!node || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  if (node.getBoundingClientRect().top > innerHeight * 0.7) node.scrollIntoView({ block });
}

// What the page moves to when a run ends that was looked at, if something came of it.
export function useArrival({ busy, live }, found) {
  const node = useRef(null);
  const before = useRef(busy);
  useEffect(() => {
    if (before.current && !busy && live && found) reveal(node.current);
    before.current = busy;
  }, [busy]);
  return node;
}

// Folded where there is little room at first; whoever opens or folds it decides from then on.
export function Settings({ panel, children }) {
  const open = useLab().keep(`${panel} settings`, innerWidth >= NARROW && innerHeight >= LOW);
  return html`<details class="kd-settings" open=${open.value}
    onToggle=${(event) => { open.value = event.currentTarget.open; }}>
    <summary>${t`Settings`}</summary><div>${children}</div></details>`;
}

// A panel's main action: its button. Where that is out of sight, a phone has it at its foot.
export function MainButton({ children, disabled, onClick, ...rest }) {
  const main = useLab().keep("main action", null);
  const node = useRef(null);
  const [away, leave] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => leave(!entries.at(-1).isIntersecting));
    observer.observe(node.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (!away || disabled) return undefined;
    const mine = { name: children, press: () => node.current.click() };
    main.value = mine;
    return () => { // unless another panel's has taken its place
      if (main.value === mine) main.value = null;
    };
  }, [away, disabled, children]);
  return html`<button ref=${node} type="button" class="kd-button kd-primary" disabled=${disabled}
    onClick=${onClick} ...${rest}>${children}</button>`;
}

// Who trains, where there is a choice: this page, or Python.
export function Where({ panel, busy }) {
  const lab = useLab();
  if (!lab.session(panel) || !lab.hasChoice()) return null;
  const { device } = lab.kernel(`${panel}_view`);
  const setting = lab.setting("lab", "where");
  if (setting.hidden) return null;
  if (lab.startPython) {
    return html`<div><h2>${t`Where to train`}</h2><p class="kd-caption">${t`On this device.`} <button
      type="button" class="kd-link" ...${held(setting, busy)}
      onClick=${() => lab.startPython("kernel")}>${t`Train in Python instead`}</button></p></div>`;
  }
  return html`<div><h2>${t`Where to train`}</h2>
    <${Radios} name=${t`Where`} disabled=${busy} setting=${setting} options=${[
      ["page", t`This device`], ["kernel", device ? `Python: ${device}` : "Python"]]} /></div>`;
}

// Buttons of which one that is switched off hands the keyboard on to the first that is not.
export function Buttons({ children, ...rest }) {
  const group = useRef(null);
  const held = useRef(null);
  useLayoutEffect(() => {
    if (!held.current?.disabled) return;
    [...group.current.querySelectorAll("button")].find((button) => !button.disabled)
      ?.focus({ preventScroll: true });
  });
  const hold = (event) => { held.current = event.type === "focusin" ? event.target : null; };
  return html`<div ref=${group} class="kd-buttons" ...${rest} onFocusIn=${hold}
    onFocusOut=${(event) => { if (!event.target.disabled) hold(event); }}>${children}</div>`;
}

// The buttons to start and to stop, what stands beside them, and a line on where things stand.
export function RunButtons({ view, send, name, text, beside, children }) {
  const lab = useLab();
  const [id] = useState(() => freshId("status"));
  const starts = !view.live && lab.startPython;
  const said = starts
    ? t`This panel trains in Python, which starts in a few seconds. What you have set goes along.` : text;
  return html`<div class="kd-run">
    ${starts && html`<div class="kd-buttons"><${MainButton} aria-describedby=${id}
      onClick=${() => lab.startPython()}>${t`Start Python`}<//></div>`}
    <${Buttons} hidden=${!view.live}>
      <${MainButton} aria-describedby=${id} disabled=${view.busy || !view.live}
        onClick=${() => send("train")}>${name}<//>
      <button type="button" class="kd-button" disabled=${!view.busy || view.state === "stopping"}
        onClick=${() => send("stop")}>${t`Stop`}</button>
      ${beside}
    <//>
    <p class="kd-caption ${view.message ? "kd-warning" : ""}" id=${id} role="status">${said}</p>
    ${children}
  </div>`;
}
