// @ts-check
// A prediction as a code of ten letters, short enough to type: which question, at which settings,
// what somebody expects, who, and a check against slips. A curve that was drawn follows it, a letter a
// point and one more as its check.

import { key, t } from "../../page/words/t.js";

// Crockford's letters: none that is read as another.
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LONG = 10;
const [SETTINGS, VALUES, LEARNERS, CHECKS] = [512, 2048, 2 ** 17, 512];
const STEP = 0.1; // of a prediction that is a number
const [LEVELS, UNDRAWN] = [30, 31]; // of a curve's points

// Their places are in the codes: new ones come last.
const QUESTIONS = { start: key`Start`, soft_targets: key`Soft targets`,
  unseen: key`Distill, a digit it never saw`, "few-labels": key`Distill, few labels`,
  "all-labels": key`Distill, everything labelled`, temperature: key`Sweep, which temperature`,
  weight: key`Sweep, how much labels weigh`, labels: key`Sweep, how few labels` };

// FNV-1a, for places in a list and for checks.
function hash(text) {
  return [...text].reduce((sum, letter) =>
    Math.imul(sum ^ letter.codePointAt(0), 0x01000193) >>> 0, 0x811c9dc5);
}

const settingsOf = ({ of }) => hash(of) % SETTINGS;
const lowOf = ({ options, low }) => (options ? 0 : low / STEP);
const highOf = ({ options, high }) => (options ? options.length - 1 : high / STEP);

/** Someone's number, from 0 on: random, so that it tells nothing of them. */
export const newLearner = () => Math.floor(Math.random() * LEARNERS);

/**
 * The code of a prediction. question: { name, of, options } or { name, of, low, high }, with low
 * and high at most 204 apart; of: what it is asked of, in the same words for all; value: the place
 * of an option, or a number, of which tenths count. A question may have a curve, { low, values }:
 * numbers from low to 1, null where nothing is drawn.
 */
export function writeCode(question, value, learner) {
  const which = Object.keys(QUESTIONS).indexOf(question.name);
  const place = question.options ? value : Math.round(value / STEP) - lowOf(question);
  let whole = ((which * SETTINGS + settingsOf(question)) * VALUES + place) * LEARNERS + learner;
  whole = whole * CHECKS + (hash(String(whole)) % CHECKS);
  let text = "";
  for (; text.length < LONG; whole = Math.floor(whole / 32)) text = LETTERS[whole % 32] + text;
  return grouped(text + (question.curve ? curveLetters(text, question.curve) : ""));
}

const grouped = (letters) => [letters.slice(0, 5), letters.slice(5, LONG), letters.slice(LONG)]
  .filter(Boolean).join("-");

// Nothing, where nothing is drawn. code: the letters before, which the check holds together with these.
function curveLetters(code, { low, values }) {
  if (values.every((value) => value === null)) return "";
  const drawn = values.map((value) => LETTERS[value === null ? UNDRAWN
    : Math.round(((value - low) / (1 - low)) * LEVELS)]).join("");
  return drawn + LETTERS[hash(code + drawn) % 32];
}

// The numbers of a curve again; null where there is none, undefined where the letters are none of it.
function curveOf(code, letters, { low, values }) {
  if (!letters) return null;
  const drawn = letters.slice(0, -1);
  if (drawn.length !== values.length || letters.at(-1) !== LETTERS[hash(code + drawn) % 32]) {
    return undefined;
  }
  return [...drawn].map((letter) => LETTERS.indexOf(letter))
    .map((level) => (level === UNDRAWN ? null : low + (level / LEVELS) * (1 - low)));
}

/** What a code says for a question, { code, value, learner } and the curve, if the question has
 *  one; or { problem }, a sentence. The question's at says of what it is asked, for the reader. */
export function readCode(question, asked) {
  const all = asked.toUpperCase().replace(/[^0-9A-Z]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  const [letters, rest] = [all.slice(0, LONG), all.slice(LONG)];
  const shown = asked.length > 24 ? `${asked.slice(0, 23)}…` : asked;
  if (letters.length !== LONG || all.includes("U") || (rest && !question.curve)) {
    return { problem:
      t`${shown} is no code: it takes ten letters and digits, without U, as ${"04C7H-2M9KQ"}.` };
  }
  let whole = [...letters].reduce((sum, letter) => sum * 32 + LETTERS.indexOf(letter), 0);
  const next = (size) => {
    const part = whole % size;
    whole = Math.floor(whole / size);
    return part;
  };
  const check = next(CHECKS);
  if (hash(String(whole)) % CHECKS !== check) {
    return { problem: t`${shown} has a slip: read it once more.` };
  }
  const [learner, place, settings] = [next(LEARNERS), next(VALUES), next(SETTINGS)];
  const name = Object.keys(QUESTIONS)[whole];
  if (name !== question.name) {
    return { problem: t`${shown} is a prediction for ${
      t(QUESTIONS[name] ?? key`a newer lab`)}; here it is ${t(QUESTIONS[question.name])}.` };
  }
  if (settings !== settingsOf(question)) {
    return { problem: t`${shown} was made at other settings than here (${question.at}).` };
  }
  if (place + lowOf(question) > highOf(question)) {
    return { problem: t`${shown} predicts what this question can't have.` };
  }
  const value = question.options ? place : Number(((place + lowOf(question)) * STEP).toFixed(1));
  if (!question.curve) return { code: grouped(all), value, learner };
  const curve = curveOf(letters, rest, question.curve);
  if (curve === undefined) return { problem: t`${shown} has a slip: read it once more.` };
  return { code: grouped(all), value, learner, curve };
}

/**
 * Puts codes to those that are there; of one learner the last counts.
 * text: codes between spaces, commas or lines. Returns { kept, added, replaced, problems }, and
 * as odd those with problems.
 */
export function addCodes(question, before, text) {
  const kept = [...before];
  const [problems, odd] = [[], []];
  let [added, replaced] = [0, 0];
  for (const asked of text.match(/[^\s,;]+/g) ?? []) {
    const { problem, ...code } = readCode(question, asked);
    const at = kept.findIndex(({ learner }) => learner === code.learner);
    if (problem) {
      problems.push(problem);
      odd.push(asked);
    }
    else if (at < 0) added = kept.push(code) - before.length;
    else {
      replaced += 1;
      kept[at] = code;
    }
  }
  return { kept, added, replaced, problems, odd };
}

/** The columns of a dot plot: [{ label, count, hit }], hit where the outcome lies. */
export function columnsOf({ options, low, high }, values, outcome) {
  if (options) {
    return options.map((label, i) => ({ label, hit: i === outcome,
      count: values.filter((value) => value === i).length }));
  }
  const shown = outcome === null ? values : [...values, outcome];
  const ends = low === 0 ? [low, high] : [Math.min(-1, ...shown), Math.max(1, ...shown)];
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10].find((each) => (ends[1] - ends[0]) / each <= 20);
  const [first, last] = ends.map((end) => Math.round(end / step));
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    label: String(Number(((first + i) * step).toFixed(1))).replace("-", "−"),
    hit: outcome !== null && Math.round(outcome / step) === first + i,
    count: values.filter((value) => Math.round(value / step) === first + i).length }));
}

/** Whether a prediction holds: the option that it was, or a number near enough. */
export const holds = ({ options, near }, value, outcome) =>
  (options ? value === outcome : Math.abs(value - outcome) <= near);
