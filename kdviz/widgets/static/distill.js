// The panel Distill: train students against their baselines, and judge what came of it.

import { makeCosts, makeVerdict } from "./distill-verdict.js";
import { makeClasses } from "./distill-classes.js";
import { makeCurves } from "./distill-curves.js";
import { DEFAULTS, makeSetup } from "./distill-setup.js";
import { el } from "./dom.js";
import { makeLive, reveal, unmount } from "./live.js";
import { listen, perFrame } from "./model.js";
import { makeReplay } from "./replay.js";

const TRAITS = ["distill", "distill_curves", "distill_logits", "soft_weight", "panel", "live",
  "classes", "labels"];

export function mountDistill(model, root) {
  function paint() {
    if (root.hidden) return;
    const view = { epochs: 60, outcome: null, ...live.view(), classes: model.get("classes"),
      recorded: Boolean(model.get("recordings")?.distill) };
    const results = ofThisStory(view, { ...DEFAULTS, ...model.get("distill") });
    setup.paint(view);
    parts.forEach((part) => part.paint(results));
  }
  const request = perFrame(paint);
  const replay = makeReplay(model, "distill");
  const live = makeLive(model, "distill", request);
  const curves = makeCurves(model);
  const setup = makeSetup(model, (action) => {
    live.send(action);
    if (action === "train") reveal(curves.node);
  });
  const parts = [replay, curves, makeVerdict(), makeClasses(model), makeCosts()];
  root.replaceChildren(el("div", { class: "kd-distill" },
    setup.node, el("div", { class: "kd-results" }, parts.map((part) => part.node))));
  const stops = [live.stop, listen(model, TRAITS, request), request.cancel];
  paint();
  return () => unmount(root, parts, stops);
}

// Results stand under the story that they are of. A run without one is that of a teacher.
function ofThisStory(view, { story, omitted }) {
  const { run, busy, asked } = view;
  const other = run && (run.story !== story || (story === "unseen" && run.omitted !== omitted));
  if (other && !busy) return { ...view, run: null, outcome: null, progress: null };
  return { ...view, teaching: busy && !run && !asked };
}
