// What the panel says: on what the ratios mean for this example, as trained and at T.

import { power10, temperature, times, withArticle } from "../../page/parts/format.js";

const SEEN = Math.log(0.001); // a share below one in a thousand shows on no bar
const LONG = `9.9 × ${power10(99)} times`;

const OPENINGS = {
  right: (name) => `To the teacher, this ${name} is `,
  wrong: (name) => `The label says ${name}, but to the teacher it is `,
  moved: (name) => `Moved by hand, this ${name} is `,
};

// The first sentence, what is said at T = 1; parts for Sentence.
export function atOne(view) {
  const [most, least] = [view.most, view.least].map((c) => withArticle(view.name(c)));
  const seen = view.label >= 0 && view.top !== view.label ? "wrong" : "right";
  const opening = OPENINGS[view.moved ? "moved" : seen](view.name(view.subject));
  if (view.gap === 0) return [opening, `as much ${most} as ${least}, at any temperature.`];
  return [opening, [times(view.gap), "teacher"], ` more ${most} than ${least} at T\u00a0=\u00a01`,
    hidden(view, view.logP1) ? ", and you would never see it." : "."];
}

// The second, what becomes of it at T; fixed: whether T stays as it is.
export function atT(view, T, logP, fixed) {
  if (view.gap === 0) return [""];
  if (T === 1 && fixed) {
    return [`At a higher temperature it ${hidden(view, logP) ? "comes to light" : "shrinks"}.`];
  }
  if (T === 1) return [`Raise the temperature, and ${hidden(view, logP) ? "it comes to light"
    : "watch it shrink"}.`];
  const now = [`At T\u00a0=\u00a0${temperature(T)} it is `, [times(view.gap / T), "teacher"]];
  if (T < 1) return [...now, ": colder hides more."];
  if (hidden(view, logP)) return [...now, ", and still hard to see."];
  if (view.gap / T < Math.log(1.5)) return [...now, ": all classes look alike."];
  if (hidden(view, view.logP1)) return [...now, ", and a student can."];
  return [...now, ", and easier still to see."];
}

// The longest that both may get, so that nothing below moves while a bar or T does.
export function roomFor(own) {
  const [one, other] = longestFirst(own.shown.map((c) => withArticle(own.name(c))));
  const [first] = longestFirst([atOne(own).map((part) => [part].flat()[0]).join(""),
    `${OPENINGS.moved(own.name(own.subject))}${LONG} more ${one} than ${other} at T\u00a0=\u00a01`
    + ", and you would never see it."]);
  return [first, `At T\u00a0=\u00a01.05 it is ${LONG}, and still hard to see.`];
}

const longestFirst = (texts) => [...texts].sort((a, b) => b.length - a.length);

function hidden(view, logP) {
  return logP[view.least] < SEEN;
}

export function captionOf({ label, top, name }) {
  if (label < 0) return `No label. The teacher says ${name(top)}.`;
  if (label !== top) return `The label says ${name(label)}, the teacher says ${name(top)}.`;
  return `The label says ${name(label)}. Is that all there is to say?`;
}

// What the bars' marks mean.
export function keyOf({ moved }, dragging, overlaid) {
  if (dragging && !moved) {
    return "Drag a bar, or use the arrow keys: its logit moves, and all other shares make room.";
  }
  if (moved) {
    return "These logits are moved by hand. Ticks: where each class stands at T\u00a0=\u00a01.";
  }
  if (overlaid) return "Diamonds: a half-taught student at the same T. Where does it differ most?";
  return "Bold: the label. Ticks: where each class stands at T\u00a0=\u00a01.";
}
