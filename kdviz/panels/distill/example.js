// One image of a mini-batch: the teacher's soft targets, the student before and after the step, and
// what pulled on its logits.

import { Arrows, PULL_ROW as ROW, few, gutterOf, listed, round, shortened, signedPull }
  from "../../page/parts/arrows.js";
import { Chart, XAxis, linear, roundTicks } from "../../page/parts/chart.js";
import { percent, temperature } from "../../page/parts/format.js";
import { html } from "../../page/parts/html.js";
import { Picture } from "../../page/parts/picture.js";
import { lookAt } from "../../page/state/testset.js";
import { key, t } from "../../page/words/t.js";
import { exampleIn } from "./step-words.js";

const VALUES = 50;

export function Example({ set, batch, example, side }) {
  const view = lookAt(set, example.row);
  const { T, weight } = batch;
  return html`<div class="kd-example">
    <div class="kd-example-head"><${Picture} testset=${set} index=${example.row} />
      <p>${exampleIn(example, batch, side, view.name)}</p></div>
    <div class="kd-columns">
      <h2>${t`Shares`} <small>${weight > 0 && html`<span class="kd-teacher">${t`teacher`}</span>, `}<span
        class="kd-student">${side ? t`baseline` : t`student`}</span> ○ → ●</small></h2>
      <h2>${t`Pull`} <small><span class="kd-teacher">${t`soft`}</span> + <span
        class="kd-hard">${t`hard`}</span> = <span class="kd-student">${t`sum`}</span></small></h2></div>
    <${Rows} view=${view} batch=${batch} example=${example} />
    <p class="kd-caption">${t`Shares are at T = ${temperature(T)}: ○ before the step, ● after it.`}${" "}
      ${t`Pull: minus the gradient of this image's own loss.`}</p>
    <details><summary class="kd-caption">${t`The same as numbers`}</summary>
      <${Numbers} view=${view} weight=${weight} example=${example} /></details>
  </div>`;
}

// A row a class, as in the panel Loss.
function Rows({ view, batch: { limits }, example: { softTargets, shares: [before, after], terms } }) {
  const gutter = gutterOf(view.testset.classes);
  const rows = Math.min(view.testset.width, view.shown.length + 1);
  const foot = rows * ROW;
  const [soft, hard] = [terms.softPull, terms.hardPull].map((pulls) => listed(pulls, view.shown, rows));

  function draw(width) {
    const half = (width - gutter - VALUES) / 2 - 16;
    const share = linear([0, limits.share], [gutter + 8, gutter + half - 8]);
    const pull = linear([-limits.pull, limits.pull], [width - VALUES - half + 8, width - VALUES]);
    const row = (_, i) => {
      const [c, y] = [view.shown[i], i * ROW];
      const middle = y + ROW / 2;
      const text = { y: middle + 4.5, "text-anchor": "end" };
      return html`<g>
        <text ...${text} x=${gutter - 8} font-weight=${c === view.subject ? 700 : 400}>
          ${c === undefined ? t`rest` : shortened(view.name(c))}</text>
        ${c !== undefined && html`${softTargets && html`<rect class="kd-share-teacher"
            x=${share(0)} y=${y + 5} width=${share(softTargets[c]) - share(0)} height="8" />`}
          <line class="kd-share-moved" x1=${share(before[c])} x2=${share(after[c])} y1=${y + 21}
            y2=${y + 21} />
          <circle class="kd-pull-student" cx=${share(before[c])} cy=${y + 21} r="4" />
          <circle class="kd-share-after" cx=${share(after[c])} cy=${y + 21} r="4" />`}
        <${Arrows} x=${pull} y=${y} soft=${soft[i]} hard=${hard[i]} />
        <text ...${text} x=${width}>${signedPull(soft[i] + hard[i])}</text></g>`;
    };
    return html`
      <${XAxis} ticks=${few(roundTicks(0, limits.share, 4), half)} scale=${share} y0="0" y1=${foot}
        label=${(value) => percent(value)} />
      <${XAxis} ticks=${few(roundTicks(-limits.pull, limits.pull, 4), half)} scale=${pull} y0="0"
        y1=${foot} label=${round} />
      ${[share, pull].map((x) => html`<line class="kd-zero" x1=${x(0)} x2=${x(0)} y1="0"
        y2=${foot} />`)}
      ${soft.map(row)}`;
  }
  return html`<${Chart} name=${t`Soft targets, shares and pulls`} height=${foot + 26} draw=${draw} />`;
}

function Numbers({ view, weight, example: { label, softTargets, shares, terms } }) {
  const columns = [[key`soft target`, softTargets], [key`before`, shares[0]], [key`after`, shares[1]]];
  const labelled = weight < 1 && label >= 0;
  const pulls = [[key`soft pull`, weight > 0 && terms.softPull],
    [key`hard pull`, labelled && terms.hardPull], [key`sum`, terms.pull]];
  return html`<table>
    <thead><tr><td />${[...columns, ...pulls].map(([name]) => html`<th scope="col">${t(name)}</th>`)}
    </tr></thead>
    <tbody>${view.shown.map((c) => html`<tr><th scope="row">${view.name(c)}</th>
      ${columns.map(([, values]) => html`<td>${values ? percent(values[c], 1) : "–"}</td>`)}
      ${pulls.map(([, values]) => html`<td>${values ? signedPull(values[c]) : "–"}</td>`)}</tr>`)}</tbody>
  </table>`;
}
