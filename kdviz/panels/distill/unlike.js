// Whether a drawing looks like a digit of the data at all, in words.

import { inkOf } from "../../page/maths/drawing.js";
import { nearest } from "../../page/maths/nearest.js";
import { count } from "../../page/parts/format.js";
import { once } from "../../page/state/testset.js";
import { t } from "../../page/words/t.js";

const LOOKED_AT = 100; // test images, which say how near to the data is near

// Of a transfer set: the least and the most ink of its images, and how far from all of them the
// strangest of some test images is.
const limitsOf = once(({ data, test }) => {
  const width = data.inputs.length / data.labels.length;
  const rows = (inputs, n) => Array.from({ length: Math.min(n, inputs.length / width) }, (_, i) =>
    inputs.subarray(i * width, (i + 1) * width));
  const inks = rows(data.inputs, Infinity).map(inkOf);
  const far = rows(test.inputs, LOOKED_AT).map((row) => nearest(row, data.inputs).distance);
  return { least: Math.min(...inks), most: Math.max(...inks), far: Math.max(...far) };
});

// Returns { index, words }: which training image is most alike, and what there is to say, if any.
export function unlike(image, transferSet) {
  const { least, most, far } = limitsOf(transferSet);
  const { index, distance } = nearest(image, transferSet.data.inputs);
  const all = count(transferSet.data.labels.length);
  const ink = inkOf(image);
  const what = ink < least ? t`There is less ink here than in any of the ${all} training images.`
    : ink > most ? t`There is more ink here than in any of the ${all} training images.`
      : distance > far ? t`None of the ${all} training images is close to this one.` : "";
  const why = t`The softmax must still choose: shares add up to 100%, and there is no “none of these”.`;
  return { index, words: what && `${what} ${why}` };
}
