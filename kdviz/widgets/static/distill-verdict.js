// The verdict, beside the prediction; and what each model costs to run.

import { el, say, set } from "./dom.js";
import { count } from "./format.js";
import { pending } from "./pending.js";

const WORDS = { better: "Better", worse: "Worse", inconclusive: "Inconclusive" };

export function makeVerdict() {
  const word = el("p", { class: "kd-word" });
  const [sentence, beside, next] = [el("p", {}), el("p", {}), el("p", { class: "kd-caption" })];
  const node = el("section", { class: "kd-box kd-verdict", "aria-label": "Verdict",
    "aria-live": "polite" }, word, el("div", {}, sentence, beside, next));

  function paint(view) {
    const { outcome } = view;
    set(node, { "data-verdict": outcome?.verdict ?? null });
    say(word, outcome ? WORDS[outcome.verdict] : "");
    stress(sentence, outcome?.sentence ?? (view.teaching
      ? "A new teacher is being trained. Verdicts are on students: train them next."
      : pending("verdict", view, "The verdict will stand here, beside your prediction.")));
    stress(beside, outcome?.beside ?? "");
    say(next, outcome?.next ?? "");
  }
  return { node, paint };
}

// Writes text with what was found in bold: "by 6.8 points", "it was 60%".
function stress(node, text) {
  if (node.textContent === text) return;
  const found = /(?<=\bby |: )−?[\d.]+ points|(?<=it was ).+(?=\.$)/.exec(text)?.[0];
  const [before, ...after] = found ? text.split(found) : [text];
  node.replaceChildren(before, ...(found ? [el("b", {}, found), after.join(found)] : []));
}

const COLUMNS = [
  ["Parameters", (cost) => count(cost.parameters)],
  ["Multiply-adds", (cost) => count(cost.multiply_adds)],
  ["Memory", (cost) => memory(cost.bytes)],
  ["Time, one thread", (cost) => time(cost.latency_ms)],
];

export function makeCosts() {
  const rows = ["Teacher", "One student", "Times less"].map((name) => ({
    name: el("th", { scope: "row" }, name), cells: COLUMNS.map(() => el("td", {})) }));
  const node = el("div", { class: "kd-costs" }, el("table", {},
    el("caption", {}, el("b", {}, "What each costs to run "), "for one image. ",
      "The time is measured here; the rest is counted."),
    el("thead", {}, el("tr", {}, el("td", {}), COLUMNS.map(([title]) =>
      el("th", { scope: "col" }, title)))),
    el("tbody", {}, rows.map(({ name, cells }) => el("tr", {}, name, cells)))));

  function paint({ outcome }) {
    const costs = outcome?.costs;
    rows.forEach(({ name, cells }, i) => {
      if (costs?.[i]) say(name, costs[i].name);
      cells.forEach((cell, c) => {
        const text = costs?.[i] && COLUMNS[c][1](costs[i]);
        say(cell, text ?? (costs ? ratio(costs, c) : "–"));
      });
    });
  }
  return { node, paint };
}

function ratio([teacher, student], column) {
  const key = ["parameters", "multiply_adds", "bytes", "latency_ms"][column];
  return `${Number((teacher[key] / student[key]).toPrecision(2))}×`;
}

function memory(bytes) {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function time(ms) {
  return ms < 1 ? `${(ms * 1000).toFixed(0)} µs` : `${ms.toFixed(1)} ms`;
}
