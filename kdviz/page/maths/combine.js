// Eq. 5 for one example, in the page: one distribution from the generalist and its specialists.

// The specialists that know one of the generalist's `top` most probable classes.
export function activeOf(generalist, clusters, top) {
  const order = Array.from(generalist, (p, c) => [p, c]).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  const asked = new Set(order.slice(0, top).map(([, c]) => c));
  return clusters.flatMap((special, m) => (special.some((c) => asked.has(c)) ? [m] : []));
}

// Minimizes KL(p_g, q) + weight · Σ KL(p_m, q) over q. A dustbin is compared with all of q outside
// its specialist's classes, so each term asks for the target t_m: p_m on its classes, and its
// dustbin spread outside as q is. The minimum is where q is the weighted mean of p_g and the t_m.
// told: [[classes, probabilities of them and then of the dustbin], ...] of those that are active.
export function combine(generalist, told, weight) {
  const total = 1 + weight * told.length;
  let q = Float64Array.from(generalist);
  if (weight === 0 || !told.length) return q;
  const inside = told.map(([special]) => {
    const mark = new Uint8Array(q.length);
    special.forEach((c) => { mark[c] = 1; });
    return mark;
  });
  for (let round = 0; round < 20000; round++) {
    const next = Float64Array.from(generalist, (p) => p / total);
    told.forEach(([special, p], k) => {
      const outside = q.reduce((sum, value, c) => sum + (inside[k][c] ? 0 : value), 0);
      // A specialist of all classes has nothing to compare its dustbin with.
      const whole = special.length === q.length ? 1 - p[special.length] : 1;
      special.forEach((c, i) => { next[c] += (weight * p[i]) / whole / total; });
      const share = outside > 0 ? (weight * p[special.length]) / outside / total : 0;
      q.forEach((value, c) => { if (!inside[k][c]) next[c] += share * value; });
    });
    const moved = next.reduce((most, value, c) => Math.max(most, Math.abs(value - q[c])), 0);
    q = next;
    if (moved < 1e-15) break;
  }
  return q;
}
