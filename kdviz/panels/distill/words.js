// What Distill says: of scenarios, and of where a run stands.

import { minus, inPoints, sentence } from "../../page/maths/compare.js";
import { temperature } from "../../page/parts/format.js";
import { key, t } from "../../page/words/t.js";

export const SCENARIOS = { unseen: key`A digit it never saw`, "few-labels": key`Few labels`,
  "all-labels": key`Everything labelled` };

export function about(run) {
  if (!run) return "";
  const seeds = run.seeds > 1 ? t`Mean and range of ${run.seeds} seeds.` : t`One seed.`;
  const yours = run.yours ? ` ${t`With ${drawings(run.yours)} of yours.`}` : "";
  return `${t(SCENARIOS[run.scenario])}, T = ${temperature(run.temperature)}. ${seeds}${yours}`;
}

export const drawings = (count) => (count === 1 ? t`1 drawing` : t`${count} drawings`);

export function statusOf({ state, waiting, message, device, run, asked, live }) {
  if (message) return message;
  if (!live) return t`Nothing trains here: this page has no images to train on.`;
  if (state === "warming") {
    const loading = t`Loading PyTorch, once: a few seconds.`;
    return waiting ? `${loading} ${t`Training begins right after.`}` : loading;
  }
  if (asked) return t`Asking Python to begin.`;
  const pairs = run && (run.seeds === 1 ? t`1 pair, ${run.width} hidden units, ${device}.`
    : t`${run.seeds} pairs, ${run.width} hidden units, ${device}.`);
  if (state === "training" && run) return t`Training ${pairs} Stop it to train anew.`;
  if (state === "paused") return t`Paused: ${pairs} Stop it to train anew.`;
  if (state === "stopping") return t`Stopping.`;
  if (state === "done") return t`Trained ${pairs}`;
  return device ? t`Ready: ${device}.` : t`Ready.`;
}

// The verdict on students and their baselines. stress(number) makes what was
// found stand out.
export function sentenceOf({ comparison, diverged }, stress) {
  if (!comparison.pairs && !diverged.length) {
    return t`Nothing to compare: no test example has a label.`;
  }
  return sentence(comparison, undefined, undefined, stress);
}

// The outcome beside the prediction. name: of the missing class.
export function besidePrediction({ scenario, prediction }, { found, comparison }, name,
  stress = (number) => number) {
  if (!Number.isFinite(found)) return t`So nothing can be held against your prediction.`;
  const unseen = scenario === "unseen";
  const was = unseen ? `${found.toFixed(0)}%` : inPoints(found / 100, comparison);
  if (prediction === null) {
    const known = unseen ? t`The students recognize ${was} of the ${name}s.`
      : t`Soft targets gained ${was} points.`;
    return `${known} ${t`You made no prediction: make one for the next run.`}`;
  }
  const said = minus(String(Number(prediction.toPrecision(6))));
  return unseen ? t`You predicted ${said}% of the ${name}s; it was ${stress(was)}.`
    : t`You predicted a gain of ${said} points; it was ${stress(was)}.`;
}

export function nextStep({ scenario, soft_weight: weight }, { comparison }, name) {
  if (weight === 0) return t`At soft weight 0 the students see no soft targets: raise it.`;
  if (scenario === "unseen") {
    return t`Raise the bias of class ${name} and see how many more they knew.`;
  }
  if (comparison.verdict === "better") {
    return t`Would a smaller student gain more? Change the width.`;
  }
  return t`It does not always win. Try another temperature, width or scenario: when does it?`;
}

// Names the members that diverged, of so many students and as many baselines; empty if none did.
export function nameDiverged(diverged, seeds) {
  if (!diverged.length) return "";
  const names = diverged.map((i) => (i < seeds ? t`student ${i + 1}` : t`baseline ${i - seeds + 1}`));
  const listed = names.length > 1 ? t`${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0];
  return t`Diverged, as the loss was no longer a finite number: ${
    listed}. The others went on. A lower learning rate helps.`;
}
