// What Loss says: of the arrows, in two plain sentences, and of numbers.

import { norm } from "../../page/maths/loss.js";
import { t } from "../../page/words/t.js";

const NONE = 1e-6; // a pull below this moves nothing that can be seen

// "9.3 times", "0.023 times": two figures.
export function proportion(ratio, less = t`less than 0.0001 times`) {
  if (ratio < 0.0001) return less;
  return t`${ratio >= 99.5 ? Math.round(ratio).toLocaleString("en-US")
    : ratio >= 9.95 ? Math.round(ratio) : ratio.toPrecision(2)} times`;
}

export const nats = (loss) =>
  (loss >= 0.001 || loss === 0 ? loss.toFixed(3) : loss.toExponential(1));

// Which term pulls harder, and where they move the student most: parts for two `Sentence`s.
export function sentences({ view, label }, { softPull, hardPull, pull }, weight) {
  const [soft, hard] = [norm(softPull), norm(hardPull)];
  const subject = view.name(view.subject);
  const order = [...view.shown].sort((a, b) => pull[b] - pull[a]);
  const [up, down] = [view.name(order[0]), view.name(order.at(-1))];
  if (soft < NONE && hard < NONE) {
    return [[t`On this ${subject}, nothing pulls on the student.`], [t`A step leaves it where it is.`]];
  }
  if (soft < NONE || hard < NONE) {
    return [alone(subject, hard < NONE, label, weight),
      [t`It pushes the ${up} up and the ${down} down the most.`]];
  }
  return [compared(subject, soft / hard), [norm(pull) < NONE ? t`The student is where they want it.`
    : t`Together they push the ${up} up and the ${down} down the most.`]];
}

function alone(subject, isSoft, label, weight) {
  const who = isSoft ? [t`teacher`, "teacher"] : [t`label`, "hard"];
  if (isSoft && label < 0) return t`Without a label, only the ${who} pulls.`;
  if (isSoft && weight === 1) return t`The label has no weight: only the ${who} pulls.`;
  if (!isSoft && weight === 0) return t`Soft targets have no weight: only the ${who} pulls.`;
  return t`On this ${subject}, only the ${who} pulls.`;
}

function compared(subject, ratio) {
  if (Math.max(ratio, 1 / ratio) < 1.05) {
    return [t`On this ${subject}, soft targets and label pull equally hard.`];
  }
  return ratio > 1
    ? t`On this ${subject}, the soft targets pull ${[proportion(ratio), "teacher"]} as hard as the label.`
    : t`On this ${subject}, the label pulls ${[proportion(1 / ratio), "hard"]} as hard as the soft targets.`;
}
