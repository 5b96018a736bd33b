// What a link can set: the one place where its values are checked. A link is text from anybody.

import { COLDEST, HOTTEST } from "../../app/shell/ruler.js";

const LONGEST = 4000; // characters of one value
const MOST_MOVED = 100; // logits that a link spells out

const between = (low, high) => ({
  allowed: () => `a number from ${low} to ${high}`,
  read(text) {
    const value = /^[+-]?\d*\.?\d+(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
    return value >= low && value <= high ? value : undefined;
  },
  write: String,
});
const whole = (low, high) => ({
  allowed: (model) => `a whole number from ${low} to ${high(model)}`,
  read: (text, model) => (/^\d{1,9}$/.test(text) && Number(text) >= low
    && Number(text) <= high(model) ? Number(text) : undefined),
  write: String,
});
const oneOf = (names) => ({
  allowed: (model) => `one of ${names(model).join(", ")}`,
  read: (text, model) => (names(model).includes(text) ? text : undefined),
  write: String,
});
const counted = (counts) => ({
  allowed: () => `one of ${counts.join(", ")}`,
  read: (text) => counts.find((count) => String(count) === text),
  write: String,
});
const flag = { allowed: () => "0 or 1", read: (text) => ({ 0: false, 1: true })[text],
  write: (value) => (value ? "1" : "0") };
// The logits of one example, moved by hand: "12:1.5,-2,0".
const moved = {
  allowed: (model) => `an example, a colon and ${model.get("classes").length} logits`,
  read(text, model) {
    const [, example, list] = /^(\d{1,9}):([-+\d.e,]+)$/i.exec(text) ?? [];
    const logits = (list ?? "").split(",").map((item) => (item === "" ? NaN : Number(item)));
    const fits = example !== undefined && Number(example) < examples(model)
      && logits.length === model.get("classes").length && logits.every((v) => Math.abs(v) <= 1e6);
    return fits ? { example: Number(example), logits } : undefined;
  },
  write: ({ example, logits }) => (logits.length > MOST_MOVED ? null
    : `${example}:${Array.from(logits, (v) => Number(v.toPrecision(6))).join(",")}`),
};
// Sets of classes: "0.1.4-2.3".
const clusters = {
  allowed: () => "classes joined by dots, clusters by dashes, as 0.1.4-2.3",
  read: (text) => (/^\d+(\.\d+)*(-\d+(\.\d+)*)*$/.test(text)
    ? text.split("-").map((part) => part.split(".").map(Number)) : undefined),
  write: (sets) => (sets.length ? sets.map((set) => set.join(".")).join("-") : null),
};

const examples = (model) => model.get("logits").byteLength / 4 / model.get("classes").length;
const stories = ["unseen", "few-labels", "all-labels"];

// Parameter, trait, key in it if the trait is a dictionary, and what values it takes.
const SETTINGS = [
  ["panel", "panel", null, oneOf((model) => model.get("panels"))],
  ["temperature", "temperature", null, between(COLDEST, HOTTEST)],
  ["soft_weight", "soft_weight", null, between(0, 1)],
  ["example", "example", null, whole(0, (model) => examples(model) - 1)],
  ["scale", "scale", null, oneOf(() => ["linear", "log"])],
  ["closer", "soften", "closer", oneOf(() => ["points", "alike", "pair", "overflow"])],
  ["overlay", "soften", "overlay", flag],
  ["dragged", "soften", "dragged", moved],
  ["second", "soften", "second", whole(0, (model) => examples(model) - 1)],
  ["factor", "soften", "factor", oneOf(() => ["1", "10", "100", "1000"])],
  ["offset", "soften", "offset", oneOf(() => ["0", "50", "100", "1000"])],
  ["student", "weigh", "start", oneOf(() => ["trained", "nothing", "equal"])],
  ["squared", "weigh", "squared", flag],
  ["moved", "weigh", "moved", moved],
  ["story", "distill", "story", oneOf(() => stories)],
  ["omitted", "distill", "omitted", whole(0, (model) => model.get("classes").length - 1)],
  ["width", "distill", "width", whole(1, () => 2000)],
  ["seeds", "distill", "seeds", whole(1, () => 64)],
  ["prediction", "distill", "prediction", between(-100, 100)],
  ["question", "sweep", "question", oneOf(() => ["temperature", "weight", "labels"])],
  ["sweep_seeds", "sweep", "seeds", counted([3, 5, 8])],
  ["crowd_data", "crowd", "data", oneOf((model) =>
    Object.keys(model.get("crowd_view")?.datasets ?? {}))],
  ["crowd_seeds", "crowd", "seeds", counted([3, 5, 8])],
  ["crowd_measure", "crowd", "measure", oneOf(() => ["covariance", "correlation"])],
  ["crowd_count", "crowd", "count", whole(1, () => 97)],
  ["crowd_clusters", "crowd", "clusters", clusters],
  ["crowd_top", "crowd", "top", counted([1, 2, 3])],
  ["crowd_prediction", "crowd", "prediction", between(-100, 100)],
  ["crowd_weight", "crowd", "weight", between(0, 19)],
  ["crowd_example", "crowd", "example", whole(0, () => 59)],
  ["large", "large", null, flag],
];
export const IN_LINK = [...new Set(SETTINGS.map(([, trait]) => trait))];
const NAMES = SETTINGS.map(([name]) => name);

export function isSetting(name) {
  return NAMES.includes(name);
}

// From [[name, text], ...] to { traits, problems }: what to set, and a sentence for each value
// that is ignored. Keys of a dictionary that are not named keep their value in `before`.
export function readSettings(pairs, model, before) {
  const [traits, problems] = [{}, []];
  for (const [name, text] of pairs) {
    const [, trait, key, kind] = SETTINGS.find(([each]) => each === name);
    const value = text.length > LONGEST ? undefined : kind.read(text, model);
    if (value === undefined) {
      problems.push(`${name} must be ${kind.allowed(model)}; “${clip(text)}” is ignored.`);
    } else if (key === null) traits[trait] = value;
    else traits[trait] = { ...(traits[trait] ?? before[trait]), [key]: value };
  }
  return { traits, problems };
}

// The settings of `model` that differ from `before`, as [[name, text], ...].
export function writeSettings(model, before) {
  return SETTINGS.flatMap(([name, trait, key, kind]) => {
    const [value, old] = [model.get(trait), before[trait]].map((each) =>
      (key === null ? each : each?.[key]) ?? null);
    if (value === null || JSON.stringify(value) === JSON.stringify(old)) return [];
    const text = kind.write(value);
    return text === null ? [] : [[name, text]];
  });
}

export function clip(text) {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
