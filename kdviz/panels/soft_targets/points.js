// Every test image as a dot, entropy against confidence; hover, click, or walk by keyboard.

import { makeCloud, mostBits } from "../../page/state/cloud.js";
import { el, freshId, onWidth, say, set, svg, svgChart } from "../../page/parts/dom.js";
import { dab } from "./dots.js";
import { count, percent } from "../../page/parts/format.js";
import { picture } from "../../page/parts/picture.js";
import { linear, path, roundTicks, xAxis, yAxis } from "../../page/parts/chart.js";

const HEIGHT = 300;
const [LEFT, RIGHT, TOP, FOOT] = [44, 16, 12, 44];
const NEAR = 20; // pixels within which a dot is meant

export function makePoints(root, teacher, pick) {
  const cloud = makeCloud(teacher);
  const ceiling = Math.log2(teacher.width);
  const canvas = el("canvas", { "aria-hidden": "true" });
  const axes = svg("g");
  const limit = svg("path", { class: "kd-limit", fill: "none" });
  const [ring, hover] = [7, 6].map((r, i) => svg("circle", { r,
    visibility: "hidden",
    class: i ? "kd-ring kd-ring-hover" : "kd-ring" }));
  const chart = svgChart("Entropy against confidence", HEIGHT, axes, limit, ring, hover);
  const plot = el("div", { class: "kd-points-plot", "data-name": chart.dataset.name },
    canvas, chart);
  const [right, wrong] = ["right", "wrong"].map((name) => el("b", { class: `kd-dots-${name}` }));
  const id = freshId("walk");
  const walk = el("input", { type: "range", id, class: "kd-range", min: 0,
    max: cloud.examples.length - 1, step: 1, oninput: () => pick(order[walk.valueAsNumber]) });
  const [face, about] = [el("div", { class: "kd-face" }), el("p", { class: "kd-caption" })];
  const labelled = cloud.examples.some((i) => teacher.label(i) >= 0);
  root.append(el("div", { class: "kd-points" },
    el("div", {}, plot),
    el("div", { class: "kd-points-side" }, face, about,
      el("label", { for: id, class: "kd-caption" }, "Walk from certain to unsure"), walk,
      el("p", { class: "kd-caption" }, right, wrong,
        "Dashed: the rest is shared evenly, so no dot lies above. "
        + (cloud.stride > 1 ? `Every ${cloud.stride}th of ${count(teacher.count)} images.` : "")))));
  say(right, labelled ? "● right " : "");
  say(wrong, labelled ? "● wrong " : "");

  const order = [...cloud.examples];
  const state = { width: 0, x: null, y: null, index: -1, T: 4, hovered: -1 };
  cloud.heat(4);
  const bitsAt4 = new Map(order.map((i, n) => [i, cloud.bits[n]]));
  order.sort((a, b) => bitsAt4.get(a) - bitsAt4.get(b));

  function layout(width) {
    state.width = width;
    state.x = linear([0, 1], [LEFT, width - RIGHT]);
    state.y = linear([0, ceiling], [HEIGHT - FOOT, TOP]);
    const { x, y } = state;
    axes.replaceChildren(
      yAxis(roundTicks(0, ceiling, 4), y, String, LEFT, width - RIGHT),
      xAxis([0, 0.25, 0.5, 0.75, 1], x, (p) => percent(p), TOP, HEIGHT - FOOT),
      svg("text", { class: "kd-note", x: width - RIGHT, y: HEIGHT - 4, "text-anchor": "end" },
        "confidence: the largest share"),
      svg("text", { class: "kd-note", x: LEFT + 6, y: HEIGHT - FOOT - 8 }, "entropy, bits"));
    const shares = Array.from({ length: 81 }, (_, i) =>
      1 / teacher.width + (1 - 1 / teacher.width) * (i / 80));
    set(limit, { d: path(shares.map((p) => [x(p), y(mostBits(p, teacher.width))])) });
    const dots = Math.min(2, devicePixelRatio || 1);
    set(canvas, { width: Math.round(width * dots), height: Math.round(HEIGHT * dots) });
    Object.assign(state, { dots, image: new ImageData(canvas.width, canvas.height),
      colors: [right, wrong].map((node) => getComputedStyle(node).color.match(/[\d.]+/g).map(Number)) });
    if (state.index >= 0) paint(state.index, state.T);
  }

  function paint(index, T) {
    if (T !== state.T) cloud.heat(T);
    Object.assign(state, { index, T });
    if (!state.x) return;
    dab(state, cloud);
    canvas.getContext("2d").putImageData(state.image, 0, 0);
    mark(ring, index);
    if (state.hovered >= 0) mark(hover, state.hovered);
    meet(state.hovered >= 0 ? state.hovered : index);
    const at = order.indexOf(index);
    if (at >= 0 && walk.valueAsNumber !== at) walk.value = at;
    set(walk, { "aria-valuetext": said(index) });
  }

  const place = (i) => cloud.examples.indexOf(i);
  function mark(node, i) {
    const n = place(i);
    set(node, n < 0 ? { visibility: "hidden" } : { visibility: "visible",
      cx: state.x(cloud.confidence[n]).toFixed(1), cy: state.y(cloud.bits[n]).toFixed(1) });
  }

  function said(i) {
    const n = place(i);
    const label = teacher.classes[teacher.subject(i)];
    return n < 0 ? `Test image ${i}, ${label}` : `Test image ${i}, ${label}: `
      + `${cloud.bits[n].toFixed(2)} bits, confidence ${percent(cloud.confidence[n])}`
      + `${cloud.wrong[n] ? ", the teacher is wrong" : ""}`;
  }

  function meet(i) {
    if (state.met !== i) face.replaceChildren(picture(teacher, i) ?? teacher.classes[teacher.subject(i)]);
    state.met = i;
    say(about, said(i));
  }

  // The example nearest to the pointer, -1 if none is near; a zoomed page is counted in.
  function nearest(event) {
    const box = chart.getBoundingClientRect();
    const scale = state.width / box.width;
    const [px, py] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    let [best, far] = [-1, NEAR ** 2];
    cloud.examples.forEach((i, n) => {
      const d = (state.x(cloud.confidence[n]) - px) ** 2 + (state.y(cloud.bits[n]) - py) ** 2;
      if (d < far) [best, far] = [i, d];
    });
    return best;
  }
  const look = (i) => {
    if (i === state.hovered) return;
    state.hovered = i;
    mark(hover, i);
    meet(i >= 0 ? i : state.index);
  };
  set(chart, { onpointermove: (event) => look(nearest(event)), onpointerleave: () => look(-1),
    onclick: (event) => {
      const i = nearest(event);
      if (i >= 0) pick(i);
    } });
  const describe = () => set(chart, { "aria-label": `Entropy against confidence of ${
    count(cloud.examples.length)} test images at T = ${state.T}, ${
    count(cloud.wrong.reduce((a, b) => a + b, 0))} of them mistaken` });
  const stop = onWidth(plot, layout);
  return { paint, describe, stop };
}
