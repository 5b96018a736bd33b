// What Specialists says of what came of a run.

import { inPoints, sentence } from "../../page/maths/compare.js";
import { count } from "../../page/parts/format.js";
import { key, t } from "../../page/words/t.js";

const THESE = { kmeans: key`Specialists of K-means clusters`,
  random: key`Specialists of random clusters`, yours: key`Specialists of your clusters` };

// What the verdict is on: against random clusters, as soon as there are some.
export const judged = ({ comparisons: { random, longer } }) => random ?? longer;

export const about = ({ comparisons }) => (comparisons.random ? t`K-means against random`
  : t`against the generalist trained on`);

export function sentencesOf({ kind, comparisons: { random, generalist, longer } }) {
  const these = random ? t`K-means clusters` : t(THESE[kind]);
  return [random ? sentence(random, these, t`random clusters`)
    : sentence(generalist, these, t`the generalist alone`),
  sentence(longer, these, t`the generalist trained on for as many examples`)];
}

// The outcome beside the prediction, if there was one.
export function besidePrediction({ predicted, comparisons: { random } }) {
  if (predicted === null || !random) return "";
  const [said, was] = [predicted / 100, random.difference].map((value) => inPoints(value, random));
  return t`You predicted ${said} points; it was ${was}.`;
}

export function nextStep({ kind, comparisons, shuffles }) {
  if (!comparisons.random) {
    const other = kind === "kmeans" ? t`Random clusters` : t`K-means clusters`;
    return t`Does the choice of classes matter? Press “${other}”, then Train.`;
  }
  return [t`Both trained equally long, on as many classes.`,
    shuffles === 1 ? t`One shuffle is no sample of all: the interval is over seeds alone.`
      : t`${shuffles} shuffles are no sample of all: the interval is over seeds alone.`,
    t`For one more press “${t`Random clusters`}”, then Train.`].join(" ");
}

// A row of the table.
export const nameRow = ({ kind, clusters, shuffles }) => ({
  longer: t`Trained on`,
  kmeans: t`K-means, ${clusters}`,
  random: shuffles > 1 ? t`Random, ${clusters} (${shuffles} shuffles)` : t`Random, ${clusters}`,
  yours: t`Yours, ${clusters}`,
}[kind]);

export function costOf({ clusters, longer_steps: steps, parameters: [own, theirs] }) {
  return [t`Trained on: the generalist alone, for ${count(steps)} more batches, as many as its ${clusters} specialists had together.`,
    t`So much training can overfit.`,
    t`Specialists add ${count(theirs)} parameters to its ${count(own)}.`].join(" ");
}
