// The heat map: a table of cells, each with its number, its color and its verdict's mark.

import { el, freshId, radios, say, set } from "./dom.js";

const MARKS = { better: "▲", worse: "▼", inconclusive: "·" };
const SHOWN = { difference: "Difference", accuracy: "Soft targets", base: "Labels alone" };
const ABOUT = {
  difference: "Soft targets minus labels alone, in points.",
  accuracy: "Test accuracy from soft targets, in percent.",
  base: "Test accuracy from hard labels alone, in percent.",
};
const STEPS = [-1, -0.6, -0.3, 0, 0.3, 0.6, 1]; // of the colors, for the legend
const HINT = "Point at a cell, or walk there with the arrow keys, to read it.";

// mark(row, column) is told which cell is being read.
export function makeMap(mark) {
  const about = el("small", {});
  const shows = radios("What cells show", Object.entries(SHOWN), (name) => {
    state.shown = name;
    draw();
  });
  shows.select("difference");
  const id = freshId("map");
  const grid = el("table", { role: "grid", class: "kd-map", "aria-labelledby": id });
  const reading = el("p", { class: "kd-reading" }, HINT);
  const legend = makeLegend();
  const node = el("div", {},
    el("div", { class: "kd-head" }, el("h2", { id }, "Heat map ", about), shows.node),
    el("div", { "data-name": "Heat map" }, grid, legend.node), reading);
  const state = { shown: "difference", drawn: "", cells: [], table: null, at: null };
  grid.addEventListener("keydown", walk);

  function paint({ table }) {
    state.table = table;
    const key = JSON.stringify([table.title, table.rows, table.columns]);
    if (key !== state.drawn) {
      state.drawn = key;
      layout(table);
    }
    legend.paint(table.span);
    draw();
  }

  function layout({ rows, columns, row_title, column_title }) {
    state.cells = rows.map((_, r) => columns.map((__, c) => makeCell(() => read(r, c))));
    state.at = null;
    state.cells[0][0].node.tabIndex = 0;
    mark(-1, -1);
    grid.replaceChildren(
      el("thead", {}, el("tr", {},
        el("th", { scope: "col", rowspan: 2, class: "kd-corner" }, row_title),
        el("th", { scope: "colgroup", colspan: columns.length }, column_title)),
      el("tr", {}, columns.map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, rows.map((name, r) => el("tr", {}, el("th", { scope: "row" }, name),
        state.cells[r].map((cell) => cell.node)))));
  }

  function draw() {
    say(about, ABOUT[state.shown]);
    state.cells.forEach((row, r) => row.forEach((cell, c) =>
      cell.paint(state.table.cells[r][c], state.shown, state.table)));
    set(legend.node, { style: state.shown === "difference" ? null : "visibility: hidden" });
    say(reading, state.at ? state.table.cells[state.at[0]][state.at[1]].sentence : HINT);
  }

  // Reads a cell; it is also where the Tab key comes back to.
  function read(r, c) {
    state.cells.flat().forEach(({ node: cell }) => {
      cell.tabIndex = -1;
      cell.classList.remove("kd-read");
    });
    state.cells[r][c].node.tabIndex = 0;
    state.cells[r][c].node.classList.add("kd-read");
    state.at = [r, c];
    say(reading, state.table.cells[r][c].sentence);
    mark(r, c);
  }

  function walk(event) {
    const r = state.cells.findIndex((row) => row.some((cell) => cell.node === event.target));
    if (r < 0) return;
    const c = state.cells[r].findIndex((cell) => cell.node === event.target);
    const last = state.cells[r].length - 1;
    const to = { ArrowRight: [r, c + 1], ArrowLeft: [r, c - 1], ArrowDown: [r + 1, c],
      ArrowUp: [r - 1, c], Home: [r, 0], End: [r, last] }[event.key];
    if (!to) return;
    event.preventDefault();
    state.cells[to[0]]?.[to[1]]?.node.focus();
  }
  return { node, paint };
}

function makeCell(read) {
  const [number, sign] = [el("b", {}), el("i", {})];
  const node = el("td", { tabindex: -1, onfocus: read, onmouseenter: read,
    onclick: () => node.focus() }, number, sign);

  function paint(cell, shown, { span, floor }) {
    const { verdict, difference } = cell;
    const value = { difference, accuracy: cell.accuracy, base: cell.base_accuracy }[shown];
    const known = value !== null && value !== undefined;
    const gap = shown === "difference";
    const role = gap ? (value >= 0 ? "soft" : "hard") : shown === "base" ? "hard" : "soft";
    // Small differences show too: the color goes with the square root.
    const part = gap ? Math.sqrt(Math.abs(value) / span) : (value - floor) / (1 - floor);
    set(node, { "data-role": known ? role : null, "data-verdict": verdict || null,
      "aria-label": cell.sentence,
      style: `--at: ${known ? Math.min(1, Math.max(0, part)).toFixed(3) : 0}` });
    say(number, !known ? "" : gap ? signed(value) : (100 * value).toFixed(1));
    say(sign, !known || !gap ? "" : MARKS[verdict] ?? "…");
  }
  return { node, paint };
}

function signed(points) {
  const text = Math.abs(points).toFixed(1);
  return text === "0.0" ? text : `${points < 0 ? "−" : "+"}${text}`;
}

function makeLegend() {
  const [low, high] = [el("span", {}), el("span", {})];
  const node = el("p", { class: "kd-caption kd-legend" },
    el("span", {}, el("b", {}, "▲"), " better"), el("span", {}, el("b", {}, "▼"), " worse"),
    el("span", {}, el("b", {}, "·"), " inconclusive, all by 95% intervals"),
    el("span", { class: "kd-scale" }, low, el("span", { class: "kd-swatch" },
      STEPS.map((at) => el("i", { "data-role": at < 0 ? "hard" : "soft",
        style: `--at: ${Math.abs(at)}` }))), high));
  function paint(span) {
    say(low, `labels ahead by ${span}`);
    say(high, `soft ahead by ${span}`);
  }
  return { node, paint };
}
