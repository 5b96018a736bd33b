// The tray: every verdict of this page as a row, its curves on demand behind the present ones.

import { useEffect } from "preact/hooks";
import { inPoints } from "../../page/maths/compare.js";
import { download } from "../../page/parts/download.js";
import { temperature } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { same } from "../../page/state/settings.js";
import { key, t } from "../../page/words/t.js";
import { SCENARIOS } from "./words.js";

const COLUMNS = ["scenario", "missing", "hidden_units", "seeds", "temperature", "soft_weight",
  "prediction", "found", "gain", "low", "high", "verdict"];
const VERDICTS = { better: key`better`, worse: key`worse`, inconclusive: key`inconclusive` };

// A signal: { runs: [{ run, outcome, curves }], behind: the number of one of them, or -1 }.
export const trayOf = (lab) => lab.keep("distill tray", { runs: [], behind: -1 });

// view: of Distill. curves: as bytes or numbers, of the run in view.
export function Tray({ view, curves }) {
  const lab = useLab();
  const tray = trayOf(lab);
  const { runs, behind } = tray.value;
  const { run, outcome } = view;
  useEffect(() => {
    // The kernel may tell of the same outcome again.
    const known = (each) => each.outcome === outcome || same(each.outcome, outcome);
    if (!outcome || runs.some(known)) return;
    tray.value = { ...tray.peek(), runs: [...tray.peek().runs, { run, outcome, curves }] };
  }, [outcome]);
  if (!runs.length) return null;
  const names = lab.kernel("classes");
  const show = (i) => { tray.value = { runs, behind: i === behind ? -1 : i }; };
  return html`<section class="kd-tray" aria-label=${t`Runs so far`}><div class="kd-head">
      <h2>${t`Runs so far`} <small>${
        t`Press one to see its curves, dashed, behind the present ones.`}</small></h2>
      <button type="button" class="kd-tool" onClick=${() => download(new Blob([csvOf(runs, names)],
        { type: "text/csv" }), "kdviz-runs.csv")}>${t`Save as CSV`}</button></div>
    <div class="kd-scroll" tabIndex="0" role="region" aria-label=${t`Table of runs`}><table>
      <thead><tr>${[t`Run`, "T", t`Units`, t`Seeds`, t`Predicted`, t`It was`, t`Gain, points`].map((name) =>
        html`<th scope="col">${name}</th>`)}<td /></tr></thead>
      <tbody>${runs.map(({ run: each, outcome: found }, i) => html`<tr key=${i}>
        <th scope="row">${title(each, names)}</th><td>${temperature(each.temperature)}</td>
        <td>${each.width}</td><td>${each.seeds}</td><td>${each.prediction ?? "–"}</td>
        <td>${wasOf(each, found)}</td><td>${gainOf(found)}</td>
        <td><button type="button" class="kd-tool" aria-pressed=${String(i === behind)}
          aria-label=${t`Curves of run ${i + 1}`} disabled=${same(found, outcome)}
          onClick=${() => show(i)}>${same(found, outcome) ? t`shown` : t`Curves`}</button></td></tr>`)}
      </tbody></table></div></section>`;
}

function title({ scenario, omitted }, names) {
  return scenario === "unseen" ? t`Without a single ${names[omitted]}` : t(SCENARIOS[scenario]);
}

function wasOf({ scenario }, { found, comparison }) {
  if (!Number.isFinite(found)) return "–";
  return scenario === "unseen" ? `${found.toFixed(0)}%` : inPoints(found / 100, comparison);
}

function gainOf({ comparison }) {
  const { pairs, low, high, verdict, difference } = comparison;
  if (!pairs) return "–";
  const points = (value) => inPoints(value, comparison);
  const [gain, judged] = [points(difference), t(VERDICTS[verdict])];
  return pairs > 1 ? t`${gain} (${points(low)} to ${points(high)}), ${judged}` : `${gain}, ${judged}`;
}

function csvOf(runs, names) {
  const cell = (value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const rows = runs.map(({ run, outcome: { found, comparison } }) => [run.scenario,
    run.scenario === "unseen" ? names[run.omitted] : "", run.width, run.seeds, run.temperature,
    run.soft_weight, run.prediction ?? "", found ?? "", comparison.difference ?? "",
    comparison.low ?? "", comparison.high ?? "", comparison.verdict]);
  return [COLUMNS, ...rows].map((row) => row.map((value) => cell(String(value))).join(","))
    .join("\n") + "\n";
}
