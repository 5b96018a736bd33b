// A measured curve over T, both axes logarithmic, with a dot where T stands.

import { el, onWidth, say, set, svg, svgChart } from "./dom.js";
import { temperature } from "./format.js";
import { COLDEST, HOTTEST } from "./ruler.js";
import { area, logarithmic, path, xAxis, yAxis } from "./scales.js";
import { GRID, POINTS, at } from "./weigh-survey.js";

const HEIGHT = 190;
const [TOP, LEFT, RIGHT] = [12, 58, 96]; // the right margin holds the value, so nothing meets it

// `say` turns a value into the text at the dot, `tick` into one on the axis.
export function makeCurve(root, { name, value: format, tick, mark }) {
  const axes = svg("g");
  const shade = svg("path", { class: "kd-band" });
  const curves = svg("g");
  const guide = svg("line", { class: "kd-guide" });
  const dot = svg("circle", { class: "kd-dot", r: 7 });
  const value = svg("text", { "font-weight": 700 });
  const empty = el("p", { class: "kd-caption kd-curve-empty" });
  const node = svgChart(name, HEIGHT, shade, axes, guide, curves, dot, value);
  root.append(empty, node);
  const state = { width: 0, data: null, T: 1 };
  let [x, y] = [null, null];

  function layout() {
    const { width, data } = state;
    const ready = Boolean(data?.lines?.length);
    say(empty, ready ? "" : data?.note ?? "");
    set(node, { visibility: ready ? null : "hidden" });
    if (!width || !ready) return;
    const edge = width - RIGHT;
    const [low, high] = data.domain;
    x = logarithmic([COLDEST, HOTTEST], [LEFT, edge]);
    const scale = logarithmic([low, high], [HEIGHT - 26, TOP]);
    y = (v) => scale(Math.min(high, Math.max(low, v)));
    const span = Math.round(Math.log10(high / low));
    const ticks = Array.from({ length: span + 1 }, (_, i) => high / 10 ** i)
      .filter((_, i) => i % Math.ceil(span / 6) === 0);
    axes.replaceChildren(
      yAxis(ticks, y, tick, LEFT, edge),
      xAxis([0.5, 1, 2, 5, 10, 20, 50], x, temperature, y(low), y(low)));
    if (mark !== undefined) {
      axes.append(svg("line", { class: "kd-limit", x1: LEFT, x2: edge, y1: y(mark), y2: y(mark) }));
    }
    const along = (values) => GRID.map((T, i) => [x(T), y(values[i])]);
    set(shade, { d: data.band ? area(along(data.band[1]), along(data.band[0])) : "" });
    curves.replaceChildren(...data.lines.map((line, i) => svg("g", {},
      svg("path", { class: i === 0 ? "kd-curve" : "kd-curve kd-curve-quiet",
        d: path(along(line.values).filter((_, g) => line.values[g] <= high || g === POINTS)) }),
      line.text ? svg("text", { class: i === 0 ? "kd-curve-name" : "kd-note",
        x: x(line.beside) - 8, y: y(at(line.values, line.beside)) + line.shift,
        "text-anchor": "end" }, line.text) : null)));
    set(value, { x: edge + 10 });
    set(guide, { x2: edge + 5 });
    place();
  }

  function place() {
    const { data, T } = state;
    if (!x || !data?.lines?.length) return;
    const now = at(data.lines[0].values, T);
    const [cx, cy] = [x(T).toFixed(1), y(now).toFixed(1)];
    set(dot, { cx, cy });
    set(guide, { x1: cx, y1: cy, y2: cy });
    set(value, { y: y(now) + 4.5 });
    say(value, format(now).replace("less than ", "<").replace(" times", "×"));
  }

  const paint = (T) => {
    state.T = T;
    place();
  };
  const describe = () => set(node, { "aria-label": state.data?.lines?.length
    ? `${name}: ${format(at(state.data.lines[0].values, state.T))} at T = ${state.T}` : name });
  const stop = onWidth(root, (width) => {
    state.width = width;
    layout();
  });
  // data: lines (the first carries the dot), domain, and perhaps a band; or a note, if none.
  const show = (data) => {
    state.data = data;
    layout();
  };
  return { show, paint, describe, stop };
}

// Whole powers of ten that hold all values.
export function decades(values) {
  const logs = values.map(Math.log10);
  return [10 ** Math.floor(Math.min(...logs)), 10 ** Math.ceil(Math.max(...logs))];
}
