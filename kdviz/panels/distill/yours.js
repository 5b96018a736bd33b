// The learner's own drawings in the transfer set: { image, logits, label } each, -1 for no label.

import { keepLabels, wholeSet } from "../../page/engine/transfer-set.js";

export const MOST = 100;

// They outlive the view, and wait for the next training in the page.
export const yoursOf = (lab) => lab.keep("distill yours", []);

// What engine/cohort.js takes, with them at its end.
export function withYours({ data, teacherLogits, test }, yours) {
  const joined = (Type, first, more) => Type.from([...first, ...more]);
  return {
    data: { ...data,
      inputs: joined(Float32Array, data.inputs, yours.flatMap(({ image }) => [...image])),
      labels: joined(Int32Array, data.labels, yours.map(({ label }) => label)) },
    teacherLogits: joined(Float32Array, teacherLogits, yours.flatMap(({ logits }) => [...logits])),
    test,
  };
}

// The whole set with n labels: those that a run without drawings keeps, and the learner's on top.
export function fewLabels(labels, drawings, n, seed) {
  const data = labels.length - drawings;
  const few = keepLabels(wholeSet(labels.subarray(0, data)), n, seed);
  return { ...wholeSet(labels), labels: Int32Array.from([...few.labels, ...labels.subarray(data)]) };
}

// How many the scenario leaves out: those that have the label of the missing class.
export function leftOut(yours, { scenario, omitted }) {
  return scenario === "unseen" ? yours.filter(({ label }) => label === omitted).length : 0;
}
