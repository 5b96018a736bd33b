// Accuracy by class, and the bias of the class that was never seen.

import { useMemo, useState } from "preact/hooks";
import { makeBias } from "../../page/maths/bias.js";
import { Chart, linear } from "../../page/parts/chart.js";
import { Range } from "../../page/parts/controls.js";
import { percent } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { numbers } from "../../page/state/testset.js";
import { t } from "../../page/words/t.js";

const HEIGHT = 92;
const TOP = 20;
const LEFT = 52;

export function Classes({ view }) {
  const lab = useLab();
  const { run, outcome } = view;
  const classes = lab.kernel("classes");
  const unseen = (run ?? lab.settings("distill")).scenario === "unseen";
  const omitted = run && unseen ? run.omitted : lab.settings("distill").omitted;
  const bytes = lab.found("distill", "distill_logits");
  const bias = useMemo(() => (outcome && unseen && bytes?.byteLength ? makeBias(
    numbers(bytes, Float32Array), numbers(lab.kernel("labels"), Int32Array), classes.length, omitted,
    outcome.diverged) : null), [bytes]);
  // Each outcome begins without a bias.
  const [raised, raise] = useState({ bytes, by: 0 });
  const by = raised.bytes === bytes ? raised.by : 0;
  const groups = bias?.at(by);
  const shares = groups ? groups.map((group) => group?.byClass) : outcome?.by_class;
  const cell = (value) => html`<td>${value === undefined ? "–" : percent(value, 1)}</td>`;
  const row = (role, name, group) => html`<tr><th scope="row" class="kd-${role}-label">${name}</th>
    ${cell(group?.all)}${cell(group?.byClass[omitted])}</tr>`;

  return html`<div>
    <h2>${t`Share recognized, by class`} <small>${
      t`Left bar: soft targets. Right bar: hard labels.`}</small></h2>
    <${Bars} classes=${classes} shares=${shares} marked=${run && unseen ? omitted : -1} />
    <div class="kd-bias" hidden=${!unseen}>
      <div><${Range} label=${t`Bias of class ${classes[omitted]}`} shown="+${by.toFixed(1)}"
          value=${by} min="0" max="8" step="0.1" disabled=${!bias}
          set=${(value) => raise({ bytes, by: value })} />
        <p class="kd-caption">${t`A bias chosen while looking at the test images is optimistic.`}${" "}
          ${t`So is the paper's own, +3.5.`}</p></div>
      <table><thead><tr><td /><th scope="col">${t`all`}</th>
        <th scope="col">${t`${classes[omitted]}s`}</th></tr>
        </thead><tbody>${row("soft", t`soft`, groups?.[0])}${row("hard", t`labels`, groups?.[1])}
        </tbody></table>
    </div>
  </div>`;
}

// Two bars a class; numbers stand on the bars of the class that was never seen.
function Bars({ classes, shares, marked }) {
  function draw(width) {
    const step = (width - LEFT) / classes.length;
    const wide = Math.max(2, Math.min(26, step * 0.4));
    const y = linear([0, 1], [HEIGHT, TOP]);
    const bar = (c, role, side) => {
      const middle = LEFT + step * (c + 0.5);
      const share = shares?.[side]?.[c] ?? null;
      const top = y(share ?? 0);
      return html`<rect class="kd-${role}-bar" width=${wide} rx="2" y=${top} height=${HEIGHT - top}
          x=${middle + (side ? 1 : -1 - wide)} />
        <text class="kd-${role}-label" y=${top - 5} x=${middle + (side ? 2 : -2)}
          text-anchor=${side ? "start" : "end"}>
          ${share !== null && c === marked && step > 44 && percent(share)}</text>`;
    };
    return html`<g class="kd-axis">${[0, 1].map((tick) => html`
        <line x1=${LEFT} x2=${width} y1=${y(tick)} y2=${y(tick)} />
        <text x=${LEFT - 10} y=${y(tick) + 4.5} text-anchor="end">${percent(tick)}</text>`)}</g>
      ${classes.map((name, c) => html`${bar(c, "soft", 0)}${bar(c, "hard", 1)}
        <text x=${LEFT + step * (c + 0.5)} y=${HEIGHT + 18} text-anchor="middle"
          class=${c === marked ? "kd-marked" : undefined}>${name}</text>`)}`;
  }
  return html`<${Chart} name=${t`Share recognized, by class`} height=${HEIGHT + 24} draw=${draw} />`;
}
