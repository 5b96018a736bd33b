// The arithmetic of a training step, in AssemblyScript: WebAssembly with SIMD, four floats at once.
//
// plain.js holds the same functions in JavaScript, and both give the same bits. So every sum has
// a fixed order, exp and log are our own, and nothing is fused or relaxed.
//
// A matrix is row-major, its rows a multiple of four floats wide. A name in capitals is a place in
// memory, in bytes.

// C[i, j] = START[j] + sum over k of A[i, k] B[k, j], in the order of k.
// `row` and `step` are the bytes from A[i, k] to A[i + 1, k] and to A[i, k + 1], so that a
// transposed A needs no copy. `rows` and `columns` are multiples of four.
export function product(
  START: usize, A: usize, row: usize, step: usize, B: usize, C: usize,
  rows: i32, inner: i32, columns: i32,
): void {
  const width = <usize>columns << 2;
  let left = <usize>0;
  for (; left + 32 <= width; left += 32) {
    for (let i = 0; i < rows; i += 4) {
      tile(START + left, A + <usize>i * row, row, step, B + left,
        C + <usize>i * width + left, width, inner);
    }
  }
  if (left == width) return;
  for (let i = 0; i < rows; i += 4) {
    narrow(START + left, A + <usize>i * row, row, step, B + left,
      C + <usize>i * width + left, width, inner);
  }
}

// Four rows by eight columns, which stay in registers while k runs.
// @ts-ignore
@inline
function tile(
  START: usize, A: usize, row: usize, step: usize, B: usize, C: usize, width: usize, inner: i32,
): void {
  const s0 = v128.load(START), s1 = v128.load(START, 16);
  let a0 = s0, a1 = s1, b0 = s0, b1 = s1, c0 = s0, c1 = s1, d0 = s0, d1 = s1;
  let PB = A + row, PC = PB + row, PD = PC + row;
  for (let k = 0; k < inner; k++) {
    const y0 = v128.load(B), y1 = v128.load(B, 16);
    let x = v128.load32_splat(A);
    a0 = f32x4.add(a0, f32x4.mul(x, y0));
    a1 = f32x4.add(a1, f32x4.mul(x, y1));
    x = v128.load32_splat(PB);
    b0 = f32x4.add(b0, f32x4.mul(x, y0));
    b1 = f32x4.add(b1, f32x4.mul(x, y1));
    x = v128.load32_splat(PC);
    c0 = f32x4.add(c0, f32x4.mul(x, y0));
    c1 = f32x4.add(c1, f32x4.mul(x, y1));
    x = v128.load32_splat(PD);
    d0 = f32x4.add(d0, f32x4.mul(x, y0));
    d1 = f32x4.add(d1, f32x4.mul(x, y1));
    A += step; PB += step; PC += step; PD += step; B += width;
  }
  v128.store(C, a0); v128.store(C, a1, 16);
  C += width; v128.store(C, b0); v128.store(C, b1, 16);
  C += width; v128.store(C, c0); v128.store(C, c1, 16);
  C += width; v128.store(C, d0); v128.store(C, d1, 16);
}

// Four rows by the four columns that may be left.
// @ts-ignore
@inline
function narrow(
  START: usize, A: usize, row: usize, step: usize, B: usize, C: usize, width: usize, inner: i32,
): void {
  let a = v128.load(START), b = a, c = a, d = a;
  let PB = A + row, PC = PB + row, PD = PC + row;
  for (let k = 0; k < inner; k++) {
    const y = v128.load(B);
    a = f32x4.add(a, f32x4.mul(v128.load32_splat(A), y));
    b = f32x4.add(b, f32x4.mul(v128.load32_splat(PB), y));
    c = f32x4.add(c, f32x4.mul(v128.load32_splat(PC), y));
    d = f32x4.add(d, f32x4.mul(v128.load32_splat(PD), y));
    A += step; PB += step; PC += step; PD += step; B += width;
  }
  v128.store(C, a);
  C += width; v128.store(C, b);
  C += width; v128.store(C, c);
  C += width; v128.store(C, d);
}

// SUMS[j] = sum over i of A[i, j].
export function columnSums(A: usize, SUMS: usize, rows: i32, columns: i32): void {
  const width = <usize>columns << 2;
  for (let j = <usize>0; j < width; j += 16) {
    let sum = f32x4.splat(0), P = A + j;
    for (let i = 0; i < rows; i++, P += width) sum = f32x4.add(sum, v128.load(P));
    v128.store(SUMS + j, sum);
  }
}

// B = the transpose of A (rows, columns).
export function transpose(A: usize, B: usize, rows: i32, columns: i32): void {
  const height = <usize>rows << 2;
  for (let i = 0; i < rows; i++) {
    let P = B + (<usize>i << 2);
    for (let j = 0; j < columns; j++, A += 4, P += height) store<f32>(P, load<f32>(A));
  }
}

