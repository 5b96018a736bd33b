// Small multiples: a chart a row of the heat map, accuracy along its columns, on one fixed scale.

import { useState } from "preact/hooks";
import { Chart, XAxis, YAxis, area, linear, path, roundTicks } from "../../page/parts/chart.js";
import { percent } from "../../page/parts/format.js";
import { freshId, html } from "../../page/parts/html.js";
import { t } from "../../page/words/t.js";
import { say } from "./findings.js";

const HEIGHT = 128;
const [LEFT, RIGHT, TOP] = [46, 6, 8];

// Where columns and accuracies lie in a chart of this size, and half the width of a column.
export function scalesOf({ columns, floor }, width, height) {
  const last = columns.length - 1;
  const half = (width - LEFT - RIGHT) / (last + 1) / 2;
  return { half, x: linear([0, last], [LEFT + half, width - RIGHT - half]),
    y: linear([floor, 1], [height, TOP]) };
}

export function Axes({ table: { columns, floor }, width, height, scales: { x, y, half } }) {
  const sparse = half < 15 ? 2 : 1;
  const named = columns.map((_, c) => c).filter((c) => (columns.length - 1 - c) % sparse === 0);
  return html`<${YAxis} ticks=${roundTicks(floor, 1, 3)} scale=${y} label=${(v) => percent(v)}
      x0=${LEFT} x1=${width - RIGHT} />
    <${XAxis} ticks=${named} scale=${x} label=${(c) => short(columns[c])} y0=${height} y1=${height} />`;
}

// The line through what a learner drew, values by column, null where nothing.
export const drawnPath = (drawn, { x, y }) => path(drawn.map((value, c) => [x(c), value])
  .filter(([, value]) => value !== null).map(([px, value]) => [px, y(value)]));

// What a class drew, behind all else.
export const Others = ({ curves, scales }) => curves.map((curve) =>
  html`<path class="kd-drawn-others" d=${drawnPath(curve, scales)} />`);

export const OthersNote = ({ curves }) => curves.length > 0
  && html`<p class="kd-caption">${t`Thin lines: what the class drew.`}</p>`;

// drawn: what the learner expected of row `of`; others: what their class did.
export function Charts({ table, cells, read, drawn, others, of }) {
  const [row, column] = read.value ?? [-1, -1];
  const soft = html`<b class="kd-soft-label">${t`soft targets`}</b>`;
  const gray = html`<b>${t`gray`}</b>`;
  return html`<div><h2>${t`Row by row`} <small>${drawn
      ? t`Test accuracy of ${soft} with 95% intervals; ${gray}: of labels alone; dashed: what you drew.`
      : t`Test accuracy of ${soft} with 95% intervals; ${gray}: of labels alone.`}</small></h2>
    <${OthersNote} curves=${others} />
    <div class="kd-multiples">${table.rows.map((name, r) => html`<div key=${name}>
      <h3>${say(table, name)}</h3>
      <${Row} name=${say(table, name)} table=${table} cells=${cells[r]} marked=${r === row ? column : -1}
        drawn=${r === of ? drawn : null} others=${r === of ? others : []} />
    </div>`)}</div></div>`;
}

function Row({ name, table, cells, marked, drawn, others }) {
  const { columns, by } = table;
  const [clip] = useState(() => freshId("clip"));
  function draw(width) {
    const scales = scalesOf(table, width, HEIGHT);
    const { x, y, half } = scales;
    const at = (key) => cells.map(({ base }, c) => [x(c), base[key]])
      .filter(([, value]) => value !== null).map(([px, value]) => [px, y(value)]);
    // A line ends at the edges of its first and last column.
    const wide = (points) => [[points[0][0] - half, points[0][1]], ...points,
      [points.at(-1)[0] + half, points.at(-1)[1]]];
    const [lows, highs, means] = ["low", "high", "accuracy"].map(at);
    return html`
      <clipPath id=${clip}><rect x=${LEFT - 4} y=${TOP - 4} width=${width - LEFT - RIGHT + 8}
        height=${HEIGHT - TOP + 4} /></clipPath>
      <${Axes} table=${table} width=${width} height=${HEIGHT} scales=${scales} />
      <g clip-path="url(#${clip})">
        <${Others} curves=${others} scales=${scales} />
        ${lows.length > 0 && html`<path class="kd-hard-band" d=${area(wide(highs), wide(lows))} />`}
        ${means.length > 0 && html`<path class="kd-hard-line" d=${path(wide(means))} />`}
        ${drawn && html`<path class="kd-drawn" d=${drawnPath(drawn, scales)} />`}
        ${cells.map(({ accuracy, low, high }, c) => html`
          ${low !== null && html`<line class="kd-interval" x1=${x(c)} x2=${x(c)} y1=${y(low)}
            y2=${y(high)} />`}
          ${accuracy !== null && html`<circle class="kd-mean" cx=${x(c)} cy=${y(accuracy)}
            r=${c === marked ? 6 : 3.5} />`}`)}</g>`;
  }
  const said = cells.map((cell, c) => (cell.accuracy === null ? null
    : t`${percent(cell.accuracy, 1)} at ${columns[c]}`)).filter(Boolean);
  return html`<${Chart} name=${name} height=${HEIGHT + 26} draw=${draw} describe=${() =>
    t`${name}: test accuracy by ${say(table, by)}, ${
      said.join(", ") || t`nothing trained yet`}`} />`;
}

function short(name) {
  const value = Number(name.replaceAll(",", ""));
  return value >= 1000 ? `${value / 1000}k` : name;
}
