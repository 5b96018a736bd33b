// Trains the students of a question in this page: what session.py does in a kernel.

import { computed, signal } from "@preact/signals";
import { train } from "../../page/engine/cohort.js";
import { keepLabels, labelledOnly, wholeSet } from "../../page/engine/transfer-set.js";
import { makeBackground } from "../../page/state/background.js";
import { key, t } from "../../page/words/t.js";

// Members of a cohort: as many for each of 2, 4 or 8 threads. More would be hardly faster, and fill
// the table in lumps.
const AT_ONCE = 16;
const RECORDS = 4; // of a cohort while it trains: each takes a look at the whole test set

export function makeSession(lab) {
  const { own, tables, datasets, seeds: offered } = lab.kernel("sweep_view");
  if (!own) return null; // the page has other images than a question is about
  const background = makeBackground({ title: key`A sweep`, panel: key`Sweep`,
    kept: key`What is trained is kept: run it to go on.`, sayStopped: ({ run }) => {
      const { known, students } = count(run);
      return t`Stopped: ${known} of ${students} students are trained and kept. Go on when you like.`;
    } });
  const { tell, follow } = background;
  // Accuracies by the name of a student, whatever question it was trained for; and of each question
  // that was begun, what was predicted before its first result.
  const nothing = () => ({ transferSet: lab.transferSet.value, found: new Map(), foretold: {} });
  const kept = signal(nothing());
  // What another teacher taught is no answer.
  const now = computed(() =>
    (kept.value.transferSet === lab.transferSet.value ? kept.value : nothing()));

  function chosen() {
    const { question, seeds } = lab.settings("sweep");
    return { question, data: own, seeds };
  }

  // By kind and seed; nothing before a question is begun, so that another can't give it away.
  function accuraciesOf({ question, seeds }) {
    const { found, foretold } = now.value;
    return tables[own][question].kinds.map((kind) => Array.from({ length: seeds }, (_, seed) =>
      (question in foretold ? found.get(nameOf(kind, seed)) ?? null : null)));
  }

  function count(what) {
    const all = accuraciesOf(what).flat();
    return { known: all.filter((accuracy) => accuracy !== null).length, students: all.length };
  }

  const isSeen = (question) => count({ question, seeds: Math.max(...offered) }).known > 0;

  async function sweep() {
    const run = chosen();
    const { prediction } = lab.settings("sweep");
    const foretold = isSeen(run.question) ? {} : { [run.question]: prediction };
    kept.value = { ...now.value, foretold: { ...now.value.foretold, ...foretold } };
    tell({ run });
    try {
      await trainAll(run);
    } finally {
      await background.close(); // no memory is kept for students whose accuracy is known
    }
  }

  async function trainAll(run) {
    const table = tables[own][run.question];
    const { found, transferSet } = kept.value;
    const students = studentsOf(table, run.seeds).filter(({ name }) => !found.has(name));
    const begun = performance.now();
    let [spent, left] = [0, workOf(students)];
    for (const cohort of cohortsOf(students)) {
      let last = null;
      for await (const { record, draw } of follow(train(settingsOf(cohort, table, transferSet)))) {
        last = record;
        if (!draw) continue;
        const part = (workOf(cohort) * record.step) / record.steps;
        const seconds = (performance.now() - begun) / 1000;
        const { known: done, students: total } = count(run);
        tell({ message: record.notice || background.view.peek().message, progress: { done, total,
          share: (done + (cohort.length * record.step) / record.steps) / total, seconds,
          seconds_left: (seconds / (spent + part)) * (left - part) } });
      }
      cohort.forEach(({ name }, member) => found.set(name, last.accuracy[member]));
      [spent, left] = [spent + workOf(cohort), left - workOf(cohort)];
      kept.value = { ...kept.value };
    }
  }

  const view = computed(() => {
    const what = chosen();
    const { question } = what;
    return { ...background.view.value, tables, own, seeds: offered, chosen: what,
      datasets: lab.kernel("live") ? datasets : [], accuracies: accuraciesOf(what),
      foretold: now.value.foretold[question] ?? null, seen: isSeen(question) };
  });
  // Whether what is set can be trained here; other data can't, where there is a kernel to do it.
  const fits = () => !lab.kernel("live") || lab.settings("sweep").data === own
    || ["training", "stopping"].includes(background.view.value.state);

  return { view, fits, arrays: signal({}), train: () => background.start(sweep),
    stop: background.stop, close: background.close };
}

// All that decides what a student comes to, but for the recipe: two questions may share it.
const nameOf = (kind, seed) => JSON.stringify([kind, seed]);

// Those of a question, each once, in the order in which they complete its cells.
function studentsOf({ kinds, cells }, seeds) {
  const order = cells.flat().flatMap(([these, those]) => [those, these]);
  const students = order.flatMap((number) => Array.from({ length: seeds }, (_, seed) =>
    ({ ...kinds[number], seed, name: nameOf(kinds[number], seed) })));
  return [...new Map(students.map((student) => [student.name, student])).values()];
}

// Students of one width train together.
function cohortsOf(students) {
  const cohorts = [];
  for (const student of students) {
    const last = cohorts.at(-1);
    if (last?.length < AT_ONCE && last[0].width === student.width) last.push(student);
    else cohorts.push([student]);
  }
  return cohorts;
}

// What the engine takes. All take as many steps, however few examples one has.
function settingsOf(cohort, { recipe }, { data, teacherLogits, test }) {
  const steps = Math.ceil((recipe.epochs * data.labels.length) / recipe.batch_size);
  return { data, teacherLogits, test, steps, hidden: [cohort[0].width], lr: recipe.lr,
    batchSize: recipe.batch_size, recordEvery: Math.ceil(steps / RECORDS),
    members: cohort.map((student) => memberOf(student, data.labels)) };
}

function memberOf({ seed, temperature, labels, ...kind }, truth) {
  const whole = wholeSet(truth);
  const some = labels === null ? whole : keepLabels(whole, labels, seed);
  return { seed, temperature: temperature ?? 1, softWeight: kind.soft_weight,
    transferSet: kind.drop_unlabelled ? labelledOnly(some) : some };
}

// What students cost to train, measured on "digits": a step has a part that no width changes.
const workOf = (students) => students.reduce((sum, { width }) => sum + 40 + width, 0);
