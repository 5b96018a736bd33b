// Trains students and their baselines in this page, and judges them: what session.py and
// scenarios.py do in a kernel.

import { signal } from "@preact/signals";
import { train } from "../../page/engine/cohort.js";
import { costOf } from "../../page/engine/cost.js";
import { labelledOnly, wholeSet, withoutClasses } from "../../page/engine/transfer-set.js";
import { compare } from "../../page/maths/compare.js";
import { argmax } from "../../page/maths/softmax.js";
import { makeBackground } from "../../page/state/background.js";
import { key, t } from "../../page/words/t.js";
import { makeSteps } from "./steps.js";
import { nameDiverged } from "./words.js";
import { fewLabels, leftOut, withYours, yoursOf } from "./yours.js";

export function makeSession(lab) {
  const { epochs, recipe } = lab.kernel("distill_view");
  const background = makeBackground({ title: key`Training`, panel: key`Distill`,
    given: { epochs, recipe, outcome: null }, sayStopped: ({ progress }) =>
      t`Stopped at epoch ${Math.round(progress?.epoch ?? 0)}: no verdict on half a run.` });
  const { view, tell, follow } = background;
  const arrays = signal({});
  const steps = makeSteps(background);

  async function distill() {
    const yours = yoursOf(lab).peek();
    const settings = { ...lab.settings("distill"), temperature: lab.get("temperature"),
      soft_weight: lab.get("soft_weight") };
    settings.yours = yours.length - leftOut(yours, settings);
    const { data, teacherLogits, test } = withYours(lab.transferSet.peek(), yours);
    tell({ run: settings, outcome: null });
    arrays.value = {};
    steps.begin({ ...settings, data, teacherLogits });
    const run = train({ data, teacherLogits, test, members: membersOf(settings, data.labels, recipe.few),
      hidden: [settings.width], epochs, lr: recipe.lr, batchSize: recipe.batch_size,
      recordEvery: recipe.record_every });
    const rows = [];
    let notice = ""; // comes with one record, and is true of all
    let diverged = [];
    for await (const { record, progress, draw } of follow(run)) {
      notice ||= record.notice;
      diverged = record.diverged;
      rows.push(...pointOf(record, settings.seeds));
      if (!draw) continue;
      tell({ progress, message: nameDiverged(diverged, settings.seeds) || notice });
      arrays.value = { distill_curves: Float32Array.from(rows) };
    }
    const logits = await run.logits(test.inputs);
    const outcome = judge(settings, logits, test.labels, data.classes, diverged);
    const sizes = [data.inputs.length / data.labels.length, settings.width, data.classes];
    const teacher = lab.kernel("teacher");
    outcome.costs = [teacher.sizes.length ? costOf(teacher.sizes, teacher.members) : null,
      costOf(sizes, 1)];
    arrays.value = { ...arrays.value, distill_logits: Float32Array.from(logits.flatMap((v) => [...v])) };
    tell({ outcome });
  }

  return { view, arrays, steps: steps.last, train: () => background.start(distill),
    step: () => steps.take(distill), pause: background.pause, resume: background.resume,
    stop: background.stop, run: background.run, close: background.close };
}

// What each student and each baseline trains on, as scenarios.py has it; students come first. few:
// labels that are left in "few-labels".
function membersOf({ scenario, omitted, seeds, yours, temperature, soft_weight: softWeight },
  labels, few) {
  const whole = wholeSet(labels);
  const left = withoutClasses(whole, labels, omitted);
  return [softWeight, 0].flatMap((weight, side) => Array.from({ length: seeds }, (_, seed) => {
    let transferSet = scenario === "unseen" ? left : whole;
    if (scenario === "few-labels") {
      transferSet = fewLabels(labels, yours, few, seed);
      if (side) transferSet = labelledOnly(transferSet);
    }
    return { seed, temperature, softWeight: weight, transferSet };
  }));
}

// A point of the curves: epoch; mean, lowest and highest accuracy of students; of baselines.
function pointOf({ epoch, accuracy }, seeds) {
  return [epoch, ...[accuracy.slice(0, seeds), accuracy.slice(seeds)].flatMap((group) => {
    const alive = group.filter(Number.isFinite);
    return alive.length ? [mean(alive), Math.min(...alive), Math.max(...alive)] : [NaN, NaN, NaN];
  })];
}

// What came of it. logits: of every member on the N test examples; classes: how many.
export function judge({ scenario, omitted, seeds }, logits, labels, classes, diverged) {
  const sizes = Array.from({ length: classes }, (_, c) => labels.filter((l) => l === c).length);
  const labelled = sizes.reduce((sum, size) => sum + size, 0);
  const right = logits.map((each, member) => (diverged.includes(member) ? null
    : rightByClass(each, labels, classes)));
  const accuracy = right.map((counts) => (counts
    ? counts.reduce((sum, n) => sum + n, 0) / labelled : NaN));
  const comparison = compare(accuracy.slice(0, seeds), accuracy.slice(seeds));
  const by_class = [right.slice(0, seeds), right.slice(seeds)].map((group) => sizes.map((size, c) => {
    const alive = group.filter(Boolean);
    return alive.length && size ? mean(alive.map((counts) => counts[c])) / size : null;
  }));
  const found = scenario === "unseen" ? 100 * (by_class[0][omitted] ?? NaN)
    : 100 * comparison.difference;
  return { comparison, found, by_class, diverged };
}

function rightByClass(logits, labels, classes) {
  const right = Array.from({ length: classes }, () => 0);
  labels.forEach((label, i) => {
    if (argmax(logits.subarray(i * classes, (i + 1) * classes)) === label) right[label] += 1;
  });
  return right;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
