// Test accuracy while they train: the mean over seeds, and a band from the lowest to the highest.

import { Chart, XAxis, YAxis, area, linear, path } from "../../page/parts/chart.js";
import { percent } from "../../page/parts/format.js";
import { freshId, html } from "../../page/parts/html.js";
import { key, t } from "../../page/words/t.js";
import { about } from "./words.js";

const FLOOR = 0.4; // the axis stays put; what lies below it is cut off
const HEIGHT = 236;
const [LEFT, RIGHT, TOP] = [52, 104, 8];
const COLUMNS = 7; // epoch; mean, lowest, highest of students; the same of baselines
const GROUPS = [["soft", key`soft {}`, 1], ["hard", key`labels {}`, 4]];
const CLIP = freshId("clip");

// values: the rows of the run, one after the other; behind: those of an earlier one, or none.
export function Curves({ view, values, behind }) {
  const { run, epochs, progress, busy } = view;
  const rows = rowsOf(values);
  const before = rowsOf(behind);
  const groups = GROUPS.map(([role, name, first]) => {
    const alive = rows.filter((row) => Number.isFinite(row[first]));
    return { role, first, alive, end: alive.at(-1)?.[first],
      said: alive.length ? t(name, percent(alive.at(-1)[first], 1)) : "" };
  }).filter(({ alive }) => alive.length);

  function draw(width) {
    const x = linear([0, epochs], [LEFT, width - RIGHT]);
    const y = linear([FLOOR, 1], [HEIGHT, TOP]);
    const at = (alive, column) => alive.map((row) => [x(row[0]), y(row[column])]);
    const places = apart(groups.map(({ end }) => Math.min(HEIGHT, y(end))));
    return html`
      <clipPath id=${CLIP}><rect x=${LEFT} y=${TOP} width=${width - LEFT - RIGHT}
        height=${HEIGHT - TOP} /></clipPath>
      <${YAxis} ticks=${[0.4, 0.6, 0.8, 1]} scale=${y} label=${(v) => percent(v)} x0=${LEFT}
        x1=${width - RIGHT} />
      <${XAxis} ticks=${[0, 1, 2, 3].map((k) => (k * epochs) / 3)} scale=${x} y0=${HEIGHT} y1=${HEIGHT}
        label=${(v) => (v ? String(Math.round(v)) : t`epoch 0`)} />
      <g clip-path="url(#${CLIP})">
        ${before.length > 0 && GROUPS.map(([role, , first]) => html`<path d=${path(at(
          before.filter((row) => Number.isFinite(row[first])), first))}
          class="kd-${role}-line kd-behind" />`)}
        ${groups.map(({ role, first, alive }) => html`<path class="kd-${role}-band"
          d=${area(at(alive, first + 2), at(alive, first + 1))} />`)}
        ${groups.map(({ role, first, alive }) => html`<path class="kd-${role}-line"
          d=${path(at(alive, first))} />`)}</g>
      ${groups.map(({ role, said }, i) => html`<text class="kd-${role}-label"
        x=${width - RIGHT + 10} y=${places[i] + 4.5}>${said}</text>`)}
      ${!rows.length && (!busy || view.teaching) && html`<text class="kd-note" text-anchor="middle" y=${HEIGHT / 2}
        x=${(LEFT + width - RIGHT) / 2}>${view.teaching
          ? t`A new teacher is being trained.` : t`Say what you expect, then press Train.`}</text>`}`;
  }

  return html`<div class="kd-curves">
    <div class="kd-head"><h2>${t`Test accuracy while they train`} <small>${about(run)}</small></h2>
      <p class="kd-caption">${progress && (view.state === "paused" ? t`paused`
        : busy ? t`${progress.seconds_left.toFixed(1)} s left` : `${progress.seconds.toFixed(1)} s`)}</p></div>
    <progress aria-label=${t`Training progress`} max="1"
      value=${progress ? progress.step / progress.steps : 0} />
    <${Chart} name=${t`Test accuracy`} height=${HEIGHT + 26} draw=${draw} describe=${() =>
      (busy ? t`Test accuracy`
        : t`Test accuracy: ${groups.map(({ said }) => said).join(", ") || t`no run yet`}`)} />
  </div>`;
}

function rowsOf(values) {
  return Array.from({ length: values.length / COLUMNS }, (_, i) =>
    values.subarray(i * COLUMNS, (i + 1) * COLUMNS));
}

// Moves two labels apart until they can be read.
function apart([a, b], gap = 18) {
  if (b === undefined || Math.abs(a - b) >= gap) return [a, b];
  const middle = Math.min(Math.max((a + b) / 2, TOP + gap / 2), HEIGHT - gap / 2);
  return a <= b ? [middle - gap / 2, middle + gap / 2] : [middle + gap / 2, middle - gap / 2];
}
