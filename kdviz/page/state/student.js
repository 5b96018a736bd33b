// The student whose loss is weighed: where it starts, and what the learner moved by hand.

import { numbers, put } from "./model.js";
import { center } from "../maths/loss.js";

export const STARTS = [
  ["trained", "Half-taught", "A third of its training"],
  ["nothing", "Knows nothing", "All logits alike"],
  ["equal", "Equals the teacher", "The same logits"],
];

export function readStudent(model, teacher) {
  const logits = numbers(model, "student_logits", Float32Array);
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

// What is set in this panel; anything odd gives way to the default.
export function readSettings(model, teacher, student, example) {
  const { start, squared, moved } = model.get("weigh") ?? {};
  const fits = moved?.example === example && Array.isArray(moved.logits)
    && moved.logits.length === teacher.width && moved.logits.every(Number.isFinite);
  return {
    start: student.known.includes(start) ? start : student.known[0],
    squared: squared !== false,
    moved: fits ? moved.logits : null,
  };
}

export function change(model, settings) {
  put(model, { weigh: { ...model.get("weigh"), ...settings } });
}
