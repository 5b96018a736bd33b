// What the arrows show, in two plain sentences.

import { norm } from "./weigh-loss.js";

const NONE = 1e-6; // a pull below this moves nothing that can be seen

// "9.3 times", "0.023 times": two figures.
export function proportion(ratio) {
  if (ratio >= 99.5) return `${Math.round(ratio).toLocaleString("en-US")} times`;
  if (ratio < 0.0001) return "less than 0.0001 times";
  return `${ratio >= 9.95 ? Math.round(ratio) : ratio.toPrecision(2)} times`;
}

// Which term pulls harder; parts for sentence() in dom.js.
export function balance({ view, label }, terms, weight) {
  const [soft, hard] = [norm(terms.softPull), norm(terms.hardPull)];
  const subject = view.name(view.subject);
  if (soft < NONE && hard < NONE) return [`On this ${subject}, nothing pulls on the student.`];
  if (label < 0) return ["Without a label, only the ", ["teacher", "teacher"], " pulls."];
  if (weight === 1) return ["The label has no weight: only the ", ["teacher", "teacher"], " pulls."];
  if (weight === 0) return ["Soft targets have no weight: only the ", ["label", "hard"], " pulls."];
  if (soft < NONE) return [`On this ${subject}, only the `, ["label", "hard"], " pulls."];
  if (hard < NONE) return [`On this ${subject}, only the `, ["teacher", "teacher"], " pulls."];
  if (soft / hard < 1.05 && hard / soft < 1.05) {
    return [`On this ${subject}, soft targets and label pull equally hard.`];
  }
  return soft > hard
    ? [`On this ${subject}, the soft targets pull `, [proportion(soft / hard), "teacher"],
      " as hard as the label."]
    : [`On this ${subject}, the label pulls `, [proportion(hard / soft), "hard"],
      " as hard as the soft targets."];
}

// Where they move the student most.
export function direction({ view }, { pull, softPull, hardPull }) {
  const order = [...view.shown].sort((a, b) => pull[b] - pull[a]);
  const [up, down] = [order[0], order.at(-1)];
  const pulling = [softPull, hardPull].filter((each) => norm(each) >= NONE).length;
  if (!pulling) return ["It stays as it is."];
  if (norm(pull) < NONE) return ["The student is where they want it."];
  return [pulling === 1 ? "It pushes the " : "Together they push the ", view.name(up), " up and the ", view.name(down),
    " down the most."];
}
