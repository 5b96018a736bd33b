// Handles on the bars: the hand sets a share, and the logit follows that gives it.

import { share } from "../../page/parts/format.js";
import { html } from "../../page/parts/html.js";
import { t } from "../../page/words/t.js";
import { RIGHT, useAxis } from "./bars.js";

const STEPS = { ArrowRight: 0.5, ArrowUp: 0.5, ArrowLeft: -0.5, ArrowDown: -0.5, PageUp: 5,
  PageDown: -5 };
const MOST = 0.9999; // no logit gives a share of 1
const HIGH = 30; // a slider in pixels
const REACH = 9; // half its thumb, which stands out at both ends

// move(c, next) sets a logit to next(the one that it is).
export function Handles({ view, T, logP, move }) {
  const { step, left, place, logAt } = useAxis(view.testset);
  const across = `left: ${left - REACH}px; width: calc(100% - ${left + RIGHT - 2 * REACH}px)`;
  return view.shown.map((c, i) => html`<input type="range" key=${c} min="0" max="1" step="any"
    class="kd-range kd-pull-slider" style="top: ${i * step + (step - HIGH) / 2}px; ${across}"
    aria-label=${t`Logit of ${view.name(c)}`}
    aria-valuetext=${t`${view.logits[c].toFixed(1)}, share ${share(logP[c])}`}
    value=${Math.min(1, Math.max(0, place(logP[c])))}
    onInput=${(event) => {
      const logit = logitFor(view.logits, c, logAt(event.target.valueAsNumber), T);
      move(c, () => logit);
    }}
    onKeyDown=${(event) => {
      const by = STEPS[event.key];
      if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      move(c, (logit) => logit + by);
    }} />`);
}

// The logit at which class c has a share, given by its logarithm, when the others keep theirs.
function logitFor(logits, c, logShare, T) {
  const p = Math.min(MOST, Math.exp(logShare));
  const top = logits.reduce((most, v, k) => (k === c ? most : Math.max(most, v)), -Infinity);
  const rest = logits.reduce((sum, v, k) => sum + (k === c ? 0 : Math.exp((v - top) / T)), 0);
  return top + T * (Math.log(p) - Math.log1p(-p) + Math.log(rest));
}
