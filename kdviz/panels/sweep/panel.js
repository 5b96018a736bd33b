// The panel Sweep: many students at once answer one question, in a table that fills in live.

import { useRef } from "preact/hooks";
import { Sentence, html, useLab } from "../../page/parts/html.js";
import { pending, reveal, useArrival } from "../../page/parts/training.js";
import { same } from "../../page/state/settings.js";
import { t } from "../../page/words/t.js";
import { Charts } from "./charts.js";
import { findingsOf, numberOf, say } from "./findings.js";
import { HeatMap } from "./map.js";
import { Setup } from "./setup.js";
import { Sketch, besideSketch, curvesOf, drawingOf, isDrawn, keyOf, sketchOf } from "./sketch.js";

export { ask } from "./asked.js";
export { makeSession } from "./session.js";

export function View() {
  const lab = useLab();
  const progress = useRef(null);
  const view = lab.training("sweep");
  if (!view.tables) return null;
  const { question, data } = view.chosen;
  const table = view.tables[data][question];
  const found = findingsOf(table, view.accuracies.map((seeds) => seeds.map(numberOf)));
  const send = (action) => {
    lab.send("sweep", action);
    if (action === "train") reveal(progress.current, "start");
  };
  // The cell that is read, of this table alone.
  const { title, rows, columns } = table;
  const key = keyOf(table);
  const read = lab.keep(key, null);
  const { drawn, put } = drawingOf(lab, table);
  const others = curvesOf(lab, table).value;
  return html`<div class="kd-sweep">
    <${Setup} view=${view} table=${table} found=${found} send=${send} />
    <div class="kd-results">
      <div ref=${progress} class="kd-sweep-progress"><${Progress} view=${view} title=${say(table, title)} ...${found} /></div>
      ${found.known || view.busy ? html`
        <${HeatMap} key=${title + columns} table=${table} cells=${found.cells} read=${read} />
        <${Summary} view=${view} found=${found}
          sketch=${besideSketch(drawn.value, found.cells, table)} />
        <${Charts} table=${table} cells=${found.cells} read=${read} of=${sketchOf(table).row}
          drawn=${isDrawn(drawn.value) ? drawn.value : null} others=${others} />`
        : html`<p class="kd-sentence">${t`Say what you expect, then run it. A table of ${rows.length} by ${
          columns.length} cells fills in here, while ${found.students} students train.`}</p>
          <${Sketch} key=${key} table=${table} drawn=${drawn} put=${put}
            others=${others} />`}
    </div>
  </div>`;
}

function Progress({ view: { progress, busy }, title, known, students }) {
  const running = busy && progress;
  return html`<div class="kd-head"><h2>${title}</h2><p class="kd-caption">
      ${running ? t`${progress.done} of ${progress.total} students, ${remaining(progress.seconds_left)}`
        : t`${known} of ${students} students`}</p></div>
    <progress aria-label=${t`Sweep progress`} max="1"
      value=${running ? progress.share : known / students} />`;
}

function remaining(seconds) {
  return seconds < 90 ? t`about ${Math.ceil(seconds)} s left`
    : t`about ${Math.round(seconds / 60)} minutes left`;
}

// What came of it, beside the prediction, and what choosing the best of many does to it.
function Summary({ view, found, sketch }) {
  const training = view.state === "training" || view.state === "stopping";
  const quiet = !training || !same(view.run, view.chosen);
  const { summary, best, warning } = quiet ? found : { summary: [] };
  const node = useArrival(view, summary.length > 0);
  return html`<section ref=${node} class="kd-box kd-sweep-summary ${summary.length ? "" : "kd-waiting"}"
    aria-label=${t`Summary`} aria-live="polite">
    <p class="kd-sentence">${summary.length ? html`<${Sentence} parts=${summary} />`
      : pending("summary", view, t`What came of it will stand here, beside your prediction.`)}</p>
    <p>${quiet && [view.foretold || !sketch ? found.beside(view.foretold) : "", sketch].join(" ")}</p>
    <p>${best}</p><p class="kd-caption">${warning}</p>
  </section>`;
}
