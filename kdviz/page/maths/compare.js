// Paired differences over seeds, with an interval, a verdict and its words: evaluation/compare.py
// in the page.

import { t } from "../words/t.js";

const CONFIDENCE = 0.95;

// these, those: accuracies in [0, 1], one a seed, pairs in the same order; a pair with a value that
// is not finite is left out and counted.
export function compare(these, those) {
  const differences = Array.from(these, (value, i) => value - those[i]).filter(Number.isFinite);
  const { mean, low, high } = interval(differences);
  return judged({ difference: mean, low, high, pairs: differences.length,
    left_out: these.length - differences.length });
}

// Adds the verdict, by the ends of the interval. One without any width excludes nothing.
function judged(comparison) {
  const { low, high } = comparison;
  const known = !unmeasured(low, high);
  const verdict = known && low > 0 ? "better" : known && high < 0 ? "worse" : "inconclusive";
  return { ...comparison, verdict };
}

const unmeasured = (low, high) => high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high));

// Student's t interval of a mean; endless with fewer than two values.
export function interval(values) {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, low: -Infinity, high: Infinity };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const half = quantile(n - 1) * Math.sqrt(squares / (n - 1) / n);
  return { mean, low: mean - half, high: mean + half };
}

// The t with P(|T| < t) = 0.95, by halving.
const quantiles = new Map();
function quantile(freedom) {
  if (!quantiles.has(freedom)) {
    let [low, high] = [0, 20];
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (within(middle, freedom) < CONFIDENCE) low = middle;
      else high = middle;
    }
    quantiles.set(freedom, (low + high) / 2);
  }
  return quantiles.get(freedom);
}

// P(|T| < t) for a whole number of degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4).
function within(t, freedom) {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = freedom % 2;
  let term = odd ? cosine : 1;
  let sum = freedom > 1 ? term : 0;
  for (let k = odd ? 3 : 2; k < freedom; k += 2) {
    term *= (cosine * cosine * (k - 1)) / k;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
}

// A comparison in words. stress(number): makes the difference stand out; a view makes a list of
// parts. JSON has no endless ends: null is one.
export function sentence(comparison, these = t`Soft targets`, those = t`hard labels`,
  stress = (number) => number) {
  const { difference, low, high, pairs, left_out: lost, verdict } = comparison;
  if (!pairs) return t`Nothing to compare: all ${lost} pairs diverged.`;
  const points = (value) => inPoints(value, comparison);
  const gap = stress(points(difference));
  const gain = stress(points(Math.abs(difference)));
  let text;
  if (pairs === 1) {
    text = t`${these} minus ${those}: ${gap} points, from one pair of seeds. One pair cannot tell a difference from luck: train more seeds.`;
  } else if (unmeasured(low, high)) {
    text = t`${these} minus ${those}: ${gap} points, in each of ${pairs} paired seeds. Equal differences leave an interval narrower than anything a test set can measure, so they cannot tell a difference from luck: train more seeds.`;
  } else {
    const basis = t`(95% interval ${points(low)} to ${points(high)}, ${pairs} paired seeds)`;
    text = { better: t`${these} beat ${those} by ${gain} points ${basis}.`,
      worse: t`${these} lose to ${those} by ${gain} points ${basis}.`,
      inconclusive: t`${these} minus ${those}: ${gap} points ${basis}. That is not enough to tell them apart.`,
    }[verdict];
  }
  if (!lost) return text;
  const left = lost === 1 ? t`1 pair was left out because a member diverged.`
    : t`${lost} pairs were left out because a member diverged.`;
  return Array.isArray(text) ? [...text, " ", left] : `${text} ${left}`;
}

// An accuracy difference in points of 100, with as many decimals as its comparison needs: one, or
// more until nothing that is judged not 0 reads 0.0.
export function inPoints(value, { difference, low, high, verdict }) {
  const ends = verdict === "inconclusive" ? [] : [difference, low, high];
  let decimals = 1;
  while (decimals < 9 && ends.some((end) => Number((100 * end).toFixed(decimals)) === 0)) decimals++;
  return minus((Number((100 * value).toFixed(decimals)) || 0).toFixed(decimals));
}

export function minus(text) {
  return text.replace("-", "−");
}
