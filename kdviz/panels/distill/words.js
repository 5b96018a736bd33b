// What Distill says: of scenarios, and of where a run stands.

import { minus, inPoints, sentence } from "../../page/maths/compare.js";
import { temperature } from "../../page/parts/format.js";

export const SCENARIOS = { unseen: "A digit it never saw", "few-labels": "Few labels",
  "all-labels": "Everything labelled" };

export function about(run) {
  if (!run) return "";
  const seeds = run.seeds > 1 ? `Mean and range of ${run.seeds} seeds.` : "One seed.";
  const yours = run.yours ? ` With ${drawings(run.yours)} of yours.` : "";
  return `${SCENARIOS[run.scenario]}, T = ${temperature(run.temperature)}. ${seeds}${yours}`;
}

export const drawings = (count) => (count === 1 ? "1 drawing" : `${count} drawings`);

export function statusOf({ state, waiting, message, device, run, asked, live }) {
  if (message) return message;
  if (!live) return "Nothing trains here: this page has no images to train on.";
  if (state === "warming") {
    return `Loading PyTorch, once: a few seconds.${waiting ? " Training begins right after." : ""}`;
  }
  if (asked) return "Asking Python to begin.";
  const pairs = run && `${run.seeds} ${run.seeds === 1 ? "pair" : "pairs"}, `
    + `${run.width} hidden units, ${device}.`;
  if (state === "training" && run) return `Training ${pairs} Stop it to train anew.`;
  if (state === "paused") return `Paused: ${pairs} Stop it to train anew.`;
  if (state === "stopping") return "Stopping.";
  if (state === "done") return `Trained ${pairs}`;
  return device ? `Ready: ${device}.` : "Ready.";
}

// The verdict on students and their baselines.
export function sentenceOf({ comparison, diverged }) {
  if (!comparison.pairs && !diverged.length) {
    return "Nothing to compare: no test example has a label.";
  }
  return sentence(comparison);
}

// The outcome beside the prediction. name: of the missing class.
export function besidePrediction({ scenario, prediction }, { found, comparison }, name) {
  if (!Number.isFinite(found)) return "So nothing can be held against your prediction.";
  const unseen = scenario === "unseen";
  const was = unseen ? `${found.toFixed(0)}%` : inPoints(found / 100, comparison);
  if (prediction === null) {
    const known = unseen ? `The students recognize ${was} of the ${name}s.`
      : `Soft targets gained ${was} points.`;
    return `${known} You made no prediction: make one for the next run.`;
  }
  const said = minus(String(Number(prediction.toPrecision(6))));
  const asked = unseen ? `${said}% of the ${name}s` : `a gain of ${said} points`;
  return `You predicted ${asked}; it was ${was}.`;
}

export function nextStep({ scenario, soft_weight: weight }, { comparison }, name) {
  if (weight === 0) return "At soft weight 0 the students see no soft targets: raise it.";
  if (scenario === "unseen") {
    return `Raise the bias of class ${name} and see how many more they knew.`;
  }
  if (comparison.verdict === "better") {
    return "Would a smaller student gain more? Change the width.";
  }
  return "It does not always win. Try another temperature, width or scenario: when does it?";
}

// Names the members that diverged, of so many students and as many baselines; empty if none did.
export function nameDiverged(diverged, seeds) {
  if (!diverged.length) return "";
  const names = diverged.map((i) => `${i < seeds ? "student" : "baseline"} ${(i % seeds) + 1}`);
  const listed = [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(" and ");
  return `Diverged, as the loss was no longer a finite number: ${listed}. The others went on. A `
    + "lower learning rate helps.";
}
