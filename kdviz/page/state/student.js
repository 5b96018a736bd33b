// The student whose loss is weighed: where it starts, and what the learner moved by hand.

import { center } from "../maths/loss.js";
import { numbers } from "./testset.js";

export const STARTS = [
  ["trained", "Half-taught", "A third of its training"],
  ["nothing", "Knows nothing", "All logits alike"],
  ["equal", "Equals the teacher", "The same logits"],
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
