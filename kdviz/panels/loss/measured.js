// What was measured over the test set: first a guess, then the two curves.

import { useEffect } from "preact/hooks";
import { GRID, at } from "../../page/maths/survey.js";
import { Part, Radios } from "../../page/parts/controls.js";
import { count, percent, power10 } from "../../page/parts/format.js";
import { html } from "../../page/parts/html.js";
import { Curve, decades } from "./curve.js";
import { proportion } from "./words.js";

const ASKED_AT = 20;
const BOUNDS = [1, 0.1, 0.01]; // of the ratio, from strong to weak
const CHOICES = [[0, "over 1"], [1, "0.1 to 1"], [2, "0.01 to 0.1"], [3, "below 0.01"]];

// survey: { found, choice, revealed, tell() }; the first three only once it is made.
export function Measured({ survey, T, squared }) {
  const { found, tell } = survey;
  useEffect(() => {
    if (found && !squared) tell({ revealed: true });
  }, [found, squared]);
  return html`<div class="kd-side">
    <${Part} name="guess"><${Guess} survey=${survey} squared=${squared} /><//>
    <div><h2>Soft pull, in times the label's <small>at equal weights</small></h2>
      <div class="kd-ratio"><${Curve} name="Soft pull over the label's pull" T=${T} mark="1"
        ...${ratioOf(survey, squared)} value=${(ratio) => proportion(ratio, "<")}
        tick=${(ratio) => (ratio > 0.0005 ? String(Number(ratio.toPrecision(1)))
          : power10(Math.round(Math.log10(ratio))))} /></div></div>
    <div><h2>Error of matching logits</h2>
      <div class="kd-error"><${Curve} name="Relative error of the limit" T=${T} ...${found?.error}
        value=${(error) => (error < 10 ? percent(error, error < 0.0995 ? 1 : 0) : "over 1,000%")}
        tick=${(error) => `${count(error * 100)}%`} /></div>
      <p class="kd-caption">${found?.error.lines && "(z − v)/(N·T²) in place of (q − p)/T: median "
        + `and band of 8 in 10 of ${count(found.examples)} test examples.`}</p></div>
  </div>`;
}

// The survey as the charts want it.
export function arrange({ ratio, error, examples, labelled }) {
  const withSquare = ratio?.map((value, i) => value * GRID[i] ** 2);
  return {
    examples, ratio, withSquare,
    domain: ratio && decades([...ratio, ...withSquare]),
    note: labelled === 0 ? "Without labels there is no hard pull to compare with."
      : "No pull to compare: the logits are equal, or sure of every label.",
    error: error ? {
      lines: [{ values: error.map(([, middle]) => middle) }],
      band: [error.map(([low]) => low), error.map(([, , high]) => high)],
      domain: [Math.min(0.1, decades([error.at(-1)[1]])[0]), 10],
    } : { note: "The student equals the teacher: there is no gradient to match." },
  };
}

// The curve without T² stays hidden until T² was switched off once: it is asked for first.
function ratioOf({ found, revealed }, squared) {
  if (!found?.ratio) return { note: found?.note };
  const on = { values: found.withSquare, text: "with T²", beside: 45, shift: -10 };
  const off = { values: found.ratio, text: "without T²", beside: 18, shift: 10 };
  const lines = squared ? [on, off] : [off, on];
  return { lines: revealed || !squared ? lines : [on], domain: found.domain };
}

// "Before you switch it off": how strong is the soft gradient without T²?
function Guess({ survey: { found, choice = null, tell }, squared }) {
  const ratio = found?.ratio && at(found.ratio, ASKED_AT);
  const question = () => `At T\u00a0=\u00a0${ASKED_AT}, the soft targets pull `
    + `${proportion(ratio * ASKED_AT ** 2)} as hard as the labels. And without the factor T²?`;
  const [outcome, hint] = !ratio ? [] : choice === null
    ? ["", "Choose how many times, over all test examples."]
    : squared ? ["", "Now switch T² off."] : answer(ratio, choice);
  return html`<div class="kd-box"><h2>Before you switch T² off</h2>
    <p>${ratio ? question() : found?.note ?? "Measuring …"}</p>
    <${Radios} name="Your prediction" class="kd-segments kd-guess ${ratio ? "" : "kd-absent"}"
      options=${CHOICES} value=${choice} pick=${(value) => tell({ choice: value })} />
    <div class="kd-answer"><p role="status">${outcome}</p><p class="kd-caption">${hint}</p></div>
  </div>`;
}

function answer(ratio, choice) {
  const right = BOUNDS.filter((bound) => ratio < bound).length === choice;
  const factor = ASKED_AT ** 2;
  return [`${right ? "Right" : "Not this time"}: ${proportion(ratio)} as hard.`,
    `Soft gradients shrink as 1/T². Without the factor ${ASKED_AT}² = ${factor}, the labels would `
    + (ratio < 0.1 ? "decide nearly alone." : `count ${factor} times as much.`)];
}
