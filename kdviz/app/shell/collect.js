// Predictions of a class: on a learner's page the code of a prediction, on the teacher's all of
// them as a dot plot. No server is needed: people read codes aloud, or paste them. On a hub they may
// come by a folder that the class shares.

import { useEffect, useState } from "preact/hooks";
import { Dialog, copy } from "../../page/parts/dialog.js";
import { download } from "../../page/parts/download.js";
import { html, useLab } from "../../page/parts/html.js";
import { TAB, recall, remember } from "../../page/state/storage.js";
import { addCodes, columnsOf, holds, newLearner, writeCode } from "./codes.js";
import { t } from "../../page/words/t.js";

const GATHER_EVERY_MS = 2000;

// Somebody's number, kept in this tab so that a page that is loaded anew is no second learner.
function learner() {
  const known = recall("learner", TAB);
  if (known === null) remember("learner", String(newLearner()), TAB);
  return Number(recall("learner", TAB));
}

// There from the start, so that nothing moves when the code comes.
export function Code({ question }) {
  const lab = useLab();
  const [copied, tell] = useState("");
  const { value = null, outcome = null } = question ?? {};
  const code = value === null ? "" : writeCode(question, value, learner());
  useEffect(() => {
    if (code && lab.kernel("class_folder")) lab.model.send({ action: "hand in", code });
  }, [code]);
  if (!question) return null;
  return html`<p class="kd-code">${code ? html`<span role="status">${
      t`Your code for the class: ${html`<b>${code}</b>`}`}${
      lab.kernel("handed_in") === code && html`. ${t`Your teacher has it.`}`}</span>${" "}
    <button type="button" class="kd-tool" onClick=${async () => tell(await copy(code) ? code : "")}>${
      copied === code ? t`Copied` : t`Copy`}</button>`
    : html`<span role="status">${outcome === null ? t`Predict, and your code for the class stands here.`
      : t`The outcome is known, so there is no code for a prediction here.`}</span>`}</p>`;
}

export function Collect({ question, title, close }) {
  return html`<${Dialog} title=${t`Predictions of the class`} kind="kd-wide" close=${close}>
    ${question ? html`<${Collection} question=${question} />`
      : html`<p>${t`${title} asks for no prediction here.`}${" "}
        ${t`Open a panel that does: Start, Soft targets, Distill or Sweep.`}</p>`}<//>`;
}

