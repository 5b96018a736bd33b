// Equations 1 to 3 in float64, stable at any logit: the largest is subtracted first.

export function logSoftmax(logits, T, out = new Float64Array(logits.length)) {
  let top = -Infinity;
  for (let i = 0; i < logits.length; i++) top = Math.max(top, logits[i]);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    out[i] = (logits[i] - top) / T;
    sum += Math.exp(out[i]);
  }
  const rest = Math.log(sum);
  for (let i = 0; i < logits.length; i++) out[i] -= rest;
  return out;
}

export function softmax(logits, T, out = new Float64Array(logits.length)) {
  logSoftmax(logits, T, out);
  for (let i = 0; i < out.length; i++) out[i] = Math.exp(out[i]);
  return out;
}

// In bits, from log-probabilities; 0 log 0 = 0.
export function entropyBits(logP) {
  let sum = 0;
  for (let i = 0; i < logP.length; i++) {
    const p = Math.exp(logP[i]);
    if (p > 0) sum -= p * logP[i];
  }
  return Math.max(0, sum / Math.LN2);
}

// KL(p, q) in nats, from log-probabilities.
export function kl(logP, logQ) {
  let sum = 0;
  for (let i = 0; i < logP.length; i++) sum += klShare(logP[i], logQ[i]);
  return sum;
}

// A class's share of KL(p, q): p (e^c - 1 - c), with c = log q - log p. None is negative, so none
// takes digits from the others, however alike p and q are.
export function klShare(logP, logQ) {
  const [p, c] = [Math.exp(logP), logQ - logP];
  if (Math.abs(c) > 0.5) return Math.exp(logQ) - p - p * c;
  let series = 1 + c / 15;
  for (let k = 14; k > 2; k--) series = 1 + (c / k) * series;
  return ((p * c * c) / 2) * series;
}

export function argmax(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

// The q-quantile of sorted values, interpolated as numpy does.
export function quantile(sorted, q) {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

// The T between low and high at which an increasing f passes a value; Infinity if it does not.
export function crossing(f, value, low, high) {
  if (f(low) >= value) return low;
  if (f(high) < value) return Infinity;
  for (let i = 0; i < 50; i++) {
    const middle = Math.sqrt(low * high);
    if (f(middle) < value) low = middle;
    else high = middle;
  }
  return high;
}
