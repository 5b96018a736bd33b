// The distillation loss of one example and its gradients, from the student's logits z, the
// teacher's v, and a label (-1 for none). Nats; gradients are with respect to z.

import { kl, klShare, logSoftmax, softmax } from "./numerics.js";

// KL(p_T, q_T), without T².
export function softTerm(z, v, T) {
  return kl(logSoftmax(v, T), logSoftmax(z, T));
}

// Cross-entropy with the label, at T = 1.
export function hardTerm(z, label) {
  return label < 0 ? 0 : -logSoftmax(z, 1)[label];
}

// Equation 2: (q - p)/T, without T².
export function softGradient(z, v, T, out = new Float64Array(z.length),
  p = new Float64Array(z.length)) {
  softmax(v, T, p);
  softmax(z, T, out);
  for (let i = 0; i < z.length; i++) out[i] = (out[i] - p[i]) / T;
  return out;
}

export function hardGradient(z, label) {
  if (label < 0) return new Float64Array(z.length);
  const q = softmax(z, 1);
  q[label] -= 1;
  return q;
}

// Equation 4: (z - v)/(N T²), the means taken off.
export function limitGradient(z, v, T, out = new Float64Array(z.length)) {
  let mean = 0;
  for (let i = 0; i < z.length; i++) mean += (z[i] - v[i]) / z.length;
  for (let i = 0; i < z.length; i++) out[i] = (z[i] - v[i] - mean) / (z.length * T * T);
  return out;
}

// The two weighted terms, their pulls on the logits (minus the gradients: where a step down
// moves them), and the pull of matching logits, which the soft one approaches as T grows. One
// pass over the classes: 50,000 of them must fit into a frame.
export function weigh(z, v, label, { T, weight, squared }) {
  const factor = weight * (squared ? T * T : 1);
  const rest = 1 - weight;
  const [logP, logQ] = [v, z].map((logits) => logSoftmax(logits, T));
  const { gradient, crossEntropy } = hardOf(z, label);
  const [softPull, hardPull, pull] = [0, 1, 2].map(() => new Float64Array(z.length));
  const limitPull = limitGradient(z, v, T);
  let kl = 0;
  for (let c = 0; c < z.length; c++) {
    kl += klShare(logP[c], logQ[c]);
    softPull[c] = (factor * (Math.exp(logP[c]) - Math.exp(logQ[c]))) / T;
    hardPull[c] = -rest * gradient[c];
    pull[c] = softPull[c] + hardPull[c];
    limitPull[c] *= -factor;
  }
  return { kl, crossEntropy, soft: factor * kl, hard: rest * crossEntropy,
    loss: factor * kl + rest * crossEntropy, softPull, hardPull, pull, limitPull };
}

// The hard term knows no T: it is kept while the logits stay.
let kept = {};
function hardOf(z, label) {
  if (kept.z !== z || kept.label !== label) {
    kept = { z, label, gradient: hardGradient(z, label), crossEntropy: hardTerm(z, label) };
  }
  return kept;
}

// The same numbers with a mean of 0: a constant added to all logits changes nothing.
export function center(values) {
  const out = new Float64Array(values);
  let mean = 0;
  for (let i = 0; i < out.length; i++) mean += out[i] / out.length;
  for (let i = 0; i < out.length; i++) out[i] -= mean;
  return out;
}

export function norm(values) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum);
}
