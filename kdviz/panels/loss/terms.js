// The loss as two terms that add up: each a row of factors and a bar that starts where the
// other ends.

import { Chart, XAxis, linear, roundTicks } from "../../page/parts/chart.js";
import { power10, temperature } from "../../page/parts/format.js";
import { html } from "../../page/parts/html.js";
import { key, t } from "../../page/words/t.js";

const ROW = 26;
const TOP = 22;
const COLUMNS = [80, 134, 216, 268]; // right edges of the factors, in pixels
const BARS = 288;
const FOOT = TOP + 3 * ROW;
const NAMES = { soft: key`soft`, hard: key`hard`, loss: key`loss` };

// The axis reaches to `top` nats, whatever T and the weight.
export function Terms({ terms, knobs: { T, weight, squared }, top }) {
  const digits = Math.min(3, Math.max(0, 3 - Math.floor(Math.log10(top))));
  const [soft, hard] = [terms.soft, terms.hard].map((value) => value.toFixed(digits));
  const sum = (Number(soft) + Number(hard)).toFixed(digits); // of what is shown
  const rows = [
    ["soft", weight.toFixed(2), `× ${squared ? temperature(T * T) : 1}`, `× ${figures(terms.kl)}`,
      soft],
    ["hard", (1 - weight).toFixed(2), "", `× ${figures(terms.crossEntropy)}`, hard],
    ["loss", "", "", "", sum],
  ];

  function draw(width) {
    const x = linear([0, top], [BARS, width - 6]);
    const [a, b] = [x(terms.soft), x(terms.loss)];
    const bar = (role, i, from, to) => html`<rect class="kd-term-${role}" y=${TOP + i * ROW + 5}
      height=${ROW - 10} x=${from.toFixed(2)} width=${Math.max(0, to - from).toFixed(2)} />`;
    return html`
      <${XAxis} ticks=${roundTicks(0, top, width > 480 ? 4 : 2)} scale=${x} y0=${TOP - 2} y1=${FOOT}
        label=${(value) => String(Number(value.toPrecision(3)))} />
      ${[t`weight`, "× T²", "× nats", "="].map((text, i) => html`<text class="kd-note" y="13"
        x=${COLUMNS[i]} text-anchor="end">${text}</text>`)}
      ${rows.map(([name, ...cells], i) => html`<g class="kd-term-row-${name}">
        <text class="kd-term-name" y=${TOP + (i + 0.5) * ROW + 4.5}>${t(NAMES[name])}</text>
        ${cells.map((text, k) => html`<text x=${COLUMNS[k]} text-anchor="end"
          y=${TOP + (i + 0.5) * ROW + 4.5}>${text}</text>`)}</g>`)}
      ${bar("soft", 0, BARS, a)}${bar("hard", 1, a, b)}${bar("soft", 2, BARS, a)}
      ${bar("hard", 2, a, b)}`;
  }
  return html`<${Chart} name=${t`Loss`} height=${FOOT + 28} draw=${draw} describe=${() =>
    t`Loss ${sum} nats: soft term ${soft} plus hard term ${hard}`} />`;
}

// Enough figures for the products to come out as shown.
function figures(value) {
  if (value >= 1000) return value.toFixed(0);
  if (value >= 0.0001) return value.toPrecision(value < 0.1 ? 3 : 4);
  if (value <= 0) return "0";
  const exponent = Math.floor(Math.log10(value));
  return `${(value / 10 ** exponent).toFixed(1)}×${power10(exponent)}`;
}
