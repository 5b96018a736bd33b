// An exercise: the question, the learner's answer, and feedback that says why.

import { el, radios, say, sentence } from "../page/parts/dom.js";
import { beside, judge, margin, parseNumber, quantity } from "./judge.js";
import { listen } from "../page/state/model.js";

const TRAITS = ["kind", "question", "options", "answer", "tolerance", "relative", "unit",
  "mistakes", "why", "findings", "response", "revealed"];
const NAMES = { prediction: "Predict", choice: "Question", number: "Exercise", check: "Check" };

export function renderExercise({ model, el: host }) {
  const read = () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const write = (traits) => {
    for (const [name, value] of Object.entries(traits)) model.set(name, value);
    model.save_changes();
  };
  const { kind, question } = read();
  const box = el("section", { class: "kd-box", "aria-label": `${NAMES[kind]}: ${question}` });
  const root = el("div", { class: "kdviz kd-exercise" }, box);
  box.append(el("h2", {}, NAMES[kind]));
  const mount = { prediction: mountPrediction, check: mountCheck }[kind] ?? mountQuestion;
  const paint = mount(box, read, write);
  paint();
  host.append(root);
  const stop = listen(model, TRAITS, paint);
  return () => {
    stop();
    root.remove();
  };
}

// The question with its field: cards to choose from, or a number.
function ask({ question, options, unit, tolerance, relative }, button, submit) {
  const picked = { text: "" };
  const cards = options.length && radios(question, options.map(({ text }) => [text, text]),
    (text) => { picked.text = text; }, "kd-cards");
  const input = el("input", { class: "kd-number", inputmode: "decimal", autocomplete: "off" });
  const node = cards ? cards.node : el("fieldset", {}, el("legend", {}, question),
    el("label", { class: "kd-field" }, `Your answer${margin({ tolerance, relative, unit })}`,
      el("span", {}, input, unit && ` ${unit}`)));
  node.querySelector("legend").className = "kd-sentence";
  const send = el("button", { class: "kd-button kd-primary" }, button);
  const form = el("form", { novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    submit(cards ? picked.text : input.value);
  } }, node, send);
  // By hand: in JupyterLab, Enter in a text field does not reach the form's button.
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    form.requestSubmit();
  });
  const fill = (text) => {
    picked.text = text;
    if (cards) cards.select(text);
    else if (document.activeElement !== input) input.value = text;
  };
  return { form, fill, lock: (locked) => { node.disabled = send.hidden = locked; } };
}

function mountQuestion(box, read, write) {
  const field = ask(read(), "Check", (text) => write({ response: text, revealed: false }));
  const feedback = el("p", { role: "status", class: "kd-feedback" });
  const show = el("button", { type: "button", class: "kd-button",
    onclick: () => write({ revealed: true }) }, "Show the answer");
  field.form.append(show);
  box.append(field.form, feedback);
  return () => {
    const { options, answer, unit, why, response, revealed } = read();
    const said = response ? judge(read(), response) : null;
    show.hidden = options.length > 0 || revealed || said?.good !== false;
    field.fill(response);
    if (revealed) return sentence(feedback, [`The answer is ${quantity(answer, unit)}. ${why}`]);
    return sentence(feedback, said ? words(said) : []);
  };
}

// A mark and a word before the reason: never color alone.
function words({ good, word, text }) {
  if (good === null) return [text];
  return [good ? [`✓ ${word}`, "good"] : [`✗ ${word}`, "again"], ` ${text}`];
}

function mountPrediction(box, read, write) {
  const hint = el("p", { role: "status", class: "kd-feedback" });
  const field = ask(read(), "Record my prediction", (text) => {
    const usable = read().options.length ? text : !Number.isNaN(parseNumber(text));
    if (usable) write({ response: text });
    else say(hint, read().options.length ? "Choose one first." : "Write a number first.");
  });
  const [mine, theirs] = [el("dd"), el("dd")];
  const pair = el("dl", { class: "kd-pair" },
    el("div", {}, el("dt", {}, "You predicted"), mine),
    el("div", {}, el("dt", {}, "It was"), theirs));
  const show = el("button", { type: "button", class: "kd-button",
    onclick: () => write({ revealed: true }) }, "Show the outcome");
  field.form.append(show);
  box.append(field.form, pair, hint);
  return () => {
    const { options, answer, unit, response, revealed } = read();
    const known = answer !== null;
    const out = revealed && known && response !== "";
    const text = (value) => (options.length ? value : quantity(value, unit));
    field.fill(response);
    field.lock(out);
    box.toggleAttribute("data-open", response === ""); // a page may veil what follows
    pair.hidden = response === "";
    say(mine, response && text(options.length ? response : parseNumber(response)));
    say(theirs, out ? text(answer) : "?");
    show.hidden = out || response === "" || !known;
    if (out) say(hint, beside(read(), response));
    else if (response) say(hint, known ? "Recorded. You may still change it." : "Recorded.");
  };
}

function mountCheck(box, read) {
  const question = el("p", { class: "kd-sentence" });
  const list = el("ul", { class: "kd-findings" });
  const summary = el("p", { role: "status", class: "kd-feedback" });
  box.append(question, list, summary);
  return () => {
    const { findings } = read();
    const good = findings.every(({ holds }) => holds);
    say(question, read().question);
    list.replaceChildren(...findings.map(({ name, holds, example }) => el("li", {},
      el("strong", { class: holds ? "kd-good" : "kd-again" }, holds ? "✓ Holds: " : "✗ Fails: "),
      name, example ? el("p", { class: "kd-caption" }, example) : null)));
    sentence(summary, good ? [["All of it.", "good"], " Every property holds."]
      : ["Change the function and run its cell again."]);
  };
}

export default { render: renderExercise };
