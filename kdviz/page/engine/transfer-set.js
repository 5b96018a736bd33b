// What students train on: indices of a split's examples, and their labels, -1 for unlabelled. As
// kdviz.TransferSet; every function returns a new set. labels: the split's own.

import { drawn } from "./noise.js";

export function wholeSet(labels) {
  return { indices: labels.map((_, i) => i), labels: Int32Array.from(labels) };
}

// Without any example whose true class is one of those.
export function withoutClasses({ indices, labels }, truth, ...classes) {
  return pick({ indices, labels }, (i) => !classes.includes(truth[indices[i]]));
}

// Only the examples that still have a label.
export function labelledOnly({ indices, labels }) {
  return pick({ indices, labels }, (i) => labels[i] >= 0);
}

// Hides all labels but n, which are spread over the classes as evenly as the counts allow: classes
// take turns, in a random order.
export function keepLabels({ indices, labels }, n, seed) {
  const order = [...drawn(labels.length, seed)].filter((i) => labels[i] >= 0);
  const seen = new Map(); // classes in the order of their turns, and how many each had
  const turns = order.map((i) => {
    const turn = seen.get(labels[i]) ?? 0;
    seen.set(labels[i], turn + 1);
    return { i, turn, place: [...seen.keys()].indexOf(labels[i]) };
  });
  turns.sort((a, b) => a.turn - b.turn || a.place - b.place);
  const kept = new Int32Array(labels.length).fill(-1);
  for (const { i } of turns.slice(0, n)) kept[i] = labels[i];
  return { indices, labels: kept };
}

function pick({ indices, labels }, keep) {
  const at = [...indices.keys()].filter(keep);
  return {
    indices: Int32Array.from(at, (i) => indices[i]), labels: Int32Array.from(at, (i) => labels[i]),
  };
}
