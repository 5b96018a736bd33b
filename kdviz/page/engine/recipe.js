// Everything that decides a training run, checked once at the engine's door, as in
// training/recipe.py. Errors name the setting, its value and what is allowed.

import { layersOf } from "./parameters.js";
import { layOut } from "./share.js";
import { t } from "../words/t.js";

const LEARNING_RATES = { adam: 3e-3, sgd: 0.1 };
const LARGEST = 1e9; // bytes of memory, all threads together

const DEFAULTS = {
  hidden: [64], dropout: 0, inputDropout: 0, epochs: 20, steps: null, batchSize: 128,
  optimizer: "adam", lr: null, momentum: 0.9, schedule: "one-cycle", batchSeed: 0,
  recordEvery: null,
};

// Returns { recipe, data, teacherLogits, test, members }, complete and in plain types.
export function check({ data, test = null, teacherLogits = null, members, ...settings }) {
  const recipe = { ...DEFAULTS, ...settings };
  const odd = Object.keys(recipe).find((name) => !(name in DEFAULTS));
  if (odd) {
    const known = Object.keys(DEFAULTS).join(", ");
    throw new RangeError(t`there is no setting ${odd}: known are ${known}`);
  }
  const examples = checkExamples("data", data, data?.classes);
  if (test) test = checkExamples("test", test, data.classes, examples.width);
  checkTeacher(teacherLogits, examples);
  checkNumbers(recipe);
  if (!Array.isArray(members) || !members.length) {
    throw new RangeError(t`members must be a list of at least one member`);
  }
  members = members.map((member, number) => checkMember(number, member, examples, teacherLogits));
  const perEpoch = Math.max(...members.map(({ indices }) => indices.length)) / recipe.batchSize;
  recipe.perEpoch = perEpoch;
  recipe.steps ??= Math.ceil(recipe.epochs * perEpoch);
  recipe.recordEvery ??= Math.max(1, roundHalfEven(perEpoch));
  checkWeights(members, recipe, examples);
  return { recipe, data: examples, teacherLogits, test, members };
}

// Refuses what this page can't hold. jobs: one for each thread.
export function checkSize(jobs) {
  const bytes = jobs.reduce((sum, job) => sum + layOut(job).plan.bytes, 0);
  if (bytes > LARGEST) {
    throw new RangeError(
      t`this training needs ${(bytes / 1e9).toFixed(1)} GB of memory in the page, and at most ${LARGEST / 1e9} GB is allowed: take fewer examples, fewer members or narrower layers, or train in the kernel`,
    );
  }
}

function checkExamples(name, examples, classes, width) {
  const { inputs, labels } = examples ?? {};
  if (!(inputs instanceof Float32Array) || !labels?.length) {
    throw new RangeError(t`${name} must have inputs, a Float32Array, and labels, at least one`);
  }
  whole("data.classes", classes, 2);
  const count = labels.length;
  const found = inputs.length / count;
  if (!found || !Number.isInteger(found) || (width && found !== width)) {
    throw new RangeError(
      width ? t`${name}.inputs must hold ${width} numbers for each of the ${count} labels, got ${inputs.length} in all`
        : t`${name}.inputs must hold as many numbers for each of the ${count} labels, got ${inputs.length} in all`,
    );
  }
  checkFinite(`${name}.inputs`, inputs, found);
  labels.forEach((label, row) => inClasses(`${name}.labels[${row}]`, label, classes));
  return { inputs, labels: Int32Array.from(labels), classes, count, width: found };
}

function checkTeacher(logits, { count, classes }) {
  if (!logits) return;
  if (!(logits instanceof Float32Array) || logits.length !== count * classes) {
    throw new RangeError(
      t`teacherLogits must be a Float32Array of ${count} rows of ${classes}, a row for every example of the data, got ${logits.length} numbers`,
    );
  }
  checkFinite("teacherLogits", logits, classes);
}

