// The student whose loss is weighed: where it starts, and what the learner moved by hand.

import { center } from "../maths/loss.js";
import { numbers } from "./testset.js";
import { key } from "../words/t.js";

export const STARTS = [
  ["trained", key`Half-taught`, key`A third of its training`],
  ["nothing", key`Knows nothing`, key`All logits alike`],
  ["equal", key`Equals the teacher`, key`The same logits`],
];

export function readStudent(get, teacher) {
  const logits = numbers(get("student_logits"), Float32Array);
  const trained = logits.length === teacher.count * teacher.width && logits.every(Number.isFinite);
  const known = STARTS.map(([name]) => name).filter((name) => trained || name !== "trained");
  // The student's logits on example i, mean 0, at one of the starts.
  const row = (start, i) => {
    if (start === "nothing") return new Float64Array(teacher.width);
    if (start === "equal") return center(teacher.row(i));
    return center(logits.subarray(i * teacher.width, (i + 1) * teacher.width));
  };
  return { known, row };
}
