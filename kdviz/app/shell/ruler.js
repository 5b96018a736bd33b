// The temperature that rules the page: a native slider on a logarithmic scale.

import { el, freshId, say } from "../../page/parts/dom.js";
import { temperature } from "../../page/parts/format.js";
import { listen, put } from "../../page/state/model.js";

export const COLDEST = 0.5;
export const HOTTEST = 50;
export const MARKS = [0.5, 1, 2, 5, 10, 20, 50];

// What one arrow key moves: 5 to 12% a step, through every mark.
const STEPS = [[0.5, 1, 0.05], [1, 2, 0.1], [2, 5, 0.25], [5, 10, 0.5], [10, 20, 1], [20, 50, 2.5]];
const LADDER = [...STEPS.flatMap(([from, to, step]) =>
  Array.from({ length: Math.round((to - from) / step) }, (_, i) => from + i * step)), HOTTEST];

const clamp = (T) => Math.min(HOTTEST, Math.max(COLDEST, T));

// The hand moves in steps finer than it can feel, to values that read well.
function readable(T) {
  const step = T < 2 ? 0.01 : T < 5 ? 0.05 : T < 20 ? 0.1 : 0.5;
  return clamp(Number((Math.round(T / step) * step).toFixed(2)));
}

function above(list, T) {
  return list.find((value) => value > T * 1.0001) ?? HOTTEST;
}

function below(list, T) {
  return list.findLast((value) => value < T * 0.9999) ?? COLDEST;
}

const KEYS = {
  ArrowRight: (T) => above(LADDER, T), ArrowUp: (T) => above(LADDER, T),
  ArrowLeft: (T) => below(LADDER, T), ArrowDown: (T) => below(LADDER, T),
  PageUp: (T) => above(MARKS, T), PageDown: (T) => below(MARKS, T),
  Home: () => COLDEST, End: () => HOTTEST,
};

// Adds the ruler to root; returns a cleanup.
export function mountRuler(model, root) {
  const id = freshId("temperature");
  const value = el("output", { for: id, class: "kd-ruler-value", "aria-hidden": "true" });
  const move = (T) => put(model, { temperature: Number(T.toFixed(2)) });
  const slider = el("input", {
    type: "range", id, class: "kd-range kd-heat", step: "any",
    min: Math.log10(COLDEST), max: Math.log10(HOTTEST),
    oninput: () => move(readable(10 ** slider.valueAsNumber)),
    onkeydown: (event) => {
      const step = KEYS[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      move(step(model.get("temperature")));
    },
  });
  const marks = MARKS.map((T) => el("span", { style: `--at: ${place(T)}`,
    class: T === 1 ? "kd-mark kd-mark-one" : "kd-mark" }, String(T)));
  root.append(el("div", { class: "kd-ruler" },
    el("label", { for: id }, "Temperature"),
    el("div", { class: "kd-ruler-scale" }, slider,
      el("div", { class: "kd-marks", "aria-hidden": "true" }, marks)),
    value));

  function show() {
    const T = model.get("temperature");
    const text = `T = ${temperature(T)}`;
    if (readable(10 ** slider.valueAsNumber) !== T) slider.value = Math.log10(T);
    slider.setAttribute("aria-valuetext", text);
    say(value, text);
  }
  show();
  return listen(model, ["temperature"], show);
}

function place(T) {
  return (Math.log(T / COLDEST) / Math.log(HOTTEST / COLDEST)).toFixed(4);
}
