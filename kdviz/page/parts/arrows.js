// How the two terms of a loss pull on logits, as arrows: a row a class.

import { html } from "./html.js";

export const PULL_ROW = 30; // pixels

// The terms' pulls laid tip to tail, their sum beneath. x: the scale; y: the top of the row.
export function Arrows({ x, y, soft, hard }) {
  const to = x(soft + hard);
  return html`<path class="kd-pull-soft" d=${arrow(x(0), x(soft), y + 8, 3)} />
    <path class="kd-pull-hard" d=${arrow(x(soft), to, y + 8, 3)} />
    <path class="kd-pull-sum" d=${arrow(x(0), to, y + 19, 5)} />`;
}

// A filled arrow from a to b along y; too short for a head, it is a stub.
function arrow(a, b, y, thick) {
  const sign = Math.sign(b - a);
  const head = Math.min(thick + 3, Math.abs(b - a));
  const neck = (b - sign * head).toFixed(2);
  const [h, k] = [thick / 2, thick / 2 + 2.5];
  return `M${a.toFixed(2)},${y - h}H${neck}V${y - k}L${b.toFixed(2)},${y}L${neck},${y + k}V${y + h}`
    + `H${a.toFixed(2)}z`;
}

// The pulls on the classes shown, then that on all others: together they are 0.
export function listed(pulls, shown, rows) {
  const some = shown.map((c) => pulls[c]);
  return some.length < rows ? [...some, -some.reduce((sum, pull) => sum + pull, 0)] : some;
}

// Where there is no room for all labels: the outer ones and 0.
export const few = (ticks, room) => (room > 190 ? ticks
  : ticks.filter((tick, i) => i === 0 || tick === 0 || i === ticks.length - 1));

export const round = (value) => String(Number(value.toPrecision(3))).replace("-", "−");

export function signedPull(value) {
  const text = Math.abs(value).toFixed(Math.abs(value) < 100 ? 2 : 0);
  if (Number(text) === 0) return text;
  return `${value < 0 ? "−" : "+"}${text}`;
}

// Room to the left for the names of classes, and a name that fits there.
export function gutterOf(classes) {
  return Math.min(110, 14 + 8 * Math.max(...classes.slice(0, 200).map((name) => name.length)));
}

export const shortened = (name) => (name.length > 13 ? `${name.slice(0, 12)}…` : name);
