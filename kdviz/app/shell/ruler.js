// The temperature that rules the page: a native slider on a logarithmic scale.

import { useState } from "preact/hooks";
import { COLDEST, HOTTEST, MARKS } from "../../page/maths/softmax.js";
import { held } from "../../page/parts/controls.js";
import { temperature } from "../../page/parts/format.js";
import { freshId, html, useLab } from "../../page/parts/html.js";
import { Term } from "../../page/parts/term.js";
import { t } from "../../page/words/t.js";

// What one arrow key moves: 5 to 12% a step, through every mark.
const STEPS = [[0.5, 1, 0.05], [1, 2, 0.1], [2, 5, 0.25], [5, 10, 0.5], [10, 20, 1], [20, 50, 2.5]];
const LADDER = [...STEPS.flatMap(([from, to, step]) =>
  Array.from({ length: Math.round((to - from) / step) }, (_, i) => from + i * step)), HOTTEST];

const clamp = (T) => Math.min(HOTTEST, Math.max(COLDEST, T));
const above = (list, T) => list.find((value) => value > T * 1.0001) ?? HOTTEST;
const below = (list, T) => list.filter((value) => value < T * 0.9999).at(-1) ?? COLDEST;
const place = (T) => (Math.log(T / COLDEST) / Math.log(HOTTEST / COLDEST)).toFixed(4);

// The hand moves in steps finer than it can feel, to values that read well.
function readable(T) {
  const step = T < 2 ? 0.01 : T < 5 ? 0.05 : T < 20 ? 0.1 : 0.5;
  return clamp(Number((Math.round(T / step) * step).toFixed(2)));
}

const KEYS = {
  ArrowRight: (T) => above(LADDER, T), ArrowUp: (T) => above(LADDER, T),
  ArrowLeft: (T) => below(LADDER, T), ArrowDown: (T) => below(LADDER, T),
  PageUp: (T) => above(MARKS, T), PageDown: (T) => below(MARKS, T),
  Home: () => COLDEST, End: () => HOTTEST,
};

export function Ruler() {
  const [id] = useState(() => freshId("temperature"));
  const lab = useLab();
  const setting = lab.setting("lab", "temperature");
  if (setting.hidden) return null;
  const { value: T, locked } = setting;
  // From what is set, not from what is painted: a key may come twice within a frame.
  const now = () => lab.setting("lab", "temperature");
  const move = (next) => now().set(Number(next.toFixed(2)));
  const text = `T = ${temperature(T)}`;
  return html`<div class="kd-ruler ${locked ? "kd-locked" : ""}" data-explained>
    <span class="kd-ruler-name"><${Term} name="temperature">${t`Temperature`}<//></span>
    <div class="kd-ruler-scale">
      <input type="range" id=${id} aria-label=${t`Temperature`} class="kd-range kd-heat"
        step="any" min=${Math.log10(COLDEST)} max=${Math.log10(HOTTEST)} value=${Math.log10(T)}
        aria-valuetext=${text} ...${held(setting)}
        onInput=${(event) => move(readable(10 ** event.target.valueAsNumber))}
        onKeyDown=${(event) => {
          const step = KEYS[event.key];
          if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
          event.preventDefault();
          move(step(now().value));
        }} />
      <div class="kd-marks" aria-hidden="true">${MARKS.map((mark) => html`
        <span class="kd-mark ${mark === 1 ? "kd-mark-one" : ""}" style="--at: ${place(mark)}">${mark}
        </span>`)}</div>
    </div>
    <output for=${id} class="kd-ruler-value" aria-hidden="true">${text}</output>
  </div>`;
}
