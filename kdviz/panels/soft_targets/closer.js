// A closer look, beneath the panel: one view at a time, each with what to look for.

import { makeAlike } from "./alike.js";
import { el, radios, say } from "../../page/parts/dom.js";
import { makeOverflow } from "./overflow.js";
import { makePair } from "./pair.js";
import { makePoints } from "./points.js";
import { change } from "./settings.js";

const VIEWS = {
  points: ["The whole test set", "Each dot is a test image. Raise T and watch them climb: which "
    + "leave the corner of certainty first?"],
  alike: ["Classes alike", "What an image of one class gives to another, on average. Which pairs "
    + "would you mix up too? Choose one to see an image between them."],
  pair: ["Two of a class", "Two images with the same label. A label calls them equal; what does the "
    + "teacher say? Look at the bars that differ."],
  overflow: ["Overflow", "The formula as it stands, and as it is computed. Multiply the logits, or "
    + "add a constant to all of them: only one of both columns survives."],
};

export function makeCloser(root, model, teacher, pick) {
  const makers = { points: (node) => makePoints(node, teacher, pick),
    alike: (node) => makeAlike(node, teacher, pick),
    pair: (node) => makePair(node, teacher, (second) => change(model, { second })),
    overflow: (node) => makeOverflow(node, teacher, (settings) => change(model, settings)) };
  const tabs = radios("A closer look", Object.entries(VIEWS).map(([name, [title]]) => [name, title]),
    (closer) => change(model, { closer }), "kd-segments kd-closer-tabs");
  const hint = el("p", { class: "kd-sentence" });
  const body = el("div", { class: "kd-closer-body" });
  root.append(el("section", { class: "kd-closer", "aria-label": "A closer look" },
    el("div", { class: "kd-head" }, el("h2", {}, "A closer look"), tabs.node), hint, body));
  const made = {};
  let [seen, latest, open] = [false, null, null];

  // Nothing is painted that is not in sight.
  const observer = new IntersectionObserver(([entry]) => {
    seen = entry.isIntersecting;
    if (seen && latest) paint(...latest);
  }, { rootMargin: "100px" });
  observer.observe(root);

  function paint(view, T, settings) {
    latest = [view, T, settings];
    const name = settings.closer in VIEWS ? settings.closer : "points";
    tabs.select(name);
    say(hint, VIEWS[name][1]);
    if (!seen) return;
    if (!made[name]) {
      const node = el("div");
      body.append(node);
      made[name] = { node, ...makers[name](node) };
    }
    for (const [each, { node }] of Object.entries(made)) node.hidden = each !== name;
    open = made[name];
    open.paint(view.index, T, settings, view);
  }
  return { paint, describe: () => open?.describe(),
    stop() {
      observer.disconnect();
      Object.values(made).forEach((each) => each.stop());
    } };
}
