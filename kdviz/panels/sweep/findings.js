// What accuracies say of a question: its cells, their verdicts, and all of it in words.

import { compare, interval, sentence } from "../../page/maths/compare.js";
import { percent } from "../../page/parts/format.js";
import { key, t, told } from "../../page/words/t.js";

const VERDICTS = { better: key`better`, worse: key`worse`, inconclusive: key`inconclusive` };

// JSON lacks the number of a student that diverged.
export const numberOf = (accuracy) => (accuracy === "diverged" ? NaN : accuracy);

// A text of a question's table, which has the key and the values of each.
export const say = ({ said }, text) => told(said[text]);

export const capital = (text) => text[0].toUpperCase() + text.slice(1);

// table: a question, as questions.py describes it. accuracies: on the test set, in [0, 1], by kind
// of student and by seed; null where one is not trained yet, NaN where it diverged.
export function findingsOf(table, accuracies) {
  const cells = table.cells.map((row, r) => row.map(([these, those], c) =>
    cellOf(`${say(table, table.rows[r])}, ${say(table, table.places[c])}`, accuracies[these],
      accuracies[those], table)));
  const all = cells.flat();
  const whole = all.filter(({ verdict }) => verdict);
  return {
    cells, students: accuracies.flat().length,
    known: accuracies.flat().filter((value) => value !== null).length,
    summary: whole.length ? summarize(whole, all.length, table) : [],
    best: whole.length ? t`Best cell: ${maximum(whole, (cell) => cell.difference).sentence}` : "",
    warning: whole.length ? warn(whole.length) : "",
    answer: whole.length < all.length ? null : answerOf(table, cells, accuracies),
    beside: (prediction) => (whole.length < all.length ? ""
      : judgePrediction(prediction, table, cells, accuracies)),
  };
}

// Students and their baselines, seed by seed; what is not known is null.
function cellOf(where, these, those, table) {
  const [soft, base] = [meanOf(these), meanOf(those)];
  const paired = [...these.keys()].filter((seed) => these[seed] !== null && those[seed] !== null);
  const gap = paired.length
    ? compare(paired.map((seed) => these[seed]), paired.map((seed) => those[seed])) : null;
  const whole = paired.length === these.length;
  const right = soft.accuracy === null ? t`no student left` : t`${percent(soft.accuracy, 1)} right`;
  const said = !soft.known ? t`not trained yet.`
    : whole ? `${right}. ${sentence(gap, t`Soft targets`, say(table, table.baseline))}`
      : t`${right}, with ${soft.alive} of ${these.length} seeds so far.`;
  return { ...soft, base, difference: gap && finite(100 * gap.difference),
    verdict: whole && gap.pairs ? gap.verdict : "", sentence: `${where}: ${said}` };
}

// The mean over seeds with its interval; known: seeds that are trained, alive: that did not diverge.
function meanOf(values) {
  const alive = values.filter(Number.isFinite);
  const { mean, low, high } = interval(alive);
  return { accuracy: finite(mean), low: finite(low), high: finite(high), alive: alive.length,
    known: values.filter((value) => value !== null).length };
}

// Counts the verdicts, as parts of a sentence with the role that colors each.
function summarize(whole, total, table) {
  const said = (verdict) => {
    const count = whole.filter((cell) => cell.verdict === verdict).length;
    return count === 1 ? t`1 is ${t(VERDICTS[verdict])}` : t`${count} are ${t(VERDICTS[verdict])}`;
  };
  const counts = t`${[said("better"), "teacher"]} than ${say(table, table.baseline)}, ${
    [said("worse"), "hard"]}, and ${said("inconclusive")}.`;
  return [whole.length === total ? t`Of ${total} cells, `
    : t`So far ${whole.length} of ${total} cells are complete: `, ...counts];
}

// What choosing the best of many cells does to it.
function warn(count) {
  const lucky = Math.max(1, Math.round(count / 20));
  const best = t`The best of ${
    count} cells, chosen on the test images that also score it, is optimistic: on new images expect a little less.`;
  return `${best} ${t`And luck alone would call about ${lucky} of ${
    count} better or worse: a 95% interval misses one time in 20.`}`;
}

// The outcome beside what was predicted, one of the question's options.
function judgePrediction(prediction, table, cells, accuracies) {
  if (!table.options.includes(prediction)) {
    return t`You made no prediction: make one for the next question.`;
  }
  return table.asks === "best" ? holdAgainstBest(prediction, table, accuracies)
    : holdAgainstEnough(prediction, table, cells);
}

// The option that was right: where the first row is best, or from where on labels keep up with the
// last row.
function answerOf(table, cells, accuracies) {
  const { options, asks } = table;
  if (asks === "best") return maximum(options, (option) => sum(foundAt(option, table, accuracies)));
  return options[cells.at(-1).map(({ verdict }) => verdict).lastIndexOf("better") + 1];
}

// Accuracies of an option in the first row, by seed. A student that diverged is right about nothing.
function foundAt(option, { baseline, places, cells: [row] }, accuracies) {
  const kind = option === baseline ? row[0][1] : row[places.indexOf(option)][0];
  return accuracies[kind].map((value) => value || 0);
}

// The predicted place in the first row against the best one.
function holdAgainstBest(prediction, table, accuracies) {
  const found = (option) => foundAt(option, table, accuracies);
  const best = answerOf(table, null, accuracies);
  const mean = percent(sum(found(best)) / found(best).length, 1);
  const [one, other] = [say(table, prediction), say(table, best)];
  if (prediction === best) return t`You predicted ${one}, and it was: ${mean}.`;
  const gap = compare(found(best), found(prediction));
  return `${t`You predicted ${one}; the best mean was ${mean}, with ${other}.`} ${
    sentence(gap, capital(other), one)}`;
}

// How many labels it takes until soft targets of all images are no longer better.
function holdAgainstEnough(prediction, table, cells) {
  const [one, other] = [prediction, answerOf(table, cells)].map((option) => say(table, option));
  return one === other ? t`You predicted ${one}, and so it was.` : t`You predicted ${one}; it was ${other}.`;
}

// The first of the items with the largest value.
function maximum(items, value) {
  return items.reduce((best, item) => (value(item) > value(best) ? item : best));
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const finite = (value) => (Number.isFinite(value) ? value : null);