function Collection({ question }) {
  const lab = useLab();
  const place = `codes ${question.name} ${question.of}`;
  const codes = lab.keep(place, JSON.parse(recall(place, TAB) ?? "[]"));
  const revealed = lab.keep(`${place} revealed`, false);
  const [text, type] = useState("");
  const [said, say] = useState([t`Paste many at once, or type one and press Enter.`]);
  const outcome = revealed.value ? question.outcome : null;
  const values = codes.value.map(({ value }) => value);
  const keep = (list) => {
    codes.value = list;
    remember(place, JSON.stringify(list), TAB);
  };
  const curves = codes.value.map(({ curve }) => curve).filter(Boolean);
  useEffect(() => {
    if (question.curve) question.curve.others.value = curves;
  }, [codes.value]);
  const come = lab.kernel("class_codes"); // by the class's folder
  const gone = lab.keep(`${place} gone`, []); // those of before somebody started over
  useEffect(() => {
    if (!lab.kernel("class_folder")) return undefined;
    const gather = () => lab.model.send({ action: "gather" });
    gather();
    const timer = setInterval(gather, GATHER_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    const fresh = come.filter((code) => !gone.value.includes(code));
    keep(addCodes(question, codes.value, fresh.join(" ")).kept);
  }, [come]);
  function add() {
    const { kept, added, replaced, problems, odd } = addCodes(question, codes.value, text);
    keep(kept);
    type(odd.join("\n"));
    say([replaced ? t`${added} added, ${replaced} replaced: of one page the last counts.`
      : t`${added} added.`, ...problems]);
  }
  return html`<p class="kd-sentence">${question.asks}</p>
    <p class="kd-caption">${
      t`For the code of a page that is set as this one: ${question.at}.`}${
      lab.kernel("class_folder") && html` ${t`Codes of the class come by themselves.`}`}</p>
    <div class="kd-codes">
      <label>${t`Codes`} <textarea class="kd-number" rows="2" spellcheck="false"
        autocapitalize="characters" value=${text}
        onInput=${(event) => type(event.target.value)} onKeyDown=${(event) => {
          if (event.key !== "Enter" || event.shiftKey) return;
          event.preventDefault();
          add();
        }} /></label>
      <button type="button" class="kd-button" disabled=${!text.trim()} onClick=${add}>${t`Add`}</button>
      <div class="kd-caption" role="status">${said.map((each) => html`<p>${each}</p>`)}</div>
    </div>
    <${Dots} question=${question} values=${values} outcome=${outcome} />
    <p class="kd-sentence" role="status">${sum(question, values, outcome)}${
      curves.length > 0 && html` ${curves.length === 1 ? t`1 curve stands behind the chart.`
        : t`${curves.length} curves stand behind the chart.`}`}</p>
    <div class="kd-buttons">
      <button type="button" class="kd-button kd-primary" disabled=${question.outcome === null}
        onClick=${() => { revealed.value = !revealed.value; }}>${
        outcome === null ? t`Reveal` : t`Hide the outcome`}</button>
      <button type="button" class="kd-button" disabled=${!values.length} onClick=${() =>
        download(new Blob([csvOf(question, codes.value)], { type: "text/csv" }),
          "kdviz-predictions.csv")}>${t`Save as CSV`}</button>
      <button type="button" class="kd-button" disabled=${!values.length}
        onClick=${() => {
          gone.value = come;
          keep([]);
        }}>${t`Start over`}</button>
    </div>
    ${question.outcome === null && html`<p class="kd-caption">${
      t`To reveal the outcome, close this and let the page find it out. The codes stay.`}</p>`}`;
}

function shown({ options, unit }, value) {
  if (options) return t`“${options[value]}”`;
  const figures = String(Number(value.toFixed(1))).replace("-", "−");
  return unit === "%" ? `${figures}%` : t`${figures} points`;
}

function sum(question, values, outcome) {
  const { length } = values;
  if (!length && outcome === null) return t`No codes yet.`;
  const { options, near } = question;
  const middle = [...values].sort((a, b) => a - b)[Math.floor((length - 1) / 2)];
  const half = !options && length > 0 && shown(question, middle);
  const all = length === 1 ? half ? t`1 prediction; half say ${half} or less.` : t`1 prediction.`
    : half ? t`${length} predictions; half say ${half} or less.` : t`${length} predictions.`;
  if (outcome === null) return all;
  const right = values.filter((value) => holds(question, value, outcome)).length;
  return [t`It was ${shown(question, outcome)}.`, all, options ? t`${right} of ${length} right.`
    : t`${right} of ${length} within ${near} points.`].join(" ");
}

// A column a value, dots upon each other.
function Dots({ question, values, outcome }) {
  const columns = columnsOf(question, values, outcome);
  const most = Math.max(1, ...columns.map(({ count }) => count));
  const across = columns.length > 9 ? 1 : 3;
  const told = columns.filter(({ count }) => count).map(({ label, count }) => `${label}: ${count}`)
    .join(", ") || t`No predictions yet`;
  return html`<div class="kd-scroll" tabIndex="0" role="region" aria-label=${
    t`Plot of predictions`}>
    <div class="kd-dots ${question.options ? "kd-dots-options" : ""}" role="img" aria-label=${
      outcome === null ? told : t`${told}. It was ${shown(question, outcome)}`}
      style=${{ "--kd-rows": Math.ceil(most / across), "--kd-across": across }}>
      ${columns.map(({ label, count, hit }) => html`<div class=${hit ? "kd-hit" : ""}>
        <b>${count || ""}</b>
        <div>${Array.from({ length: count }, () => html`<i />`)}</div>
        <small>${label}</small></div>`)}
    </div></div>`;
}

function csvOf(question, codes) {
  const { outcome, asks, at } = question;
  const cell = (value) => `"${String(value).replaceAll('"', '""')}"`;
  const told = (value) => (question.options ? question.options[value] : value);
  const points = (curve) => curve?.map((value) => (value === null ? "-" : value.toFixed(3))).join(" ");
  const rows = codes.map(({ code, value, curve }) => [code, asks, at, told(value),
    ...(outcome === null ? ["", ""] : [told(outcome), holds(question, value, outcome) ? "yes" : "no"]),
    points(curve) ?? ""]);
  return [["code", "question", "settings", "prediction", "outcome", "right_or_near", "curve"], ...rows]
    .map((row) => row.map(cell).join(",")).join("\n") + "\n";
}