function checkNumbers(recipe) {
  const { optimizer, schedule } = recipe;
  if (!Object.hasOwn(LEARNING_RATES, optimizer)) {
    throw new RangeError(t`optimizer must be "adam" or "sgd", got ${show(optimizer)}`);
  }
  if (!["one-cycle", "constant"].includes(schedule)) {
    throw new RangeError(t`schedule must be "one-cycle" or "constant", got ${show(schedule)}`);
  }
  recipe.lr ??= LEARNING_RATES[optimizer];
  if (!Array.isArray(recipe.hidden)) {
    throw new RangeError(t`hidden must be a list of widths, got ${show(recipe.hidden)}`);
  }
  recipe.hidden.forEach((width) => whole("hidden", width, 1));
  number("lr", recipe.lr, 0, Infinity, true);
  number("epochs", recipe.epochs, 0, Infinity, true);
  number("momentum", recipe.momentum, 0, 0.9999);
  number("dropout", recipe.dropout, 0, 0.99);
  number("inputDropout", recipe.inputDropout, 0, 0.99);
  whole("batchSize", recipe.batchSize, 1);
  whole("batchSeed", recipe.batchSeed, 0, 2 ** 32 - 1);
  ["steps", "recordEvery"].forEach((name) => recipe[name] === null || whole(name, recipe[name], 1));
}

function checkMember(at, member, data, teacherLogits) {
  const { seed = at, temperature = 1, softWeight = 1, transferSet, weights = null } = member;
  const of = (name) => t`${name} of member ${at}`;
  whole(of("seed"), seed, 0, 2 ** 32 - 1);
  number(of("temperature"), temperature, 1e-3, 1e6);
  number(of("softWeight"), softWeight, 0, 1);
  const indices = transferSet?.indices ?? data.labels.map((_, i) => i);
  const labels = transferSet?.labels ?? data.labels;
  if (!indices.length || labels.length !== indices.length) {
    throw new RangeError(
      t`${of("transferSet")} must have as many labels as indices, at least one, got ${labels.length} and ${indices.length}`,
    );
  }
  const [where, which] = [of("transferSet.indices"), of("transferSet.labels")];
  indices.forEach((index) => whole(where, index, 0, data.count - 1));
  labels.forEach((label) => inClasses(which, label, data.classes));
  if (softWeight > 0 && !teacherLogits) {
    throw new RangeError(t`${of("softWeight")} must be 0 without teacherLogits, got ${softWeight}`);
  }
  if (softWeight === 0 && labels.every((label) => label < 0)) {
    throw new RangeError(
      t`${of("transferSet")} has no labels and softWeight is 0: nothing is left to learn from`,
    );
  }
  return { seed, temperature, softWeight, indices, labels, weights };
}

function checkWeights(members, recipe, data) {
  const { layers } = layersOf({ ...recipe, inputs: data.width, classes: data.classes });
  members.forEach(({ weights }, at) => {
    if (!weights) return;
    for (const { name, fanIn, fanOut } of layers) {
      for (const [key, size] of [[`${name}.weight`, fanIn * fanOut], [`${name}.bias`, fanOut]]) {
        if (weights[key]?.length !== size) {
          const found = weights[key]?.length ?? t`none`;
          throw new RangeError(
            t`weights of member ${at} must have ${size} numbers in ${show(key)}, got ${found}`,
          );
        }
        checkFinite(t`weights of member ${at}, ${show(key)},`, weights[key], 1);
      }
    }
  });
}

function checkFinite(name, values, width) {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new RangeError(
    t`${name} must be finite, got ${values[at]} in row ${Math.floor(at / width)}, column ${at % width}`,
  );
}

function inClasses(name, label, classes) {
  if (!Number.isInteger(label) || label < -1 || label >= classes) {
    throw new RangeError(
      t`${name} must lie in 0 to ${classes - 1}, or be -1 for unlabelled, got ${show(label)}`,
    );
  }
}

function number(name, value, low, high, above = false) {
  const inside = typeof value === "number" && Number.isFinite(value) && value <= high &&
    (above ? value > low : value >= low);
  if (inside) return;
  throw new RangeError(Number.isFinite(high)
    ? t`${name} must be a finite number in [${low}, ${high}], got ${show(value)}`
    : t`${name} must be a finite number above ${low}, got ${show(value)}`);
}

export function whole(name, value, low, high = Infinity) {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new RangeError(Number.isFinite(high)
    ? t`${name} must be a whole number from ${low} to ${high}, got ${show(value)}`
    : t`${name} must be a whole number of at least ${low}, got ${show(value)}`);
}

// As Python rounds, so that both engines record at the same steps.
function roundHalfEven(value) {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 ? down + 1 : down;
}

function show(value) {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
