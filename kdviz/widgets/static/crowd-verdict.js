// What specialists changed: a verdict in words, and the paper's Table 3 beneath.

import { el, say, set } from "./dom.js";
import { percent } from "./format.js";
import { pending } from "./pending.js";

const WORDS = { better: "Better", worse: "Worse", inconclusive: "Inconclusive" };

export function makeVerdict() {
  const [word, about] = [el("p", { class: "kd-word" }), el("p", { class: "kd-caption" })];
  const [text, beside, next] = [el("div", {}), el("p", {}), el("p", { class: "kd-caption" })];
  const box = el("section", { class: "kd-box kd-verdict", "aria-label": "Verdict",
    "aria-live": "polite" }, el("div", {}, word, about), el("div", {}, text, beside, next));
  const body = el("tbody", {});
  const table = el("div", { class: "kd-scroll", tabindex: 0, role: "region",
    "aria-label": "Accuracy with and without specialists" }, el("table", {},
    el("caption", {}, el("b", {}, "With specialists, "), "and what that adds to the generalist in "
      + "points (95% interval over seeds). Among their classes: predictions restricted to them."),
    el("thead", {}, el("tr", {}, ["Clusters", "Accuracy", "added", "Among their classes", "added"]
      .map((name) => el("th", { scope: "col" }, name)))), body));
  const cost = el("p", { class: "kd-caption" });
  const node = el("div", { class: "kd-crowd-verdict" }, box, table, cost);

  function paint(view) {
    const { outcome } = view;
    set(box, { "data-verdict": outcome?.verdict ?? null });
    say(word, outcome ? WORDS[outcome.verdict] : "");
    say(about, outcome?.about ?? "");
    const sentences = outcome?.sentences ?? [pending("verdict", view,
      "The verdict will stand here, beside your prediction.")];
    text.replaceChildren(...sentences.map((sentence) => el("p", {}, sentence)));
    say(beside, outcome?.beside ?? "");
    say(next, outcome?.next ?? "");
    set(table, { hidden: !outcome });
    say(cost, outcome?.cost ?? "");
    body.replaceChildren(...(outcome?.rows ?? []).map((row) => el("tr", {},
      el("th", { scope: "row" }, row.name),
      ["accuracy", "conditional"].flatMap((measure) => [
        el("td", {}, row[measure] === null ? "–" : percent(row[measure], 1)),
        el("td", {}, gain(row[`${measure}_gain`], row[`${measure}_verdict`]))]))));
  }
  return { node, paint };
}

function gain(found, verdict) {
  if (!found) return "–";
  const [difference, low, high] = found.map((value) => {
    const text = Math.abs(value).toFixed(1);
    return `${text === "0.0" ? "" : value < 0 ? "−" : "+"}${text}`;
  });
  return [`${difference} `, el("span", { class: "kd-interval" }, `(${low} to ${high})`),
    verdict === "inconclusive" ? el("small", {}, " inconclusive") : null];
}