// INTO[i] = FROM[ROWS[i]], whole rows.
export function gather(FROM: usize, ROWS: usize, INTO: usize, rows: i32, columns: i32): void {
  const width = <usize>columns << 2;
  for (let i = 0; i < rows; i++, ROWS += 4) {
    const P = FROM + <usize>load<u32>(ROWS) * width;
    for (let j = <usize>0; j < width; j += 16, INTO += 16) v128.store(INTO, v128.load(P + j));
  }
}

// H = max(H, 0); NaN stays.
export function relu(H: usize, count: i32): void {
  const end = H + (<usize>count << 2), zero = f32x4.splat(0);
  for (; H < end; H += 16) v128.store(H, f32x4.pmax(v128.load(H), zero));
}

// The way back through ReLU and dropout: D = D / kept where H > 0, else 0. A unit that was dropped
// holds 0 too, so one comparison serves both.
export function gate(D: usize, H: usize, count: i32, kept: f32): void {
  const end = D + (<usize>count << 2), zero = f32x4.splat(0), share = f32x4.splat(kept);
  for (; D < end; D += 16, H += 16) {
    const open = f32x4.gt(v128.load(H), zero);
    v128.store(D, f32x4.div(v128.and(v128.load(D), open), share));
  }
}

// Dropout by the hash of noise.js: H = H / kept where the bits of its place reach `threshold`.
export function dropout(
  H: usize, rows: i32, columns: i32, units: i32, key: i32, threshold: i32, kept: f32,
): void {
  const keys = i32x4.splat(key), least = i32x4.splat(threshold), share = f32x4.splat(kept);
  for (let i = 0; i < rows; i++) {
    let place = i32x4.add(i32x4.splat(i * units), i32x4(0, 1, 2, 3));
    for (let j = 0; j < columns; j += 4, H += 16) {
      const bits = mix(i32x4.add(keys, mix(i32x4.mul(place, i32x4.splat(0x9E3779B1)))));
      v128.store(H, f32x4.div(v128.and(v128.load(H), i32x4.ge_s(bits, least)), share));
      place = i32x4.add(place, i32x4.splat(4));
    }
  }
}

// @ts-ignore
@inline
function mix(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x7FEB352D));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x846CA68B));
  return v128.xor(x, i32x4.shr_u(x, 15));
}

// Q = softmax(Z / T) row by row, and LOGS its logarithm, which may take the place of Z.
export function logSoftmax(
  Z: usize, LOGS: usize, Q: usize, rows: i32, columns: i32, temperature: f32,
): void {
  const T = f32x4.splat(temperature), width = <usize>columns << 2;
  for (let i = 0; i < rows; i++, Z += width, LOGS += width, Q += width) {
    let top = v128.load(Z);
    for (let j = <usize>16; j < width; j += 16) top = f32x4.max(top, v128.load(Z + j));
    const largest = f32x4.splat(most(top));
    let sums = f32x4.splat(0);
    for (let j = <usize>0; j < width; j += 16) {
      const z = f32x4.div(f32x4.sub(v128.load(Z + j), largest), T), e = exp(z);
      v128.store(LOGS + j, z);
      v128.store(Q + j, e);
      sums = f32x4.add(sums, e);
    }
    const sum = total(sums), divisor = f32x4.splat(sum), rest = f32x4.splat(log(sum));
    for (let j = <usize>0; j < width; j += 16) {
      v128.store(LOGS + j, f32x4.sub(v128.load(LOGS + j), rest));
      v128.store(Q + j, f32x4.div(v128.load(Q + j), divisor));
    }
  }
}

// D += scale (Q - P), Eq. 2, and the sum of KL(P, Q) in nats. Row i of the batch is row ROWS[i] of
// the soft targets P and of their logarithms.
export function softLoss(
  D: usize, Q: usize, LOG_Q: usize, P: usize, LOG_P: usize, ROWS: usize,
  rows: i32, columns: i32, scale: f32,
): f64 {
  const width = <usize>columns << 2, s = f32x4.splat(scale);
  let loss: f64 = 0;
  for (let i = 0; i < rows; i++, ROWS += 4, D += width, Q += width, LOG_Q += width) {
    const at = <usize>load<u32>(ROWS) * width, row = P + at, log = LOG_P + at;
    let sums = f32x4.splat(0);
    for (let j = <usize>0; j < width; j += 16) {
      const p = v128.load(row + j);
      const apart = f32x4.sub(v128.load(log + j), v128.load(LOG_Q + j));
      sums = f32x4.add(sums, f32x4.mul(p, apart));
      const pull = f32x4.mul(s, f32x4.sub(v128.load(Q + j), p));
      v128.store(D + j, f32x4.add(v128.load(D + j), pull));
    }
    loss += <f64>total(sums);
  }
  return loss;
}

