// What the page knows of the teacher: its logits on test examples, their labels and images.

import { argmax, entropyBits, logSoftmax, quantile } from "../maths/softmax.js";

const TELLING_AT = 4; // the T at which examples are ranked by entropy
const MOST_SHOWN = 20; // classes drawn one by one; beyond, the smallest are summed
const TELLING = 16; // examples to pick from
const MOST_VALUES = 4e6; // exponentials a survey of the test set may cost

// Numbers from bytes (a DataView, at any offset, little-endian).
export function numbers(view, Type) {
  if (!view || view.byteLength === 0) return new Type(0);
  return new Type(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

// get(name): a trait of the lab.
export function readTestset(get) {
  const classes = get("classes");
  const width = classes.length;
  const logits = numbers(get("logits"), Float32Array);
  const labels = numbers(get("labels"), Int32Array);
  const pixels = numbers(get("images"), Uint8Array);
  const [height, across] = get("image_shape");
  const count = Math.floor(logits.length / width);
  const size = height * across;
  const row = (i) => logits.subarray(i * width, (i + 1) * width);
  return {
    classes, width, count, height, across, row,
    label: (i) => (i < labels.length ? labels[i] : -1),
    image: (i) => ((i + 1) * size <= pixels.length && size > 0
      ? pixels.subarray(i * size, (i + 1) * size) : null),
    // The label where there is one, else what the teacher takes it for.
    subject: (i) => (i < labels.length && labels[i] >= 0 ? labels[i] : argmax(row(i))),
  };
}

// Finds something of a test set the first time that it is asked for, and keeps it.
export function once(find) {
  const found = new WeakMap();
  return (testset) => {
    if (!found.has(testset)) found.set(testset, find(testset));
    return found.get(testset);
  };
}

// Every k-th example, so that visiting them at `times` temperatures stays within the budget.
function sample(teacher, times) {
  const step = Math.max(1, Math.ceil((teacher.count * teacher.width * times) / MOST_VALUES));
  return Array.from({ length: Math.ceil(teacher.count / step) }, (_, i) => i * step);
}

// At each temperature, the entropies in bits between which 8 of 10 test examples lie.
export function entropyBand(teacher, temperatures) {
  const rows = sample(teacher, temperatures.length);
  const logP = new Float64Array(teacher.width);
  return temperatures.map((T) => {
    const bits = Float64Array.from(rows, (i) =>
      entropyBits(logSoftmax(teacher.row(i), T, logP))).sort();
    return [quantile(bits, 0.1), quantile(bits, 0.9)];
  });
}

// Examples worth a look, the most unsure first: of each class the most unsure one, then a typical
// one, then the most certain one, and so on between, until there are enough.
export const tellingExamples = once((teacher) => {
  const bits = new Map();
  const groups = new Map();
  for (const i of sample(teacher, 1)) {
    bits.set(i, entropyBits(logSoftmax(teacher.row(i), TELLING_AT)));
    const group = groups.get(teacher.subject(i)) ?? [];
    groups.set(teacher.subject(i), [...group, i]);
  }
  const unsureFirst = (a, b) => bits.get(b) - bits.get(a);
  const sorted = [...groups.values()].map((group) => group.sort(unsureFirst))
    .sort((a, b) => unsureFirst(a[0], b[0]));
  const picked = new Set();
  for (const part of [0, 0.5, 1, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875]) {
    for (const group of sorted) {
      if (picked.size < TELLING) picked.add(group[Math.round(part * (group.length - 1))]);
    }
  }
  return [...picked].sort(unsureFirst);
});

// The example in view: the one that was set, else the most unsure that the teacher gets right.
export function currentExample(set, teacher, telling) {
  if (set >= 0 && set < teacher.count) return set;
  return telling.find((i) => argmax(teacher.row(i)) === teacher.subject(i)) ?? telling[0];
}

// Everything about one example that does not depend on T; with its logits moved by hand, if any.
export function lookAt(teacher, index, moved = null) {
  const original = teacher.row(index);
  const logits = moved ? Float64Array.from(moved) : original;
  const subject = teacher.subject(index);
  const shown = [...logits.keys()];
  if (shown.length > MOST_SHOWN) {
    shown.sort((a, b) => original[b] - original[a]).length = MOST_SHOWN - 1;
  }
  const listed = new Uint8Array(logits.length);
  for (const c of shown) listed[c] = 1;
  const ranked = shown.filter((c) => c !== subject || teacher.width === 2)
    .sort((a, b) => logits[b] - logits[a]);
  return {
    testset: teacher, index, logits, moved, subject, shown, listed,
    name: (c) => teacher.classes[c],
    label: teacher.label(index),
    top: argmax(original), // what the teacher takes it for
    most: ranked[0], // what else it looks like
    least: ranked.at(-1), // and what it looks like least
    gap: logits[ranked[0]] - logits[ranked.at(-1)],
    logP1: logSoftmax(logits, 1),
  };
}

// The natural logarithm of the share of all classes that are not shown one by one.
export function restOf(view, logP) {
  let sum = 0;
  for (let c = 0; c < logP.length; c++) if (!view.listed[c]) sum += Math.exp(logP[c]);
  return Math.log(sum);
}
