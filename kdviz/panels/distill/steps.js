// What a single step did to a student and to its baseline, the pair of the first seed.

import { signal } from "@preact/signals";
import { distillationLoss } from "../../page/maths/loss.js";
import { argmax, softmax } from "../../page/maths/softmax.js";
import { roundUp } from "../../page/maths/survey.js";

// background: what trains. last: null, or the last step that was taken alone: step, steps, epoch;
// data, classes and teacherLogits of its run; and pair, of student and baseline what readBatch
// gives, null for one that diverged before.
export function makeSteps(background) {
  const last = signal(null);
  let run = null; // settings and data

  function begin(about) {
    run = about;
    last.value = null;
  }

  // Takes a step of the run; where none is under way, one begins with it. train: as of start().
  async function take(train) {
    if (!["training", "paused", "stopping"].includes(background.view.peek().state)) {
      background.start(train, { paused: true });
    }
    const taken = await background.step([0, run?.seeds]);
    if (!taken) return;
    const { seen, ...where } = taken;
    const pair = seen.map((each, side) => each && readBatch(each, { ...run,
      weight: side ? 0 : run.soft_weight, limits: last.peek()?.pair[side]?.limits }));
    last.value = { ...where, data: run.data, teacherLogits: run.teacherLogits, pair };
  }

  return { last, begin, take };
}

// The batch as a student met it. T: at which it is compared with soft targets, 1 where its weight is
// 0 and it has none. loss: of the batch before and after, in nats. limits: where the axes of shares
// and of pulls end; they stay while they hold all values. examples: the changed answers first, then
// by loss: row, label (-1 where it has none), truth; softTargets; of before and after the answers,
// losses and shares at T; what the step did to the answer; and terms, as distillationLoss has them.
export function readBatch({ rows, labels, softTargets, before, after },
  { data, teacherLogits, temperature, weight, limits = { share: 0, pull: 0 } }) {
  const { classes } = data;
  const T = weight > 0 ? temperature : 1;
  const of = (values, i) => values.subarray(i * classes, (i + 1) * classes);
  const nobody = new Float32Array(classes);
  const examples = Array.from(rows, (row, i) => {
    const teacher = weight > 0 ? of(teacherLogits, row) : nobody;
    const times = [before, after].map((logits) => of(logits, i));
    const [terms, then] = times.map((z) =>
      distillationLoss(z, teacher, labels[i], { T, weight, squared: true }));
    const answers = times.map(argmax);
    const truth = data.labels[row];
    return { row, label: labels[i], truth, softTargets: softTargets && of(softTargets, i), answers,
      losses: [terms.loss, then.loss], shares: times.map((z) => softmax(z, T)),
      change: changeOf(answers, truth), terms };
  });
  examples.sort((a, b) => ORDER.indexOf(a.change) - ORDER.indexOf(b.change)
    || b.losses[0] - a.losses[0]);
  const loss = [0, 1].map((when) => examples.reduce((sum, { losses }) =>
    sum + losses[when], 0) / examples.length);
  return { T, weight, loss, examples, diverged: !loss.every(Number.isFinite), limits: {
    share: Math.min(1, holding(limits.share, examples.flatMap(({ softTargets: p, shares }) =>
      [p ?? nobody, ...shares]))),
    pull: holding(limits.pull, examples.flatMap(({ terms }) => [terms.softPull, terms.pull])),
  } };
}

// The limit, or a larger one if values lie beyond it.
function holding(limit, lists) {
  let most = limit;
  for (const values of lists) for (const value of values) most = Math.max(most, Math.abs(value));
  return most > limit ? roundUp(most) : limit;
}

const ORDER = ["right", "wrong", "other", ""];

// What a step did to an answer; "" if nothing.
function changeOf([was, is], truth) {
  if (was === is) return "";
  return is === truth ? "right" : was === truth ? "wrong" : "other";
}
