// What the panels that train share: their two buttons, what there is to say, and the verdict's box.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Radios, held } from "./controls.js";
import { freshId, html, useLab } from "./html.js";

// What stands where a verdict will be, as long as there is none.
export function pending(what, { busy, live, recorded, state }, quiet) {
  if (recorded) return `The ${what} comes at the end of the recording.`;
  if (busy && live) {
    return `They are ${state === "paused" ? "paused" : "training"}. The ${what} comes when they are done.`;
  }
  return live ? quiet : `There is no ${what}: nothing trains here now.`;
}

// Where the columns are stacked, as on a phone, a start leads to what it fills.
export function reveal(node, block = "center") {
  if (node && node.getBoundingClientRect().top > innerHeight * 0.7) node.scrollIntoView({ block });
}

// Who trains, where there is a choice: this page, or Python.
export function Where({ panel, busy }) {
  const lab = useLab();
  if (!lab.session(panel) || !lab.hasChoice()) return null;
  const { device } = lab.kernel(`${panel}_view`);
  const setting = lab.setting("lab", "where");
  if (setting.hidden) return null;
  if (lab.startPython) {
    return html`<div><h2>Where to train</h2><p class="kd-caption">On this device. <button
      type="button" class="kd-link" ...${held(setting, busy)}
      onClick=${() => lab.startPython("kernel")}>Train in Python instead</button></p></div>`;
  }
  return html`<div><h2>Where to train</h2>
    <${Radios} name="Where" disabled=${busy} setting=${setting} options=${[["page", "This device"],
      ["kernel", device ? `Python: ${device}` : "Python"]]} /></div>`;
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
  const said = starts ? "This panel trains in Python, which starts in a few seconds. What you have set "
    + "goes along." : text;
  return html`<div class="kd-run">
    <div class="kd-buttons" hidden=${!starts}><button type="button" class="kd-button kd-primary"
      aria-describedby=${id} onClick=${() => lab.startPython()}>Start Python</button></div>
    <${Buttons} hidden=${!view.live}>
      <button type="button" class="kd-button kd-primary" aria-describedby=${id}
        disabled=${view.busy || !view.live} onClick=${() => send("train")}>${name}</button>
      <button type="button" class="kd-button" disabled=${!view.busy || view.state === "stopping"}
        onClick=${() => send("stop")}>Stop</button>
      ${beside}
    <//>
    <p class="kd-caption ${view.message ? "kd-warning" : ""}" id=${id} role="status">${said}</p>
    ${children}
  </div>`;
}
