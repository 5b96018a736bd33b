// @ts-check
// What can be set, by the table that Python sends: the one place where values are checked that
// come from a link, from undo or from a notebook. A link is text from anybody.

import { t } from "../words/t.js";

const LONGEST = 4000; // characters of one value
const MOST_MOVED = 100; // logits that a link spells out
const NUMBER = /^[+-]?\d*\.?\d+(e[+-]?\d+)?$/i;

const highest = (row, count) => (typeof row.high === "string" ? count(row.high) - 1 : row.high);
const within = (row, value, count) => value >= row.low && value <= highest(row, count);
const choicesOf = (row) => (row.choices ?? []).map(String);

// Each kind: what fits, how it is read from a link and written to one, and what is allowed.
const KINDS = {
  number: {
    fits: (row, value, count) => Number.isFinite(value) && within(row, value, count),
    read: (row, text) => (NUMBER.test(text) ? Number(text) : undefined),
    write: String,
    allowed: (row, count) => t`a number from ${row.low} to ${highest(row, count)}`,
  },
  whole: {
    fits: (row, value, count) => Number.isInteger(value) && within(row, value, count),
    read: (row, text) => (/^-?\d{1,9}$/.test(text) ? Number(text) : undefined),
    write: String,
    allowed: (row, count) => t`a whole number from ${row.low} to ${highest(row, count)}`,
  },
  choice: {
    fits: (row, value) => row.choices.includes(value),
    read: (row, text) => row.choices[choicesOf(row).indexOf(text)],
    write: String,
    allowed: (row) => t`one of ${choicesOf(row).join(", ")}`,
  },
  flag: {
    fits: (row, value) => typeof value === "boolean",
    read: (row, text) => ({ 0: false, 1: true })[text],
    write: (value) => (value ? "1" : "0"),
    allowed: () => t`0 or 1`,
  },
  // The logits of one example, moved by hand: "12:1.5,-2,0".
  moved: {
    fits: (row, value, count) => Number.isInteger(value?.example) && value.example >= 0
      && value.example < count("examples") && Array.isArray(value.logits)
      && value.logits.length === count("classes")
      && value.logits.every((logit) => Math.abs(logit) <= 1e6),
    read(row, text) {
      const [, example, list] = /^(\d{1,9}):([-+\d.e,]+)$/i.exec(text) ?? [];
      return example && { example: Number(example),
        logits: list.split(",").map((item) => (item === "" ? NaN : Number(item))) };
    },
    write: ({ example, logits }) => (logits.length > MOST_MOVED ? null
      : `${example}:${Array.from(logits, (v) => Number(v.toPrecision(6))).join(",")}`),
    allowed: (row, count) => t`an example, a colon and ${count("classes")} logits`,
  },
  // Sets of classes: "0.1.4-2.3"; the kernel knows how many classes there are.
  clusters: {
    fits: (row, value) => Array.isArray(value)
      && value.every((set) => Array.isArray(set) && set.every(Number.isInteger)),
    read: (row, text) => (/^\d+(\.\d+)*(-\d+(\.\d+)*)*$/.test(text)
      ? text.split("-").map((part) => part.split(".").map(Number)) : undefined),
    write: (sets) => (sets.length ? sets.map((set) => set.join(".")).join("-") : null),
    allowed: () => t`classes joined by dots, clusters by dashes, as 0.1.4-2.3`,
  },
};

/** All rows of the table, each with its panel ("lab" is the whole page) and its name in a link. */
export function rowsOf(table) {
  return Object.entries(table).flatMap(([panel, { settings }]) =>
    settings.map((row) => ({ ...row, panel, link: row.link || row.name })));
}

export function fits(row, value, count) {
  return value === null ? row.optional : KINDS[row.kind].fits(row, value, count);
}

/** The value that a link's text stands for, undefined if it is none. */
export function readSetting(row, text, count) {
  const value = text.length > LONGEST ? undefined : KINDS[row.kind].read(row, text);
  return value !== undefined && fits(row, value, count) ? value : undefined;
}

/** The text for a link, null if there is none. */
export function writeSetting(row, value) {
  return value === null ? null : KINDS[row.kind].write(value);
}

export function allowed(row, count) {
  return KINDS[row.kind].allowed(row, count);
}

/** Whether two values are the same, dictionaries and lists by what they hold. */
export function same(a, b) {
  if (a === b) return true;
  if (ArrayBuffer.isView(a) || ArrayBuffer.isView(b)) return false;
  return JSON.stringify(a) === JSON.stringify(b);
}
