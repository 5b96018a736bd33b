// What a class is asked in Sweep, for codes and their plot.

import { t } from "../../page/words/t.js";
import { findingsOf, numberOf, say } from "./findings.js";
import { curvesOf, drawingOf } from "./sketch.js";

export function ask(lab) {
  const view = lab.training("sweep");
  if (!view.tables) return null;
  const { question, data, seeds } = view.chosen;
  const table = view.tables[data][question];
  const { options, guess } = table;
  const placeOf = (option) => (options.includes(option) ? options.indexOf(option) : null);
  const { answer } = findingsOf(table, view.accuracies.map((each) => each.map(numberOf)));
  return { name: question, at: t`${data}, ${seeds} seeds`,
    options: options.map((option) => say(table, option)), asks: `${say(table, guess)} …`,
    value: placeOf(view.seen ? view.foretold : lab.settings("sweep").prediction),
    outcome: placeOf(answer), curve: { low: table.floor, values: drawingOf(lab, table).drawn.value,
      others: curvesOf(lab, table) } };
}
