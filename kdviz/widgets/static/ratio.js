// One sentence on what the ratios mean for this example, in two halves: as trained, and at T.

import { temperature, times, withArticle } from "./format.js";

const SEEN = Math.log(0.001); // a share below one in a thousand shows on no bar

// What the teacher says at T = 1; parts for sentence() in dom.js.
export function atOne(view) {
  const [most, least] = [view.most, view.least].map((c) => withArticle(view.name(c)));
  const subject = view.name(view.subject);
  const mistaken = view.label >= 0 && view.top !== view.label;
  const opening = mistaken
    ? `The label says ${view.name(view.label)}, but to the teacher it is `
    : `To the teacher, this ${subject} is `;
  if (view.dragged) { // no longer what the teacher says, and no longer text: nothing may jump
    return [`With these logits, this ${subject} is `, [times(view.gap), "teacher"],
      ` more ${most} than ${least} at T\u00a0=\u00a01.`];
  }
  if (view.gap === 0) return [opening, `as much ${most} as ${least}, at any temperature.`];
  return [opening, [times(view.gap), "teacher"], ` more ${most} than ${least} at T\u00a0=\u00a01`,
    hidden(view, view.logP1) ? ", and you would never see it." : "."];
}

// What it becomes at T.
export function atT(view, T, logP) {
  if (view.gap === 0) return [""];
  if (T === 1) return [hidden(view, logP) ? "Raise the temperature, and it comes to light."
    : "Raise the temperature, and watch it shrink."];
  const now = [`At T\u00a0=\u00a0${temperature(T)} it is `, [times(view.gap / T), "teacher"]];
  if (T < 1) return [...now, ": colder hides more."];
  if (hidden(view, logP)) return [...now, ", and still hard to see."];
  if (view.gap / T < Math.log(1.5)) return [...now, ": all classes look alike."];
  if (hidden(view, view.logP1)) return [...now, ", and a student can."];
  return [...now, ", and easier still to see."];
}

function hidden(view, logP) {
  return logP[view.least] < SEEN;
}
