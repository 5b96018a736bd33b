// What Soften and Weigh share: filled anew when other data arrive, painted at most once a frame,
// and described to screen readers once all is still.

import { el } from "./dom.js";
import { listen, perFrame } from "../state/model.js";
import { readTeacher } from "../state/testset.js";

const DATA = ["logits", "labels", "images", "classes", "image_shape", "student_logits"];
const SETTLED_MS = 250;

// fill(teacher, request) returns the view as { paint, describe, stop }; a change of the traits, or
// request(), paints it. Returns the cleanup.
export function mountExplorer(model, root, traits, fill) {
  let [view, settle] = [null, 0];
  const request = perFrame(paint);
  const refill = perFrame(() => {
    empty();
    begin();
  });

  function begin() {
    const teacher = readTeacher(model);
    if (teacher.count) view = fill(teacher, request);
    else root.append(el("p", { class: "kd-sentence" }, "No logits have arrived yet."));
    paint();
  }
  function paint() {
    if (!view || root.hidden) return;
    view.paint();
    clearTimeout(settle);
    settle = setTimeout(view.describe, SETTLED_MS);
  }
  function empty() {
    request.cancel();
    clearTimeout(settle);
    view?.stop();
    view = null;
    root.replaceChildren();
  }
  begin();
  const offs = [listen(model, DATA, refill),
    listen(model, ["temperature", "example", "panel", ...traits], request)];
  return () => {
    offs.forEach((off) => off());
    refill.cancel();
    empty();
  };
}
