// How far a learner has come in a lesson: every exercise above, and what became of it. Exercises
// tell by events of the page, each of them a widget of its own; so no Python need run.

import { render } from "preact";
import { download } from "../page/parts/download.js";
import { html } from "../page/parts/html.js";
import { direction, key, speak, t, tag } from "../page/words/t.js";

const TOLD = "kdviz-exercise";
const ASKED = "kdviz-exercises";
const MARKS = { open: "○", recorded: "✓", right: "✓", wrong: "✗", shown: "–" };
const STATES = { open: key`open`, recorded: key`recorded`, right: key`right`, wrong: key`not right`,
  shown: key`answer shown` };

// Where an exercise stands: as report.py has it.
function stateOf({ kind, response, revealed, right, findings }) {
  if (kind === "check") return findings.every(({ holds }) => holds) ? "right" : "wrong";
  if (kind === "prediction") return response === "" ? "open" : "recorded";
  if (revealed) return "shown";
  return right === null ? "open" : right ? "right" : "wrong";
}

// Tells of an exercise, drawn at a node, now and whenever it is asked for; returns what tells again,
// with a stop.
export function announce(node, exercise) {
  const tell = () => {
    const { kind, question, response, ...rest } = exercise();
    const state = stateOf({ kind, response, ...rest });
    document.dispatchEvent(new CustomEvent(TOLD, { detail: { kind, question, response, state, node } }));
  };
  document.addEventListener(ASKED, tell);
  tell();
  return Object.assign(tell, { stop: () => document.removeEventListener(ASKED, tell) });
}

export function renderProgress({ model, el: host }) {
  let rows = model.get("rows");
  const nodes = new Map(); // of exercises that are on the page, by question
  function paint() {
    speak(model.get("language"));
    const done = rows.filter(({ state }) => state !== "open").length;
    render(html`<div class="kdviz kd-exercise" lang=${tag()} dir=${direction()}>
      <section class="kd-box" aria-label=${t`Your progress`}>
      <h2>${t`Your progress`}</h2>
      <p role="status" class="kd-sentence">${t`${done} of ${rows.length} done`}</p>
      <ul class="kd-findings kd-progress">${rows.map(({ question, state }) => html`<li key=${question}>
        <strong class=${{ right: "kd-good", recorded: "kd-good", wrong: "kd-again" }[state]}>${
          MARKS[state]} ${t(STATES[state])}</strong> ${nodes.has(question)
          ? html`<button type="button" class="kd-link" onClick=${() => show(nodes.get(question))}>${
            question}</button>` : question}</li>`)}</ul>
      <button type="button" class="kd-button" onClick=${save}>${t`Save to hand in`}</button>
    </section></div>`, host);
  }
  const save = () => download(new Blob([JSON.stringify(rows, null, 1)], { type: "application/json" }),
    "kdviz-progress.json");
  function hear({ detail: { node, ...row } }) {
    nodes.set(row.question, node);
    rows = rows.map((each) => (each.kind === row.kind && each.question === row.question ? row : each));
    paint();
  }
  document.addEventListener(TOLD, hear);
  model.on("change:language", paint);
  paint();
  document.dispatchEvent(new CustomEvent(ASKED));
  return () => {
    document.removeEventListener(TOLD, hear);
    model.off("change:language", paint);
    render(null, host);
  };
}

function show(node) {
  node.scrollIntoView({ block: "center" });
  node.querySelector("input, button")?.focus({ preventScroll: true });
}

export default { render: renderProgress };
