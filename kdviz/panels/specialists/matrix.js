// What the generalist confuses: two matrices whose classes stand in the order of the clusters.

import { el, freshId, onWidth, say, set } from "../../page/parts/dom.js";
import { numbers } from "../../page/state/model.js";

const MARGIN = 26; // for the names on top and on the left
const MOST_NAMED = 12; // more classes than that are named by their clusters
const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

// tell: how an entry reads, from (names of row and column, value, the row's sum).
function makeMatrix(title, about, tell) {
  const canvas = el("canvas", { tabindex: 0, role: "img", "aria-label": title,
    "data-name": title });
  const note = el("small", {}, about);
  const told = el("p", { class: "kd-caption", role: "status" });
  const node = el("figure", {}, el("h2", {}, `${title} `, note), canvas, told);
  const state = { at: null, order: [] };

  function point(row, column) {
    const { order, values, names } = state;
    const last = order.length - 1;
    if (!order.length) return;
    state.at = [row, column].map((v) => Math.max(0, Math.min(last, v)));
    const [i, j] = state.at.map((v) => order[v]);
    const sum = order.reduce((total, k) => total + values[i * names.length + k], 0);
    say(told, tell(names[i], names[j], values[i * names.length + j], sum));
    draw();
  }
  function place(event) {
    const box = canvas.getBoundingClientRect();
    const cell = (box.width - MARGIN) / state.order.length;
    const [column, row] = [event.clientX - box.left, event.clientY - box.top]
      .map((v) => Math.floor((v - MARGIN) / cell));
    if (row >= 0 && column >= 0) point(row, column);
  }
  set(canvas, { onpointermove: place, onpointerdown: place,
    onkeydown: (event) => {
      const by = KEYS[event.key];
      if (!by) return;
      event.preventDefault();
      const [row, column] = state.at ?? [0, 0];
      point(row + by[0], column + by[1]);
    } });

  function paint(values, names, clusters) {
    const listed = clusters.flat();
    const rest = names.map((_, c) => c).filter((c) => !listed.includes(c));
    Object.assign(state, { values, names, clusters, order: [...listed, ...rest] });
    say(told, told.textContent || "Point at a square, or use the arrow keys.");
    draw();
  }

  function draw() {
    const width = node.clientWidth;
    const { values, names, clusters, order, at } = state;
    if (!width || !order.length) return;
    const ratio = devicePixelRatio || 1;
    Object.assign(canvas, { width: width * ratio, height: width * ratio });
    const pen = canvas.getContext("2d");
    const color = (role) => colorOf(canvas, role);
    const size = (width - MARGIN) / order.length;
    const most = peak(values, names.length);
    pen.scale(ratio, ratio);
    order.forEach((i, row) => order.forEach((j, column) => {
      const value = values[i * names.length + j];
      if (value === 0) return;
      pen.globalAlpha = i === j ? 0.25 : Math.min(1, Math.abs(value) / most);
      pen.fillStyle = color(i === j ? "hard" : value > 0 ? "teacher" : "student");
      pen.fillRect(MARGIN + column * size, MARGIN + row * size, size + 0.2, size + 0.2);
    }));
    pen.globalAlpha = 1;
    label(pen, color, size, names.length <= MOST_NAMED ? order.map((c) => [names[c], 1])
      : clusters.map((cluster, k) => [String(k + 1), cluster.length]), clusters);
    if (at) {
      Object.assign(pen, { strokeStyle: color("ink"), lineWidth: 2 });
      pen.strokeRect(MARGIN + at[1] * size, MARGIN + at[0] * size, size, size);
    }
  }
  return { node, paint, stop: onWidth(node, draw) };
}

// Names along both edges, and a frame around each cluster.
function label(pen, color, size, spans, clusters) {
  Object.assign(pen, { fillStyle: color("ink"), font: "13px system-ui", textAlign: "center",
    textBaseline: "middle", strokeStyle: color("ink"), lineWidth: 1 });
  let [at, last] = [0, -Infinity];
  for (const [name, length] of spans) {
    const middle = MARGIN + (at + length / 2) * size;
    if (middle - last >= 5 + 9 * name.length) {
      pen.fillText(name, middle, MARGIN / 2);
      pen.fillText(name, MARGIN / 2, middle);
      last = middle;
    }
    at += length;
  }
  at = 0;
  for (const { length } of clusters) {
    const corner = MARGIN + at * size;
    pen.strokeRect(corner + 0.5, corner + 0.5, length * size - 1, length * size - 1);
    at += length;
  }
}

// What gets the full color: the 99th of 100 entries off the diagonal that are not 0.
function peak(values, count) {
  const sizes = Array.from(values, Math.abs).filter((v, k) => v > 0 && k % (count + 1));
  return sizes.sort((a, b) => a - b)[Math.floor(sizes.length * 0.99)] ?? 1;
}

// A canvas knows no light-dark(): a probe beside it resolves a role's color.
const probes = new WeakMap();
function colorOf(canvas, role) {
  const probe = probes.get(canvas) ?? el("i", { hidden: true });
  if (!probes.has(canvas)) {
    probes.set(canvas, probe);
    canvas.after(probe);
  }
  probe.style.color = `var(--kd-${role})`;
  return getComputedStyle(probe).color;
}

export function makeMatrices(model) {
  const together = makeMatrix("Predicted together", "blue: rise together, orange: one or the other",
    (row, column, value) => `${row} and ${column}: ${value.toPrecision(2).replace("-", "−")}.`);
  const mistaken = makeMatrix("Mistaken", "row: what it is, column: what the generalist says",
    (row, column, value, sum) => `Of ${sum} test examples of ${row}, ${value} called ${column}.`);
  const node = el("div", { class: "kd-matrices", id: freshId("matrices") }, together.node,
    mistaken.node);
  let drawn = [];
  function paint(view, now) {
    const key = [model.get("crowd_matrices"), now.measure, JSON.stringify(now.clusters),
      view.names.length];
    if (key.every((part, i) => part === drawn[i])) return;
    drawn = key;
    const values = numbers(model, "crowd_matrices", Float32Array);
    const size = view.names.length ** 2;
    set(node, { "data-empty": size ? null : "" });
    if (!size || values.length !== 3 * size) return;
    const first = now.measure === "correlation" ? size : 0;
    together.paint(values.subarray(first, first + size), view.names, now.clusters);
    mistaken.paint(values.subarray(2 * size), view.names, now.clusters);
  }
  return { node, paint, stop: () => [together, mistaken].forEach((each) => each.stop()) };
}
