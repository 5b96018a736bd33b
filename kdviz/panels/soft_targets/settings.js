// What the learner has set in Soften; anything odd gives way to the default.

import { put } from "../../page/state/model.js";

export function readSoftened(model, teacher, example) {
  const { closer = "points", overlay = false, dragged = null, second = -1, factor = "1",
    offset = "0" } = model.get("soften") ?? {};
  const fits = dragged?.example === example && Array.isArray(dragged.logits)
    && dragged.logits.length === teacher.width && dragged.logits.every(Number.isFinite);
  return { closer, overlay: overlay === true, dragged: fits ? dragged.logits : null,
    second: Number.isInteger(second) && second < teacher.count ? second : -1,
    factor: Number(factor), offset: Number(offset) };
}

export function change(model, settings) {
  put(model, { soften: { ...model.get("soften"), ...settings } });
}
