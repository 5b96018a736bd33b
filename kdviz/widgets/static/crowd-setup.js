// The left column of Crowd: the data, the clusters, the prediction, and what runs.

import { el, radios, say, set } from "./dom.js";
import { makeButtons } from "./live.js";
import { put } from "./model.js";

const DEFAULTS = { data: "hierarchy", seeds: 5, measure: "covariance", count: 8, clusters: [],
  top: 1, prediction: null, weight: 1, example: 0 };

export function settingsOf(model) {
  return { ...DEFAULTS, ...model.get("crowd") };
}

// send(action) asks the kernel.
export function makeSetup(model, send) {
  const change = (values) => put(model, { crowd: { ...settingsOf(model), ...values } });
  const { datasets = {}, seeds: numbers = [] } = model.get("crowd_view") ?? {};
  const about = el("p", { class: "kd-caption" });
  const data = radios("Data", Object.entries(datasets).map(([name, { title }]) =>
    [name, title]), (name) => {
    const { count: clusters, measure: alike } = datasets[name];
    change({ data: name, count: clusters, measure: alike, clusters: [], prediction: null,
      example: 0 });
  });
  const seeds = radios("Seeds", numbers.map((n) => [n, String(n)]),
    (value) => change({ seeds: Number(value) }));
  const measure = radios("Alike by", [["covariance", "Covariance"], ["correlation", "Correlation"]],
    (value) => change({ measure: value }));
  const top = radios("Top classes asked", [1, 2, 3].map((n) => [n, String(n)]),
    (value) => change({ top: Number(value) }));
  const count = el("input", { type: "number", class: "kd-number", min: 1, step: 1,
    "aria-label": "Number of clusters", oninput: () => {
      if (count.value && count.validity.valid) change({ count: Number(count.value) });
    } });
  const [kmeans, random] = [["kmeans", "K-means clusters"], ["random", "Random clusters"]]
    .map(([action, name]) => el("button", { type: "button", class: "kd-button kd-slim",
      onclick: () => send(action) }, name));
  const prediction = makePrediction(change);
  const buttons = makeButtons(send, "Train");
  const controls = el("fieldset", { class: "kd-setup-controls" },
    el("div", { class: "kd-crowd-data" }, el("h2", {}, "1. What are the classes?"), data.node,
      about),
    el("div", { class: "kd-crowd-fields" },
      el("div", { class: "kd-crowd-seeds" }, el("h2", {}, "Seeds"), seeds.node),
      el("div", { class: "kd-crowd-top" }, el("h2", {}, "Top classes asked"), top.node),
      el("label", { class: "kd-crowd-find" }, el("h2", {}, "Clusters"), count)),
    el("div", { class: "kd-crowd-find" }, el("h2", {}, "Classes belong together by"),
      measure.node),
    el("div", { class: "kd-buttons kd-crowd-find" }, kmeans, random),
    prediction.node);
  const node = el("div", { class: "kd-setup" }, controls, buttons.node);

  function paint(view, now) {
    [[data, now.data], [seeds, now.seeds], [measure, now.measure], [top, now.top]]
      .forEach(([group, value]) => group.select(value));
    say(about, datasets[now.data]?.note ?? "");
    set(count, { max: view.names.length || 100 });
    if (count.getRootNode().activeElement !== count) count.value = String(now.count);
    prediction.paint(now, view.seen);
    set(controls, { disabled: view.busy || !view.live });
    buttons.paint(view, statusOf(view, now));
  }
  return { node, paint };
}

function makePrediction(change) {
  const input = el("input", { type: "number", class: "kd-number", min: -100, max: 100, step: "any",
    placeholder: "?", "aria-label": "Your prediction, in points", oninput: () => {
      const value = input.value === "" ? null : Number(input.value);
      if (input.validity.valid) change({ prediction: value });
    } });
  const asked = el("p", { class: "kd-caption" });
  const node = el("div", {}, el("h2", {}, "2. Your prediction"),
    el("div", { class: "kd-box kd-prediction" }, el("p", {},
      "Specialists of K-means clusters will beat those of random clusters by ", input, " points"),
    asked));
  function paint({ prediction }, seen) {
    input.disabled = Boolean(seen);
    if (input.getRootNode().activeElement !== input) input.value = prediction ?? "";
    node.classList.toggle("kd-asked", prediction === null && !seen);
    say(asked, seen ? "Results are in: a number now would be no prediction."
      : prediction === null ? "Say a number before you train."
      : "It will stand beside the outcome.");
  }
  return { node, paint };
}

function statusOf({ state, message, device, asked, live, progress, generalist }, { clusters }) {
  if (message) return message;
  if (!live) return "To train your own, start kdviz with Python.";
  if (state === "warming") return "Loading PyTorch, once: a few seconds. Generalists come next.";
  if (asked) return "Asking Python to begin.";
  if (state === "training") {
    return progress?.what === "generalists" ? "Training the generalists."
      : progress?.what === "longer" ? "Training the generalists on, with as many examples."
      : progress ? `Training ${clusters.length} specialists for each generalist, as one cohort.`
        : "Looking for clusters.";
  }
  if (state === "stopping") return "Stopping.";
  return generalist === null ? "Train: generalists first."
    : `Ready: ${clusters.length} specialists to train, ${device}.`;
}
