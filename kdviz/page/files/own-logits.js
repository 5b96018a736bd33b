// What logits must be, with the same rules and words as in Python (own_logits.py).

import { count } from "../parts/format.js";
import { t } from "../words/t.js";

const [FEWEST, MOST] = [2, 50_000];
const SMALLEST = 1.1754943508222875e-38; // of a float32

// From a table of arrays { shape, values } to the traits that a panel reads.
export function checkLogits(table, kind) {
  const logits = asLogits(table.logits, kind);
  const [rows, columns] = table.logits.shape;
  const labels = table.labels ? asLabels(table.labels, rows, columns) : new Int32Array(0);
  const names = Array.from({ length: columns }, (_, i) => String(i));
  const classes = asClasses(table.classes ?? names, columns);
  const images = table.images ? asImages(table.images, rows) : new Uint8Array(0);
  return { traits: {
    logits: bytes(logits), labels: bytes(labels), images: bytes(images), classes,
    image_shape: table.images ? table.images.shape.slice(1) : [0, 0],
    student_logits: bytes(new Float32Array(0)), example: -1,
    note: rows === 1
      ? t`${table.name}: 1 example of ${count(columns)} classes, read on this page and sent nowhere.`
      : t`${table.name}: ${count(rows)} examples of ${count(columns)} classes, read on this page and sent nowhere.`,
  } };
}

const bytes = (array) => new DataView(array.buffer);
const shown = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

function asLogits({ shape, values }, kind) {
  if (shape.length !== 2) {
    throw new Error(t`logits must have shape (examples, classes), got ${shown(shape)}`);
  }
  const [rows, columns] = shape;
  if (rows === 0) throw new Error(t`logits must have one row or more, one per example, got none`);
  if (columns < FEWEST || columns > MOST) {
    throw new Error(t`logits must have ${FEWEST} to ${count(MOST)} classes, one a column, got ${count(columns)}`);
  }
  const logits = Float32Array.from(values);
  const wrong = logits.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const all = logits.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0);
    const [row, column] = [Math.floor(wrong / columns) + 1, (wrong % columns) + 1];
    throw new Error(t`logits must be finite and within ±3.4e38, got ${word(values[wrong])} in row ${row}, column ${column} (${count(all)} such values in all)`);
  }
  const alike = likeProbabilities(logits, rows, columns);
  if (kind === "probabilities") {
    if (!alike) {
      throw new Error(t`logits given as probabilities must be at least 0 and sum to 1 in each row`);
    }
    return logits.map((p) => Math.log(Math.max(p, SMALLEST)));
  }
  if (alike && kind === null) {
    const error = new Error(t`logits look like probabilities: no value is below 0 and each row sums to 1. Softmax would be taken twice`);
    error.name = "LooksLikeProbabilities";
    throw error;
  }
  return logits;
}

function likeProbabilities(logits, rows, columns) {
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let c = 0; c < columns; c++) {
      const value = logits[r * columns + c];
      if (value < 0) return false;
      sum += value;
    }
    if (Math.abs(sum - 1) > 0.01) return false; // half precision may have rounded them
  }
  return true;
}

const word = (value) => (Number.isNaN(value) ? "nan"
  : Number.isFinite(value) ? value : value < 0 ? "-inf" : "inf");

function asLabels({ shape, values }, rows, columns) {
  const flat = shape.length === 2 && shape[1] === 1 ? [shape[0]] : shape;
  if (flat.length !== 1 || flat[0] !== rows) {
    throw new Error(t`labels must be one per example, shape (${rows},), got shape ${shown(flat)}`);
  }
  const wrong = values.findIndex((v) => !(v >= -1 && v <= columns - 1 && v === Math.floor(v)));
  if (wrong >= 0) {
    throw new Error(t`labels must be whole numbers from 0 to ${columns - 1}, or -1 for unlabelled, got ${word(values[wrong])} for example ${wrong + 1}`);
  }
  return Int32Array.from(values);
}

function asClasses(source, columns) {
  const names = source.map((name) => name.trim());
  if (names.length !== columns) {
    throw new Error(t`classes must be ${count(columns)} names, one per column, got ${count(names.length)}`);
  }
  if (names.includes("")) {
    throw new Error(t`classes must have names, class ${names.indexOf("")} has none`);
  }
  const seen = new Set();
  for (const name of names) {
    if (seen.has(name)) throw new Error(t`classes must have different names, got “${name}” twice`);
    seen.add(name);
  }
  return names;
}

function asImages({ shape, values, type = "f" }, rows) {
  if (shape.length !== 3 || shape[0] !== rows || values.length === 0) {
    throw new Error(t`images must be gray, of shape (${rows}, height, width), one per example, got ${shown(shape)}`);
  }
  const fractions = /^[fb]/.test(type) && values.every((value) => value <= 1);
  if (!values.every((v) => v >= 0 && v <= 255 && (fractions || v === Math.floor(v)))) {
    throw new Error(t`images must be whole numbers from 0 to 255, or fractions from 0 to 1`);
  }
  return Uint8Array.from(values, (value) => Math.round(value * (fractions ? 255 : 1)));
}
