// The page's engine: a cohort of networks of one architecture, trained in lockstep, in the words
// of training/cohort.py. Members share no parameter and have noise and batches of their own place
// in the run, so what a member gives depends neither on the others nor on the threads.

import { check, checkSize, whole } from "./recipe.js";
import { MOST, openThreads, threadsFor } from "./threads.js";
import { wasm } from "./binary.js";
import { t } from "../words/t.js";

let jobs = 0;

// Trains members on soft targets, labels, or both. Iterate for records.
//
//   data: { inputs, labels, classes }: a Float32Array of rows, and class numbers, -1 for unlabelled.
//   test: { inputs, labels } on which accuracy is measured at every record, or null.
//   teacherLogits: a Float32Array, a row for every example of the data; not needed where every
//     softWeight is 0.
//   members: one { seed, temperature, softWeight, transferSet, weights } each, all optional:
//     transferSet has the indices of examples and labels (see transfer-set.js), and weights, by
//     their names in PyTorch, replace those drawn by the seed.
//   hidden, dropout, inputDropout: of the network, as kdviz.mlp takes them.
//   epochs, steps, batchSize, optimizer, lr, momentum, schedule, batchSeed, recordEvery: as
//     kdviz.train takes them.
//   threads: workers, at most 8; one for each core or member unless given. 0 is the page's own
//     thread, in slices of time. simd: false computes in plain JavaScript. No number changes.
//
// Throws a RangeError if a setting is out of its range; it names the setting and what is allowed.
export function train({ threads = null, simd = true, ...settings }) {
  const work = check(settings);
  const members = work.members.length;
  if (threads !== null) whole("threads", threads, 0, MOST);
  return new Run(work, Math.min(threads ?? threadsFor(members), members), simd);
}

// A run trains only while it is asked for the next record: whoever iterates decides when to pause,
// draw or stop. Logits and weights can be had at any moment, until it is closed.
class Run {
  #job = jobs++;
  #work;
  #threads; // wanted
  #simd;
  #opened = null; // resolves to the threads' ask functions
  #taken = 0; // steps asked for
  #recorded = 0; // the step of the last record
  #ahead = []; // records that single steps reached, as promises
  #seconds = 0;
  #notice = "";
  #gate = null; // closed while paused
  #openGate;
  #stopped = false;
  #closed = false;
  #halt;
  #halted = new Promise((resolve) => (this.#halt = resolve));

