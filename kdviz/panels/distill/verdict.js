// The verdict, beside the prediction; and what each model costs to run.

import { count, memory, milliseconds } from "../../page/parts/format.js";
import { html } from "../../page/parts/html.js";
import { pending } from "../../page/parts/training.js";

const WORDS = { better: "Better", worse: "Worse", inconclusive: "Inconclusive" };
const COSTS = [["parameters", "Parameters", count], ["multiply_adds", "Multiply-adds", count],
  ["bytes", "Memory", memory], ["latency_ms", "Time, one thread", milliseconds]];

export function Verdict({ view }) {
  const { outcome } = view;
  return html`<section class="kd-box kd-verdict" aria-label="Verdict" aria-live="polite"
    data-verdict=${outcome?.verdict}>
    <p class="kd-word">${WORDS[outcome?.verdict]}</p>
    <div>
      <p><${Stressed} text=${outcome?.sentence ?? (view.teaching
        ? "A new teacher is being trained. Verdicts are on students: train them next."
        : pending("verdict", view, "The verdict will stand here, beside your prediction."))} /></p>
      <p><${Stressed} text=${outcome?.beside ?? ""} /></p>
      <p class="kd-caption">${outcome?.next}</p>
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

export function Costs({ view: { outcome } }) {
  const [teacher, student] = outcome?.costs ?? [];
  const times = (key) => (teacher ? `${Number((teacher[key] / student[key]).toPrecision(2))}×` : "–");
  const row = (name, cell) => html`<tr><th scope="row">${name}</th>
    ${COSTS.map(([key, , format]) => html`<td>${cell(key, format)}</td>`)}</tr>`;
  const of = (cost) => (key, format) => (cost ? format(cost[key]) : "–");
  return html`<div class="kd-costs"><table>
    <caption><b>What each costs to run </b>for one image. The time is measured here; the rest is
      counted.</caption>
    <thead><tr><td />${COSTS.map(([, title]) => html`<th scope="col">${title}</th>`)}</tr></thead>
    <tbody>${row(teacher?.name ?? "Teacher", of(teacher))}
      ${row(student?.name ?? "One student", of(student))}${row("Times less", times)}</tbody>
  </table></div>`;
}
