// What a learner expects, drawn over empty axes: the accuracy of one row, column by column.

import { useRef } from "preact/hooks";
import { Chart } from "../../page/parts/chart.js";
import { percent } from "../../page/parts/format.js";
import { html } from "../../page/parts/html.js";
import { TAB, recall, remember } from "../../page/state/storage.js";
import { t } from "../../page/words/t.js";
import { Axes, Others, OthersNote, drawnPath, scalesOf } from "./charts.js";
import { capital, say } from "./findings.js";

const HEIGHT = 220;
const STEP = 0.01; // of the arrow keys
const KEYS = { ArrowUp: STEP, ArrowRight: STEP, ArrowDown: -STEP, ArrowLeft: -STEP };

// What is drawn is what the question's prediction is about: soft targets in the first row, or the
// labels alone that are to keep up with the last.
export const sketchOf = (table) => (table.asks === "best"
  ? { row: 0, what: t`${say(table, table.rows[0])}, soft targets`, found: ({ accuracy }) => accuracy }
  : { row: table.rows.length - 1, what: say(table, table.baseline),
    found: ({ base }) => base.accuracy });

export const isDrawn = (drawn) => drawn.some((value) => value !== null);

// What a table is known by, whatever the seeds.
export const keyOf = ({ title, rows, columns }) => `sweep ${title} ${rows} ${columns}`;

// Curves of a class, gathered on this page, to stand behind.
export const curvesOf = (lab, table) => lab.keep(`${keyOf(table)} class`, []);

// A signal with what is drawn for a table, a value by column, null where nothing is; and
// put(values), which this tab remembers when the page is loaded anew.
export function drawingOf(lab, table) {
  const name = `${keyOf(table)} drawn`;
  const { columns } = table;
  const drawn = lab.keep(name, JSON.parse(recall(name, TAB) ?? "null") ?? columns.map(() => null));
  const put = (values) => {
    drawn.value = values;
    remember(name, JSON.stringify(values), TAB);
  };
  return { drawn, put };
}

export function Sketch({ table, drawn, put, others }) {
  const { columns, by, floor } = table;
  const node = useRef(null);
  const pen = useRef(null); // { id, column }, of the pointer that draws
  const clamp = (value) => Math.min(1, Math.max(floor, value));

  // All columns between the last one and this one: a fast pointer skips some.
  function extend({ clientX, clientY }) {
    const box = node.current.getBoundingClientRect();
    const { x, y } = scalesOf(table, box.width, HEIGHT);
    const [left, right] = [x(0), x(columns.length - 1)];
    const column = Math.round(Math.min(1, Math.max(0, (clientX - box.left - left) / (right - left)))
      * (columns.length - 1));
    const value = clamp(floor + ((clientY - box.top - y(floor)) / (y(1) - y(floor))) * (1 - floor));
    const next = [...drawn.value];
    const from = pen.current.column ?? column;
    const before = next[from] ?? value;
    for (let c = Math.min(from, column); c <= Math.max(from, column); c++) {
      next[c] = from === column ? value : before + ((c - from) / (column - from)) * (value - before);
    }
    pen.current.column = column;
    put(next);
  }
  function onPointerDown(event) {
    if (pen.current || event.button > 0) return;
    pen.current = { id: event.pointerId, column: null };
    event.currentTarget.setPointerCapture(event.pointerId);
    extend(event);
  }
  const onPointerMove = (event) => { if (event.pointerId === pen.current?.id) extend(event); };
  const lift = ({ pointerId }) => { if (pointerId === pen.current?.id) pen.current = null; };

  function step(event, c) {
    const by = KEYS[event.key];
    if (!by) return;
    event.preventDefault();
    const next = [...drawn.value];
    const value = next[c] ?? next.slice(0, c).reverse().find((each) => each !== null)
      ?? (1 + floor) / 2;
    next[c] = clamp(Number((value + by).toFixed(3)));
    put(next);
  }
  function draw(width) {
    const scales = scalesOf(table, width, HEIGHT);
    return html`<${Axes} table=${table} width=${width} height=${HEIGHT} scales=${scales} />
      <${Others} curves=${others} scales=${scales} />
      ${isDrawn(drawn.value) && html`<path class="kd-drawn" d=${drawnPath(drawn.value, scales)} />`}
      ${columns.map((column, c) => html`<circle class="kd-drawn-dot" role="slider" tabindex="0" r="7"
        data-drawn=${drawn.value[c] === null ? undefined : ""} cx=${scales.x(c)}
        cy=${scales.y(drawn.value[c] ?? floor)} aria-label=${t`Your curve at ${column}`}
        aria-valuemin=${100 * floor} aria-valuemax="100" aria-orientation="vertical"
        aria-valuenow=${Math.round(100 * (drawn.value[c] ?? floor))}
        aria-valuetext=${drawn.value[c] === null ? t`not drawn` : percent(drawn.value[c])}
        onKeyDown=${(event) => step(event, c)} />`)}`;
  }
  return html`<section class="kd-sketch" aria-label=${t`Draw what you expect`}>
    <div class="kd-head"><h2>${t`Draw what you expect`} <small>${t`${
      capital(sketchOf(table).what)}: test accuracy by ${say(table, by)}. The outcome joins it.`}</small></h2>
      <button type="button" class="kd-tool" style=${isDrawn(drawn.value) ? null : "visibility: hidden"}
        onClick=${() => put(columns.map(() => null))}>${t`Clear`}</button></div>
    <div ref=${node} onPointerDown=${onPointerDown} onPointerMove=${onPointerMove} onPointerUp=${lift}
      onPointerCancel=${lift} onLostPointerCapture=${lift}>
      <${Chart} name=${t`Your curve`} role="group" height=${HEIGHT + 26} draw=${draw} /></div>
    <${OthersNote} curves=${others} />
  </section>`;
}

// How far the drawing was from what came; nothing until the whole row is known.
export function besideSketch(drawn, cells, table) {
  const { row, what, found } = sketchOf(table);
  if (!isDrawn(drawn) || cells[row].some(({ verdict }) => !verdict)) return "";
  const gaps = drawn.map((value, c) => (value === null ? -1
    : 100 * Math.abs(value - found(cells[row][c]))));
  const known = gaps.filter((gap) => gap >= 0);
  const most = Math.max(...known);
  const mean = known.reduce((total, gap) => total + gap, 0) / known.length;
  return t`Your curve (${what}) was off by ${mean.toFixed(1)} points on average; most, by ${
    most.toFixed(1)}, with ${say(table, table.places[gaps.indexOf(most)])}.`;
}
