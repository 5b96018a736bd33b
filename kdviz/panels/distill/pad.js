// A pad to draw on, with mouse, finger, pen or keys.

import { useRef, useState } from "preact/hooks";
import { html } from "../../page/parts/html.js";
import { t } from "../../page/words/t.js";

const STEPS = 16; // of the brush from edge to edge
const NEAR = 0.004; // points closer than this add nothing, in sides of the pad
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const middle = (step) => (step + 0.5) / STEPS;

// strokes: lists of points [x, y] in sides of the pad, y down. set(strokes) hears each change.
export function Pad({ strokes, set, undo }) {
  const node = useRef(null);
  const pen = useRef(null); // the pointer that draws
  const [brush, show] = useState(null); // of the keys: { at: [column, row], down }
  const [latest, hand] = [useRef(strokes), useRef(null)]; // events may outrun frames
  latest.current = strokes;

  const put = (next) => {
    latest.current = next;
    set(next);
  };
  const move = (next) => {
    hand.current = next;
    show(next);
  };
  const begin = (point) => put([...latest.current, [point]]);
  const extend = (points) => put([...latest.current.slice(0, -1),
    [...latest.current.at(-1), ...points]]);
  function place({ clientX, clientY }) {
    const box = node.current.getBoundingClientRect();
    return [(clientX - box.left) / box.width, (clientY - box.top) / box.height]
      .map((value) => Math.min(1, Math.max(0, value)));
  }

  function onPointerDown(event) {
    if (pen.current !== null || event.button > 0) return;
    pen.current = event.pointerId;
    node.current.setPointerCapture(event.pointerId);
    move(null);
    begin(place(event));
  }
  function onPointerMove(event) {
    if (event.pointerId !== pen.current) return;
    let last = latest.current.at(-1).at(-1);
    const events = event.getCoalescedEvents?.() ?? [];
    const points = (events.length ? events : [event]).map(place).filter(([x, y]) => {
      const far = Math.hypot(x - last[0], y - last[1]) >= NEAR;
      if (far) last = [x, y];
      return far;
    });
    if (points.length) extend(points);
  }
  function lift({ pointerId }) {
    if (pointerId === pen.current) pen.current = null;
  }

  function onKeyDown(event) {
    if (event.altKey || pen.current !== null) return;
    const now = hand.current ?? { at: [STEPS / 2, STEPS / 2], down: false };
    const point = now.at.map(middle);
    const back = event.key === "Delete" || event.key === "Backspace"
      || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z");
    if (back) {
      move({ ...now, down: false });
      undo();
    } else if (event.ctrlKey || event.metaKey) return;
    else if (event.key === " ") {
      if (!now.down) begin(point);
      move({ ...now, down: !now.down });
    } else if (event.key in MOVES) {
      const at = now.at.map((step, k) =>
        Math.min(STEPS - 1, Math.max(0, step + MOVES[event.key][k])));
      if (now.down) extend([at.map(middle)]);
      move({ ...now, at });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const [column, row] = brush ? brush.at.map((step) => step + 1) : [];
  return html`<div ref=${node} class="kd-pad" role="application" tabIndex=${0} aria-label=${told()}
    onPointerDown=${onPointerDown} onPointerMove=${onPointerMove} onPointerUp=${lift}
    onPointerCancel=${lift} onLostPointerCapture=${lift} onKeyDown=${onKeyDown}
    onBlur=${() => move(null)}>
    <svg viewBox="0 0 1 1" aria-hidden="true">
      ${strokes.map((stroke) => html`<${Stroke} points=${stroke} />`)}
      ${brush && html`<circle class=${brush.down ? "kd-brush-down" : "kd-brush"} r="0.045"
        cx=${middle(brush.at[0])} cy=${middle(brush.at[1])} />`}
    </svg>
    <p class="kd-hidden" role="status">${brush && (brush.down
      ? t`Column ${column}, row ${row}, painting` : t`Column ${column}, row ${row}, lifted`)}</p>
  </div>`;
}

const told = () => `${t`Drawing pad. Draw with a finger, a pen or the mouse.`} ${
  t`With keys: arrows move the brush, Space sets it down to paint and lifts it again, Delete takes back the last stroke.`}`;

// A point alone is a line to itself, which a round end makes a dot.
function Stroke({ points }) {
  const [first, ...rest] = points.map((point) => point.map((value) => value.toFixed(4)).join(" "));
  return html`<path d="M${first}L${[first, ...rest].join("L")}" />`;
}
