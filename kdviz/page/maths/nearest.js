// What of many examples is most alike, by the distance of their numbers.

// examples: rows as wide as `one`, one after the other. Returns { index, distance }.
export function nearest(one, examples) {
  let [index, least] = [-1, Infinity];
  for (let i = 0; i * one.length < examples.length; i++) {
    let sum = 0;
    for (let k = 0; k < one.length && sum < least; k++) {
      sum += (one[k] - examples[i * one.length + k]) ** 2;
    }
    if (sum < least) [index, least] = [i, sum];
  }
  return { index, distance: Math.sqrt(least) };
}
