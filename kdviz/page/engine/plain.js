// The kernels in plain JavaScript, for where WebAssembly or its SIMD is refused: the functions of
// kernels.ts with the same arguments, and the same bits. Math.fround after every operation makes
// it one of float32, and where SIMD adds in four lanes, four sums are kept here.

import { bitsAt } from "./noise.js";

const round = Math.fround;

// Float32 constants, as the compiler rounds them.
const [OLD, NEW, OLD2, NEW2, EPSILON] = [0.9, 0.1, 0.999, 0.001, 1e-8].map(round);
const [LOG2_E, LN2_HIGH, LN2_LOW] = [Math.LOG2E, 0.693359375, -2.1219444e-4].map(round);
const EXP = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1,
  5.0000001201e-1].map(round);
const LOG = [7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1,
  -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1].map(round);
const MAGIC = 12582912;

const asFloat = new Float32Array(1);
const asBits = new Int32Array(asFloat.buffer);

export function exp(x) {
  if (x < -87) return 0;
  const n = round(round(round(x * LOG2_E) + MAGIC) - MAGIC);
  const r = round(round(x - round(n * LN2_HIGH)) - round(n * LN2_LOW));
  let y = EXP[0];
  for (let i = 1; i < 6; i++) y = round(round(y * r) + EXP[i]);
  y = round(round(round(y * round(r * r)) + r) + 1);
  asBits[0] = (n + 127) << 23;
  return round(y * asFloat[0]);
}

export function log(x) {
  asFloat[0] = x;
  const n = (asBits[0] - 0x3f3504f3) >> 23;
  asBits[0] -= n << 23;
  const f = round(asFloat[0] - 1);
  const z = round(f * f);
  let y = LOG[0];
  for (let i = 1; i < 9; i++) y = round(round(y * f) + LOG[i]);
  y = round(round(round(round(y * f) * z) - round(-LN2_LOW * n)) - round(0.5 * z));
  return round(round(f + y) + round(LN2_HIGH * n));
}

// The sum of four lanes, in pairs.
const total = (lanes) => round(round(lanes[0] + lanes[1]) + round(lanes[2] + lanes[3]));

