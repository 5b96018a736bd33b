// Small multiples: a chart a row of the heat map, accuracy along its columns, on one fixed scale.

import { el, freshId, onWidth, say, set, svg, svgChart } from "./dom.js";
import { percent } from "./format.js";
import { area, linear, path, roundTicks, xAxis, yAxis } from "./scales.js";

const HEIGHT = 128;
const [LEFT, RIGHT, TOP] = [46, 6, 8];

export function makeCharts() {
  const about = el("small", {}, "Test accuracy of ",
    el("b", { class: "kd-soft-label" }, "soft targets"), " with 95% intervals; ",
    el("b", {}, "gray"), ": of labels alone.");
  const places = el("div", { class: "kd-multiples" });
  const node = el("div", {}, el("h2", {}, "Row by row ", about), places);
  const state = { drawn: "", charts: [] };

  function paint({ table }) {
    const key = JSON.stringify([table.title, table.rows, table.columns]);
    if (key !== state.drawn) {
      state.drawn = key;
      stop();
      state.charts = table.rows.map((name) => makeChart(name));
      places.replaceChildren(...state.charts.map((chart) => chart.node));
    }
    state.charts.forEach((chart, r) => chart.paint(table, r));
  }
  function stop() {
    state.charts.forEach((chart) => chart.stop());
  }
  const mark = (row, column) => state.charts.forEach((chart, r) =>
    chart.mark(r === row ? column : -1));
  return { node, paint, mark, stop };
}

function makeChart(name) {
  const clip = freshId("clip");
  const frame = svg("rect", { x: LEFT - 4, y: TOP - 4, height: HEIGHT - TOP + 4 });
  const [axes, bars] = [svg("g"), svg("g")];
  const band = svg("path", { class: "kd-hard-band" });
  const line = svg("path", { class: "kd-hard-line" });
  const chart = svgChart(name, HEIGHT + 26,
    svg("clipPath", { id: clip }, frame), axes,
    svg("g", { "clip-path": `url(#${clip})` }, band, line, bars));
  const title = el("h3", {}, name);
  const node = el("div", {}, title, chart);
  const state = { width: 0, table: null, row: 0, marks: [], read: -1 };

  function paint(table, row) {
    Object.assign(state, { table, row });
    if (node.clientWidth !== state.width) layout(node.clientWidth);
    else draw();
  }

  function layout(width) {
    state.width = width;
    const { table } = state;
    if (!table || !width) return;
    const last = table.columns.length - 1;
    const half = (width - LEFT - RIGHT) / (last + 1) / 2;
    state.x = linear([0, last], [LEFT + half, width - RIGHT - half]);
    state.y = linear([table.floor, 1], [HEIGHT, TOP]);
    set(frame, { width: width - LEFT - RIGHT + 8 });
    const ticks = roundTicks(table.floor, 1, 3);
    const sparse = half < 15 ? 2 : 1;
    const named = table.columns.map((_, c) => c).filter((c) => (last - c) % sparse === 0);
    axes.replaceChildren(
      yAxis(ticks, state.y, (v) => percent(v), LEFT, width - RIGHT),
      xAxis(named, state.x, (c) => short(table.columns[c]), HEIGHT, HEIGHT));
    state.marks = table.columns.map((_, c) => {
      const bar = svg("line", { class: "kd-interval", x1: state.x(c), x2: state.x(c) });
      return { bar, dot: svg("circle", { class: "kd-mean", cx: state.x(c), r: 3.5 }) };
    });
    bars.replaceChildren(...state.marks.flatMap(({ bar, dot }) => [bar, dot]));
    draw();
  }

  function draw() {
    const { x, y, table, row, marks } = state;
    if (!x) return;
    const cells = table.cells[row];
    marks.forEach(({ bar, dot }, c) => {
      const { accuracy, low, high } = cells[c];
      set(dot, { cy: y(accuracy ?? 0), visibility: accuracy === null ? "hidden" : "visible",
        r: c === state.read ? 6 : 3.5 });
      set(bar, { y1: y(low ?? 0), y2: y(high ?? 0),
        visibility: low === null ? "hidden" : "visible" });
    });
    const at = (name) => cells.map((cell, c) => [x(c), cell[name]])
      .filter(([, value]) => value !== null).map(([px, value]) => [px, y(value)]);
    const [lows, highs, means] = ["base_low", "base_high", "base_accuracy"].map(at);
    set(band, { d: lows.length ? area(wide(highs), wide(lows)) : null });
    set(line, { d: means.length ? path(wide(means)) : null });
    const said = cells.map((cell, c) => (cell.accuracy === null ? null
      : `${percent(cell.accuracy, 1)} at ${table.columns[c]}`)).filter(Boolean);
    set(chart, { "aria-label": `${name}: test accuracy by ${table.column_title.toLowerCase()}, `
      + (said.join(", ") || "nothing trained yet") });
  }

  // Lets a line end at the edges of its first and last column.
  function wide(points) {
    const half = state.x(0) - LEFT;
    const [[x0, y0], [x1, y1]] = [points[0], points.at(-1)];
    return [[x0 - half, y0], ...points, [x1 + half, y1]];
  }
  function mark(column) {
    state.read = column;
    if (state.table) draw();
  }
  return { node, paint, mark, stop: onWidth(node, layout) };
}

function short(name) {
  const value = Number(name.replaceAll(",", ""));
  return value >= 1000 ? `${value / 1000}k` : name;
}
