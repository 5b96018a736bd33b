// The left column of Distill: the story, its settings, the prediction, and what runs.

import { el, freshId, radios, say, set } from "./dom.js";
import { makePrediction } from "./distill-prediction.js";
import { percent } from "./format.js";
import { makeButtons } from "./live.js";
import { put } from "./model.js";

const WIDTHS = [4, 8, 16, 32, 64, 128, 256];
const SEEDS = [1, 2, 4, 8, 16, 32];
export const DEFAULTS = { story: "unseen", omitted: 3, width: 64, seeds: 16, prediction: null };
export const STORIES = { unseen: "A digit it never saw", "few-labels": "Few labels",
  "all-labels": "Everything labelled" };

// send("train" | "stop") asks the kernel.
export function makeSetup(model, send) {
  const settings = () => ({ ...DEFAULTS, ...model.get("distill") });
  const change = (values) => put(model, { distill: { ...settings(), ...values } });
  const kind = model.get("classes").every((name) => /^\d$/.test(name)) ? "digit" : "class";
  const shown = model.get("images").byteLength ? "images" : "examples";
  const stories = radios("Story", [
    ["unseen", STORIES.unseen.replace("digit", kind), `Can soft targets teach a missing ${kind}?`],
    ["few-labels", STORIES["few-labels"], `50 labelled ${shown}, the rest unlabelled.`],
    ["all-labels", STORIES["all-labels"], "An equal budget. Who wins?"],
  ], (story) => change({ story, prediction: null }), "kd-cards");
  const omitted = choice(`Missing ${kind}`, (value) => change({ omitted: value, prediction: null }));
  const width = choice("Hidden units", (value) => change({ width: value }));
  const seeds = choice("Seeds", (value) => change({ seeds: value }));
  const weight = makeWeight(model);
  const prediction = makePrediction(change);
  const run = makeRun(send, shown);
  const controls = el("fieldset", { class: "kd-setup-controls" },
    el("div", {}, el("h2", {}, "Choose a story"), stories.node),
    el("div", { class: "kd-fields" }, width.node, seeds.node, omitted.node),
    weight.node, prediction.node);
  const node = el("div", { class: "kd-setup" }, controls, run.node);

  function paint(view) {
    const now = settings();
    stories.select(now.story);
    omitted.paint(view.classes.map((name, i) => [i, name]), now.omitted);
    set(omitted.node, { style: now.story === "unseen" ? null : "visibility: hidden" });
    width.paint(WIDTHS.map((value) => [value, value]), now.width);
    seeds.paint(SEEDS.map((value) => [value, value]), now.seeds);
    weight.paint();
    prediction.paint(now, view.classes[now.omitted]);
    set(controls, { disabled: !view.live });
    run.paint(view);
  }
  return { node, paint };
}

// A labelled list to choose a number from; a value that Python set and the list lacks is added.
function choice(label, pick) {
  const select = el("select", { class: "kd-select", onchange: () => pick(Number(select.value)) });
  let shown = "";
  function paint(options, value) {
    const known = options.some(([each]) => each === value) ? options
      : [...options, [value, value]].sort(([a], [b]) => a - b);
    if (shown !== JSON.stringify(known)) {
      shown = JSON.stringify(known);
      select.replaceChildren(...known.map(([each, name]) => el("option", { value: each }, `${name}`)));
    }
    select.value = String(value);
  }
  return { node: el("label", { class: "kd-field" }, label, select), paint };
}

// The shared soft weight, in steps of 0.05.
function makeWeight(model) {
  const id = freshId("weight");
  const slider = el("input", { type: "range", class: "kd-range", id, min: 0, max: 1, step: 0.05,
    oninput: () => put(model, { soft_weight: Number(slider.value) }) });
  const value = el("output", { for: id });
  const note = el("span", { class: "kd-caption" });
  const node = el("div", { class: "kd-weight" },
    el("div", { class: "kd-row" }, el("label", { for: id }, "Soft weight"), note, value), slider);
  function paint() {
    const weight = model.get("soft_weight");
    if (Number(slider.value) !== weight) slider.value = String(weight);
    say(value, weight.toFixed(2));
    say(note, weight === 1 ? "soft targets alone" : weight === 0 ? "labels alone"
      : `${percent(weight)} soft, ${percent(1 - weight)} labels`);
  }
  return { node, paint };
}

// Train, Stop, what there is to say, and the teacher.
function makeRun(send, shown) {
  const buttons = makeButtons(send, "Train");
  const renew = el("button", { type: "button", class: "kd-link", onclick: () => send("teacher") },
    "Train a new teacher");
  const teacher = el("span", {});
  buttons.node.append(el("p", { class: "kd-caption" }, teacher, renew));

  function paint(view) {
    buttons.paint(view, statusOf(view));
    say(teacher, view.teacher ? `Teacher: ${networks(view.teacher.members)}, `
      + `${percent(view.teacher.accuracy, 1)} of the test ${shown}. ` : "");
    renew.disabled = view.busy || !view.live;
    set(renew, { hidden: !view.live });
  }
  return { node: buttons.node, paint };
}

function networks(count) {
  return count === 1 ? "one network" : `${count} networks`;
}

function statusOf({ state, waiting, message, device, run, asked, live }) {
  if (message) return message;
  if (!live) return "A recorded run. To train your own, start kdviz with Python.";
  if (state === "warming") {
    return `Loading PyTorch, once: a few seconds.${waiting ? " Training begins right after." : ""}`;
  }
  if (asked) return "Asking Python to begin.";
  const pairs = run && `${run.seeds} ${run.seeds === 1 ? "pair" : "pairs"}, `
    + `${run.width} hidden units, ${device}.`;
  if (state === "training") return `Training ${pairs} Stop it to train anew.`;
  if (state === "stopping") return "Stopping.";
  if (state === "done") return `Trained ${pairs}`;
  return device ? `Ready: ${device}.` : "Ready.";
}
