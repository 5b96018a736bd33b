// The panel Sweep: many students at once answer one question, in a table that fills in live.

import { useRef } from "preact/hooks";
import { Sentence, html, useLab } from "../../page/parts/html.js";
import { Replay } from "../../page/parts/replay.js";
import { pending, reveal } from "../../page/parts/training.js";
import { Charts } from "./charts.js";
import { HeatMap } from "./map.js";
import { Setup } from "./setup.js";

export function View() {
  const lab = useLab();
  const progress = useRef(null);
  const view = lab.training("sweep");
  if (!view.table) return null;
  const send = (action) => {
    lab.send("sweep", action);
    if (action === "train") reveal(progress.current, "start");
  };
  // The cell that is read, of this table alone.
  const { title, rows, columns } = view.table;
  const read = lab.keep(`sweep ${title} ${rows} ${columns}`, null);
  return html`<div class="kd-sweep">
    <${Setup} view=${view} send=${send} />
    <div class="kd-results">
      <${Replay} panel="sweep" />
      <div ref=${progress} class="kd-sweep-progress"><${Progress} ...${view} /></div>
      <${HeatMap} key=${title + columns} table=${view.table} read=${read} />
      <${Summary} view=${view} />
      <${Charts} table=${view.table} read=${read} />
    </div>
  </div>`;
}

function Progress({ table, known, students, progress, busy }) {
  const running = busy && progress;
  return html`<div class="kd-head"><h2>${table.title}</h2><p class="kd-caption">
      ${running ? `${progress.done} of ${progress.total} students, ${remaining(progress.seconds_left)}`
        : `${known} of ${students} students`}</p></div>
    <progress aria-label="Sweep progress" max="1"
      value=${running ? progress.share : known / students} />`;
}

function remaining(seconds) {
  return seconds < 90 ? `about ${Math.ceil(seconds)} s left`
    : `about ${Math.round(seconds / 60)} minutes left`;
}

// What came of it, beside the prediction, and what choosing the best of many does to it.
function Summary({ view }) {
  const { summary, beside, best, warning } = view;
  return html`<section class="kd-box kd-sweep-summary ${summary.length ? "" : "kd-waiting"}"
    aria-label="Summary" aria-live="polite">
    <p class="kd-sentence">${summary.length ? html`<${Sentence} parts=${summary} />`
      : pending("summary", view, "What came of it will stand here, beside your prediction.")}</p>
    <p>${beside}</p><p>${best}</p><p class="kd-caption">${warning}</p>
  </section>`;
}
