// The soft targets as bars, one a class, with ticks where they stand at T = 1.

import { onWidth, say, set, svg, svgChart } from "../../page/parts/dom.js";
import { count, percent, power10, share } from "../../page/parts/format.js";
import { quantile } from "../../page/maths/softmax.js";
import { linear, xAxis } from "../../page/parts/chart.js";
import { restOf } from "../../page/state/testset.js";

const VALUES = 76; // pixels for the numbers at the right

export function makeBars(root, teacher) {
  const rows = Math.min(teacher.width, 20);
  const step = rows > 12 ? 25 : 30;
  const foot = rows * step;
  const decades = floorDecades(teacher);
  const gutter = Math.min(130, 18 + 8 * Math.max(...teacher.classes.slice(0, 200)
    .map((name) => name.length), rows < teacher.width ? 14 : 1));
  const axis = svg("g");
  const bars = Array.from({ length: rows }, (_, i) => bar(i * step, step));
  const node = svgChart("Soft targets", foot + 30,
    axis, bars.map((each) => each.group));
  root.append(node);
  const state = { width: 0, view: null, scale: "linear", T: 1, logP: null, other: null };

  // From the natural logarithm of a share to pixels; negative where it is off the scale.
  function place(logP) {
    const x = linear([0, 1], [gutter, state.width - VALUES]);
    return state.scale === "log" ? x(1 + logP / Math.LN10 / decades) : x(Math.exp(logP));
  }

  // From a place along the axis, 0 to 1, to the natural logarithm of a share, and back.
  const shareAt = (at) => (state.scale === "log" ? (at - 1) * decades * Math.LN10
    : Math.log(Math.max(at, 1e-6)));
  const placeOf = (logP) => Math.min(1, Math.max(0,
    state.scale === "log" ? 1 + logP / Math.LN10 / decades : Math.exp(logP)));

  function layout() {
    if (!state.width || !state.view) return;
    const { view } = state;
    const ticks = state.scale === "log"
      ? [4, 3, 2, 1, 0].map((i) => (-i * decades) / 4) : [0, 0.25, 0.5, 0.75, 1];
    const [at, label] = state.scale === "log"
      ? [(e) => place(e * Math.LN10), (e) => (e === 0 ? "1" : power10(e))]
      : [(p) => place(Math.log(p)), (p) => percent(p)];
    axis.replaceChildren(xAxis(ticks, at, label, 0, foot));
    const ones = sharesOf(view, view.logP1, rows);
    bars.forEach((each, i) => {
      const c = view.shown[i];
      const name = c === undefined ? `the rest, ${count(teacher.width - i)}` : view.name(c);
      say(each.name, name.length > 16 ? `${name.slice(0, 15)}…` : name);
      set(each.name, { x: gutter - 12 });
      set(each.group, { class: c === view.subject ? "kd-bar kd-bar-label" : "kd-bar" });
      set(each.value, { x: state.width });
      const tick = place(ones[i]);
      const off = tick < gutter - 0.5;
      set(each.tick, { x: tick - 1, visibility: off ? "hidden" : "visible" });
      set(each.off, { transform: `translate(${gutter + 3} 0)`,
        visibility: off ? "visible" : "hidden" });
    });
    if (state.logP) paint(state.T, state.logP);
  }

  function paint(T, logP) {
    Object.assign(state, { T, logP });
    if (!state.width) return;
    sharesOf(state.view, logP, rows).forEach((value, i) => {
      set(bars[i].rect, { x: gutter, width: Math.max(0, place(value) - gutter).toFixed(2) });
      say(bars[i].value, share(value));
    });
    overlay(state.other);
  }

  // A second distribution over the same classes, as diamonds; null takes it away.
  function overlay(logP) {
    state.other = logP;
    if (!state.width) return;
    const shares = logP ? sharesOf(state.view, logP, rows) : [];
    bars.forEach((each, i) => {
      const at = logP ? place(shares[i]) : -1;
      set(each.student, { visibility: at < gutter - 0.5 ? "hidden" : "visible",
        transform: `translate(${at.toFixed(1)} 0)` });
    });
  }

  // For those who do not see the bars: the three largest, in words.
  function describe() {
    const { view, logP, T } = state;
    const best = [...view.shown].sort((a, b) => logP[b] - logP[a]).slice(0, 3);
    set(node, { "aria-label": `Soft targets at T = ${T}. Largest: ${best.map((c) =>
      `${view.name(c)} ${share(logP[c])}`).join(", ")}` });
  }

  const stop = onWidth(root, (width) => {
    state.width = width;
    layout();
  });
  const show = (view, scale) => {
    Object.assign(state, { view, scale });
    layout();
  };
  const geometry = () => ({ rows, step, left: gutter, right: state.width - VALUES });
  return { show, paint, overlay, describe, stop, geometry, shareAt, placeOf };
}

function bar(y, step) {
  const middle = y + step / 2;
  const name = svg("text", { y: middle + 4.5, "text-anchor": "end" });
  const rect = svg("rect", { y: y + 4, height: step - 8, rx: 2 });
  const tick = svg("rect", { class: "kd-tick", y: y + 1, height: step - 2, width: 2 });
  const off = svg("path", { class: "kd-tick", d: `M0,${middle}l7,-4.5v9z` });
  const value = svg("text", { y: middle + 4.5, "text-anchor": "end" });
  const student = svg("path", { class: "kd-diamond", visibility: "hidden",
    d: `M-6,${middle}l6,-6l6,6l-6,6z` });
  return { name, rect, tick, off, value, student,
    group: svg("g", {}, name, rect, tick, off, student, value) };
}

function sharesOf(view, logP, rows) {
  const shares = view.shown.map((c) => logP[c]);
  if (shares.length < rows) shares.push(restOf(view, logP));
  return shares;
}

// How far down the logarithmic axis reaches: to where half of the test set has its smallest
// share at T = 1, in steps of four decades, 12 at most.
function floorDecades(teacher) {
  const step = Math.max(1, Math.ceil((teacher.count * teacher.width) / 1e6));
  const spans = [];
  for (let i = 0; i < teacher.count; i += step) {
    const row = teacher.row(i);
    let low = Infinity;
    let high = -Infinity;
    for (const v of row) {
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
    spans.push((high - low) / Math.LN10);
  }
  return Math.min(12, Math.max(4, Math.round(quantile(spans.sort((a, b) => a - b), 0.5) / 4) * 4));
}
