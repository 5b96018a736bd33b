// Bars that can be dragged: the hand sets a share, and the logit follows that gives it.

import { el, onWidth, set } from "../../page/parts/dom.js";
import { share } from "../../page/parts/format.js";

const STEPS = { ArrowRight: 0.5, ArrowUp: 0.5, ArrowLeft: -0.5, ArrowDown: -0.5, PageUp: 5,
  PageDown: -5 };
const MOST = 0.9999; // no logit gives a share of 1

// bars: what makeBars() returns; move(c, next) sets a logit to next(the one that it is).
export function makeDrag(root, bars, move) {
  const { rows, step } = bars.geometry();
  const state = { view: null, T: 1, logP: null };
  const sliders = Array.from({ length: rows }, (_, i) => el("input", {
    type: "range", class: "kd-range kd-pull-slider", min: 0, max: 1, step: "any",
    style: `top: ${i * step + (step - 30) / 2}px`,
    oninput: (event) => move(state.view.shown[i],
      () => logitFor(i, event.target.valueAsNumber)),
    onkeydown: (event) => {
      const by = STEPS[event.key];
      if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      move(state.view.shown[i], (logit) => logit + by);
    },
  }));
  const node = el("div", { class: "kd-drag", hidden: true }, sliders);
  root.append(node);

  // The logit at which class i has the share at this place, when the others keep theirs.
  function logitFor(i, place) {
    const { logits, shown } = state.view;
    const p = Math.min(MOST, Math.exp(bars.shareAt(place)));
    const top = logits.reduce((most, v, k) => (k === shown[i] ? most : Math.max(most, v)), -Infinity);
    const rest = logits.reduce((sum, v, k) =>
      sum + (k === shown[i] ? 0 : Math.exp((v - top) / state.T)), 0);
    return top + state.T * (Math.log(p) - Math.log1p(-p) + Math.log(rest));
  }

  function paint(view, T, logP) {
    Object.assign(state, { view, T, logP });
    if (node.hidden) return;
    const { left, right } = bars.geometry();
    sliders.forEach((slider, i) => {
      const c = view.shown[i];
      slider.hidden = c === undefined;
      if (c === undefined) return;
      slider.style.left = `${left - 9}px`;
      slider.style.width = `${Math.max(0, right - left) + 18}px`;
      slider.value = bars.placeOf(logP[c]);
      set(slider, { "aria-label": `Logit of ${view.name(c)}`,
        "aria-valuetext": `${view.logits[c].toFixed(1)}, share ${share(logP[c])}` });
    });
  }
  const stop = onWidth(root, () => state.view && paint(state.view, state.T, state.logP));
  return { node, paint, stop };
}
