// Random numbers as a function of their place: a hash of (seed, step, stream, place), the same as
// in training/noise.py. Everything random in the page's engine is drawn here, so no number depends
// on the order in which members are trained, or on how many threads share them.

const SPREAD = 0x9e3779b1 | 0;

// Streams of numbers. Dropout uses 0, 1, … as in Python; the others are the page's own.
const WEIGHTS = 2000; // and one more for each layer; the step is 0
const SHUFFLES = 3000; // the step is the pass over the set
const LABELS = 3001; // which labels a transfer set keeps; the step is 0

// Scrambles an integer: every bit of the input moves about half the bits of the output.
export function mix(x) {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 16), 0x846ca68b);
  return x ^ (x >>> 15);
}

// What a draw's numbers have in common.
export function keyOf(seed, step, stream) {
  return mix(mix(seed + Math.imul(stream, SPREAD)) + step);
}

// A 32-bit integer, uniform over all 2^32 values.
export function bitsAt(key, place) {
  return mix(key + mix(Math.imul(place, SPREAD)));
}

// Bits that reach this are kept by dropout.
export function dropoutThreshold(rate) {
  return Math.floor(rate * 2 ** 32) - 2 ** 31;
}

// Initial weights or biases of layer number `layer`, uniform in ±1/√fanIn as nn.Linear's. Places
// run over PyTorch's (out, in), the biases after them.
export function initialWeight(seed, layer, fanIn) {
  const key = keyOf(seed, 0, WEIGHTS + layer);
  const bound = Math.fround(1 / Math.sqrt(fanIn));
  return (place) => Math.fround(bitsAt(key, place) / 2 ** 31) * bound;
}

// The numbers 0 to size - 1 in a random order, for one pass over a set.
export function shuffled(size, seed, pass) {
  return permutation(size, keyOf(seed, pass, SHUFFLES));
}

// The same, to choose the labels that are kept.
export function drawn(size, seed) {
  return permutation(size, keyOf(seed, 0, LABELS));
}

// Fisher and Yates' shuffle, from the last place down.
function permutation(size, key) {
  const order = new Int32Array(size);
  for (let i = 0; i < size; i++) order[i] = i;
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(((bitsAt(key, i) >>> 0) / 2 ** 32) * (i + 1));
    const swapped = order[i];
    order[i] = order[j];
    order[j] = swapped;
  }
  return order;
}
