// The left column of Sweep: the question, how many seeds, the prediction, and what runs.

import { el, radios, say, set } from "./dom.js";
import { makeButtons } from "./live.js";
import { put } from "./model.js";

const DEFAULTS = { question: "temperature", data: "digits", seeds: 5, prediction: null };
const DATA = { digits: "Digits, seconds", mnist: "MNIST, minutes" };

// send("train" | "stop") asks the kernel.
export function makeSetup(model, send) {
  const settings = () => ({ ...DEFAULTS, ...model.get("sweep") });
  const change = (values) => put(model, { sweep: { ...settings(), ...values } });
  const questions = redrawn("Question", (question) => change({ question, prediction: null }),
    "kd-cards");
  const seeds = redrawn("Seeds", (value) => change({ seeds: Number(value) }));
  const data = redrawn("Data", (value) => change({ data: value, prediction: null }));
  const dataField = el("div", {}, el("h2", {}, "Data"), data.node);
  const prediction = makePrediction(change);
  const buttons = makeButtons(send, "Run the sweep");
  const controls = el("fieldset", { class: "kd-setup-controls" },
    el("div", {}, el("h2", {}, "Choose a question"), questions.node),
    el("div", { class: "kd-sweep-fields" },
      el("div", {}, el("h2", {}, "Seeds of each cell"), seeds.node), dataField),
    prediction.node);
  const node = el("div", { class: "kd-setup" }, controls, buttons.node);

  function paint(view) {
    const now = settings();
    questions.paint(view.questions, now.question);
    seeds.paint(view.seeds.map((count) => [count, String(count)]), now.seeds);
    data.paint(view.datasets.map((name) => [name, DATA[name]]), now.data);
    set(dataField, { hidden: view.datasets.length < 2 });
    prediction.paint(view.table, now.prediction, view.seen);
    set(controls, { disabled: view.busy || !view.live });
    buttons.paint(view, statusOf(view));
  }
  return { node, paint };
}

// Radio buttons whose options the kernel names.
function redrawn(name, pick, className) {
  const node = el("div", {});
  let [drawn, group] = ["", null];
  function paint(options, value) {
    if (JSON.stringify(options) !== drawn) {
      drawn = JSON.stringify(options);
      group = radios(name, options, pick, className);
      node.replaceChildren(group.node);
    }
    group.select(value);
  }
  return { node, paint };
}

// change({ prediction }) keeps one of the question's options, null if there is none.
function makePrediction(change) {
  const before = el("span");
  const select = el("select", { class: "kd-select", "aria-label": "Your prediction",
    onchange: () => change({ prediction: select.value || null }) });
  const asked = el("p", { class: "kd-caption" });
  const node = el("div", {}, el("h2", {}, "Your prediction"),
    el("div", { class: "kd-box kd-prediction" }, el("p", {}, before, " ", select), asked));
  let drawn = "";

  function paint({ guess, options }, prediction, seen) {
    say(before, guess);
    if (JSON.stringify(options) !== drawn) {
      drawn = JSON.stringify(options);
      select.replaceChildren(el("option", { value: "" }, "choose …"),
        ...options.map((option) => el("option", { value: option }, option)));
    }
    select.value = options.includes(prediction) ? prediction : "";
    select.disabled = seen;
    node.classList.toggle("kd-asked", !select.value && !seen);
    say(asked, seen ? "Results are in: a choice now would be no prediction."
      : select.value ? "It will stand beside the outcome." : "Choose before you run it.");
  }
  return { node, paint };
}

function statusOf({ state, waiting, message, device, asked, live, known, students }) {
  if (message) return message;
  if (!live) return "Recorded results. To run your own, start kdviz with Python.";
  if (state === "warming") {
    return "Loading PyTorch, once: a few seconds."
      + (waiting ? " The sweep begins right after." : "");
  }
  if (asked) return "Asking Python to begin.";
  if (state === "training") return "Stop when you like: what is trained is kept.";
  if (state === "stopping") return "Stopping.";
  if (known === students) return `All ${students} students are trained, ${device}.`;
  return known ? `${known} of ${students} students are trained: run it to go on.`
    : device ? `Ready: ${students} students, ${device}.` : "Ready.";
}
