// The panel Distill: train students against their baselines, and judge what came of it.

import { useRef } from "preact/hooks";
import { html, useLab } from "../../page/parts/html.js";
import { Replay } from "../../page/parts/replay.js";
import { reveal } from "../../page/parts/training.js";
import { numbers } from "../../page/state/testset.js";
import { Classes } from "./classes.js";
import { Curves } from "./curves.js";
import { Setup } from "./setup.js";
import { Costs, Verdict } from "./verdict.js";

export function View() {
  const lab = useLab();
  const curves = useRef(null);
  const view = { epochs: 60, outcome: null, ...lab.training("distill") };
  const send = (action) => {
    lab.send("distill", action);
    if (action === "train") reveal(curves.current);
  };
  return html`<div class="kd-distill">
    <${Setup} view=${view} send=${send} />
    <div class="kd-results">
      <${Replay} panel="distill" />
      <div ref=${curves}><${Curves} view=${view}
        values=${numbers(lab.kernel("distill_curves"), Float32Array)} /></div>
      <${Verdict} view=${view} />
      <${Classes} view=${view} />
      <${Costs} view=${view} />
    </div>
  </div>`;
}
