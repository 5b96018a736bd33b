// The panel Sweep: many students at once answer one question, in a table that fills in live.

import { el, say, sentence } from "./dom.js";
import { makeLive, reveal, unmount } from "./live.js";
import { listen, perFrame } from "./model.js";
import { pending } from "./pending.js";
import { makeReplay } from "./replay.js";
import { makeCharts } from "./sweep-charts.js";
import { makeMap } from "./sweep-map.js";
import { makeSetup } from "./sweep-setup.js";

const TRAITS = ["sweep", "sweep_table", "panel", "live"];

export function mountSweep(model, root) {
  function paint() {
    const table = model.get("sweep_table");
    if (root.hidden || !table?.cells) return;
    const view = { ...live.view(), table, recorded: Boolean(model.get("recordings")?.sweep) };
    parts.forEach((part) => part.paint(view));
  }
  const request = perFrame(paint);
  const live = makeLive(model, "sweep", request);
  const charts = makeCharts();
  const progress = makeProgress();
  const setup = makeSetup(model, (action) => {
    live.send(action);
    if (action === "train") reveal(progress.node, "start");
  });
  const replay = makeReplay(model, "sweep");
  const parts = [setup, replay, progress, makeMap(charts.mark), makeSummary(), charts];
  root.replaceChildren(el("div", { class: "kd-sweep" },
    setup.node, el("div", { class: "kd-results" }, parts.slice(1).map((part) => part.node))));
  const stops = [live.stop, listen(model, TRAITS, request), request.cancel];
  paint();
  return () => unmount(root, parts, stops);
}

function makeProgress() {
  const bar = el("progress", { "aria-label": "Sweep progress", max: 1, value: 0 });
  const title = el("h2", {});
  const left = el("p", { class: "kd-caption" });
  const node = el("div", { class: "kd-sweep-progress" },
    el("div", { class: "kd-head" }, title, left), bar);

  function paint({ table, known, students, progress, busy }) {
    bar.value = busy && progress ? progress.share : known / students;
    say(title, table.title);
    say(left, busy && progress
      ? `${progress.done} of ${progress.total} students, ${remaining(progress.seconds_left)}`
      : `${known} of ${students} students`);
  }
  return { node, paint };
}

function remaining(seconds) {
  return seconds < 90 ? `about ${Math.ceil(seconds)} s left`
    : `about ${Math.round(seconds / 60)} minutes left`;
}

// What came of it, beside the prediction, and what choosing the best of many does to it.
function makeSummary() {
  const counts = el("p", { class: "kd-sentence" });
  const [beside, best] = [el("p", {}), el("p", {})];
  const warning = el("p", { class: "kd-caption" });
  const node = el("section", { class: "kd-box kd-sweep-summary", "aria-label": "Summary",
    "aria-live": "polite" }, counts, beside, best, warning);
  let shown = "";

  function paint(view) {
    const parts = view.summary.length ? view.summary
      : [pending("summary", view, "What came of it will stand here, beside your prediction.")];
    if (JSON.stringify(parts) !== shown) sentence(counts, parts);
    shown = JSON.stringify(parts);
    node.classList.toggle("kd-waiting", !view.summary.length);
    say(beside, view.beside);
    say(best, view.best);
    say(warning, view.warning);
  }
  return { node, paint };
}
