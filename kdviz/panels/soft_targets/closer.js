// A closer look, beneath the panel: one view at a time, each with what to look for.

import { useEffect, useRef, useState } from "preact/hooks";
import { Part, Radios } from "../../page/parts/controls.js";
import { count } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { key, t } from "../../page/words/t.js";
import { Alike } from "./alike.js";
import { Overflow } from "./overflow.js";
import { Pair } from "./pair.js";
import { Points } from "./points.js";
import { sizeOf } from "./subject.js";

// Each with its title and what to look for; T and example: whether a learner can change them.
const VIEWS = {
  points: [Points, key`The whole test set`, ({ T }) => [t`Each dot is a test image.`, T
    ? t`Raise T and watch them climb: which leave the corner of certainty first?`
    : t`Which have left the corner of certainty?`]],
  alike: [Alike, key`Classes alike`, ({ example }) => [
    t`What an image of one class gives to another, on average.`,
    t`Which pairs would you mix up too?`,
    example && t`Choose one to see an image between them.`]],
  pair: [Pair, key`Two of a class`, () => [t`Two images with the same label.`,
    t`A label calls them equal; what does the teacher say?`, t`Look at the bars that differ.`]],
  overflow: [Overflow, key`Overflow`, () => [t`The formula as it stands, and as it is computed.`,
    t`Multiply the logits, or add a constant to all of them: only one of both columns survives.`]],
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
      aria-label=${t`A closer look`}>
    <div class="kd-head"><h2>${t`A closer look`}</h2>
      <${Radios} name=${t`A closer look`} class="kd-segments kd-closer-tabs" setting=${setting}
        options=${Object.entries(VIEWS).map(([name, [, title]]) => [name, t(title)])} /></div>
    ${apart && html`<p class="kd-caption">${t`On the ${count(view.testset.count)} test images of ${
      sizeOf(view.testset)} pixels, not on those above.`}</p>`}
    <p class="kd-sentence">${hint(free).filter(Boolean).join(" ")}</p>
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
