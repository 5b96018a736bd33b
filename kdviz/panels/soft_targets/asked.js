// What a class is asked in Soft targets, of the image in view; for the page, codes and their plot.

import { COLDEST, HOTTEST, crossing, logSoftmax } from "../../page/maths/softmax.js";
import { lookAt } from "../../page/state/testset.js";
import { key, t } from "../../page/words/t.js";
import { subjectOf } from "./subject.js";

const BOUNDS = [3, 6, 10];
export const CHOICES = [[0, key`below 3`], [1, key`3 to 6`], [2, key`6 to 10`], [3, key`above 10`]];

export const guessOf = (lab) => lab.keep("soft_targets guess", null);
export const choiceOf = (T) => BOUNDS.filter((bound) => T > bound).length;

/** The share that the least likely class is to pass, a tenth of an even one, and the T at which. */
export function goalOf({ testset, logits, least }) {
  const goal = 0.1 / testset.width;
  return { goalText: `${Number((goal * 100).toPrecision(2))}%`,
    answer: crossing((each) => Math.exp(logSoftmax(logits, each)[least]), goal, COLDEST, HOTTEST) };
}

export function ask(lab) {
  const { testset, index, pictures } = subjectOf(lab);
  const own = lookAt(testset, index);
  const { goalText, answer } = goalOf(own);
  if (answer <= COLDEST) return null; // it has that much already
  const guess = guessOf(lab).value;
  const made = guess?.testset === testset && guess.index === index;
  const { count } = testset;
  return { name: "soft_targets",
    at: pictures ? t`picture ${index + 1} of ${count}` : t`test image ${index + 1} of ${count}`,
    asks: t`At which T will the ${own.name(own.least)} pass ${goalText}?`,
    options: CHOICES.map(([, text]) => t(text)), value: made ? guess.choice : null,
    outcome: choiceOf(answer) };
}
