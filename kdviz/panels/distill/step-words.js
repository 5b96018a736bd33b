// What Distill says of single steps.

import { temperature, withArticle } from "../../page/parts/format.js";
import { key, t } from "../../page/words/t.js";

export const MEMBERS = [key`Student`, key`Baseline`];
// Of a student and of its baseline: that it diverged before or now, and what it takes an image for.
const SAYS = [{
  gone: key`the student diverged before. The others went on.`,
  diverged: key`the student diverged, as its loss is no longer a finite number. The others go on.`,
  keeps: key`The student takes it for {}, before and after.`,
  changes: key`The student took it for {}, and now takes it for {}.`,
}, {
  gone: key`the baseline diverged before. The others went on.`,
  diverged: key`the baseline diverged, as its loss is no longer a finite number. The others go on.`,
  keeps: key`The baseline takes it for {}, before and after.`,
  changes: key`The baseline took it for {}, and now takes it for {}.`,
}];

// Where slow motion stands, and what the last step did to the student (side 0) or its baseline.
export function stepIn({ state, busy, progress, message }, last, side) {
  if (state === "failed") return message;
  if (!last) {
    if (state === "training") return t`They train at full speed. Pause to go on step by step.`;
    if (state === "stopping") return t`Stopping.`;
    if (!busy) return t`Step begins a run with one mini-batch, and shows what it does.`;
    return progress?.step ? t`Paused. Step takes one mini-batch, from step ${progress.step + 1} on.`
      : t`Paused. Step takes one mini-batch.`;
  }
  const { step, steps, epoch, pair } = last;
  const said = t`Step ${step} of ${steps}, epoch ${epoch.toFixed(1)}: ${whatItDid(pair[side], side)}`;
  const now = !busy ? state === "stopped" ? t`The run was stopped: Step begins a new one.`
    : t`The run is over: Step begins a new one.`
    : state === "paused" && progress.step > step ? t`Now it stands at step ${progress.step}.` : "";
  return now ? `${said} ${now}` : said;
}

function whatItDid(batch, side) {
  if (!batch) return t(SAYS[side].gone);
  const { loss, examples, diverged } = batch;
  if (diverged) return t(SAYS[side].diverged);
  const changed = examples.filter(({ change }) => change).length;
  return t`loss of this batch ${nats(loss)}; ${changed} of ${examples.length} answers changed.`;
}

// An image and what the step did to its answer, for who can't see it.
export function changeIn({ truth, answers: [was, is] }, name) {
  const [shown, first, now] = [shownBy(truth, name), withArticle(name(was)), withArticle(name(is))];
  return was === is ? t`${shown}, taken for ${first}` : t`${shown}, taken for ${first}, now for ${now}`;
}

// What an image shows; nobody has said it of a drawing without a label.
const shownBy = (truth, name) => (truth < 0 ? t`a drawing of yours` : withArticle(name(truth)));

// The image that was chosen, in three sentences.
export function exampleIn({ label, truth, answers: [was, is], losses }, { weight, T }, side, name) {
  const a = (c) => withArticle(name(c));
  const at = temperature(T);
  const taught = weight === 0
    ? label < 0 ? t`It has no label, and so it teaches nothing.` : t`Its label alone teaches it.`
    : label < 0 ? truth < 0 ? t`Soft targets at T = ${at} teach it; it has no label.`
      : t`Soft targets at T = ${at} teach it; its label is hidden.`
      : weight === 1 ? t`Soft targets at T = ${at} alone teach it.`
        : t`Soft targets at T = ${at} and its label teach it.`;
  const said = was === is ? t(SAYS[side].keeps, a(is)) : t(SAYS[side].changes, a(was), a(is));
  return [t`This is ${shownBy(truth, name)}.`, taught, said, t`Its loss: ${nats(losses)}.`].join(" ");
}

// As many decimals as it takes to see that they differ, two or three at least.
function nats(losses) {
  let decimals = losses[0] < 1 ? 3 : 2;
  const said = () => losses.map((loss) => loss.toFixed(decimals));
  while (decimals < 5 && said()[0] === said()[1]) decimals++;
  return `${said().join(" → ")} nats`;
}
