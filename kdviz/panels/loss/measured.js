// What was measured over the test set: first a guess, then the two curves.

import { useEffect } from "preact/hooks";
import { GRID, at } from "../../page/maths/survey.js";
import { Part, Radios } from "../../page/parts/controls.js";
import { count, percent, power10 } from "../../page/parts/format.js";
import { html } from "../../page/parts/html.js";
import { key, t } from "../../page/words/t.js";
import { Curve, decades } from "./curve.js";
import { proportion } from "./words.js";

const ASKED_AT = 20;
const BOUNDS = [1, 0.1, 0.01]; // of the ratio, from strong to weak
const CHOICES = [[0, key`over 1`], [1, key`0.1 to 1`], [2, key`0.01 to 0.1`], [3, key`below 0.01`]];

// survey: { found, choice, revealed, tell() }; the first three only once it is made.
export function Measured({ survey, T, squared }) {
  const { found, tell } = survey;
  useEffect(() => {
    if (found && !squared) tell({ revealed: true });
  }, [found, squared]);
  return html`<div class="kd-side">
    <${Part} name="guess"><${Guess} survey=${survey} /><//>
    <div><h2>${t`Soft pull, in times the label's`} <small>${t`at equal weights`}</small></h2>
      <div class="kd-ratio"><${Curve} name=${t`Soft pull over the label's pull`} T=${T} mark="1"
        ...${ratioOf(survey, squared)} value=${(ratio) => proportion(ratio, t`<0.0001 times`)}
        tick=${(ratio) => (ratio > 0.0005 ? String(Number(ratio.toPrecision(1)))
          : power10(Math.round(Math.log10(ratio))))} /></div></div>
    <div><h2>${t`Error of matching logits`}</h2>
      <div class="kd-error"><${Curve} name=${t`Relative error of the limit`} T=${T} ...${found?.error}
        value=${(error) => (error < 10 ? percent(error, error < 0.0995 ? 1 : 0) : t`over 1,000%`)}
        tick=${(error) => `${count(error * 100)}%`} /></div>
      <p class="kd-caption">${found?.error.lines
        && t`(z − v)/(N·T²) in place of (q − p)/T: median and band of 8 in 10 of ${
          count(found.examples)} test examples.`}</p></div>
  </div>`;
}

// The survey as the charts want it.
export function arrange({ ratio, error, examples, labelled }) {
  const withSquare = ratio?.map((value, i) => value * GRID[i] ** 2);
  return {
    examples, ratio, withSquare,
    domain: ratio && decades([...ratio, ...withSquare]),
    note: labelled === 0 ? key`Without labels there is no hard pull to compare with.`
      : key`No pull to compare: the logits are equal, or sure of every label.`,
    error: error ? {
      lines: [{ values: error.map(([, middle]) => middle) }],
      band: [error.map(([low]) => low), error.map(([, , high]) => high)],
      domain: [Math.min(0.1, decades([error.at(-1)[1]])[0]), 10],
    } : { note: key`The student equals the teacher: there is no gradient to match.` },
  };
}

// The curve without T² stays hidden until T² was switched off once: it is asked for first.
function ratioOf({ found, revealed }, squared) {
  if (!found?.ratio) return { note: found?.note };
  const on = { values: found.withSquare, text: t`with T²`, beside: 45, shift: -10 };
  const off = { values: found.ratio, text: t`without T²`, beside: 18, shift: 10 };
  const lines = squared ? [on, off] : [off, on];
  return { lines: revealed || !squared ? lines : [on], domain: found.domain };
}

// "Before you switch it off": how strong is the soft gradient without T²? Once it was seen, no
// choice is a prediction.
function Guess({ survey: { found, choice = null, revealed, tell } }) {
  const ratio = found?.ratio && at(found.ratio, ASKED_AT);
  const question = () => t`At T\u00a0=\u00a0${ASKED_AT}, the soft targets pull ${
    proportion(ratio * ASKED_AT ** 2)} as hard as the labels. And without the factor T²?`;
  const [outcome, hint] = !ratio ? [] : !revealed
    ? ["", choice === null ? t`Choose how many times, over all test examples.`
      : t`Now switch T² off.`]
    : choice === null ? ["", t`You have seen it: ${proportion(ratio)} as hard.`]
      : answer(ratio, choice);
  return html`<div class="kd-box"><h2>${t`Before you switch T² off`}</h2>
    <p>${ratio ? question() : t(found?.note ?? key`Measuring …`)}</p>
    <${Radios} name=${t`Your prediction`} class="kd-segments kd-guess ${ratio ? "" : "kd-absent"}"
      options=${CHOICES.map(([value, text]) => [value, t(text)])} value=${choice}
      disabled=${!ratio || revealed} pick=${(value) => tell({ choice: value })} />
    <div class="kd-answer"><p role="status">${outcome}</p><p class="kd-caption">${hint}</p></div>
  </div>`;
}

function answer(ratio, choice) {
  const right = BOUNDS.filter((bound) => ratio < bound).length === choice;
  const factor = ASKED_AT ** 2;
  const times = proportion(ratio);
  const hint = ratio < 0.1
    ? t`Without the factor ${ASKED_AT}² = ${factor}, the labels would decide nearly alone.`
    : t`Without the factor ${ASKED_AT}² = ${factor}, the labels would count ${factor} times as much.`;
  return [right ? t`Right: ${times} as hard.` : t`Not this time: ${times} as hard.`,
    `${t`Soft gradients shrink as 1/T².`} ${hint}`];
}
