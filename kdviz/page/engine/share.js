// The members of a cohort that one thread trains, and the data in its memory.
//
// What takes long is a generator: it yields where its thread may do other things, and returns its
// result at the end.

import { Heap, Plan } from "./heap.js";
import { Member } from "./member.js";
import { NO_CLASS, layersOf, padded } from "./parameters.js";
import { Passes } from "./passes.js";

// Where all that a thread needs will lie. job: { recipe, data, members, … }, checked by recipe.js.
export function layOut({ recipe, data, members }) {
  const plan = new Plan();
  const shape = layersOf({ ...recipe, inputs: data.width, classes: data.classes });
  const passes = new Passes(plan, shape, padded(recipe.batchSize));
  const { columns } = passes.last;
  const table = (rows) => ({ logs: plan.take(rows * columns), shares: plan.take(rows * columns) });
  const size = recipe.batchSize;
  const batch = { rows: plan.take(size), labels: plan.take(size), ...table(size) };
  const inputs = plan.take(data.count * passes.layers[0].rows);
  // Soft targets at each temperature that a member has, for all examples, once and for all.
  const taught = members.filter((member) => member.softWeight > 0);
  const temperatures = [...new Set(taught.map((member) => member.temperature))];
  const targets = new Map(temperatures.map((T) => [T, table(data.count)]));
  const room = () => plan.take(shape.size);
  const places = members.map(() => ({ parameters: room(), first: room(), second: room() }));
  return { plan, shape, passes, batch, inputs, targets, places };
}

export class Share {
  members = [];

  constructor(job, wasm) {
    const { plan, places, ...rooms } = layOut(job);
    Object.assign(this, rooms);
    this.recipe = job.recipe;
    this.test = job.test;
    this.heap = new Heap(plan, wasm);
    this.filling = this.#fill(job, places);
  }

  // Brings data and soft targets into the heap, and members with their initial weights.
  *#fill({ data, teacherLogits, members }, places) {
    const { heap, passes, inputs, targets } = this;
    const { columns } = passes.last;
    copyRows(data.inputs, data.width, heap.floats(inputs, data.count * passes.layers[0].rows), 0);
    for (const [T, { logs, shares }] of targets) {
      copyRows(teacherLogits, data.classes, heap.floats(logs, data.count * columns), NO_CLASS);
      heap.kernels.logSoftmax(logs, logs, shares, data.count, columns, T);
      yield;
    }
    for (const [i, member] of members.entries()) {
      this.members.push(new Member(member, places[i], this));
      yield;
    }
  }

  // Trains every member until it has taken so many steps; those that diverged stay where they are.
  *advance(steps) {
    for (const member of this.members) yield* advance(member, steps);
  }

  // Returns losses, accuracies, and whether members diverged.
  *record() {
    const loss = this.members.map((member) => member.report());
    const diverged = this.members.map((member) => member.diverged);
    const accuracy = [];
    for (const member of this.members) {
      accuracy.push(this.test && !member.diverged ? yield* this.#accuracy(member) : NaN);
    }
    return { loss, accuracy, diverged };
  }

  // Returns every member's logits, (inputs, classes), without dropout.
  *logits(inputs) {
    const all = [];
    for (const member of this.members) all.push(yield* this.#logitsOf(member, inputs));
    return all;
  }

  weights() {
    return this.members.map((member) => member.weights);
  }

  // Advances all members, and returns what the last step did to those of these numbers, null for
  // any other and for one that diverged before.
  *watch(steps, numbers) {
    const seen = this.members.map(() => null);
    for (const [number, member] of this.members.entries()) {
      if (numbers.includes(number)) yield* advance(member, steps - 1);
      if (numbers.includes(number) && !member.diverged) seen[number] = yield* this.#watch(member);
      else yield* advance(member, steps);
    }
    return seen;
  }

  // Advances a member by one step, and returns what that did: the batch's rows and its labels; soft
  // targets at T; logits before and after, without dropout; and the gradient of each example's loss
  // by its logits.
  *#watch(member) {
    const { recipe, heap, passes, targets } = this;
    const { fanOut, columns, slopes } = passes.last;
    const first = passes.layers[0];
    const [rows, labels] = member.draw().map((values) => values.slice());
    const inputs = this.#rowsOf(this.inputs, rows, first.fanIn, first.rows);
    const before = yield* this.#logitsOf(member, inputs);
    yield* member.step();
    const pulls = heap.floats(slopes, recipe.batchSize * columns);
    const gradient = withoutPadding(pulls, fanOut, columns).map((pull) => pull * recipe.batchSize);
    const after = yield* this.#logitsOf(member, inputs);
    const target = member.softWeight > 0 && targets.get(member.temperature);
    const softTargets = target ? this.#rowsOf(target.shares, rows, fanOut, columns) : null;
    return { rows, labels, softTargets, before, gradient, after };
  }

  // The share of the labelled test examples that a member gets right.
  *#accuracy(member) {
    const { inputs, labels } = this.test;
    const { columns } = this.passes.last;
    let right = 0;
    yield* this.#run(member, inputs, (outputs, begin) => {
      for (let at = 0, i = begin; at < outputs.length; at += columns, i++) {
        right += argmax(outputs, at, columns) === labels[i];
      }
    });
    return right / labels.reduce((known, label) => known + (label >= 0), 0);
  }

  *#logitsOf(member, inputs) {
    const { fanOut, columns } = this.passes.last;
    const logits = new Float32Array((inputs.length / this.passes.layers[0].fanIn) * fanOut);
    yield* this.#run(member, inputs, (outputs, begin) => {
      logits.set(withoutPadding(outputs, fanOut, columns), begin * fanOut);
    });
    return logits;
  }

  // Runs inputs through a member, as many at a time as a batch has rows: use(outputs, begin).
  *#run(member, inputs, use) {
    const { heap, passes } = this;
    const { fanIn, rows: width } = passes.layers[0];
    const room = heap.floats(passes.inputs, passes.rows * width);
    for (let begin = 0; begin * fanIn < inputs.length; begin += passes.rows) {
      const part = inputs.subarray(begin * fanIn, (begin + passes.rows) * fanIn);
      copyRows(part, fanIn, room, 0);
      yield* passes.forward(heap.kernels, member.parameters, null);
      const count = (part.length / fanIn) * passes.last.columns;
      use(heap.floats(passes.last.outputs, count), begin);
      yield;
    }
  }

  // Copies rows of a table in the heap, without their padding.
  #rowsOf(table, rows, width, wide) {
    const copied = new Float32Array(rows.length * width);
    rows.forEach((row, i) => {
      copied.set(this.heap.floats(table + 4 * row * wide, width), i * width);
    });
    return copied;
  }
}

function* advance(member, steps) {
  while (member.taken < steps && !member.diverged) {
    yield* member.step();
    yield;
  }
}

// Copies rows of so many numbers into rows that may be wider.
function copyRows(from, width, into, padding) {
  const wide = padded(width);
  if (wide === width) {
    into.set(from);
    return;
  }
  for (let begin = 0, at = 0; begin < from.length; begin += width, at += wide) {
    into.set(from.subarray(begin, begin + width), at);
    into.fill(padding, at + width, at + wide);
  }
}

function withoutPadding(rows, width, wide) {
  const copied = new Float32Array((rows.length / wide) * width);
  for (let begin = 0, at = 0; at < copied.length; begin += wide, at += width) {
    copied.set(rows.subarray(begin, begin + width), at);
  }
  return copied;
}

function argmax(values, begin, count) {
  let best = begin;
  for (let i = begin + 1; i < begin + count; i++) if (values[i] > values[best]) best = i;
  return best - begin;
}
