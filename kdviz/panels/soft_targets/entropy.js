// Entropy over T: this example's curve, the band of 8 in 10 test examples, and where T stands.

import { onWidth, say, set, svg, svgChart } from "../../page/parts/dom.js";
import { temperature } from "../../page/parts/format.js";
import { entropyBits, logSoftmax } from "../../page/maths/softmax.js";
import { COLDEST, HOTTEST } from "../../app/shell/ruler.js";
import { area, linear, logarithmic, path, roundTicks, xAxis, yAxis } from "../../page/parts/chart.js";
import { entropyBand } from "../../page/state/testset.js";

const POINTS = 60;
const TEMPERATURES = Array.from({ length: POINTS + 1 }, (_, i) =>
  COLDEST * (HOTTEST / COLDEST) ** (i / POINTS));
const HEIGHT = 226;
const [TOP, LEFT, RIGHT] = [24, 30, 76]; // the right margin holds the value, so nothing meets it

export function makeEntropy(root, teacher) {
  const ceiling = Math.log2(teacher.width);
  const band = entropyBand(teacher, TEMPERATURES);
  const axes = svg("g");
  const shade = svg("path", { class: "kd-band" });
  const curve = svg("path", { class: "kd-curve" });
  const guide = svg("line", { class: "kd-guide" });
  const dot = svg("circle", { class: "kd-dot", r: 7 });
  const value = svg("text", { class: "kd-value" });
  const node = svgChart("Entropy", HEIGHT,
    shade, axes, guide, curve, dot, value);
  root.append(node);
  const y = linear([0, ceiling], [HEIGHT - 30, TOP]);
  const state = { width: 0, view: null, T: 1, bits: 0 };
  let x = null;

  function layout() {
    if (!state.width || !state.view) return;
    const edge = state.width - RIGHT;
    x = logarithmic([COLDEST, HOTTEST], [LEFT, edge]);
    const ticks = roundTicks(0, ceiling, 4).filter((bits) => bits < ceiling * 0.97);
    axes.replaceChildren(
      yAxis(ticks, y, String, LEFT, edge),
      xAxis([0.5, 1, 2, 5, 10, 20, 50], x, temperature, y(0), y(0)),
      svg("line", { class: "kd-limit", x1: LEFT, x2: edge, y1: TOP, y2: TOP }),
      svg("text", { class: "kd-note", x: LEFT, y: TOP - 8 },
        `log₂ ${teacher.width} = ${ceiling.toFixed(2)} bits: knowing nothing`));
    const along = (bits) => TEMPERATURES.map((T, i) => [x(T), y(bits(T, i))]);
    set(shade, { d: area(along((_, i) => band[i][1]), along((_, i) => band[i][0])) });
    set(curve, { d: path(along((T) => entropyBits(logSoftmax(state.view.logits, T)))) });
    set(value, { x: edge + 10 });
    set(guide, { x2: edge + 5 });
    place();
  }

  function place() {
    if (!x) return;
    const [cx, cy] = [x(state.T).toFixed(1), y(state.bits).toFixed(1)];
    set(dot, { cx, cy });
    set(guide, { x1: cx, y1: cy, y2: cy });
    set(value, { y: y(state.bits) + 4.5 });
    say(value, `${state.bits.toFixed(2)} bits`);
  }

  function paint(T, logP) {
    Object.assign(state, { T, bits: entropyBits(logP) });
    place();
  }

  const describe = () => set(node, { "aria-label":
    `Entropy ${state.bits.toFixed(2)} bits at T = ${state.T}, of at most ${ceiling.toFixed(2)}` });

  const stop = onWidth(root, (width) => {
    state.width = width;
    layout();
  });
  const show = (view) => {
    state.view = view;
    layout();
  };
  return { show, paint, describe, stop };
}
