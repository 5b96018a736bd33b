// The members of a cohort that one thread trains, and the data in its memory.

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
  const inputs = plan.take(data.count * shape.layers[0].rows);
  // Soft targets at each temperature that a member has, for all examples, once and for all.
  const warm = members.filter((member) => member.softWeight > 0);
  const temperatures = [...new Set(warm.map((member) => member.temperature))];
  const targets = new Map(temperatures.map((T) => [T, table(data.count)]));
  const room = () => plan.take(shape.size);
  const places = members.map(() => ({ parameters: room(), first: room(), second: room() }));
  return { plan, shape, passes, batch, inputs, targets, places };
}

export class Share {
  constructor(job, wasm) {
    const { plan, places, ...rooms } = layOut(job);
    Object.assign(this, rooms);
    this.recipe = job.recipe;
    this.test = job.test;
    this.heap = new Heap(plan, wasm);
    this.#fill(job);
    this.members = job.members.map((member, i) => new Member(member, places[i], this));
  }

  #fill({ data, teacherLogits }) {
    const { heap, passes, inputs, targets } = this;
    const { columns } = passes.last;
    copyRows(data.inputs, data.width, heap.floats(inputs, data.count * passes.layers[0].rows), 0);
    for (const [T, { logs, shares }] of targets) {
      copyRows(teacherLogits, data.classes, heap.floats(logs, data.count * columns), NO_CLASS);
      heap.kernels.logSoftmax(logs, logs, shares, data.count, columns, T);
    }
  }

  // Trains every member until it has taken so many steps. Yields where its thread may do other
  // things; members that diverged stay where they are.
  *advance(steps) {
    for (const member of this.members) yield* advance(member, steps);
  }

  // Returns losses and accuracies, as of the last steps.
  *record() {
    const loss = this.members.map((member) => member.report());
    const accuracy = [];
    for (const member of this.members) {
      accuracy.push(member.diverged || !this.test ? NaN : yield* this.#accuracy(member));
    }
    return { loss, accuracy, diverged: this.members.map((member) => member.diverged) };
  }

  // Returns every member's logits, (inputs, classes), without dropout.
  *logits(inputs) {
    const all = [];
    for (const member of this.members) all.push(yield* this.#logitsOf(member, inputs));
    return all;
  }

  weights() {
    return this.members.map((member) => member.weightsNow());
  }

  // Advances all members, and returns what its last step did to one of them: the batch's rows and
  // its labels; soft targets at T; logits before and after, without dropout; and the gradient of
  // each example's loss with respect to its logits. Null if it is not here, or diverged.
  *watch(steps, watched) {
    const { recipe, heap, passes, targets } = this;
    const { fanOut, columns, slopes } = passes.last;
    const count = recipe.batchSize;
    const own = (values) => withoutPadding(values, fanOut, columns);
    for (const member of this.members) {
      if (member !== this.members[watched]) yield* advance(member, steps);
    }
    const member = this.members[watched];
    if (!member || member.diverged) return null;
    yield* advance(member, steps - 1);
    const { rows, labels } = member.batch();
    const inputs = this.#rowsOf(this.inputs, rows, passes.layers[0].fanIn, passes.layers[0].rows);
    const before = yield* this.#logitsOf(member, inputs);
    yield* advance(member, steps);
    const gradient = own(heap.floats(slopes, count * columns)).map((slope) => slope * count);
    const after = yield* this.#logitsOf(member, inputs);
    const target = targets.get(member.temperature);
    const softTargets = target ? this.#rowsOf(target.shares, rows, fanOut, columns) : null;
    return { rows, labels, softTargets, before, gradient, after };
  }

  // Copies rows of a table in the heap, without their padding.
  #rowsOf(table, rows, width, wide) {
    const copied = new Float32Array(rows.length * width);
    rows.forEach((row, i) => {
      copied.set(this.heap.floats(table + 4 * row * wide, width), i * width);
    });
    return copied;
  }

  *#logitsOf(member, inputs) {
    const { fanOut, columns } = this.passes.last;
    const logits = new Float32Array((inputs.length / this.passes.layers[0].fanIn) * fanOut);
    for (const { begin, count, outputs } of this.#blocks(member, inputs)) {
      const rows = outputs.subarray(0, count * columns);
      logits.set(withoutPadding(rows, fanOut, columns), begin * fanOut);
      yield;
    }
    return logits;
  }

  *#accuracy(member) {
    const { inputs, labels } = this.test;
    const { columns } = this.passes.last;
    let right = 0;
    for (const { begin, count, outputs } of this.#blocks(member, inputs)) {
      for (let i = 0; i < count; i++) {
        right += argmax(outputs, i * columns, columns) === labels[begin + i];
      }
      yield;
    }
    return right / labels.length;
  }

  // Runs inputs through a member, as many at a time as a batch has rows.
  *#blocks(member, inputs) {
    const { heap, passes } = this;
    const { fanIn, rows: width } = passes.layers[0];
    const total = inputs.length / fanIn;
    const room = heap.floats(passes.inputs, passes.rows * width);
    const outputs = heap.floats(passes.last.outputs, passes.rows * passes.last.columns);
    for (let begin = 0; begin < total; begin += passes.rows) {
      const count = Math.min(passes.rows, total - begin);
      copyRows(inputs.subarray(begin * fanIn, (begin + count) * fanIn), fanIn, room, 0);
      passes.forward(heap.kernels, member.parameters, null);
      yield { begin, count, outputs };
    }
  }
}

function* advance(member, steps) {
  while (member.taken < steps && !member.diverged) {
    member.step();
    yield;
  }
}

// Copies rows of so many numbers into rows that may be wider, for as many as `from` holds.
function copyRows(from, width, into, rest) {
  const wide = padded(width);
  if (wide === width) {
    into.set(from);
    return;
  }
  for (let begin = 0, at = 0; begin < from.length; begin += width, at += wide) {
    into.set(from.subarray(begin, begin + width), at);
    into.fill(rest, at + width, at + wide);
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
