// What the generalist confuses: two matrices whose classes stand in the order of the clusters.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useWidth } from "../../page/parts/chart.js";
import { html, useLab } from "../../page/parts/html.js";
import { numbers } from "../../page/state/testset.js";
import { t } from "../../page/words/t.js";

const MARGIN = 26; // for the names on top and on the left
const MOST_NAMED = 12; // more classes than that are named by their clusters
const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const DARK = "(prefers-color-scheme: dark)";

export function Matrices({ names, clusters }) {
  const lab = useLab();
  const bytes = lab.kernel("specialists_matrices");
  const { measure } = lab.settings("specialists");
  const size = names.length ** 2;
  const [covariance, correlation, mistaken] = useMemo(() => {
    const values = numbers(bytes, Float32Array);
    return size && values.length === 3 * size
      ? [0, 1, 2].map((k) => values.subarray(k * size, (k + 1) * size)) : [];
  }, [bytes, size]);
  // Clusters come anew, but alike, with each of the kernel's news.
  const key = JSON.stringify(clusters);
  const order = useMemo(() => {
    const listed = clusters.flat();
    return [...listed, ...names.map((_, c) => c).filter((c) => !listed.includes(c))];
  }, [key, size]);
  const shared = { names, clusters, order, redraw: [key, names.join(),
    lab.setting("lab", "colors").value] };
  return html`<div class="kd-matrices" data-empty=${covariance ? undefined : ""}>
    <${Matrix} ...${shared} title=${t`Predicted together`} values=${
      measure === "correlation" ? correlation : covariance}
      about=${t`blue: rise together, purple: one or the other`}
      say=${(row, column, value) =>
        t`${row} and ${column}: ${value.toPrecision(2).replace("-", "−")}.`} />
    <${Matrix} ...${shared} title=${t`Mistaken`} values=${mistaken}
      about=${t`row: what it is, column: what the generalist says`}
      say=${(row, column, value, sum) =>
        t`Of ${sum} test examples of ${row}, ${value} called ${column}.`} />
  </div>`;
}

// say: how an entry reads, from the names of row and column, the value and the row's sum.
function Matrix({ title, about, say, values, names, clusters, order, redraw }) {
  const [figure, width] = useWidth();
  const canvas = useRef(null);
  const [place, read] = useState(null);
  const [dark, darken] = useState(() => matchMedia(DARK).matches);
  useEffect(() => {
    const query = matchMedia(DARK);
    const hear = () => darken(query.matches);
    query.addEventListener("change", hear);
    return () => query.removeEventListener("change", hear);
  }, []);
  useLayoutEffect(() => {
    if (values && width) paint(canvas.current, width, { values, names, clusters, order });
  }, [values, width, dark, ...redraw]);
  const size = (width - MARGIN) / order.length;
  const last = order.length - 1;
  const at = values && place?.map((v) => Math.max(0, Math.min(last, v)));

  function point(event) {
    if (!values) return;
    const box = canvas.current.getBoundingClientRect();
    const [column, row] = [event.clientX - box.left, event.clientY - box.top]
      .map((v) => Math.floor(((v * width) / box.width - MARGIN) / size));
    if (row >= 0 && column >= 0) read([row, column]);
  }
  function walk(event) {
    const by = KEYS[event.key];
    if (!by || !values) return;
    event.preventDefault();
    const [row, column] = at ?? [0, 0];
    read([row + by[0], column + by[1]].map((v) => Math.max(0, Math.min(last, v))));
  }
  function reading() {
    if (!at) return values && t`Point at a square, or use the arrow keys.`;
    const [i, j] = at.map((v) => order[v]);
    const row = values.subarray(i * names.length, (i + 1) * names.length);
    return say(names[i], names[j], row[j], row.reduce((sum, value) => sum + value, 0));
  }
  return html`<figure ref=${figure}><h2>${title} <small>${about}</small></h2>
    <div><canvas ref=${canvas} tabIndex="0" role="img" aria-label=${title} data-name=${title}
        onPointerMove=${point} onPointerDown=${point} onKeyDown=${walk} />
      ${at && html`<i style="left: ${MARGIN + at[1] * size}px; top: ${MARGIN + at[0] * size}px;
        width: ${size}px; height: ${size}px" />`}</div>
    <p class="kd-caption" role="status">${reading()}</p></figure>`;
}

function paint(canvas, width, { values, names, clusters, order }) {
  const ratio = devicePixelRatio || 1;
  Object.assign(canvas, { width: width * ratio, height: width * ratio });
  const pen = canvas.getContext("2d");
  const [ink, alike, apart] = ["ink", "teacher", "apart"].map((role) => colorOf(canvas, role));
  const size = (width - MARGIN) / order.length;
  const most = peak(values, names.length);
  pen.scale(ratio, ratio);
  order.forEach((i, row) => order.forEach((j, column) => {
    const value = values[i * names.length + j];
    if (value === 0) return;
    pen.globalAlpha = i === j ? 0.12 : Math.min(1, Math.abs(value) / most);
    pen.fillStyle = i === j ? ink : value > 0 ? alike : apart;
    pen.fillRect(MARGIN + column * size, MARGIN + row * size, size + 0.2, size + 0.2);
  }));
  Object.assign(pen, { globalAlpha: 1, fillStyle: ink, strokeStyle: ink, font: "13px system-ui",
    textAlign: "center", textBaseline: "middle" });
  label(pen, size, names.length <= MOST_NAMED ? order.map((c) => [names[c], 1])
    : clusters.map((cluster, k) => [String(k + 1), cluster.length]));
  let corner = MARGIN + 0.5;
  for (const { length } of clusters) {
    pen.strokeRect(corner, corner, length * size - 1, length * size - 1);
    corner += length * size;
  }
}

// Names along both edges, each in the middle of its span, where they have room.
function label(pen, size, spans) {
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
}

// What gets the full color: the 99th of 100 entries off the diagonal that are not 0.
function peak(values, count) {
  const sizes = Array.from(values, Math.abs).filter((v, k) => v > 0 && k % (count + 1));
  return sizes.sort((a, b) => a - b)[Math.floor(sizes.length * 0.99)] ?? 1;
}

// A canvas is not painted in a variable: its own style resolves one.
function colorOf(canvas, role) {
  canvas.style.color = `var(--kd-${role})`;
  return getComputedStyle(canvas).color;
}
