// An exercise: the question, the learner's answer, and feedback that says why.

import { render } from "preact";
import { useRef, useState } from "preact/hooks";
import { Radios } from "../page/parts/controls.js";
import { Sentence, html } from "../page/parts/html.js";
import { TAB, recall, remember } from "../page/state/storage.js";
import { direction, key, speak, t, tag } from "../page/words/t.js";
import { asksFor, beside, judge, parseNumber, quantity } from "./judge.js";
import { announce } from "./progress.js";

const TRAITS = ["kind", "question", "options", "answer", "tolerance", "relative", "unit",
  "mistakes", "why", "findings", "response", "revealed", "right", "language"];
const ANSWERED = ["response", "revealed", "right"];
const NAMES = { prediction: key`Predict`, choice: key`Question`, number: key`Exercise`,
  check: key`Check` };

export function renderExercise({ model, el: host }) {
  const write = (traits) => {
    for (const [name, value] of Object.entries(traits)) model.set(name, value);
    model.save_changes();
    keep(model);
  };
  if (model.get("response") === "") write(kept(model));
  function paint() {
    const exercise = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
    const { kind, question, response } = exercise;
    speak(exercise.language);
    const name = t(NAMES[kind]);
    const View = { prediction: Prediction, check: Check }[kind] ?? Question;
    // A page may veil what follows while a prediction is open.
    render(html`<div class="kdviz kd-exercise" lang=${tag()} dir=${direction()}><section
      class="kd-box" aria-label="${name}: ${question}"
      data-open=${kind === "prediction" && response === "" ? "" : undefined}>
      <h2>${name}</h2><${View} ...${exercise} write=${write} /></section></div>`, host);
  }
  paint();
  const tell = announce(host, () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)])));
  const draw = () => {
    paint();
    tell();
  };
  TRAITS.forEach((name) => model.on(`change:${name}`, draw));
  return () => {
    tell.stop();
    TRAITS.forEach((name) => model.off(`change:${name}`, draw));
    render(null, host);
  };
}

// Answers outlast a reload of the page, in this tab alone: the next learner finds none.
const placeOf = (model) => `exercise ${location.pathname} ${model.get("question")}`;

function keep(model) {
  const answered = Object.fromEntries(ANSWERED.map((name) => [name, model.get(name)]));
  remember(placeOf(model), JSON.stringify(answered), TAB);
}

function kept(model) {
  try {
    const { response, revealed, right } = JSON.parse(recall(placeOf(model), TAB));
    return typeof response === "string" ? { response, revealed: revealed === true,
      right: typeof right === "boolean" ? right : null } : {};
  } catch {
    return {}; // nothing, or not ours
  }
}

// The question with its field: cards to choose from, or a number.
function Ask({ exercise, button, locked, submit, children }) {
  const { question, options, unit, response } = exercise;
  const [draft, type] = useState({ of: response, text: response });
  const text = draft.of === response ? draft.text : response; // an answer set elsewhere counts
  // Who types fast answers before the page is drawn anew: what counts is what was typed last.
  const latest = useRef(text);
  latest.current = text;
  const change = (now) => {
    latest.current = now;
    type({ of: response, text: now });
  };
  const form = useRef(null);
  const field = options.length
    ? html`<${Radios} name=${question} class="kd-cards" title="kd-sentence" value=${text}
        options=${options.map((option) => [option.text, option.text])} pick=${change}
        disabled=${locked} />`
    : html`<fieldset disabled=${locked}><legend class="kd-sentence">${question}</legend>
        <label class="kd-field">${asksFor(exercise)}
          <span><input class="kd-number" inputmode="decimal" autocomplete="off" value=${text}
            onInput=${(event) => change(event.target.value)}
            onKeyDown=${(event) => {
              // By hand: in JupyterLab, Enter in a text field does not reach the form's button.
              if (event.key !== "Enter") return;
              event.preventDefault();
              form.current.requestSubmit();
            }} />${unit && ` ${unit}`}</span></label></fieldset>`;
  return html`<form ref=${form} novalidate
    data-veiled=${t`Results below are blurred until you predict.`} onSubmit=${(event) => {
    event.preventDefault();
    submit(latest.current);
  }}>${field}
    <button class="kd-button kd-primary" hidden=${locked}>${button}</button>${children}</form>`;
}

function Question({ write, ...exercise }) {
  const { options, answer, unit, why, response, revealed } = exercise;
  const said = response ? judge(exercise, response) : null;
  const feedback = revealed ? [t`The answer is ${quantity(answer, unit)}.`, ` ${why}`]
    : said ? words(said) : [];
  return html`<${Ask} exercise=${exercise} button=${t`Check`}
      submit=${(text) => write({ response: text, revealed: false,
        right: judge(exercise, text).good })}>
      ${!options.length && !revealed && said?.good === false && html`<button type="button"
        class="kd-button" onClick=${() => write({ revealed: true })}>${t`Show the answer`}</button>`}<//>
    <p role="status" class="kd-feedback"><${Sentence} parts=${feedback} /></p>`;
}

// A mark and a word before the reason: never color alone.
function words({ good, word, text }) {
  if (good === null) return [text];
  return [good ? [`✓ ${word}`, "good"] : [`✗ ${word}`, "again"], ` ${text}`];
}

function Prediction({ write, ...exercise }) {
  const { options, answer, unit, response, revealed } = exercise;
  const [odd, mark] = useState("");
  const known = answer !== null;
  const out = revealed && known && response !== "";
  const shown = (value) => (options.length ? value : quantity(value, unit));
  const mine = response && shown(options.length ? response : parseNumber(response));
  const hint = odd ? t(odd) : out ? beside(exercise, response)
    : response ? known ? t`Recorded. You may still change it.` : t`Recorded.` : "";
  return html`<${Ask} exercise=${exercise} button=${t`Record my prediction`} locked=${out}
      submit=${(text) => {
        const usable = options.length ? text : !Number.isNaN(parseNumber(text));
        mark(usable ? "" : options.length ? key`Choose one first.` : key`Write a number first.`);
        if (usable) write({ response: text });
      }}>
      ${!out && response !== "" && known && html`<button type="button" class="kd-button"
        onClick=${() => write({ revealed: true })}>${t`Show the outcome`}</button>`}<//>
    <dl class="kd-pair" hidden=${response === ""}>
      <div><dt>${t`You predicted`}</dt><dd>${mine}</dd></div>
      <div><dt>${t`It was`}</dt><dd>${out ? shown(answer) : "?"}</dd></div></dl>
    <p role="status" class="kd-feedback">${hint}</p>`;
}

function Check({ question, findings }) {
  const good = findings.every(({ holds }) => holds);
  return html`<p class="kd-sentence">${question}</p>
    <ul class="kd-findings">${findings.map(({ name, holds, example }) => html`<li>
      <strong class=${holds ? "kd-good" : "kd-again"}>${holds ? t`✓ Holds:` : t`✗ Fails:`} </strong>
      ${name}${example && html`<p class="kd-caption">${example}</p>`}</li>`)}</ul>
    <p role="status" class="kd-feedback"><${Sentence} parts=${good
      ? [[t`All of it.`, "good"], " ", t`Every property holds.`]
      : [t`Change the function and run its cell again.`]} /></p>`;
}

export default { render: renderExercise };
