// The panel Distill: train students against their baselines, and judge what came of it.

import { makeCosts, makeVerdict } from "./distill-verdict.js";
import { makeClasses } from "./distill-classes.js";
import { makeCurves } from "./distill-curves.js";
import { makeSetup } from "./distill-setup.js";
import { el } from "./dom.js";
import { flush, listen, perFrame } from "./model.js";
import { makeReplay } from "./replay.js";

const TRAITS = ["distill", "distill_view", "distill_curves", "distill_logits", "soft_weight",
  "panel", "live", "classes", "labels"];

export function mountDistill(given, root) {
  const replay = makeReplay(given, () => request());
  const { model } = replay;
  let asked = false; // Train was pressed and Python has not answered yet
  const send = (action) => {
    asked = action === "train";
    flush(model);
    model.send({ panel: "distill", action });
    if (asked) reveal(curves.node);
    request();
  };
  const setup = makeSetup(model, send);
  const curves = makeCurves(model);
  const parts = [setup, replay, curves, makeVerdict(), makeClasses(model), makeCosts()];
  root.replaceChildren(el("div", { class: "kd-distill" },
    setup.node, el("div", { class: "kd-results" }, parts.slice(1).map((part) => part.node))));

  function paint() {
    if (root.hidden) return;
    const view = readView(model, asked);
    parts.forEach((part) => part.paint(view));
  }
  const request = perFrame(paint);
  const off = listen(model, TRAITS, request);
  const offView = listen(model, ["distill_view"], () => {
    asked = false;
  });
  // A page that is closed or reloaded leaves no training behind.
  const leave = () => {
    if (readView(model, asked).busy) send("stop");
  };
  addEventListener("pagehide", leave);
  paint();
  return () => {
    leave();
    removeEventListener("pagehide", leave);
    off();
    offView();
    request.cancel();
    parts.forEach((part) => part.stop?.());
    root.replaceChildren();
  };
}

// Where the columns are stacked, as on a phone, Train leads to the curves.
function reveal(node) {
  if (node.getBoundingClientRect().top > innerHeight * 0.7) {
    node.scrollIntoView({ block: "center" });
  }
}

// What to show; a page without a kernel and without a recording shows empty places.
function readView(model, asked) {
  const view = { state: "cold", message: "", device: "", epochs: 60, run: null, progress: null,
    outcome: null, ...model.get("distill_view") };
  const busy = asked || Boolean(view.waiting) || view.state === "training" || view.state === "stopping";
  return { ...view, asked, busy, live: model.get("live"), classes: model.get("classes") };
}
