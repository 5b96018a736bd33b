// What each specialist gains over the generalist among its own classes, while they train.

import { el, freshId, onWidth, say, set, svg, svgChart } from "./dom.js";
import { numbers } from "./model.js";
import { linear, path, roundTicks, xAxis, yAxis } from "./scales.js";

const HEIGHT = 190;
const [LEFT, RIGHT, TOP] = [58, 84, 8];

export function makeCurves(model) {
  const clip = freshId("clip");
  const [axes, lines] = [svg("g"), svg("g", { "clip-path": `url(#${clip})` })];
  const [frame, label] = [svg("rect", { x: LEFT, y: TOP, height: HEIGHT - TOP }),
    svg("text", { class: "kd-student-label" })];
  const empty = svg("text", { class: "kd-note", y: HEIGHT / 2, "text-anchor": "middle" },
    "Predict, then press Train.");
  const chart = svgChart("Points gained over the generalist", HEIGHT + 26,
    svg("clipPath", { id: clip }, frame), axes, lines, label, empty);
  const bar = el("progress", { "aria-label": "Training progress", max: 1, value: 0 });
  const left = el("p", { class: "kd-caption" });
  const node = el("div", { class: "kd-curves" }, el("div", { class: "kd-head" },
    el("h2", {}, "Points gained over the generalist ", el("small", {},
      "each specialist on test examples of its own classes; bold: over all of these")), left), bar, chart);
  const state = { view: null };

  function paint(view) {
    state.view = view;
    bar.value = view.progress?.share ?? 0;
    const seconds = Math.ceil(view.progress?.seconds_left ?? 0);
    say(left, seconds ? `${seconds} s left` : "");
    draw();
  }

  function draw() {
    const width = node.clientWidth;
    if (!width || !state.view) return;
    const values = numbers(model, "crowd_curves", Float32Array);
    const columns = 2 + (state.view.run?.clusters.length ?? 0);
    const fits = columns > 2 && values.length && values.length % columns === 0;
    const rows = fits ? Array.from({ length: values.length / columns }, (_, r) =>
      values.subarray(r * columns, (r + 1) * columns)) : [];
    const gains = rows.map((row) => row.subarray(2));
    // What leaps out of here is a specialist with a handful of test examples: it is cut off.
    const extremes = [Math.min, Math.max].map((f) => f(0, ...gains.flatMap((row) => [...row])));
    const [low, high] = [Math.max(-8, Math.min(-4, extremes[0])),
      Math.min(12, Math.max(6, extremes[1]))];
    const last = state.view.steps ?? 300;
    const [x, y] = [linear([0, last], [LEFT, width - RIGHT]), linear([low, high], [HEIGHT, TOP])];
    set(frame, { width: Math.max(0, width - LEFT - RIGHT) });
    axes.replaceChildren(
      yAxis(roundTicks(low, high, 5), y, (v) => (v > 0 ? `+${v}` : `${v}`.replace("-", "−")), LEFT,
        width - RIGHT),
      xAxis([0, last / 2, last], x, (v) => (v ? String(v) : "step 0"), HEIGHT, HEIGHT));
    const means = rows.map((row) => row[1]);
    const line = (of, name) => svg("path", { class: name,
      d: path(rows.map((row, r) => [x(row[0]), y(of(r))])) });
    lines.replaceChildren(...(rows.length ? [...Array.from(gains[0], (_, m) =>
      line((r) => gains[r][m], "kd-one-line")), line((r) => means[r], "kd-student-line")] : []));
    set(empty, { x: (LEFT + width - RIGHT) / 2,
      visibility: rows.length || state.view.busy ? "hidden" : "visible" });
    const mean = means.at(-1);
    set(label, { x: width - RIGHT + 10, y: rows.length ? y(mean) + 4.5 : 0 });
    const text = Math.abs(mean).toFixed(1);
    const sign = text === "0.0" ? "" : mean < 0 ? "−" : "+";
    say(label, rows.length ? `${sign}${text}` : "");
  }
  return { node, paint, stop: onWidth(node, draw) };
}
