// What the panel says: on what the ratios mean for this example, as trained and at T.

import { power10, temperature, times, withArticle } from "../../page/parts/format.js";
import { t } from "../../page/words/t.js";

const SEEN = Math.log(0.001); // a share below one in a thousand shows on no bar

const MORE = {
  right: (name, much, most, least, end) =>
    t`To the teacher, this ${name} is ${much} more ${most} than ${least} at T\u00a0=\u00a01${end}`,
  wrong: (name, much, most, least, end) => t`The label says ${name}, but to the teacher it is ${
    much} more ${most} than ${least} at T\u00a0=\u00a01${end}`,
  moved: (name, much, most, least, end) =>
    t`Moved by hand, this ${name} is ${much} more ${most} than ${least} at T\u00a0=\u00a01${end}`,
};
const EQUAL = {
  right: (name, most, least) =>
    t`To the teacher, this ${name} is as much ${most} as ${least}, at any temperature.`,
  wrong: (name, most, least) => t`The label says ${name}, but to the teacher it is as much ${most} as ${
    least}, at any temperature.`,
  moved: (name, most, least) =>
    t`Moved by hand, this ${name} is as much ${most} as ${least}, at any temperature.`,
};
const unseen = () => t`, and you would never see it.`;

// The first sentence, what is said at T = 1; parts for Sentence.
export function atOne(view) {
  const [most, least] = [view.most, view.least].map((c) => withArticle(view.name(c)));
  const seen = view.label >= 0 && view.top !== view.label ? "wrong" : "right";
  const [how, name] = [view.moved ? "moved" : seen, view.name(view.subject)];
  if (view.gap === 0) return [EQUAL[how](name, most, least)];
  return MORE[how](name, [times(view.gap), "teacher"], most, least,
    hidden(view, view.logP1) ? unseen() : ".");
}

// The second, what becomes of it at T; fixed: whether T stays as it is.
export function atT(view, T, logP, fixed) {
  if (view.gap === 0) return [""];
  if (T === 1) return [raised(fixed, hidden(view, logP))];
  const ratio = view.gap / T;
  const [now, much] = [temperature(T), [times(ratio), "teacher"]];
  if (T < 1) return t`At T\u00a0=\u00a0${now} it is ${much}: colder hides more.`;
  if (hidden(view, logP)) return stillHidden(now, much);
  if (ratio < Math.log(1.5)) return t`At T\u00a0=\u00a0${now} it is ${much}: all classes look alike.`;
  if (hidden(view, view.logP1)) return t`At T\u00a0=\u00a0${now} it is ${much}, and a student can.`;
  return t`At T\u00a0=\u00a0${now} it is ${much}, and easier still to see.`;
}

function raised(fixed, comes) {
  if (fixed) {
    return comes ? t`At a higher temperature it comes to light.`
      : t`At a higher temperature it shrinks.`;
  }
  return comes ? t`Raise the temperature, and it comes to light.`
    : t`Raise the temperature, and watch it shrink.`;
}

const stillHidden = (T, much) => t`At T\u00a0=\u00a0${T} it is ${much}, and still hard to see.`;

// The longest that both may get, so that nothing below moves while a bar or T does.
export function roomFor(own) {
  const [one, other] = longestFirst(own.shown.map((c) => withArticle(own.name(c))));
  const long = t`${`9.9 × ${power10(99)}`} times`;
  const [first] = longestFirst([atOne(own).map((part) => [part].flat()[0]).join(""),
    MORE.moved(own.name(own.subject), long, one, other, unseen())]);
  return [first, stillHidden("1.05", long)];
}

const longestFirst = (texts) => [...texts].sort((a, b) => b.length - a.length);

function hidden(view, logP) {
  return logP[view.least] < SEEN;
}

export function captionOf({ label, top, name }) {
  if (label < 0) return t`No label. The teacher says ${name(top)}.`;
  if (label !== top) return t`The label says ${name(label)}, the teacher says ${name(top)}.`;
  return t`The label says ${name(label)}. Is that all there is to say?`;
}

// What the bars' marks mean.
export function keyOf({ moved }, dragging, overlaid) {
  if (dragging && !moved) {
    return t`Drag a bar, or use the arrow keys: its logit moves, and all other shares make room.`;
  }
  if (moved) {
    return t`These logits are moved by hand. Ticks: where each class stands at T\u00a0=\u00a01.`;
  }
  if (overlaid) {
    return t`Diamonds: a half-taught student at the same T. Where does it differ most?`;
  }
  return t`Bold: the label. Ticks: where each class stands at T\u00a0=\u00a01.`;
}
