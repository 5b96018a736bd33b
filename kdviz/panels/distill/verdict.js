// The verdict, beside the prediction; and what each model costs to run.

import { count, memory, milliseconds } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { Term } from "../../page/parts/term.js";
import { pending } from "../../page/parts/training.js";
import { besidePrediction, nextStep, sentenceOf } from "./words.js";

const WORDS = { better: "Better", worse: "Worse", inconclusive: "Inconclusive" };
const COSTS = [["parameters", "Parameters", count], ["multiply_adds", "Multiply-adds", count],
  ["bytes", "Memory", memory], ["latency_ms", "Time, one thread", milliseconds]];

// There from the start of a run, so that nothing moves when the verdict comes.
export function Verdict({ view }) {
  const { run, outcome } = view;
  const name = useLab().kernel("classes")[run?.omitted];
  if (!outcome && !view.busy) return null;
  const verdict = outcome?.comparison.verdict;
  return html`<section class="kd-box kd-verdict" aria-label="Verdict" aria-live="polite"
    data-verdict=${verdict}>
    <p class="kd-word">${WORDS[verdict]}</p>
    <div>
      <p><${Stressed} text=${outcome ? sentenceOf(outcome) : view.teaching
        ? "A new teacher is being trained. Verdicts are on students: train them next."
        : pending("verdict", view)} /></p>
      <p><${Stressed} text=${outcome ? besidePrediction(run, outcome, name) : ""} /></p>
      <p class="kd-caption">${outcome && nextStep(run, outcome, name)}</p>
      ${outcome && html`<p class="kd-caption">A student and its <${Term} name="baseline" /> share
        a${" "}<${Term} name="seed" />; the <${Term} name="interval" /> is over seeds.</p>`}
    </div>
  </section>`;
}

// What was found in bold: "by 6.8 points", "it was 60%".
function Stressed({ text }) {
  const found = /(?<=\bby |: )−?[\d.]+ points|(?<=it was ).+(?=\.$)/.exec(text)?.[0];
  if (!found) return text;
  const at = text.indexOf(found);
  return html`${text.slice(0, at)}<b>${found}</b>${text.slice(at + found.length)}`;
}

export function Costs({ view }) {
  const { members } = useLab().kernel("teacher");
  if (!view.outcome) return null;
  const [teacher, student] = view.outcome.costs;
  const times = (key) => (teacher ? `${Number((teacher[key] / student[key]).toPrecision(2))}×` : "–");
  const row = (name, cell) => html`<tr><th scope="row">${name}</th>
    ${COSTS.map(([key, , format]) => html`<td>${cell(key, format)}</td>`)}</tr>`;
  const of = (cost) => (key, format) => (cost ? format(cost[key]) : "–");
  return html`<div class="kd-costs"><table>
    <caption><b>What each costs to run </b>for one image. The time is measured here; the rest is
      counted.</caption>
    <thead><tr><td />${COSTS.map(([, title]) => html`<th scope="col">${title}</th>`)}</tr></thead>
    <tbody>${row(members > 1 ? `Teacher, ${members} networks` : "Teacher", of(teacher))}
      ${row("One student", of(student))}${row("Times less", times)}</tbody>
  </table></div>`;
}
