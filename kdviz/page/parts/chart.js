// A chart as wide as its place, and the axes that say what lies where.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "./html.js";

const SETTLED_MS = 250;
const NARROWEST = 100; // pixels; less it has only while a window changes its size

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

// The width of a node in pixels, now and whenever it changes: [ref, width].
export function useWidth() {
  const node = useRef(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const measure = () => node.current.clientWidth && setWidth(node.current.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node.current);
    return () => observer.disconnect();
  }, []);
  return [node, width];
}

// draw(width) returns what is in it. describe() says it in words to a screen reader, once all is
// still: until then, and without it, the chart has its name.
export function Chart({ name, height, draw, describe, ...rest }) {
  const [node, width] = useWidth();
  const [label, say] = useState(name);
  useEffect(() => {
    if (!describe) return undefined;
    const settle = setTimeout(() => say(describe()), SETTLED_MS);
    return () => clearTimeout(settle);
  });
  return html`<div ref=${node}><svg width="100%" height=${height} role="img" data-name=${name}
    aria-label=${label} ...${rest}>${width >= NARROWEST && draw(width)}</svg></div>`;
}

// Hairlines across from x0 to x1 with labels to their left.
export function YAxis({ ticks, scale, label, x0, x1 }) {
  return html`<g class="kd-axis">${ticks.map((tick) => html`
    <line x1=${x0} x2=${x1} y1=${scale(tick)} y2=${scale(tick)} />
    <text x=${x0 - 10} y=${scale(tick) + 4.5} text-anchor="end">${label(tick)}</text>`)}</g>`;
}

// Labels below y1, with hairlines up to y0 unless y0 = y1.
export function XAxis({ ticks, scale, label, y0, y1 }) {
  return html`<g class="kd-axis">${ticks.map((tick) => html`
    <line x1=${scale(tick)} x2=${scale(tick)} y1=${y0} y2=${y1} />
    <text x=${scale(tick)} y=${y1 + 20} text-anchor="middle">${label(tick)}</text>`)}</g>`;
}

// The path through points [[x, y], ...]; area() closes one between two such lines.
export function path(points) {
  return "M" + points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L");
}

export function area(upper, lower) {
  return `${path([...upper, ...lower.slice().reverse()])}Z`;
}
