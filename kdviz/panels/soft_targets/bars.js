// The soft targets as bars, one a class, with ticks where they stand at T = 1.

import { quantile } from "../../page/maths/softmax.js";
import { Chart, XAxis, linear } from "../../page/parts/chart.js";
import { count, percent, power10, share } from "../../page/parts/format.js";
import { Still, html, useLab } from "../../page/parts/html.js";
import { once, restOf } from "../../page/state/testset.js";
import { t } from "../../page/words/t.js";

export const RIGHT = 76; // pixels for the numbers at the right

// Where the bars of a test set lie, whatever the scale; `left` is for their names.
const layoutOf = once((testset) => {
  const rows = Math.min(testset.width, 20);
  const longest = Math.max(...testset.classes.slice(0, 200).map((name) => name.length),
    rows < testset.width ? 14 : 1);
  return { rows, step: rows > 12 ? 25 : 30, left: Math.min(130, 18 + 8 * longest),
    decades: floorDecades(testset) };
});

// The axis of shares: `place` leads from the natural logarithm of a share to 0 to 1 (below 0, it is
// off the scale), `logAt` back; ticks are [place, label].
function linearAxis() {
  return { place: Math.exp, logAt: (at) => Math.log(Math.max(at, 1e-6)),
    ticks: [0, 0.25, 0.5, 0.75, 1].map((p) => [p, percent(p)]) };
}

function logarithmicAxis(decades) {
  return { place: (logP) => 1 + logP / Math.LN10 / decades,
    logAt: (at) => (at - 1) * decades * Math.LN10,
    ticks: [0, 1, 2, 3, 4].map((i) => [i / 4, i === 4 ? "1" : power10((i / 4 - 1) * decades)]) };
}

export function useAxis(testset) {
  const scale = useLab().setting("lab", "scale").value;
  const layout = layoutOf(testset);
  return { scale, ...layout, ...(scale === "log" ? logarithmicAxis(layout.decades)
    : linearAxis()) };
}

// other: the logarithms of a second distribution over the same classes, as diamonds, or null.
export function Bars({ view, T, logP, other }) {
  const { testset, shown, name } = view;
  const { scale, rows, step, left, place, ticks } = useAxis(testset);
  const foot = rows * step;

  function draw(width) {
    const x = linear([0, 1], [left, width - RIGHT]);
    const [now, ones, others] = [logP, view.logP1, other].map((each) =>
      each && sharesOf(view, each, rows));
    const bar = (value, i) => {
      const c = shown[i];
      const title = c === undefined ? t`the rest, ${count(testset.width - i)}` : name(c);
      const [at, tick] = [value, ones[i]].map((each) => x(place(each)));
      const diamond = others && x(place(others[i]));
      const middle = (i + 0.5) * step;
      return html`<g class="kd-bar ${c === view.subject ? "kd-bar-label" : ""}">
        <text x=${left - 12} y=${middle + 4.5} text-anchor="end">
          ${title.length > 16 ? `${title.slice(0, 15)}…` : title}</text>
        <rect x=${left} y=${i * step + 4} width=${Math.max(0, at - left).toFixed(2)}
          height=${step - 8} rx="2" />
        ${tick < left - 0.5
          ? html`<path class="kd-tick" d="M${left + 3},${middle}l7,-4.5v9z" />`
          : html`<rect class="kd-tick" x=${tick - 1} y=${i * step + 1} width="2"
            height=${step - 2} />`}
        ${others && html`<path class="kd-diamond" d="M-6,${middle}l6,-6l6,6l-6,6z"
          visibility=${diamond < left - 0.5 ? "hidden" : "visible"}
          transform="translate(${diamond.toFixed(1)} 0)" />`}
        <text x=${width} y=${middle + 4.5} text-anchor="end">${share(value)}</text></g>`;
    };
    return html`<${Still} by=${[testset, scale, width]} draw=${() => html`
      <${XAxis} ticks=${ticks} scale=${([at]) => x(at)} label=${([, text]) => text} y0=${0}
        y1=${foot} />`} />${now.map(bar)}`;
  }

  // For those who do not see the bars: the three largest, in words.
  function describe() {
    const best = [...shown].sort((a, b) => logP[b] - logP[a]).slice(0, 3);
    return t`Soft targets at T = ${T}. Largest: ${best.map((c) =>
      `${name(c)} ${share(logP[c])}`).join(", ")}`;
  }
  return html`<${Chart} name=${t`Soft targets`} height=${foot + 30} draw=${draw}
    describe=${describe} />`;
}

function sharesOf(view, logP, rows) {
  const shares = view.shown.map((c) => logP[c]);
  return shares.length < rows ? [...shares, restOf(view, logP)] : shares;
}

// How far down the logarithmic axis reaches: to where half of the test set has its smallest
// share at T = 1, in steps of four decades, 12 at most.
function floorDecades(testset) {
  const step = Math.max(1, Math.ceil((testset.count * testset.width) / 1e6));
  const spans = [];
  for (let i = 0; i < testset.count; i += step) {
    let [low, high] = [Infinity, -Infinity];
    for (const v of testset.row(i)) {
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
    spans.push((high - low) / Math.LN10);
  }
  return Math.min(12, Math.max(4, Math.round(quantile(spans.sort((a, b) => a - b), 0.5) / 4) * 4));
}
