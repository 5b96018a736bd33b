// What came of it: which images of the missing class each network knows.

import { MISSING, PAIRS } from "./session.js";

/** Of numbers, or of what is true or not. */
export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * For soft targets, then for labels: by network and image, whether it is known. missed: the logits
 * of the images, rows, by network; bias: added to that of the missing class.
 */
export function knownOf({ missed, rows }, bias = 0) {
  const known = missed.map((logits) => rows.map((_, n) => {
    const classes = logits.length / rows.length;
    const row = logits.subarray(n * classes, (n + 1) * classes);
    return row.every((value, c) => c === MISSING || row[MISSING] + bias > value
      || (row[MISSING] + bias === value && MISSING < c));
  }));
  return [known.slice(0, PAIRS), known.slice(PAIRS)];
}

/** The share of images that networks of one kind know, on average. */
export const shareOf = (networks) => mean(networks.map(mean));
