// From values to pixels, and the axes that say so.

import { svg } from "./dom.js";

export function linear([a, b], [from, to]) {
  return (value) => from + ((value - a) / (b - a)) * (to - from);
}

export function logarithmic([a, b], range) {
  const scale = linear([Math.log(a), Math.log(b)], range);
  return (value) => scale(Math.log(value));
}

// About `count` round values from a to b.
export function roundTicks(a, b, count = 5) {
  const raw = (b - a) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find((s) => s * power >= raw * 0.999) * power;
  const first = Math.ceil(a / step - 1e-9);
  const last = Math.floor(b / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

// Hairlines across from x0 to x1 with labels to their left.
export function yAxis(ticks, scale, label, x0, x1) {
  return svg("g", { class: "kd-axis" }, ticks.map((tick) => [
    svg("line", { x1: x0, x2: x1, y1: scale(tick), y2: scale(tick) }),
    svg("text", { x: x0 - 10, y: scale(tick) + 4.5, "text-anchor": "end" }, label(tick)),
  ]));
}

// Labels below y1, with hairlines up to y0 unless y0 = y1.
export function xAxis(ticks, scale, label, y0, y1) {
  return svg("g", { class: "kd-axis" }, ticks.map((tick) => [
    svg("line", { x1: scale(tick), x2: scale(tick), y1: y0, y2: y1 }),
    svg("text", { x: scale(tick), y: y1 + 20, "text-anchor": "middle" }, label(tick)),
  ]));
}

// The path through points [[x, y], ...]; closed() makes an area of it.
export function path(points) {
  return "M" + points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L");
}

export function area(upper, lower) {
  return `${path([...upper, ...lower.slice().reverse()])}Z`;
}
