// What a class is asked in Sweep, for codes and their plot.

import { findingsOf, numberOf } from "./findings.js";

export function ask(lab) {
  const view = lab.training("sweep");
  if (!view.tables) return null;
  const { question, data, seeds } = view.chosen;
  const table = view.tables[data][question];
  const { options, guess } = table;
  const placeOf = (option) => (options.includes(option) ? options.indexOf(option) : null);
  const { answer } = findingsOf(table, view.accuracies.map((each) => each.map(numberOf)));
  return { name: question, at: `${data}, ${seeds} seeds`, options, asks: `${guess} …`,
    value: placeOf(view.seen ? view.foretold : lab.settings("sweep").prediction),
    outcome: placeOf(answer) };
}
