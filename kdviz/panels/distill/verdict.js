// The verdict, beside the prediction; and what each model costs to run.

import { count, memory, milliseconds } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { Term } from "../../page/parts/term.js";
import { pending } from "../../page/parts/training.js";
import { key, t } from "../../page/words/t.js";
import { besidePrediction, nextStep, sentenceOf } from "./words.js";

const WORDS = { better: key`Better`, worse: key`Worse`, inconclusive: key`Inconclusive` };
const COSTS = [["parameters", key`Parameters`, count], ["multiply_adds", key`Multiply-adds`, count],
  ["bytes", key`Memory`, memory], ["latency_ms", key`Time, one thread`, milliseconds]];
const bold = (found) => html`<b>${found}</b>`;

// There from the start of a run, so that nothing moves when the verdict comes.
export function Verdict({ view }) {
  const { run, outcome } = view;
  const name = useLab().kernel("classes")[run?.omitted];
  if (!outcome && !view.busy) return null;
  const verdict = outcome?.comparison.verdict;
  return html`<section class="kd-box kd-verdict" aria-label=${t`Verdict`} aria-live="polite"
    data-verdict=${verdict}>
    <p class="kd-word">${verdict && t(WORDS[verdict])}</p>
    <div>
      <p>${outcome ? sentenceOf(outcome, bold) : view.teaching
        ? t`A new teacher is being trained. Verdicts are on students: train them next.`
        : pending("verdict", view)}</p>
      <p>${outcome && besidePrediction(run, outcome, name, bold)}</p>
      <p class="kd-caption">${outcome && nextStep(run, outcome, name)}</p>
      ${outcome && html`<p class="kd-caption">${t`A student and its ${
        html`<${Term} name="baseline" />`} share a ${html`<${Term} name="seed" />`}; the ${
        html`<${Term} name="interval" />`} is over seeds.`}</p>`}
    </div>
  </section>`;
}

export function Costs({ view }) {
  const { members } = useLab().kernel("teacher");
  if (!view.outcome) return null;
  const [teacher, student] = view.outcome.costs;
  const times = (what) => (teacher ? `${Number((teacher[what] / student[what]).toPrecision(2))}×` : "–");
  const row = (name, cell) => html`<tr><th scope="row">${name}</th>
    ${COSTS.map(([what, , format]) => html`<td>${cell(what, format)}</td>`)}</tr>`;
  const of = (cost) => (what, format) => (cost ? format(cost[what]) : "–");
  return html`<div class="kd-costs"><table>
    <caption><b>${t`What each costs to run`} </b>${
      t`for one image. The time is measured here; the rest is counted.`}</caption>
    <thead><tr><td />${COSTS.map(([, title]) => html`<th scope="col">${t(title)}</th>`)}</tr></thead>
    <tbody>${row(members > 1 ? t`Teacher, ${members} networks` : t`Teacher`, of(teacher))}
      ${row(t`One student`, of(student))}${row(t`Times less`, times)}</tbody>
  </table></div>`;
}
