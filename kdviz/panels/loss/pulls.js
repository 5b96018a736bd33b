// A row a class: the student's logit as a slider, the teacher's as a tick, and how the two
// terms pull on it, as arrows laid tip to tail with their sum beneath.

import { Arrows, PULL_ROW as ROW, few, gutterOf, listed, round, shortened, signedPull as signed }
  from "../../page/parts/arrows.js";
import { Chart, XAxis, linear, roundTicks } from "../../page/parts/chart.js";
import { held } from "../../page/parts/controls.js";
import { html, useLab } from "../../page/parts/html.js";
import { t } from "../../page/words/t.js";

const MOST_ROWS = 20;
const VALUES = 50;

// move(c, value) puts the student's logit of class c elsewhere.
export function Pulls({ scene: { view, z, v, limits: { span, reach } }, terms, move }) {
  const { classes } = useLab().testset.value;
  const setting = useLab().setting("loss", "moved");
  const rows = Math.min(classes.length, MOST_ROWS);
  const foot = rows * ROW;
  const gutter = gutterOf(classes);
  const [soft, hard, limit] = [terms.softPull, terms.hardPull, terms.limitPull].map((values) =>
    listed(values, view.shown, rows));

  function draw(width) {
    const half = (width - gutter - VALUES) / 2 - 16;
    const logit = linear([-span, span], [gutter + 8, gutter + half]);
    const pull = linear([-reach, reach], [width - VALUES - half + 8, width - VALUES]);
    const row = (_, i) => {
      const c = view.shown[i];
      const name = c === undefined ? t`rest` : view.name(c);
      const y = i * ROW;
      const text = { y: y + ROW / 2 + 4.5, "text-anchor": "end" };
      // The circle lies beneath the slider's handle, which no saved chart has.
      return html`<g>
        <text ...${text} x=${gutter - 8} font-weight=${c === view.subject ? 700 : 400}>
          ${shortened(name)}</text>
        ${c !== undefined && html`
          <rect class="kd-pull-teacher" x=${logit(v[c]) - 1.5} y=${y + 5} width="3"
            height=${ROW - 10} />
          <circle class="kd-pull-student" cx=${logit(z[c])} cy=${y + ROW / 2} r="6" />`}
        <${Arrows} x=${pull} y=${y} soft=${soft[i]} hard=${hard[i]} />
        ${Math.abs(limit[i]) <= reach && html`<rect class="kd-pull-limit" x=${pull(limit[i]) - 1}
          y=${y + 2} width="2" height="12" />`}
        <text ...${text} x=${width}>${signed(soft[i] + hard[i])}</text></g>`;
    };
    return html`
      <${XAxis} ticks=${roundTicks(-span, span, 4)} scale=${logit} label=${round} y0="0"
        y1=${foot} />
      <${XAxis} ticks=${few(roundTicks(-reach, reach, 4), half)} scale=${pull} label=${round} y0="0"
        y1=${foot} />
      ${[logit, pull].map((x) => html`<line class="kd-zero" x1=${x(0)} x2=${x(0)} y1="0"
        y2=${foot} />`)}
      ${soft.map(row)}`;
  }

  function describe() {
    const order = [...view.shown].sort((a, b) => terms.pull[b] - terms.pull[a]);
    const said = (c) => `${view.name(c)} ${signed(terms.pull[c])}`;
    return t`Pull on each logit. Most up: ${said(order[0])}. Most down: ${said(order.at(-1))}`;
  }

  // A slider lies over its row's half of the chart, and its handle reaches 9 px beyond its ends.
  const across = `left: ${gutter - 1}px; width: calc((100% - ${gutter + VALUES}px) / 2 - 6px)`;
  const slider = (c, i) => html`<input key=${c} type="range" class="kd-range kd-pull-slider"
    style="top: ${i * ROW}px; ${across}"
    min=${-span} max=${span} step=${span > 50 ? span / 200 : 0.1} value=${z[c]} ...${held(setting)}
    aria-label=${t`Student's logit of ${view.name(c)}`} aria-valuetext=${t`${signed(z[c])}, teacher ${
      signed(v[c])}, pull ${signed(terms.pull[c])} nats per unit`}
    onInput=${(event) => move(c, event.target.valueAsNumber)} />`;
  return html`<div class="kd-pulls-plot">
    <${Chart} name=${t`Pull on each logit`} height=${foot + 26} draw=${draw} describe=${describe} />
    ${!setting.hidden && view.shown.map(slider)}
  </div>`;
}
