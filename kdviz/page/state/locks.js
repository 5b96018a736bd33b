// What a teacher can lock or hide by a link, and how that is done to the controls on the page.

import { perFrame } from "./model.js";

// Name in the link, what it is called, where it stands, and the trait and key that it sets (none:
// it can only be hidden).
const CONTROLS = [
  ["temperature", "Temperature", ".kd-ruler", "temperature"],
  ["example", "Test image", ".kd-strip", "example"],
  ["scale", "Linear or logarithmic", ".kd-scales", "scale"],
  ["drag", "Dragging the logits", ".kd-drag", "soften", "dragged"],
  ["closer", "A closer look", ".kd-closer"],
  ["guess", "The questions before you move it", ".kd-side > .kd-box"],
  ["soft_weight", "Soft weight", ".kd-weight", "soft_weight"],
  ["student", "Student in Weigh", ".kd-starts", "weigh", "start"],
  ["squared", "T² in Weigh", ".kd-knobs .kd-switch", "weigh", "squared"],
  ["moves", "Moving the student", ".kd-moves, .kd-pull-slider", "weigh", "moved"],
  ["story", "Story in Distill", ".kd-distill .kd-cards", "distill", "story"],
  ["question", "Question in Sweep", ".kd-sweep .kd-cards", "sweep", "question"],
  ["crowd_data", "Data in Crowd", ".kd-crowd-data", "crowd", "data"],
  ["crowd_seeds", "Seeds in Crowd", ".kd-crowd-seeds", "crowd", "seeds"],
  ["crowd_top", "Top classes asked", ".kd-crowd-top", "crowd", "top"],
  ["clusters", "Clusters", ".kd-chips, .kd-crowd-find", "crowd", "clusters"],
  ["matrices", "What is confused", ".kd-matrices"],
  ["one", "One test example in Crowd", ".kd-crowd-example", "crowd", "example"],
  ["data", "Own logits", ".kd-own-data"],
];
const LOCKABLE = CONTROLS.filter(([, , , trait]) => trait).map(([name]) => name);
const TITLES = { soften: "Soften", weigh: "Weigh", distill: "Distill", sweep: "Sweep",
  crowd: "Crowd" };

// What can be locked or hidden on this page: [name, title, lockable].
export function controlsOf(model) {
  const panels = model.get("panels");
  const here = CONTROLS.filter(([, , , trait]) => !(trait in TITLES) || panels.includes(trait));
  return [...here.map(([name, title]) => [name, title, LOCKABLE.includes(name)]),
    ...(panels.length > 1 ? panels.map((name) => [name, `Panel ${TITLES[name]}`, false]) : [])];
}

// From "a,b" to the names that can be; the others become problems.
export function readNames(parameter, text, model) {
  const known = controlsOf(model).filter(([, , lockable]) => parameter === "hide" || lockable)
    .map(([name]) => name);
  const asked = [...new Set(text.slice(0, 400).split(",").filter(Boolean))];
  let names = asked.filter((name) => known.includes(name));
  const panels = model.get("panels");
  const problems = asked.filter((name) => !known.includes(name)).map((name) =>
    `${parameter} can't have “${name.slice(0, 40)}”; it takes ${known.join(", ")}.`);
  if (parameter === "hide" && panels.every((name) => names.includes(name))) {
    names = names.filter((name) => !panels.includes(name));
    problems.push("hide must leave one panel; all panels are shown.");
  }
  return { names, problems };
}

// Locks and hides now and whenever a panel draws its controls anew; returns a stop.
export function restrain(desk, root, { lock, hide }, why) {
  if (!lock.length && !hide.length) return () => {};
  for (const [name, , , trait, key] of CONTROLS) {
    if (lock.includes(name)) desk.lock(trait, key);
  }
  const all = (names, act) => names.forEach((name) =>
    root.querySelectorAll(placeOf(name)).forEach(act));
  const still = (node) => {
    node.classList.add("kd-locked");
    node.title = "Locked by the link that you opened";
    for (const each of [node, ...node.querySelectorAll("input, select, button, fieldset")]) {
      if (!("disabled" in each)) continue;
      each.disabled = true;
      each.setAttribute("aria-describedby", why.id);
    }
  };
  const act = () => {
    all(lock, still);
    all(hide, (node) => node.classList.add("kd-withheld"));
  };
  act();
  const request = perFrame(act);
  const observer = new MutationObserver(request);
  observer.observe(root, { childList: true, subtree: true });
  return () => {
    request.cancel();
    observer.disconnect();
    desk.unlock();
    root.querySelectorAll(".kd-withheld").forEach((node) => node.classList.remove("kd-withheld"));
    root.querySelectorAll(".kd-locked").forEach((node) => {
      node.classList.remove("kd-locked");
      node.removeAttribute("title");
      for (const each of [node, ...node.querySelectorAll("input, select, button, fieldset")]) {
        if ("disabled" in each) each.disabled = false;
      }
    });
  };
}

function placeOf(name) {
  return CONTROLS.find(([each]) => each === name)?.[2] ?? `[data-panel="${name}"]`;
}

// The sentence that says so above the controls.
export function whyLocked(model, lock) {
  if (!lock.length) return "";
  const titles = controlsOf(model).filter(([name]) => lock.includes(name)).map(([, title]) => title);
  return `Locked by the link that you opened: ${titles.join(", ")}.`;
}
