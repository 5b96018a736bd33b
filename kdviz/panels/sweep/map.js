// The heat map: a table of cells, each with its number, its color and its verdict's mark.

import { useRef, useState } from "preact/hooks";
import { Radios } from "../../page/parts/controls.js";
import { freshId, html } from "../../page/parts/html.js";
import { key, t } from "../../page/words/t.js";
import { say } from "./findings.js";

const MARKS = { better: "▲", worse: "▼", inconclusive: "·" };
const SHOWN = [["difference", key`Difference`], ["accuracy", key`Soft targets`],
  ["base", key`Labels alone`]];
const ABOUT = {
  difference: key`Soft targets minus labels alone, in points.`,
  accuracy: key`Test accuracy from soft targets, in percent.`,
  base: key`Test accuracy from hard labels alone, in percent.`,
};
const STEPS = [-1, -0.6, -0.3, 0, 0.3, 0.6, 1]; // of the colors, for the legend
const HINT = key`Point at a cell, or walk there with the arrow keys, to read it.`;

// read: a signal with [row, column] of the cell that is being read, or null.
export function HeatMap({ table, cells, read }) {
  const { rows, columns } = table;
  const [id] = useState(() => freshId("map"));
  const [shown, show] = useState("difference");
  const grid = useRef(null);
  const [atRow, atColumn] = read.value ?? [-1, -1];

  function walk(event) {
    const [r, c] = read.value ?? [0, 0];
    const to = { ArrowRight: [r, c + 1], ArrowLeft: [r, c - 1], ArrowDown: [r + 1, c],
      ArrowUp: [r - 1, c], Home: [r, 0], End: [r, columns.length - 1] }[event.key];
    if (!to) return;
    event.preventDefault();
    grid.current.tBodies[0].rows[to[0]]?.cells[to[1] + 1]?.focus();
  }
  return html`<div>
    <div class="kd-head"><h2 id=${id}>${t`Heat map`} <small>${t(ABOUT[shown])}</small></h2>
      <${Radios} name=${t`What cells show`} value=${shown} pick=${show}
        options=${SHOWN.map(([value, name]) => [value, t(name)])} /></div>
    <div data-name=${t`Heat map`}>
      <table ref=${grid} role="grid" class="kd-map" aria-labelledby=${id} onKeyDown=${walk}>
        <thead><tr><th scope="col" rowspan="2" class="kd-corner">
            ${say(table, table.row_title)}</th>
            <th scope="colgroup" colspan=${columns.length}>${say(table, table.column_title)}</th></tr>
          <tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>${rows.map((name, r) => html`<tr><th scope="row">${say(table, name)}</th>
          ${cells[r].map((cell, c) => html`<${Cell} cell=${cell} shown=${shown} table=${table}
            stop=${read.value ? r === atRow && c === atColumn : r + c === 0}
            isRead=${r === atRow && c === atColumn} read=${() => { read.value = [r, c]; }} />`)}
        </tr>`)}</tbody></table>
      <${Legend} span=${table.span} shown=${shown === "difference"} /></div>
    <p class="kd-reading">${cells[atRow]?.[atColumn]?.sentence ?? t(HINT)}</p>
  </div>`;
}

// stop: whether the Tab key comes back here.
function Cell({ cell, shown, table: { span, floor }, stop, isRead, read }) {
  const { verdict, difference } = cell;
  const value = { difference, accuracy: cell.accuracy, base: cell.base.accuracy }[shown] ?? null;
  const gap = shown === "difference";
  const role = gap ? (value >= 0 ? "soft" : "hard") : shown === "base" ? "hard" : "soft";
  // Small differences show too: the color goes with the square root.
  const part = gap ? Math.sqrt(Math.abs(value) / span) : (value - floor) / (1 - floor);
  return html`<td tabIndex=${stop ? 0 : -1} class=${isRead ? "kd-read" : ""}
    data-lm-suppress-shortcuts="true" data-role=${value === null ? undefined : role}
    data-verdict=${verdict || undefined} aria-label=${cell.sentence}
    style="--at: ${value === null ? 0 : Math.min(1, Math.max(0, part)).toFixed(3)}"
    onFocus=${read} onMouseEnter=${read} onClick=${(event) => event.currentTarget.focus()}>
    <b>${value === null ? "" : gap ? signed(value, verdict) : (100 * value).toFixed(1)}</b>
    <i>${value === null || !gap ? "" : MARKS[verdict] ?? "…"}</i></td>`;
}

// In points: one decimal, or more until what is better or worse does not read 0.0.
function signed(points, verdict) {
  const sure = verdict === "better" || verdict === "worse";
  const digits = [1, 2, 3, 4].find((n) => !sure || Number(points.toFixed(n))) ?? 5;
  const text = Math.abs(points).toFixed(digits);
  return Number(text) ? `${points < 0 ? "−" : "+"}${text}` : "0.0";
}

function Legend({ span, shown }) {
  return html`<p class="kd-caption kd-legend" style=${shown ? null : "visibility: hidden"}>
    <span><b>▲</b> ${t`better`}</span><span><b>▼</b> ${t`worse`}</span>
    <span><b>·</b> ${t`inconclusive, all by 95% intervals`}</span>
    <span class="kd-scale"><span>${t`labels ahead by ${span}`}</span>
      <span class="kd-swatch">${STEPS.map((at) => html`<i data-role=${at < 0 ? "hard" : "soft"}
        style="--at: ${Math.abs(at)}" />`)}</span><span>${t`soft ahead by ${span}`}</span></span></p>`;
}
