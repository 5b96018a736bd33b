// What Loss says: of the arrows, in two plain sentences, and of numbers.

import { norm } from "../../page/maths/loss.js";

const NONE = 1e-6; // a pull below this moves nothing that can be seen
const TEACHER = ["teacher", "teacher"];
const LABEL = ["label", "hard"];

// "9.3 times", "0.023 times": two figures.
export function proportion(ratio, less = "less than ") {
  if (ratio >= 99.5) return `${Math.round(ratio).toLocaleString("en-US")} times`;
  if (ratio < 0.0001) return `${less}0.0001 times`;
  return `${ratio >= 9.95 ? Math.round(ratio) : ratio.toPrecision(2)} times`;
}

export const nats = (loss) =>
  (loss >= 0.001 || loss === 0 ? loss.toFixed(3) : loss.toExponential(1));

// Which term pulls harder, and where they move the student most: parts for two `Sentence`s.
export function sentences({ view, label }, { softPull, hardPull, pull }, weight) {
  const [soft, hard] = [norm(softPull), norm(hardPull)];
  const subject = view.name(view.subject);
  const here = `On this ${subject}, `;
  if (soft < NONE && hard < NONE) {
    return [[`${here}nothing pulls on the student.`], ["A step leaves it where it is."]];
  }
  const alone = (why, who) => [[`${why}only the `, who, " pulls."], moves("It pushes", view, pull)];
  if (hard < NONE) {
    return alone(label < 0 ? "Without a label, "
      : weight === 1 ? "The label has no weight: " : here, TEACHER);
  }
  if (soft < NONE) return alone(weight === 0 ? "Soft targets have no weight: " : here, LABEL);
  const ratio = soft / hard;
  const [first, times, last] = ratio > 1
    ? ["the soft targets pull ", [proportion(ratio), "teacher"], " as hard as the label."]
    : ["the label pulls ", [proportion(1 / ratio), "hard"], " as hard as the soft targets."];
  const equal = Math.max(ratio, 1 / ratio) < 1.05;
  return [equal ? [`${here}soft targets and label pull equally hard.`] : [here + first, times, last],
    norm(pull) < NONE ? ["The student is where they want it."]
    : moves("Together they push", view, pull)];
}

function moves(who, view, pull) {
  const order = [...view.shown].sort((a, b) => pull[b] - pull[a]);
  return [`${who} the ${view.name(order[0])} up and the ${view.name(order.at(-1))} down the most.`];
}
