// "Before you move it": the learner predicts where a hidden class comes to light, then drags.

import { useEffect, useMemo } from "preact/hooks";
import { COLDEST, HOTTEST, argmax, logSoftmax } from "../../page/maths/softmax.js";
import { Part, Radios } from "../../page/parts/controls.js";
import { share, temperature } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { t } from "../../page/words/t.js";
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
      return ["", fixed ? t`Choose, and the answer comes.`
        : t`Choose, then drag the temperature.`];
    }
    if (fixed || (seen.low <= answer && seen.high >= Math.min(answer, HOTTEST))) {
      const right = choiceOf(answer) === made.choice;
      const where = answer > HOTTEST ? t`even T\u00a0=\u00a0${HOTTEST} is too cold.`
        : t`it passes ${goalText} at T\u00a0=\u00a0${temperature(Number(answer.toPrecision(2)))}.`;
      const gap = logits[argmax(logits)] - logits[least];
      return [right ? t`Right: ${where}` : t`Not this time: ${where}`,
        `${t`Its logit lies ${gap.toFixed(1)} below the best one.`} ${
          t`Only that gap divided by T counts: here ${(gap / Math.min(answer, HOTTEST)).toFixed(1)}.`}`];
    }
    const side = T < answer ? t`Go hotter.` : t`It is past; cool down to find where.`;
    const now = share(logSoftmax(logits, T)[least]);
    return ["", `${t`At T\u00a0=\u00a0${temperature(T)} it has ${now}.`} ${side}`];
  }
  const [outcome, progress] = spoken();
  return html`<${Part} name="guess"><div class="kd-box">
    <h2>${fixed ? t`Where does it come to light?` : t`Before you move it`}
      ${moved && html` <small>${t`by the teacher's own logits`}</small>`}</h2>
    <p>${known
      ? `${t`Even the ${name(least)} has ${goalText} already.`} ${t`Pick a more certain image.`}`
      : `${t`At T\u00a0=\u00a01 the ${name(least)} gets ${share(own.logP1[least])}.`} ${
        t`At which T will it pass ${goalText}?`}`}</p>
    ${!known && html`<${Radios} name=${t`Your prediction`} class="kd-segments kd-guess"
      options=${CHOICES.map(([choice, text]) => [choice, t(text)])} value=${made?.choice}
      pick=${(choice) => {
        guess.value = { testset, index, choice, low: T, high: T };
      }} />`}
    <div class="kd-answer"><p role="status">${outcome}</p>
      <p class="kd-caption">${progress}</p></div>
  </div><//>`;
}
