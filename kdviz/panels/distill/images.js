// One image of the data's size, from 0 to 1.

import { CELLS } from "../../page/maths/drawing.js";

// As parts/picture.js takes it.
export function asTestset(image) {
  const pixels = Uint8Array.from(image, (value) => Math.round(255 * value));
  return { across: CELLS, height: CELLS, image: () => pixels };
}
