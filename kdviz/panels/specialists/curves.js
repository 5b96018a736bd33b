// What each specialist gains over the generalist among its own classes, while they train.

import { useMemo } from "preact/hooks";
import { Chart, XAxis, YAxis, linear, path, roundTicks } from "../../page/parts/chart.js";
import { signed } from "../../page/parts/format.js";
import { freshId, html, useLab } from "../../page/parts/html.js";
import { numbers } from "../../page/state/testset.js";
import { t } from "../../page/words/t.js";

const HEIGHT = 190;
const [LEFT, RIGHT, TOP] = [58, 84, 8];
const CLIP = freshId("clip");

export function Curves({ view }) {
  const bytes = useLab().kernel("specialists_curves");
  const columns = 2 + (view.run?.clusters.length ?? 0);
  const rows = useMemo(() => rowsOf(numbers(bytes, Float32Array), columns), [bytes, columns]);
  const mean = rows.at(-1)?.[1];
  const seconds = Math.ceil(view.progress?.seconds_left ?? 0);
  const name = t`Points gained over the generalist`;

  function draw(width) {
    const [low, high] = range(rows);
    const x = linear([0, view.steps], [LEFT, width - RIGHT]);
    const y = linear([low, high], [HEIGHT, TOP]);
    const line = (column) => path(rows.map((row) => [x(row[0]), y(row[column])]));
    return html`<clipPath id=${CLIP}><rect x=${LEFT} y=${TOP} height=${HEIGHT - TOP}
        width=${Math.max(0, width - LEFT - RIGHT)} /></clipPath>
      <${YAxis} ticks=${roundTicks(low, high, 5)} scale=${y} x0=${LEFT} x1=${width - RIGHT}
        label=${(v) => signed(v, v % 1 ? 1 : 0)} />
      <${XAxis} ticks=${[0, view.steps / 2, view.steps]} scale=${x} y0=${HEIGHT} y1=${HEIGHT}
        label=${(v) => (v ? String(v) : t`step 0`)} />
      ${rows.length > 0 && html`<g clip-path="url(#${CLIP})">
          ${Array.from({ length: columns - 2 }, (_, m) =>
            html`<path class="kd-one-line" d=${line(m + 2)} />`)}
          <path class="kd-specialist-line" d=${line(1)} /></g>
        <text class="kd-specialist-label" x=${width - RIGHT + 10} y=${y(mean) + 4.5}>
          ${signed(mean, 1)}</text>`}
      ${!rows.length && !view.busy && html`<text class="kd-note" text-anchor="middle"
        x=${(LEFT + width - RIGHT) / 2} y=${HEIGHT / 2}>${t`Predict, then press Train.`}</text>`}`;
  }
  return html`<div class="kd-curves">
    <div class="kd-head"><h2>${name}${" "}
      <small>${t`each specialist on test examples of its own classes; bold: over all of these`}</small>
      </h2>
      <p class="kd-caption">${seconds > 0 && t`${seconds} s left`}</p></div>
    <progress aria-label=${t`Training progress`} max="1" value=${view.progress?.share ?? 0} />
    <${Chart} name=${name} height=${HEIGHT + 26} draw=${draw} describe=${() => (view.busy ? name
      : rows.length ? t`Points gained over the generalist: ${signed(mean, 1)} over all`
        : t`Points gained over the generalist: no run yet`)} />
  </div>`;
}

// Records of a run: step; points gained by all, by each.
function rowsOf(values, columns) {
  if (columns === 2 || values.length % columns) return [];
  return Array.from({ length: values.length / columns }, (_, r) =>
    values.subarray(r * columns, (r + 1) * columns));
}

// What leaps out of here is a specialist with a handful of test examples: it is cut off.
function range(rows) {
  const gains = rows.flatMap((row) => [...row.subarray(1)]);
  return [Math.max(-8, Math.min(-4, ...gains)), Math.min(12, Math.max(6, ...gains))];
}