  constructor(work, threads, simd) {
    [this.#work, this.#threads, this.#simd] = [work, threads, simd];
    this.members = work.members.length;
    this.steps = work.recipe.steps;
    checkSize(shares(work, Math.max(1, threads)));
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  // Resolves to { value, done } as iterators do. A record holds step, of steps; epoch; seconds of
  // training; for each member loss, its mean since the last record in nats, and accuracy in [0, 1],
  // NaN without a test or once diverged; diverged, the numbers of the members whose loss is no
  // longer finite; and a notice, usually empty.
  async next() {
    while (this.#gate && !this.#ahead.length && this.#recorded < this.steps && !this.#stopped) {
      await Promise.race([this.#gate, this.#halted]);
    }
    const value = this.#stopped ? undefined
      : await Promise.race([this.#ahead.shift() ?? this.#record(), this.#halted]);
    return { value, done: value === undefined };
  }

  // What leaving a loop does: it stops the run.
  async return() {
    this.stop();
    return { value: undefined, done: true };
  }

  // Trains no further than the next record until it is resumed, but for single steps: a record
  // that these reach comes where it would without them.
  pause() {
    this.#gate ??= new Promise((resolve) => (this.#openGate = resolve));
  }

  resume() {
    this.#openGate?.();
    this.#gate = null;
  }

  // Ends the run where it is: no record comes any more. Logits and weights stay.
  stop() {
    this.#stopped = true;
    this.#halt();
  }

  // Ends the run and frees its memory.
  async close() {
    this.stop();
    if (this.#opened && !this.#closed) await this.#free(await this.#opened.catch(() => []));
    this.#closed = true;
  }

  // Takes one mini-batch, and resolves to { step, steps, epoch, seconds, seen }, or to null if the
  // run is over. seen: what the step did to each of these members, null for one that diverged before.
  // With B examples in the batch and C classes: rows of the data (B), labels (B), softTargets at T
  // (B, C; null without), logits before and after (B, C), and the gradient of each example's loss
  // by its logits (B, C).
  async step(members = [0]) {
    const threads = await this.#open();
    if (this.#taken === this.steps) return null;
    const step = ++this.#taken;
    const watched = members.map((member) => [member % threads.length,
      Math.floor(member / threads.length)]);
    const answers = threads.map((ask, thread) => ask({ job: this.#job, ask: "watch", steps: step,
      members: watched.filter(([where]) => where === thread).map(([, number]) => number) }));
    if (step === this.#due) {
      this.#ahead.push(this.#recordAt(step, threads));
      if (this.#gate) this.#let();
    }
    const parts = await this.#timed(answers);
    if (parts.includes(null)) return null; // closed meanwhile
    const { steps } = this;
    const seen = watched.map(([thread, number]) => parts[thread][number]);
    return { step, steps, epoch: this.#epoch(step), seconds: this.#seconds, seen };
  }

  // Resolves to every member's logits for these inputs, (inputs, classes), without dropout.
  async logits(inputs) {
    const { width } = this.#work.data;
    if (!(inputs instanceof Float32Array) || inputs.length % width) {
      throw new RangeError(t`inputs must be a Float32Array of rows of ${width} numbers`);
    }
    return interleave(await this.#askAll({ ask: "logits", inputs }));
  }

  // Resolves to every member's weights, by their names in PyTorch.
  async weights() {
    return interleave(await this.#askAll({ ask: "weights" }));
  }

  async #record() {
    const threads = await this.#open();
    return this.#recorded < this.steps ? this.#recordAt(this.#due, threads) : undefined;
  }

  async #recordAt(step, threads) {
    const { steps } = this;
    this.#taken = this.#recorded = step;
    const parts = await this.#timed(threads.map((ask) =>
      ask({ job: this.#job, ask: "advance", steps: step })));
    const [loss, accuracy, lost] = ["loss", "accuracy", "diverged"].map((name) =>
      interleave(parts.map((part) => part[name])));
    const diverged = lost.flatMap((is, member) => (is ? [member] : []));
    const [epoch, seconds, notice] = [this.#epoch(step), this.#seconds, this.#notice];
    this.#notice = "";
    return { step, steps, epoch, seconds, loss, accuracy, diverged, notice };
  }

  // The step of the record that comes next.
  get #due() {
    const { recordEvery } = this.#work.recipe;
    const due = this.#recorded ? (Math.floor(this.#recorded / recordEvery) + 1) * recordEvery : 1;
    return Math.min(this.steps, due);
  }

  // Lets one who waits for a record through the gate.
  #let() {
    this.resume();
    this.pause();
  }

  #epoch(step) {
    return step / this.#work.recipe.perEpoch;
  }

  async #timed(answers) {
    const begun = performance.now();
    const values = await Promise.all(answers);
    this.#seconds += (performance.now() - begun) / 1000;
    return values;
  }

  async #askAll(message) {
    if (this.#closed) throw new Error(t`this run is closed, and its weights are gone`);
    const threads = await this.#open();
    return Promise.all(threads.map((ask) => ask({ job: this.#job, ...message })));
  }

  // What a worker held that is lost is free.
  async #free(threads) {
    await Promise.allSettled(threads.map((ask) => ask({ job: this.#job, ask: "close" })));
  }

  #open() {
    this.#opened ??= this.#start();
    return this.#opened;
  }

  async #start() {
    const threads = await openThreads(this.#threads);
    const bytes = this.#simd ? wasm : null;
    const works = shares(this.#work, threads.length);
    const opening = threads.map((ask, thread) =>
      ask({ job: this.#job, ask: "open", work: works[thread], wasm: bytes }));
    const simd = await Promise.all(opening).catch(async (error) => {
      await this.#free(threads);
      throw error;
    });
    this.#notice = slower(threads.length < this.#threads, bytes && !simd.every(Boolean));
    return threads;
  }
}

// What this page refused, in words.
function slower(workers, simd) {
  if (workers && simd) {
    return t`Slower, with the same numbers: this page has no workers and no fast arithmetic (WebAssembly with SIMD).`;
  }
  if (workers) return t`Slower, with the same numbers: this page has no workers.`;
  return simd
    ? t`Slower, with the same numbers: this page has no fast arithmetic (WebAssembly with SIMD).` : "";
}

// Deals members out to threads in turn, each with all of the data.
function shares({ members, ...rest }, threads) {
  return Array.from({ length: threads }, (_, thread) => ({
    ...rest, members: members.filter((_, number) => number % threads === thread),
  }));
}

// The members' values in their order, from those of each thread.
function interleave(parts) {
  const members = parts.reduce((sum, part) => sum + part.length, 0);
  return Array.from({ length: members }, (_, number) =>
    parts[number % parts.length][Math.floor(number / parts.length)]);
}
