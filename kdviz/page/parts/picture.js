// An example as a picture, or by its name where there is none.

import { el } from "./dom.js";

export function thumbnail(teacher, i) {
  const name = teacher.classes[teacher.subject(i)];
  const image = picture(teacher, i);
  if (!image) return name;
  return el("span", {}, image, el("span", { class: "kd-hidden" }, `${name}, test image ${i}`));
}

// Ink by opacity, so that a dark page only inverts it.
export function picture(teacher, i) {
  const pixels = teacher.image(i);
  if (!pixels) return null;
  const canvas = el("canvas", { class: "kd-picture", width: teacher.across,
    height: teacher.height, "aria-hidden": "true" });
  const image = new ImageData(teacher.across, teacher.height);
  pixels.forEach((value, at) => {
    image.data[4 * at + 3] = value;
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}
