// What Distill says of single steps.

import { temperature, withArticle } from "../../page/parts/format.js";

export const MEMBERS = ["Student", "Baseline"];
const NAMES = MEMBERS.map((name) => name.toLowerCase());

// Where slow motion stands, and what the last step did to the student (side 0) or its baseline.
export function stepIn({ state, busy, progress, message }, last, side) {
  if (state === "failed") return message;
  if (!last) {
    if (state === "training") return "They train at full speed. Pause to go on step by step.";
    if (state === "stopping") return "Stopping.";
    const from = progress?.step ? `, from step ${progress.step + 1} on` : "";
    return busy ? `Paused. Step takes one mini-batch${from}.`
      : "Step begins a run with one mini-batch, and shows what it does.";
  }
  const { step, steps, epoch, pair } = last;
  const place = `Step ${step} of ${steps}, epoch ${epoch.toFixed(1)}: `;
  return place + whatItDid(pair[side], NAMES[side]) + (
    !busy ? ` The run ${state === "stopped" ? "was stopped" : "is over"}: Step begins a new one.`
      : state === "paused" && progress.step > step ? ` Now it stands at step ${progress.step}.` : "");
}

function whatItDid(batch, name) {
  if (!batch) return `the ${name} diverged before. The others went on.`;
  const { loss, examples, diverged } = batch;
  if (diverged) {
    return `the ${name} diverged, as its loss is no longer a finite number. The others go on.`;
  }
  const changed = examples.filter(({ change }) => change).length;
  return `loss of this batch ${nats(loss)}; ${changed} of ${examples.length} answers changed.`;
}

// An image and what the step did to its answer, for who can't see it.
export function changeIn({ truth, answers: [was, is] }, name) {
  return `${shownBy(truth, name)}, taken for ${withArticle(name(was))}`
    + (was === is ? "" : `, now for ${withArticle(name(is))}`);
}

// What an image shows; nobody has said it of a drawing without a label.
const shownBy = (truth, name) => (truth < 0 ? "a drawing of yours" : withArticle(name(truth)));

// The image that was chosen, in three sentences.
export function exampleIn({ label, truth, answers: [was, is], losses }, { weight, T }, side, name) {
  const a = (c) => withArticle(name(c));
  const who = NAMES[side];
  const taught = weight === 0
    ? label < 0 ? "It has no label, and so it teaches nothing." : "Its label alone teaches it."
    : label < 0 ? `Soft targets at T = ${temperature(T)} teach it; ${
      truth < 0 ? "it has no label" : "its label is hidden"}.`
      : weight === 1 ? `Soft targets at T = ${temperature(T)} alone teach it.`
        : `Soft targets at T = ${temperature(T)} and its label teach it.`;
  const said = was === is ? `The ${who} takes it for ${a(is)}, before and after.`
    : `The ${who} took it for ${a(was)}, and now takes it for ${a(is)}.`;
  return `This is ${shownBy(truth, name)}. ${taught} ${said} Its loss: ${nats(losses)}.`;
}

// As many decimals as it takes to see that they differ, two or three at least.
function nats(losses) {
  let decimals = losses[0] < 1 ? 3 : 2;
  const said = () => losses.map((loss) => loss.toFixed(decimals));
  while (decimals < 5 && said()[0] === said()[1]) decimals++;
  return `${said().join(" → ")} nats`;
}
