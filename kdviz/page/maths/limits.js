// How far the axes reach, so that they stay put while T, the weight and T² change.

import { hardGradient, hardTerm, softGradient, softTerm } from "./loss.js";
import { GRID } from "./survey.js";

const MANY = 2000; // classes, beyond which fewer temperatures must do
const COARSE = GRID.filter((_, i) => i % 8 === 0);

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

// The same limits unless one must grow.
export function stretch(limits, wanted) {
  if (Object.keys(limits).every((name) => limits[name] >= wanted[name])) return limits;
  return Object.fromEntries(Object.keys(limits).map((name) =>
    [name, Math.max(limits[name], wanted[name])]));
}

function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((m) => m * power >= value * 0.999) * power;
}