// D += scale (Q - the label), and the sum of the cross-entropies in nats. A label of -1 adds 0.
export function hardLoss(
  D: usize, Q: usize, LOG_Q: usize, LABELS: usize, rows: i32, columns: i32, scale: f32,
): f64 {
  const width = <usize>columns << 2, s = f32x4.splat(scale);
  let loss: f64 = 0;
  for (let i = 0; i < rows; i++, LABELS += 4, D += width, Q += width, LOG_Q += width) {
    const label = load<i32>(LABELS);
    if (label < 0) continue;
    for (let j = <usize>0; j < width; j += 16) {
      const pull = f32x4.mul(s, v128.load(Q + j));
      v128.store(D + j, f32x4.add(v128.load(D + j), pull));
    }
    const at = <usize>label << 2;
    store<f32>(D + at, load<f32>(D + at) - scale);
    loss -= <f64>load<f32>(LOG_Q + at);
  }
  return loss;
}

// One update by Adam (Kingma and Ba 2015) with PyTorch's constants. `size` is the learning rate
// over 1 - 0.9^t, `root` the square root of 1 - 0.999^t.
export function adam(
  P: usize, G: usize, M: usize, V: usize, count: i32, size: f32, root: f32,
): void {
  const end = P + (<usize>count << 2), l = f32x4.splat(size), r = f32x4.splat(root);
  for (; P < end; P += 16, G += 16, M += 16, V += 16) {
    const g = v128.load(G);
    const m = f32x4.add(f32x4.mul(f32x4.splat(0.9), v128.load(M)), f32x4.mul(f32x4.splat(0.1), g));
    const squares = f32x4.mul(f32x4.splat(0.001), f32x4.mul(g, g));
    const v = f32x4.add(f32x4.mul(f32x4.splat(0.999), v128.load(V)), squares);
    const spread = f32x4.add(f32x4.div(f32x4.sqrt(v), r), f32x4.splat(1e-8));
    v128.store(M, m);
    v128.store(V, v);
    v128.store(P, f32x4.sub(v128.load(P), f32x4.div(f32x4.mul(l, m), spread)));
  }
}

// One update by gradient descent: M = momentum M + G, then P -= rate M.
export function sgd(P: usize, G: usize, M: usize, count: i32, rate: f32, momentum: f32): void {
  const end = P + (<usize>count << 2), l = f32x4.splat(rate), u = f32x4.splat(momentum);
  for (; P < end; P += 16, G += 16, M += 16) {
    const m = f32x4.add(f32x4.mul(u, v128.load(M)), v128.load(G));
    v128.store(M, m);
    v128.store(P, f32x4.sub(v128.load(P), f32x4.mul(l, m)));
  }
}

// exp of four numbers up to 0, the polynomial of Cephes; 0 below -87, where float32 ends.
// @ts-ignore
@inline
function exp(x: v128): v128 {
  const magic = f32x4.splat(12582912); // 1.5 times 2^23: adding it rounds to a whole number
  const n = f32x4.sub(f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504)), magic), magic);
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let y = f32x4.splat(1.9875691500e-4);
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.3981999507e-3));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(8.3334519073e-3));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(4.1665795894e-2));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.6666665459e-1));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(5.0000001201e-1));
  y = f32x4.add(f32x4.add(f32x4.mul(y, f32x4.mul(r, r)), r), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(y, power), f32x4.lt(x, f32x4.splat(-87)));
}

// log of one number of at least 1, the polynomial of Cephes.
function log(x: f32): f32 {
  const bits = reinterpret<i32>(x), e = (bits - 0x3F3504F3) >> 23, n = <f32>e;
  const f = reinterpret<f32>(bits - (e << 23)) - <f32>1, z = f * f;
  let y: f32 = 7.0376836292e-2;
  y = y * f - <f32>1.1514610310e-1;
  y = y * f + <f32>1.1676998740e-1;
  y = y * f - <f32>1.2420140846e-1;
  y = y * f + <f32>1.4249322787e-1;
  y = y * f - <f32>1.6668057665e-1;
  y = y * f + <f32>2.0000714765e-1;
  y = y * f - <f32>2.4999993993e-1;
  y = y * f + <f32>3.3333331174e-1;
  y = y * f * z - <f32>2.12194440e-4 * n - <f32>0.5 * z;
  return f + y + <f32>0.693359375 * n;
}

// The largest of four lanes.
// @ts-ignore
@inline
function most(x: v128): f32 {
  const pair = max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1));
  return max(pair, max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)));
}

// The sum of four lanes, in pairs.
// @ts-ignore
@inline
function total(x: v128): f32 {
  const pair = f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1);
  return pair + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}
