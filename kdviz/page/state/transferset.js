// What students are trained on in this page: the teacher's training images and its logits on them.

import { numbers } from "./testset.js";

// kernel(name): a trait of the lab. Returns what engine/cohort.js takes as data, teacherLogits and
// test, or null where the lab holds no training images.
export function readTransferSet(kernel) {
  const pixels = numbers(kernel("train_images"), Uint8Array);
  if (!pixels.length) return null;
  const levels = kernel("levels");
  const inputs = (images) => Float32Array.from(images, (pixel) =>
    Math.round((pixel * levels) / 255) / levels);
  return {
    data: { inputs: inputs(pixels), labels: numbers(kernel("train_labels"), Int32Array),
      classes: kernel("classes").length },
    teacherLogits: numbers(kernel("train_logits"), Float32Array),
    test: { inputs: inputs(numbers(kernel("images"), Uint8Array)),
      labels: numbers(kernel("labels"), Int32Array) },
  };
}
