// Test accuracy while they train: the mean over seeds, and a band from the lowest to the highest.

import { STORIES } from "./distill-setup.js";
import { el, freshId, onWidth, say, set, svg, svgChart } from "./dom.js";
import { percent, temperature } from "./format.js";
import { numbers } from "./model.js";
import { area, linear, path, xAxis, yAxis } from "./scales.js";

const FLOOR = 0.4; // the axis stays put; what lies below it is cut off
const HEIGHT = 236;
const [LEFT, RIGHT, TOP] = [52, 104, 8];
const COLUMNS = 7; // epoch; mean, lowest, highest of students; the same of baselines
const GROUPS = [["soft", "soft", 1], ["hard", "labels", 4]];

export function makeCurves(model) {
  const clip = freshId("clip");
  const frame = svg("rect", { x: LEFT, y: TOP, height: HEIGHT - TOP });
  const axes = svg("g");
  const lines = GROUPS.map(([role]) => ({
    band: svg("path", { class: `kd-${role}-band` }),
    line: svg("path", { class: `kd-${role}-line` }),
    label: svg("text", { class: `kd-${role}-label` }),
  }));
  const empty = svg("text", { class: "kd-note", "text-anchor": "middle", y: HEIGHT / 2 });
  const chart = svgChart("Test accuracy", HEIGHT + 26,
    svg("clipPath", { id: clip }, frame), axes,
    svg("g", { "clip-path": `url(#${clip})` }, lines.map(({ band }) => band),
      lines.map(({ line }) => line)), lines.map(({ label }) => label), empty);
  const about = el("small", {});
  const bar = el("progress", { "aria-label": "Training progress", max: 1, value: 0 });
  const left = el("p", { class: "kd-caption" });
  const node = el("div", { class: "kd-curves" },
    el("div", { class: "kd-head" }, el("h2", {}, "Test accuracy while they train ", about), left),
    bar, chart);
  const state = { width: 0, view: null, epochs: 0 };

  function paint(view) {
    const { run, epochs, progress } = view;
    if (epochs !== state.epochs) Object.assign(state, { epochs, width: 0 });
    state.view = view;
    bar.value = progress ? progress.step / progress.steps : 0;
    say(left, progress ? timeOf(view) : "");
    say(about, run ? `${STORIES[run.story]}, T = ${temperature(run.temperature)}. `
      + (run.seeds > 1 ? `Mean and range of ${run.seeds} seeds.` : "One seed.") : "");
    if (node.clientWidth !== state.width) layout(node.clientWidth);
    else draw();
  }

  function layout(width) {
    state.width = width;
    if (!state.view || !width) return;
    state.x = linear([0, state.epochs], [LEFT, width - RIGHT]);
    state.y = linear([FLOOR, 1], [HEIGHT, TOP]);
    const epochs = [0, 20, 40, 60].map((tick) => (tick / 60) * state.epochs);
    set(frame, { width: width - LEFT - RIGHT });
    set(empty, { x: (LEFT + width - RIGHT) / 2 });
    axes.replaceChildren(
      yAxis([0.4, 0.6, 0.8, 1], state.y, (v) => percent(v), LEFT, width - RIGHT),
      xAxis(epochs, state.x, (v) => (v ? String(Math.round(v)) : "epoch 0"), HEIGHT, HEIGHT));
    draw();
  }

  function draw() {
    const { x, y, view } = state;
    if (!x) return;
    const rows = view.run ? readRows(model) : [];
    say(empty, view.recorded ? "Press Play." : view.teaching ? "A new teacher is being trained."
      : "Say what you expect, then press Train.");
    set(empty, { visibility: rows.length || (view.busy && !view.teaching) ? "hidden" : "visible" });
    const ends = GROUPS.map(([, name, first], i) => {
      const alive = rows.filter((row) => Number.isFinite(row[first]));
      const at = (column) => alive.map((row) => [x(row[0]), y(row[column])]);
      const { band, line } = lines[i];
      set(band, { d: alive.length ? area(at(first + 2), at(first + 1)) : null });
      set(line, { d: alive.length ? path(at(first)) : null });
      return alive.length ? [name, alive.at(-1)[first]] : null;
    });
    const places = apart(ends.map((end) => end && Math.min(HEIGHT, y(end[1]))));
    ends.forEach((end, i) => {
      set(lines[i].label, { x: state.width - RIGHT + 10, y: (places[i] ?? 0) + 4.5 });
      say(lines[i].label, end ? `${end[0]} ${percent(end[1], 1)}` : "");
    });
    const said = ends.filter(Boolean).map(([name, value]) => `${name} ${percent(value, 1)}`);
    if (!view.busy) set(chart, { "aria-label": `Test accuracy: ${said.join(", ") || "no run yet"}` });
  }

  return { node, paint, stop: onWidth(node, layout) };
}

function timeOf({ progress, busy }) {
  return busy ? `${progress.seconds_left.toFixed(1)} s left` : `${progress.seconds.toFixed(1)} s`;
}

function readRows(model) {
  const values = numbers(model, "distill_curves", Float32Array);
  return Array.from({ length: values.length / COLUMNS }, (_, i) =>
    values.subarray(i * COLUMNS, (i + 1) * COLUMNS));
}

// Moves two labels apart until they can be read.
function apart([a, b], gap = 18) {
  if (a === null || b === null || Math.abs(a - b) >= gap) return [a, b];
  const middle = Math.min(Math.max((a + b) / 2, TOP + gap / 2), HEIGHT - gap / 2);
  return a <= b ? [middle - gap / 2, middle + gap / 2] : [middle + gap / 2, middle - gap / 2];
}
