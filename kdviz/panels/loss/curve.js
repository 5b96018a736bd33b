// A measured curve over T, both axes logarithmic, with a dot where T stands.

import { COLDEST, HOTTEST, MARKS } from "../../page/maths/softmax.js";
import { GRID, POINTS, at } from "../../page/maths/survey.js";
import { Chart, XAxis, YAxis, area, logarithmic, path } from "../../page/parts/chart.js";
import { temperature } from "../../page/parts/format.js";
import { html } from "../../page/parts/html.js";
import { t } from "../../page/words/t.js";

const HEIGHT = 190;
const [TOP, LEFT, RIGHT] = [12, 60, 107]; // the right margin holds the value, so nothing meets it

// lines: the first carries the dot; without any, a note. `value` turns one into the text at the
// dot, `tick` into one on the axis; `mark` has a line of its own.
export function Curve({ name, T, lines, band, domain, note, value, tick, mark }) {
  if (!lines) {
    return html`<p class="kd-caption kd-curve-empty">${note && t(note)}</p>
      <${Chart} name=${name} height=${HEIGHT} draw=${() => null} visibility="hidden" />`;
  }
  const now = at(lines[0].values, T);
  const [low, high] = domain;

  function draw(width) {
    const edge = width - RIGHT;
    const x = logarithmic([COLDEST, HOTTEST], [LEFT, edge]);
    const scale = logarithmic(domain, [HEIGHT - 26, TOP]);
    const y = (v) => scale(Math.min(high, Math.max(low, v)));
    const span = Math.round(Math.log10(high / low));
    const ticks = Array.from({ length: span + 1 }, (_, i) => high / 10 ** i)
      .filter((_, i) => i % Math.ceil(span / 6) === 0);
    const along = (values) => GRID.map((each, i) => [x(each), y(values[i])]);
    const [cx, cy] = [x(T).toFixed(1), y(now).toFixed(1)];
    return html`
      ${band && html`<path class="kd-band" d=${area(along(band[1]), along(band[0]))} />`}
      <${YAxis} ticks=${ticks} scale=${y} label=${tick} x0=${LEFT} x1=${edge} />
      <${XAxis} ticks=${MARKS} scale=${x} label=${temperature} y0=${y(low)} y1=${y(low)} />
      ${mark && html`<line class="kd-limit" x1=${LEFT} x2=${edge} y1=${y(mark)} y2=${y(mark)} />`}
      <line class="kd-guide" x1=${cx} x2=${edge + 5} y1=${cy} y2=${cy} />
      ${lines.map(({ values, text, beside, shift }, i) => html`
        <path class="kd-curve ${i ? "kd-curve-quiet" : ""}"
          d=${path(along(values).filter((_, g) => values[g] <= high || g === POINTS))} />
        ${text && html`<text class=${i ? "kd-note" : "kd-curve-name"} x=${x(beside) - 8}
          y=${y(at(values, beside)) + shift} text-anchor="end">${text}</text>`}`)}
      <circle class="kd-dot" r="7" cx=${cx} cy=${cy} />
      <text font-weight="700" x=${edge + 10} y=${y(now) + 4.5}>${value(now)}</text>`;
  }
  return html`<${Chart} name=${name} height=${HEIGHT} draw=${draw}
    describe=${() => t`${name}: ${value(now)} at T = ${T}`} />`;
}

// Whole powers of ten that hold all values.
export function decades(values) {
  const logs = values.map(Math.log10);
  return [10 ** Math.floor(Math.min(...logs)), 10 ** Math.ceil(Math.max(...logs))];
}
