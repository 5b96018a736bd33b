// The learning rate over a run, as in training/step.py. Math.cos may differ from browser to
// browser in the last bit, so the cosine is our own.

const WARM_UP = 0.3;
const START = 0.04;

// The share of the learning rate at a step: a cosine up from START to 1, then one down to 0.
export function oneCycle(step, steps) {
  const peak = WARM_UP * steps;
  if (step < peak) return START + ((1 - START) * (1 - cosineOfPi(step / peak))) / 2;
  return (1 + cosineOfPi((step - peak) / (steps - peak))) / 2;
}

// cos(πx) for x in [0, 1], as sin(π(1/2 - x)) by its series.
export function cosineOfPi(x) {
  const y = Math.PI * (0.5 - x);
  let series = 1;
  for (let n = 22; n > 0; n -= 2) series = 1 - (series * y * y) / (n * (n + 1));
  return y * series;
}
