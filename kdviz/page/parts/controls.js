// Controls for settings. A locked one stays as it is and says so; a hidden one is not drawn.

import { useEffect, useRef, useState } from "preact/hooks";
import { freshId, html, useLab } from "./html.js";
import { t } from "../words/t.js";

// What a locked control carries; a line above the panels says by what.
export const held = (setting, disabled = false) => (setting?.locked ? { disabled: true,
  title: t`Locked`, "aria-describedby": setting.why } : { disabled });

// A part of a view that a link may hide.
export function Part({ name, children }) {
  return useLab().hidden.value.has(name) ? null : children;
}

// A group of native radio buttons; options are [value, label] or [value, label, note]. `name` is
// what a screen reader calls the group.
export function Radios({ name, options, value, pick, setting, class: kind = "kd-segments",
  title = "kd-hidden", disabled }) {
  const [group] = useState(() => freshId("radio"));
  if (setting?.hidden) return null;
  const [chosen, choose] = setting ? [setting.value, pick ?? setting.set] : [value, pick];
  return html`<fieldset class="${kind} ${setting?.locked ? "kd-locked" : ""}"
      ...${held(setting, disabled)}>
    <legend class=${title}>${name}</legend>
    ${options.map(([each, label, note]) => html`<label key=${each}>
      <input type="radio" name=${group} value=${each} checked=${String(each) === String(chosen)}
        ...${held(setting, disabled)}
        onChange=${() => choose(each)} />
      <span><b>${label}</b>${note && html`<small>${note}</small>`}</span></label>`)}
  </fieldset>`;
}

// A labelled list to choose from; a value that Python set and the list lacks is added.
export function Choice({ label, options, setting, pick = setting.set, disabled }) {
  if (setting.hidden) return null;
  const listed = options.some(([value]) => value === setting.value) ? options
    : [...options, [setting.value, setting.value]].sort(([a], [b]) => a - b);
  return html`<label class="kd-field">${label}
    <select class="kd-select" value=${String(setting.value)} ...${held(setting, disabled)}
      onChange=${(event) => pick(listed[event.target.selectedIndex][0])}>
      ${listed.map(([value, name]) => html`<option key=${value} value=${String(value)}>${name}
      </option>`)}</select></label>`;
}

// A slider with its label, a note and its value above it.
export function Range({ label, note, shown, value, setting, set = setting.set, class: kind = "",
  disabled, ...bounds }) {
  const [id] = useState(() => freshId("range"));
  if (setting?.hidden) return null;
  return html`<div class=${kind}>
    <div class="kd-row"><label for=${id}>${label}</label>
      ${note !== undefined && html`<span class="kd-caption">${note}</span>`}
      <output for=${id} aria-hidden="true">${shown}</output></div>
    <input type="range" class="kd-range" id=${id} ...${bounds} value=${value ?? setting.value}
      ...${held(setting, disabled)} onInput=${(event) => set(event.target.valueAsNumber)} />
  </div>`;
}

// A small button that is on or off.
export function Toggle({ on, set, setting, children, class: kind = "", ...rest }) {
  if (setting?.hidden) return null;
  const now = on ?? setting.value;
  return html`<button type="button" class="kd-tool kd-toggle ${kind}" aria-pressed=${String(now)}
    ...${rest} ...${held(setting, rest.disabled)}
    onClick=${() => (set ?? setting.set)(!now)}>${children}</button>`;
}

// A number that is typed: what is being typed is left alone. tell(value, fits) hears each change.
// Nothing fits where the setting may be empty.
export function NumberField({ setting, low, high, name, tell, disabled, ...rest }) {
  const node = useRef(null);
  const [text, type] = useState(setting.value === null ? "" : String(setting.value));
  useEffect(() => {
    if (node.current.getRootNode().activeElement !== node.current) {
      type(setting.value === null ? "" : String(setting.value));
    }
  }, [setting.value]);
  return html`<input ref=${node} type="number" class="kd-number" aria-label=${name} min=${low}
    max=${high} step="any" placeholder="?" value=${text} ...${rest} ...${held(setting, disabled)}
    onInput=${(event) => {
      type(event.target.value);
      const value = event.target.value === "" ? null : Number(event.target.value);
      const whole = setting.kind !== "whole" || Number.isInteger(value);
      const fits = value === null ? setting.optional : whole && value >= low && value <= high;
      if (fits) setting.set(value);
      tell?.(value, fits);
    }} />`;
}
