// The panel Crowd: what a generalist confuses, and specialists that tell it apart.

import { makeChips } from "./crowd-chips.js";
import { makeCurves } from "./crowd-curves.js";
import { makeExample } from "./crowd-example.js";
import { makeMatrices } from "./crowd-matrix.js";
import { makeSetup, settingsOf } from "./crowd-setup.js";
import { makeVerdict } from "./crowd-verdict.js";
import { el, say } from "./dom.js";
import { percent } from "./format.js";
import { makeLive, reveal, unmount } from "./live.js";
import { listen, perFrame, put } from "./model.js";
import { makeReplay } from "./replay.js";

const TRAITS = ["crowd", "crowd_matrices", "crowd_curves", "crowd_shares", "crowd_picks", "panel",
  "live"];

export function mountCrowd(model, root) {
  const lead = el("p", { class: "kd-sentence" });
  function paint() {
    if (root.hidden) return;
    const view = { names: [], kind: "yours", generalist: null, outcome: null, ...live.view(),
      recorded: Boolean(model.get("recordings")?.crowd) };
    // A panel that was just opened begins by itself, unless Python says why not.
    view.busy ||= view.live && view.state === "cold" && !view.message;
    const now = settingsOf(model);
    // Undo brings back clusters of other data before Python has said what these are.
    const last = view.names.length ? view.names.length - 1 : Infinity;
    if (now.clusters.some((cluster) => cluster.some((c) => c > last))) return;
    say(lead, view.generalist === null
      ? "One network for all classes confuses some of them. Which ones?"
      : `The generalist is right on ${percent(view.generalist, 1)} of the test examples. What does `
        + "it confuse, and would specialists help?");
    parts.forEach((part) => part.paint(view, now));
  }
  const request = perFrame(paint);
  const live = makeLive(model, "crowd", request);
  const curves = makeCurves(model);
  const setup = makeSetup(model, (action) => {
    live.send(action);
    if (action === "train") reveal(curves.node);
  });
  const chips = makeChips((clusters) => put(model, { crowd: { ...settingsOf(model), clusters } }));
  const parts = [setup, makeReplay(model, "crowd"), makeMatrices(model), chips, curves,
    makeVerdict(), makeExample(model)];
  root.replaceChildren(el("div", { class: "kd-distill kd-crowd" }, setup.node,
    el("div", { class: "kd-results" }, lead, parts.slice(1).map((part) => part.node))));
  const stops = [live.stop, listen(model, TRAITS, request), request.cancel];
  paint();
  return () => unmount(root, parts, stops);
}
