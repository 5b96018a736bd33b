// Why softmax subtracts the largest logit first: in float32, as networks compute, exp overflows.

import { useMemo } from "preact/hooks";
import { Radios } from "../../page/parts/controls.js";
import { count } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { key, t } from "../../page/words/t.js";

const ROWS = 5;
const COLUMNS = [key`Class`, key`Logit z`, "exp(z/T)", key`Naive share`, key`Stable share`];
const f32 = Math.fround;

export function Overflow({ view, T, fixed }) {
  const lab = useLab();
  const [factor, offset] = ["factor", "offset"].map((name) => lab.setting("soft_targets", name));
  const logits = useMemo(() => Array.from(view.logits, (z) =>
    f32(f32(z * Number(factor.value)) + Number(offset.value))), [view, factor.value, offset.value]);
  const shown = useMemo(() => [...logits.keys()].sort((a, b) => logits[b] - logits[a])
    .slice(0, ROWS), [logits]);
  const top = logits[shown[0]];
  const [naive, stable] = [0, top].map((taken) => computed(logits, T, taken));
  const cell = (value) => html`<td class=${Number.isFinite(value) ? "" : "kd-broken"}>
    ${word(value)}</td>`;
  const choice = (name, setting, sign) => html`<${Radios} name=${name} setting=${setting}
    options=${setting.choices.map((text) => [text, `${sign} ${count(Number(text))}`])} />`;
  return html`<div class="kd-overflow">
    <div><h2>${t`Logits`}</h2>${choice(t`Times`, factor, "×")}${choice(t`Plus`, offset, "+")}
      <p role="status">${verdict(naive, top, T, fixed)}</p></div>
    <table class="kd-numbers" data-name="Overflow">
      <thead><tr>${COLUMNS.map((text) => html`<th scope="col">${t(text)}</th>`)}</tr></thead>
      <tbody>${shown.map((c) => html`<tr><th scope="row">${view.name(c)}</th>
        ${[logits[c], naive.powers[c], naive.shares[c], stable.shares[c]].map(cell)}</tr>`)}</tbody>
    </table></div>`;
}

// The softmax in float32, of logits from which something is taken first.
function computed(logits, T, taken) {
  const powers = logits.map((z) => f32(Math.exp(f32(f32(z - taken) / T))));
  const sum = powers.reduce((a, b) => f32(a + b), 0);
  return { powers, shares: powers.map((power) => f32(power / sum)) };
}

function verdict({ powers, shares }, top, T, fixed) {
  if (powers.every((power) => power === 0)) {
    return t`Every exp(z/T) is too small for float32: 0 by 0 is no number.`;
  }
  if (shares.some(Number.isNaN)) {
    return `${t`exp(${word(f32(top / T))}) is more than float32 can hold, which is exp(88.7).`} ${
      t`Infinity by infinity is no number: the loss is NaN, and so is every weight after it.`}`;
  }
  return fixed ? t`Both agree. Make the logits larger until the naive one breaks.`
    : t`Both agree. Make the logits larger until the naive one breaks, then raise T.`;
}

function word(value) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const size = Math.abs(value);
  const text = size >= 1e5 || (size < 1e-3 && size > 0)
    ? value.toExponential(2).replace("e+", "e") : String(Number(value.toPrecision(4)));
  return text.replaceAll("-", "−");
}
