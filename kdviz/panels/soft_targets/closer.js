// A closer look, beneath the panel: one view at a time, each with what to look for.

import { useEffect, useRef, useState } from "preact/hooks";
import { Part, Radios } from "../../page/parts/controls.js";
import { count } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { Alike } from "./alike.js";
import { Overflow } from "./overflow.js";
import { Pair } from "./pair.js";
import { Points } from "./points.js";
import { sizeOf } from "./subject.js";

// Each with its title and what to look for; T and example: whether a learner can change them.
const VIEWS = {
  points: [Points, "The whole test set", ({ T }) => `Each dot is a test image. ${T
    ? "Raise T and watch them climb: which leave the corner of certainty first?"
    : "Which have left the corner of certainty?"}`],
  alike: [Alike, "Classes alike", ({ example }) => "What an image of one class gives to another, "
    + `on average. Which pairs would you mix up too?${
      example ? " Choose one to see an image between them." : ""}`],
  pair: [Pair, "Two of a class", () => "Two images with the same label. A label calls them equal; "
    + "what does the teacher say? Look at the bars that differ."],
  overflow: [Overflow, "Overflow", () => "The formula as it stands, and as it is computed. "
    + "Multiply the logits, or add a constant to all of them: only one of both columns survives."],
};

// apart: whether the view is not of what stands above.
export function Closer({ view, T, fixed, apart }) {
  const lab = useLab();
  const setting = lab.setting("soft_targets", "closer");
  const [Look, , hint] = VIEWS[setting.value];
  const free = { T: !fixed, example: !lab.setting("lab", "example").locked };
  const [node, seen] = useInSight();
  // Nothing follows T that is not in sight.
  const latest = useRef(T);
  if (seen) latest.current = T;
  return html`<${Part} name="closer"><section ref=${node} class="kd-closer"
      aria-label="A closer look">
    <div class="kd-head"><h2>A closer look</h2>
      <${Radios} name="A closer look" class="kd-segments kd-closer-tabs" setting=${setting}
        options=${Object.entries(VIEWS).map(([name, [, title]]) => [name, title])} /></div>
    ${apart && html`<p class="kd-caption">On the ${count(view.testset.count)} test images of ${
      sizeOf(view.testset)} pixels, not on those above.</p>`}
    <p class="kd-sentence">${hint(free)}</p>
    <div class="kd-closer-body">
      <${Look} view=${view} T=${latest.current} fixed=${fixed} /></div>
  </section><//>`;
}

function useInSight() {
  const node = useRef(null);
  const [seen, see] = useState(true);
  useEffect(() => {
    if (!node.current) return undefined;
    const observer = new IntersectionObserver((entries) => see(entries.at(-1).isIntersecting),
      { rootMargin: "100px" });
    observer.observe(node.current);
    return () => observer.disconnect();
  }, []);
  return [node, seen];
}
