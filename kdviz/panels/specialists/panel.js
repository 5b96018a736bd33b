// The panel Specialists: what a generalist confuses, and specialists that tell it apart.

import { useRef } from "preact/hooks";
import { Part } from "../../page/parts/controls.js";
import { percent } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { Replay } from "../../page/parts/replay.js";
import { reveal } from "../../page/parts/training.js";
import { t } from "../../page/words/t.js";
import { Clusters } from "./clusters.js";
import { Curves } from "./curves.js";
import { Example } from "./example.js";
import { Matrices } from "./matrix.js";
import { Setup } from "./setup.js";
import { Verdict } from "./verdict.js";

const UNKNOWN = { names: [], generalist: null, outcome: null, picks: null, steps: 300, datasets: {},
  seeds: [] };

export function View() {
  const lab = useLab();
  const curves = useRef(null);
  const view = { ...UNKNOWN, ...lab.training("specialists") };
  // A panel that was just opened begins by itself, unless Python says why not.
  view.busy ||= view.live && view.state === "cold" && !view.message;
  // Undo brings back clusters of other data before Python has said what these are.
  const end = view.names.length || Infinity;
  const set = lab.setting("specialists", "clusters");
  const clusters = set.value.every((each) => each.every((c) => c < end)) ? set.value : [];
  const send = (action) => {
    lab.send("specialists", action);
    if (action === "train") reveal(curves.current);
  };
  return html`<div class="kd-distill kd-specialists">
    <${Setup} view=${view} clusters=${clusters} send=${send} />
    <div class="kd-results">
      <p class="kd-sentence">${view.generalist === null
        ? t`One network for all classes confuses some of them. Which ones?`
        : `${t`The generalist is right on ${percent(view.generalist, 1)} of the test examples.`} ${
          t`What does it confuse, and would specialists help?`}`}</p>
      <${Replay} panel="specialists" />
      ${view.names.length > 0 && html`
        <${Part} name="matrices"><${Matrices} names=${view.names} clusters=${clusters} /><//>
        <${Part} name="clusters"><${Clusters} view=${view} clusters=${clusters} setting=${set} /><//>`}
      <div ref=${curves}>${(view.run || (view.busy && view.live)) && html`<${Curves} view=${view} />`}</div>
      <${Verdict} view=${view} />
      <${Part} name="specialists_example"><${Example} view=${view} /><//>
    </div>
  </div>`;
}
