// What raising one class's bias changes, counted from the logits on the test examples.

// logits: (2S, N, C), students before their baselines; labels: (N); diverged: member numbers.
// Returns { at(bias) }: for each group the accuracy over all examples and the share of each class
// recognized; null for a group of which nothing is left.
export function makeBias(logits, labels, classes, raised, diverged) {
  const size = labels.length * classes;
  const members = logits.length / size;
  const sizes = new Float64Array(classes);
  labels.forEach((label) => { sizes[label] += 1; });
  const kept = Array.from({ length: members }, (_, m) => m).filter((m) => !diverged.includes(m));
  const groups = [0, 1].map((side) => kept.filter((m) => (m >= members / 2) === (side === 1))
    .map((m) => compete(logits.subarray(m * size, (m + 1) * size), labels, classes, raised)));

  function share(group, bias) {
    const right = new Float64Array(classes);
    for (const { lead, first, otherIsRight } of group) {
      for (let n = 0; n < labels.length; n++) {
        const wins = bias > lead[n] || (bias === lead[n] && first[n] === 1);
        if (labels[n] === raised ? wins : otherIsRight[n] && !wins) right[labels[n]] += 1;
      }
    }
    const all = right.reduce((sum, count) => sum + count, 0) / labels.length / group.length;
    return { all, byClass: Array.from(right, (count, c) => count / sizes[c] / group.length) };
  }
  return { at: (bias) => groups.map((group) => (group.length ? share(group, bias) : null)) };
}

// How far the best other class leads, and whether it is the label. A tie goes to the class with
// the lower number, as it does in Python.
function compete(logits, labels, classes, raised) {
  const lead = new Float64Array(labels.length);
  const [first, otherIsRight] = [0, 1].map(() => new Uint8Array(labels.length));
  for (let n = 0; n < labels.length; n++) {
    let best = raised === 0 ? 1 : 0;
    for (let c = best + 1; c < classes; c++) {
      if (c !== raised && logits[n * classes + c] > logits[n * classes + best]) best = c;
    }
    lead[n] = logits[n * classes + best] - logits[n * classes + raised];
    first[n] = raised < best ? 1 : 0;
    otherIsRight[n] = best === labels[n] ? 1 : 0;
  }
  return { lead, first, otherIsRight };
}
