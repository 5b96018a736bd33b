// "Before you move it": the learner predicts where a hidden class comes to light, then drags.

import { useEffect, useMemo } from "preact/hooks";
import { COLDEST, HOTTEST, argmax, logSoftmax } from "../../page/maths/softmax.js";
import { Part, Radios } from "../../page/parts/controls.js";
import { share, temperature } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { CHOICES, choiceOf, goalOf, guessOf } from "./asked.js";

// own: the example as the teacher sees it; logits that are moved by hand change neither question
// nor answer. fixed: whether T stays as it is; then the answer comes with the choice.
export function Guess({ own, moved, T, fixed }) {
  const { testset, index, logits, least, name } = own;
  const guess = guessOf(useLab());
  const { goalText, answer } = useMemo(() => goalOf(own), [own]);
  const known = answer <= COLDEST;
  const made = guess.value?.testset === testset && guess.value.index === index ? guess.value : null;
  const seen = made && { low: Math.min(made.low, T), high: Math.max(made.high, T) };
  // How far T went since; nothing needs to be drawn anew for that.
  useEffect(() => {
    if (made) Object.assign(made, seen);
  });

  function spoken() {
    if (known) return [];
    if (!made) {
      return ["", fixed ? "Choose, and the answer comes." : "Choose, then drag the temperature."];
    }
    if (fixed || (seen.low <= answer && seen.high >= Math.min(answer, HOTTEST))) {
      const right = choiceOf(answer) === made.choice;
      const where = answer > HOTTEST ? `even T\u00a0=\u00a0${HOTTEST} is too cold.`
        : `it passes ${goalText} at T\u00a0=\u00a0${temperature(Number(answer.toPrecision(2)))}.`;
      const gap = logits[argmax(logits)] - logits[least];
      return [`${right ? "Right" : "Not this time"}: ${where}`,
        `Its logit lies ${gap.toFixed(1)} below the best one. Only that gap divided by T `
        + `counts: here ${(gap / Math.min(answer, HOTTEST)).toFixed(1)}.`];
    }
    const side = T < answer ? "Go hotter." : "It is past; cool down to find where.";
    return ["", `At T\u00a0=\u00a0${temperature(T)} it has ${share(logSoftmax(logits, T)[least])}. `
      + side];
  }
  const [outcome, progress] = spoken();
  return html`<${Part} name="guess"><div class="kd-box">
    <h2>${fixed ? "Where does it come to light?" : "Before you move it"}
      ${moved && html` <small>by the teacher's own logits</small>`}</h2>
    <p>${known ? `Even the ${name(least)} has ${goalText} already. Pick a more certain image.`
      : `At T\u00a0=\u00a01 the ${name(least)} gets ${share(own.logP1[least])}. `
        + `At which T will it pass ${goalText}?`}</p>
    ${!known && html`<${Radios} name="Your prediction" class="kd-segments kd-guess"
      options=${CHOICES} value=${made?.choice} pick=${(choice) => {
        guess.value = { testset, index, choice, low: T, high: T };
      }} />`}
    <div class="kd-answer"><p role="status">${outcome}</p>
      <p class="kd-caption">${progress}</p></div>
  </div><//>`;
}
