// The whole test set at one temperature: how sure the teacher is of each example.

import { argmax } from "../maths/softmax.js";
import { once } from "./testset.js";

const MOST_VALUES = 3e5; // exponentials that fit into a frame

// Examples to survey: all, or every k-th where all are too many for a frame.
export const cloudOf = once((teacher) => {
  const stride = Math.max(1, Math.ceil((teacher.count * teacher.width) / MOST_VALUES));
  const examples = Int32Array.from({ length: Math.ceil(teacher.count / stride) },
    (_, i) => i * stride);
  const tops = Float64Array.from(examples, (i) => {
    const row = teacher.row(i);
    return row[argmax(row)];
  });
  const wrong = Uint8Array.from(examples, (i) =>
    (teacher.label(i) >= 0 && argmax(teacher.row(i)) !== teacher.label(i) ? 1 : 0));
  const confidence = new Float64Array(examples.length);
  const bits = new Float64Array(examples.length);
  let heated = 0;

  // The largest share and the entropy of each; with one exponential a value.
  function heat(T) {
    if (T === heated) return;
    heated = T;
    for (let n = 0; n < examples.length; n++) {
      const row = teacher.row(examples[n]);
      let sum = 0;
      let weighted = 0;
      for (let c = 0; c < row.length; c++) {
        const l = (row[c] - tops[n]) / T;
        const e = Math.exp(l);
        sum += e;
        if (e > 0) weighted += e * l;
      }
      confidence[n] = 1 / sum;
      bits[n] = (Math.log(sum) - weighted / sum) / Math.LN2;
    }
  }
  // The place of an example among those surveyed, -1 if it is not one.
  const placeOf = (i) => (i % stride ? -1 : i / stride);
  return { examples, wrong, confidence, bits, stride, heat, placeOf };
});

// Mean shares (C, C): how much of the soft targets of a class goes to each other class.
export function meanShares(teacher, T) {
  const { width } = teacher;
  const { examples } = cloudOf(teacher);
  const [sums, sizes] = [new Float64Array(width * width), new Float64Array(width)];
  const e = new Float64Array(width);
  for (const i of examples) {
    const row = teacher.row(i);
    const top = row[argmax(row)];
    let sum = 0;
    for (let c = 0; c < width; c++) {
      e[c] = Math.exp((row[c] - top) / T);
      sum += e[c];
    }
    const subject = teacher.subject(i);
    sizes[subject] += 1;
    for (let c = 0; c < width; c++) sums[subject * width + c] += e[c] / sum;
  }
  return sums.map((value, at) => value / (sizes[Math.floor(at / width)] || 1));
}

// The most even rest that a largest share leaves: no example has more entropy.
export function mostBits(p, width) {
  const rest = 1 - p;
  return -(p * Math.log2(p) + (rest > 0 ? rest * Math.log2(rest / (width - 1)) : 0));
}
