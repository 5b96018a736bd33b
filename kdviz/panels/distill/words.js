// What Distill says: of scenarios, and of where a run stands.

import { temperature } from "../../page/parts/format.js";

export const SCENARIOS = { unseen: "A digit it never saw", "few-labels": "Few labels",
  "all-labels": "Everything labelled" };

export function about(run) {
  if (!run) return "";
  const seeds = run.seeds > 1 ? `Mean and range of ${run.seeds} seeds.` : "One seed.";
  return `${SCENARIOS[run.scenario]}, T = ${temperature(run.temperature)}. ${seeds}`;
}

export function statusOf({ state, waiting, message, device, run, asked, live }) {
  if (message) return message;
  if (!live) return "A recorded run. To train your own, start kdviz with Python.";
  if (state === "warming") {
    return `Loading PyTorch, once: a few seconds.${waiting ? " Training begins right after." : ""}`;
  }
  if (asked) return "Asking Python to begin.";
  const pairs = run && `${run.seeds} ${run.seeds === 1 ? "pair" : "pairs"}, `
    + `${run.width} hidden units, ${device}.`;
  if (state === "training" && run) return `Training ${pairs} Stop it to train anew.`;
  if (state === "stopping") return "Stopping.";
  if (state === "done") return `Trained ${pairs}`;
  return device ? `Ready: ${device}.` : "Ready.";
}
