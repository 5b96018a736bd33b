// The panel Distill: train students against their baselines, and judge what came of it.

import { useEffect, useRef } from "preact/hooks";
import { html, useLab } from "../../page/parts/html.js";
import { reveal } from "../../page/parts/training.js";
import { numbers } from "../../page/state/testset.js";
import { Classes } from "./classes.js";
import { Curves } from "./curves.js";
import { Disagreements } from "./disagreements.js";
import { Draw } from "./draw.js";
import { TakeHome } from "./home.js";
export { ask } from "./asked.js";
export { makeSession } from "./session.js";
import { Setup } from "./setup.js";
import { Stepwise } from "./stepwise.js";
import { Tray, trayOf } from "./tray.js";
import { Costs, Verdict } from "./verdict.js";

const NONE = new Float32Array(0);

export function View() {
  const lab = useLab();
  const node = useRef(null);
  const view = lab.training("distill");
  const results = ofThisScenario(view, lab.settings("distill"));
  const values = numbers(view.run && lab.found("distill", "distill_curves"), Float32Array);
  const { runs, behind } = trayOf(lab).value;
  const begun = results.busy && !results.teaching;
  useEffect(() => {
    if (begun) reveal(node.current, "start");
  }, [begun]);
  if (!view.recipe) return null; // nothing stands behind this lab
  const send = (action) => lab.send("distill", action);
  return html`<div class="kd-distill">
    <${Setup} view=${view} send=${send} />
    <div ref=${node} class="kd-results">
      <div class="kd-card" data-card=${results.outcome && "Verdict"}><${Verdict} view=${results} />
        <${Curves} view=${results} values=${results.run ? values : NONE}
          behind=${runs[behind]?.curves ?? NONE} /></div>
      <${Stepwise} view=${results} send=${send} />
      ${(results.outcome || results.busy) && html`<${Classes} view=${results} />`}
      <${Disagreements} view=${results} />
      <${Costs} view=${results} />
      <${Tray} view=${view} curves=${values} />
      <${TakeHome} view=${results} />
    </div>
    <${Draw} view=${results} />
  </div>`;
}

// Results stand under the scenario that they are of. A run without one is that of a teacher.
function ofThisScenario(view, { scenario, omitted }) {
  const { run, busy, asked } = view;
  const other = run && (run.scenario !== scenario
    || (scenario === "unseen" && run.omitted !== omitted));
  if (other && !busy) return { ...view, run: null, outcome: null, progress: null };
  return { ...view, teaching: busy && !run && !asked };
}
