// What specialists changed: a verdict in words, and the paper's Table 3 beneath.

import { percent, signed } from "../../page/parts/format.js";
import { html } from "../../page/parts/html.js";
import { pending, useArrival } from "../../page/parts/training.js";

const WORDS = { better: "Better", worse: "Worse", inconclusive: "Inconclusive" };
const COLUMNS = ["Clusters", "Accuracy", "added", "Among their classes", "added"];

export function Verdict({ view }) {
  const { outcome } = view;
  const node = useArrival(view, outcome);
  if (!outcome && !(view.run && view.busy)) return null;
  const said = outcome?.sentences
    ?? [pending("verdict", view, "The verdict will stand here, beside your prediction.")];
  return html`<div ref=${node} class="kd-specialists-verdict">
    <section class="kd-box kd-verdict" aria-label="Verdict" aria-live="polite"
      data-verdict=${outcome?.verdict}>
      <div><p class="kd-word">${WORDS[outcome?.verdict]}</p>
        <p class="kd-caption">${outcome?.about}</p></div>
      <div><div>${said.map((sentence) => html`<p>${sentence}</p>`)}</div>
        <p>${outcome?.beside}</p><p class="kd-caption">${outcome?.next}</p></div>
    </section>
    ${outcome && html`<div class="kd-scroll" tabIndex="0" role="region"
      aria-label="Accuracy with and without specialists"><table>
      <caption><b>With specialists, </b>and what that adds to the generalist in points (95% interval
        over seeds). Among their classes: predictions restricted to them.</caption>
      <thead><tr>${COLUMNS.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${outcome.rows.map((row) => html`<tr><th scope="row">${row.name}</th>
        ${["accuracy", "conditional"].map((measure) => html`
          <td>${row[measure] === null ? "–" : percent(row[measure], 1)}</td>
          <td><${Gain} found=${row[`${measure}_gain`]} verdict=${row[`${measure}_verdict`]} /></td>`)}
      </tr>`)}</tbody></table></div>`}
    <p class="kd-caption">${outcome?.cost}</p>
  </div>`;
}

function Gain({ found, verdict }) {
  if (!found) return "–";
  const [difference, low, high] = found.map((value) => signed(value, 1));
  return html`${difference} <span class="kd-interval">(${low} to ${high})</span>
    ${verdict === "inconclusive" && html`<small> inconclusive</small>`}`;
}
