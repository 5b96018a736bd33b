// What a class is asked in Distill, for codes and their plot.

import { temperature } from "../../page/parts/format.js";
import { t } from "../../page/words/t.js";
import { trayOf } from "./tray.js";
import { SCENARIOS } from "./words.js";

export function ask(lab) {
  const view = lab.training("distill");
  if (!view.recipe) return null; // nothing stands behind this lab
  const set = { ...lab.settings("distill"), temperature: lab.setting("lab", "temperature").value,
    soft_weight: lab.setting("lab", "soft_weight").value };
  const names = lab.kernel("classes");
  const at = whereOf(set, names);
  // A prediction counts as it was when the first such run began.
  const runs = [...trayOf(lab).value.runs, ...(view.run && (view.busy || view.outcome) ? [view] : [])]
    .filter(({ run }) => whereOf(run, names) === at);
  const unseen = set.scenario === "unseen";
  const [low, high] = [unseen ? 0 : -100, 100];
  const value = runs.length ? runs[0].run.prediction : set.prediction;
  const found = runs.map(({ outcome }) => outcome?.found).filter(Number.isFinite).at(-1) ?? null;
  return { name: set.scenario, at, low, high, unit: unseen ? "%" : "points", near: unseen ? 10 : 2,
    asks: unseen ? t`Of the ${names[set.omitted]}s it never saw, what percent will a student recognize?`
      : t`${t(SCENARIOS[set.scenario])}: by how many points will soft targets beat hard labels?`,
    value: value !== null && value >= low && value <= high ? value : null, outcome: found };
}

function whereOf({ scenario, omitted, width, soft_weight: weight, temperature: T }, names) {
  const where = t`T = ${temperature(T)}, ${width} hidden units, soft weight ${weight.toFixed(2)}`;
  return scenario === "unseen" ? t`without ${names[omitted]}, ${where}` : where;
}
