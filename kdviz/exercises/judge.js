// What an exercise says to an answer. Functions of the exercise's traits by name, and of the language.

import { t } from "../page/words/t.js";

// 2.5, 2,5, 1/8, 10^-3, 1,000, 30%: a number as people write it; NaN where it is none.
export function parseNumber(text) {
  let plain = text.trim().replace(/\s*%$/, "").replace(/[−–]/g, "-");
  if (/^-?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(plain)) plain = plain.replaceAll(",", "");
  plain = plain.replace(",", ".");
  const power = plain.match(/^(-?)10(?:\^|\*\*)(-?\d+)$/);
  if (power) return Number(`${power[1]}1e${power[2]}`);
  const [over, under = "1", ...more] = plain.split("/").map((part) => part.trim());
  if (over === "" || under === "" || more.length) return NaN;
  const value = Number(over) / Number(under);
  return Number.isFinite(value) ? value : NaN;
}

// Four figures and the unit: "3.322 bits", "37%".
export function quantity(value, unit) {
  const figures = String(Number(value.toPrecision(4)));
  if (!unit) return figures;
  return unit === "%" ? `${figures}%` : `${figures}\u00a0${unit}`;
}

// How far off a number may be, in its own unit.
function slack({ answer, tolerance, relative }) {
  return Math.max(relative ? tolerance * Math.abs(answer) : tolerance, 1e-9 * Math.abs(answer));
}

// What a number's field is called: how near it must be, unless only the number itself will do.
export function asksFor({ tolerance, relative, unit }) {
  if (!tolerance) return t`Your answer`;
  const near = relative ? quantity(tolerance * 100, "%") : quantity(tolerance, unit);
  return t`Your answer, within ${near}`;
}

// Says { good, word, text }: good is true, false, or null where there is nothing to judge.
export function judge(exercise, response) {
  return exercise.options.length ? judgeChoice(exercise, response)
    : judgeNumber(exercise, response);
}

function judgeChoice({ options, answer }, response) {
  const chosen = options.find(({ text }) => text === response);
  if (!chosen) return { good: null, word: "", text: t`Choose an answer first.` };
  const good = response === answer;
  return { good, word: good ? t`Right.` : t`Not this one.`, text: chosen.why };
}

function judgeNumber(exercise, response) {
  const value = parseNumber(response);
  if (Number.isNaN(value)) {
    return { good: null, word: "", text: t`Write a number, such as 0.25 or 1/4.` };
  }
  const { answer, unit, why } = exercise;
  const off = Math.abs(value - answer);
  if (off <= slack(exercise)) {
    const exact = t`The answer is ${quantity(answer, unit)}.`;
    return { good: true, word: t`Right.`, text: off > 1e-9 ? `${exact} ${why}` : why };
  }
  const word = value > answer ? t`Too large.` : t`Too small.`;
  const mistake = exercise.mistakes.find((each) =>
    Math.abs(value - each.value) <= Math.min(slack({ ...exercise, answer: each.value }), off));
  return { good: false, word, text: mistake?.why ?? t`Try again.` };
}

// Sets a recorded prediction beside the outcome, in a sentence.
export function beside({ options, answer, unit, why }, response) {
  if (options.length) {
    return `${response === answer ? t`As you predicted.` : t`Not as you predicted.`} ${why}`;
  }
  const off = parseNumber(response) - answer;
  if (Math.abs(off) <= 0.02 * Math.abs(answer)) return `${t`As you predicted.`} ${why}`;
  const distance = quantity(Math.abs(off), unit === "%" ? t`points` : unit);
  return `${off > 0 ? t`Your prediction is ${distance} too high.`
    : t`Your prediction is ${distance} too low.`} ${why}`;
}