export function plainKernels(buffer) {
  const floats = new Float32Array(buffer);
  const whole = new Int32Array(buffer);
  const lanes = new Float32Array(4); // storing here rounds

  function product(START, A, row, step, B, C, rows, inner, columns) {
    const rowStep = row >> 2;
    const kStep = step >> 2;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j += 4) {
        const at = (START >> 2) + j;
        let c0 = floats[at];
        let c1 = floats[at + 1];
        let c2 = floats[at + 2];
        let c3 = floats[at + 3];
        let a = (A >> 2) + i * rowStep;
        let b = (B >> 2) + j;
        for (let k = 0; k < inner; k++, a += kStep, b += columns) {
          const x = floats[a];
          c0 = round(c0 + round(x * floats[b]));
          c1 = round(c1 + round(x * floats[b + 1]));
          c2 = round(c2 + round(x * floats[b + 2]));
          c3 = round(c3 + round(x * floats[b + 3]));
        }
        const into = (C >> 2) + i * columns + j;
        floats[into] = c0;
        floats[into + 1] = c1;
        floats[into + 2] = c2;
        floats[into + 3] = c3;
      }
    }
  }

  function columnSums(A, SUMS, rows, columns) {
    const sums = floats.subarray(SUMS >> 2, (SUMS >> 2) + columns).fill(0);
    for (let i = 0, a = A >> 2; i < rows; i++) {
      for (let j = 0; j < columns; j++, a++) sums[j] += floats[a];
    }
  }

  function transpose(A, B, rows, columns) {
    for (let i = 0, a = A >> 2; i < rows; i++) {
      for (let j = 0; j < columns; j++, a++) floats[(B >> 2) + j * rows + i] = floats[a];
    }
  }

  function gather(FROM, ROWS, INTO, rows, columns) {
    for (let i = 0; i < rows; i++) {
      const from = (FROM >> 2) + whole[(ROWS >> 2) + i] * columns;
      floats.copyWithin((INTO >> 2) + i * columns, from, from + columns);
    }
  }

  function relu(H, count) {
    for (let i = H >> 2, end = i + count; i < end; i++) if (floats[i] < 0) floats[i] = 0;
  }

  function gate(D, H, count, kept) {
    kept = round(kept);
    for (let i = 0, d = D >> 2, h = H >> 2; i < count; i++, d++, h++) {
      floats[d] = floats[h] > 0 ? floats[d] / kept : 0;
    }
  }

  function dropout(H, rows, columns, units, key, threshold, kept) {
    kept = round(kept);
    for (let i = 0, h = H >> 2; i < rows; i++) {
      for (let j = 0; j < columns; j++, h++) {
        floats[h] = bitsAt(key, i * units + j) >= threshold ? floats[h] / kept : 0;
      }
    }
  }

  function logSoftmax(Z, LOGS, Q, rows, columns, temperature) {
    temperature = round(temperature);
    for (let i = 0; i < rows; i++) {
      const z = (Z >> 2) + i * columns;
      const logs = (LOGS >> 2) + i * columns;
      const q = (Q >> 2) + i * columns;
      let top = floats[z];
      for (let j = 1; j < columns; j++) top = Math.max(top, floats[z + j]);
      lanes.fill(0);
      for (let j = 0; j < columns; j++) {
        const x = round(round(floats[z + j] - top) / temperature);
        floats[logs + j] = x;
        floats[q + j] = exp(x);
        lanes[j & 3] += floats[q + j];
      }
      const sum = total(lanes);
      const rest = log(sum);
      for (let j = 0; j < columns; j++) {
        floats[logs + j] -= rest;
        floats[q + j] /= sum;
      }
    }
  }

  function softLoss(D, Q, LOG_Q, P, LOG_P, ROWS, rows, columns, scale) {
    scale = round(scale);
    let loss = 0;
    for (let i = 0; i < rows; i++) {
      const at = i * columns;
      const row = whole[(ROWS >> 2) + i] * columns;
      lanes.fill(0);
      for (let j = 0; j < columns; j++) {
        const p = floats[(P >> 2) + row + j];
        const apart = round(floats[(LOG_P >> 2) + row + j] - floats[(LOG_Q >> 2) + at + j]);
        lanes[j & 3] += round(p * apart);
        floats[(D >> 2) + at + j] += round(scale * round(floats[(Q >> 2) + at + j] - p));
      }
      loss += total(lanes);
    }
    return loss;
  }

  function hardLoss(D, Q, LOG_Q, LABELS, rows, columns, scale) {
    scale = round(scale);
    let loss = 0;
    for (let i = 0; i < rows; i++) {
      const label = whole[(LABELS >> 2) + i];
      if (label < 0) continue;
      const at = i * columns;
      for (let j = 0; j < columns; j++) {
        floats[(D >> 2) + at + j] += round(scale * floats[(Q >> 2) + at + j]);
      }
      floats[(D >> 2) + at + label] -= scale;
      loss -= floats[(LOG_Q >> 2) + at + label];
    }
    return loss;
  }

  function adam(P, G, M, V, count, size, root) {
    [size, root] = [round(size), round(root)];
    const [p, g, m, v] = [P >> 2, G >> 2, M >> 2, V >> 2];
    for (let i = 0; i < count; i++) {
      const slope = floats[g + i];
      floats[m + i] = round(OLD * floats[m + i]) + round(NEW * slope);
      floats[v + i] = round(OLD2 * floats[v + i]) + round(NEW2 * round(slope * slope));
      const spread = round(round(round(Math.sqrt(floats[v + i])) / root) + EPSILON);
      floats[p + i] -= round(round(size * floats[m + i]) / spread);
    }
  }

  function sgd(P, G, M, count, rate, momentum) {
    [rate, momentum] = [round(rate), round(momentum)];
    const [p, g, m] = [P >> 2, G >> 2, M >> 2];
    for (let i = 0; i < count; i++) {
      floats[m + i] = round(momentum * floats[m + i]) + floats[g + i];
      floats[p + i] -= round(rate * floats[m + i]);
    }
  }

  return { product, columnSums, transpose, gather, relu, gate, dropout, logSoftmax, softLoss,
    hardLoss, adam, sgd };
}
