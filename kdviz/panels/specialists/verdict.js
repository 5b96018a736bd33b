// What specialists changed: a verdict in words, and the paper's Table 3 beneath.

import { percent, signed } from "../../page/parts/format.js";
import { html } from "../../page/parts/html.js";
import { pending, useArrival } from "../../page/parts/training.js";
import { key, t } from "../../page/words/t.js";
import { about, besidePrediction, costOf, judged, nameRow, nextStep, sentencesOf } from "./words.js";

const WORDS = { better: key`Better`, worse: key`Worse`, inconclusive: key`Inconclusive` };
const COLUMNS = [key`Clusters`, key`Accuracy`, key`added`, key`Among their classes`, key`added`];

export function Verdict({ view }) {
  const { outcome } = view;
  const node = useArrival(view, outcome);
  if (!outcome && !(view.run && view.busy)) return null;
  const verdict = outcome && judged(outcome).verdict;
  const said = outcome ? sentencesOf(outcome)
    : [pending("verdict", view, t`The verdict will stand here, beside your prediction.`)];
  return html`<div ref=${node} class="kd-specialists-verdict">
    <section class="kd-box kd-verdict" aria-label=${t`Verdict`} aria-live="polite"
      data-verdict=${verdict}>
      <div><p class="kd-word">${outcome && t(WORDS[verdict])}</p>
        <p class="kd-caption">${outcome && about(outcome)}</p></div>
      <div><div>${said.map((sentence) => html`<p>${sentence}</p>`)}</div>
        <p>${outcome && besidePrediction(outcome)}</p>
        <p class="kd-caption">${outcome && nextStep(outcome)}</p></div>
    </section>
    ${outcome && html`<div class="kd-scroll" tabIndex="0" role="region"
      aria-label=${t`Accuracy with and without specialists`}><table>
      <caption>${t`${html`<b>${t`With specialists,`}</b>`} and what that adds to the generalist in points (95% interval over seeds).`}${" "}
        ${t`Among their classes: predictions restricted to them.`}</caption>
      <thead><tr>${COLUMNS.map((name) => html`<th scope="col">${t(name)}</th>`)}</tr></thead>
      <tbody>${outcome.rows.map((row) => html`<tr><th scope="row">${nameRow(row)}</th>
        ${["accuracy", "conditional"].map((measure) => html`
          <td>${row[measure] === null ? "–" : percent(row[measure], 1)}</td>
          <td><${Gain} found=${row[`${measure}_gain`]} verdict=${row[`${measure}_verdict`]} /></td>`)}
      </tr>`)}</tbody></table></div>`}
    <p class="kd-caption">${outcome && costOf(outcome)}</p>
  </div>`;
}

function Gain({ found, verdict }) {
  if (!found) return "–";
  const [difference, low, high] = found.map((value) => signed(value, 1));
  return html`${difference} <span class="kd-interval">${t`(${low} to ${high})`}</span>
    ${verdict === "inconclusive" && html`<small> ${t`inconclusive`}</small>`}`;
}
