// Measured over the test set, at each T of a grid: how strong the soft gradient is beside the
// hard one, and how far the limit of matching logits is from the exact gradient. Also, of one
// example, how far the axes must reach.

import { COLDEST, HOTTEST, quantile } from "./softmax.js";
import { hardGradient, hardTerm, limitGradient, norm, softGradient, softTerm } from "./loss.js";

export const POINTS = 40;
export const GRID = Array.from({ length: POINTS + 1 }, (_, i) =>
  COLDEST * (HOTTEST / COLDEST) ** (i / POINTS));

const MANY = 2000; // classes, beyond which fewer temperatures must do for the limits
const COARSE = GRID.filter((_, i) => i % 8 === 0);
const MOST_VALUES = 1e7; // exponentials a survey may cost; beyond, every k-th example
const EQUAL = 1e-9; // logits closer than this differ by rounding alone
const SLICE_MS = 4; // of work, then a pause as long, so that a frame always finds its time

// Surveys a slice at a time, then calls done(survey); returns a stop.
export function survey(teacher, rowOf, done) {
  const work = steps(teacher, rowOf);
  let timer = 0;
  function slice() {
    const end = performance.now() + SLICE_MS;
    let step = work.next();
    while (!step.done && performance.now() < end) step = work.next();
    if (step.done) done(step.value);
    else timer = setTimeout(slice, SLICE_MS);
  }
  timer = setTimeout(slice, SLICE_MS);
  return () => clearTimeout(timer);
}

// The mean sizes of the gradients (soft without T²), and of the limit's relative error the
// values between which 8 of 10 examples lie, with the median; null where there is nothing.
function* steps(teacher, rowOf) {
  const { count, width } = teacher;
  const stride = Math.max(1, Math.ceil((2 * count * width * GRID.length) / MOST_VALUES));
  const chosen = Array.from({ length: Math.ceil(count / stride) }, (_, i) => i * stride);
  const labelled = chosen.filter((i) => teacher.label(i) >= 0);
  let hard = 0;
  for (const i of labelled) {
    hard += norm(hardGradient(rowOf(i), teacher.label(i)));
    yield;
  }
  const [exact, limit, scratch] = [0, 0, 0].map(() => new Float64Array(width));
  const [ratio, error] = [[], []];
  for (const T of GRID) {
    let soft = 0;
    const errors = [];
    for (const i of chosen) {
      const [z, v] = [rowOf(i), teacher.row(i)];
      const apart = norm(limitGradient(z, v, T, limit)) * width * T * T;
      if (apart > EQUAL) {
        const size = norm(softGradient(z, v, T, exact, scratch));
        if (teacher.label(i) >= 0) soft += size;
        for (let c = 0; c < width; c++) limit[c] -= exact[c];
        if (size > 0) errors.push(norm(limit) / size);
      }
      yield;
    }
    ratio.push(soft / hard);
    const sorted = Float64Array.from(errors).sort();
    if (sorted.length) error.push([0.1, 0.5, 0.9].map((q) => quantile(sorted, q)));
  }
  const known = ratio.every((value) => Number.isFinite(value) && value > 0);
  return {
    examples: chosen.length,
    labelled: labelled.length,
    ratio: known ? ratio : null,
    error: error.length === GRID.length ? error : null,
  };
}

// A measured curve at any T, straight between the grid's points where both axes are logarithmic.
export function at(values, T) {
  const place = (Math.log(T / COLDEST) / Math.log(HOTTEST / COLDEST)) * POINTS;
  const low = Math.min(POINTS - 1, Math.max(0, Math.floor(place)));
  const part = place - low;
  return Math.exp((1 - part) * Math.log(values[low]) + part * Math.log(values[low + 1]));
}

// How far each axis reaches: over temperatures, with either weight, and with T².
export function limitsOf(z, v, label, temperatures = z.length > MANY ? COARSE : GRID) {
  const most = (values) => values.reduce((high, value) => Math.max(high, Math.abs(value)), 0);
  const soft = temperatures.map((T) => T * T * most(softGradient(z, v, T)));
  return {
    span: roundUp(Math.max(1, most(z), most(v))),
    nats: roundUp(Math.max(0.1, hardTerm(z, label),
      ...temperatures.map((T) => T * T * softTerm(z, v, T)))),
    reach: roundUp(Math.max(0.1, most(hardGradient(z, label)), ...soft)),
  };
}

// The larger of each two limits.
export function stretch(limits, wanted) {
  return Object.fromEntries(Object.keys(limits).map((name) =>
    [name, Math.max(limits[name], wanted[name])]));
}

export function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((m) => m * power >= value * 0.999) * power;
}
