// One member of a cohort: its mini-batches, its step, its loss.

import { shuffled } from "./noise.js";
import { initialize, readWeights, writeWeights } from "./parameters.js";
import { oneCycle } from "./schedule.js";

export class Member {
  taken = 0; // steps
  diverged = false;
  #loss = 0; // the sum of the mean losses of so many batches since the last record
  #batches = 0;
  #decays = [1, 1]; // 0.9 and 0.999 to the number of Adam's steps

  // settings: { seed, temperature, softWeight, indices, labels, weights }. place: where its numbers
  // lie. share: the data, the passes and the heap, for all members of a thread.
  constructor({ weights, ...settings }, place, share) {
    Object.assign(this, settings, place, { share });
    this.order = new Order(this.indices.length, share.recipe.batchSeed);
    if (weights) writeWeights(this.#numbers(), share.shape.layers, weights);
    else initialize(this.#numbers(), share.shape.layers, this.seed);
  }

  // Takes one mini-batch: forward, loss, backward, update.
  *step() {
    const { recipe, passes, heap } = this.share;
    this.draw();
    yield* passes.forward(heap.kernels, this.parameters, { seed: this.seed, step: this.taken });
    const loss = this.#pull();
    yield* passes.backward(heap.kernels, this.parameters);
    const schedule = recipe.schedule === "one-cycle" ? oneCycle(this.taken, recipe.steps) : 1;
    this.#update(recipe.lr * schedule);
    this.taken++;
    this.#loss += loss;
    this.#batches++;
    this.diverged = !Number.isFinite(loss);
  }

  // The mean loss since it was last asked for, in nats.
  report() {
    const loss = this.diverged ? NaN : this.#loss / this.#batches;
    this.#loss = this.#batches = 0;
    return loss;
  }

  // Parameters by their names in PyTorch.
  get weights() {
    return readWeights(this.#numbers(), this.share.shape.layers);
  }

  #numbers() {
    return this.share.heap.floats(this.parameters, this.share.shape.size);
  }

  // Puts the batch of the step that comes next into place: the rows of its examples, this member's
  // labels of them, and their inputs.
  draw() {
    const { recipe, passes, heap, batch, inputs } = this.share;
    const { batchSize: count } = recipe;
    const [rows, labels] = [heap.integers(batch.rows, count), heap.integers(batch.labels, count)];
    for (let i = 0; i < count; i++) {
      const position = this.order.at(this.taken * count + i);
      rows[i] = this.indices[position];
      labels[i] = this.labels[position];
    }
    heap.kernels.gather(inputs, batch.rows, passes.inputs, count, passes.layers[0].rows);
    return [rows, labels];
  }

  // Puts the loss's gradient with respect to the logits into place and returns the loss: the mean
  // over the batch of w T² KL(p, q) + (1 - w) cross-entropy. The gradients are w T (q - p), Eq. 2
  // times T², and (1 - w) (q at T = 1, minus the label).
  #pull() {
    const { recipe, passes, heap, batch, targets } = this.share;
    const { kernels } = heap;
    const { batchSize: count } = recipe;
    const { outputs, slopes, columns } = passes.last;
    const { temperature: T, softWeight: w } = this;
    const { logs, shares } = batch;
    heap.floats(slopes, passes.rows * columns).fill(0);
    let loss = 0;
    if (w < 1) {
      const scale = (1 - w) / count;
      kernels.logSoftmax(outputs, logs, shares, count, columns, 1);
      loss += scale * kernels.hardLoss(slopes, shares, logs, batch.labels, count, columns, scale);
    }
    if (w > 0) {
      const [target, scale] = [targets.get(T), (w * T) / count];
      kernels.logSoftmax(outputs, logs, shares, count, columns, T);
      loss += scale * T * kernels.softLoss(slopes, shares, logs, target.shares, target.logs,
        batch.rows, count, columns, scale);
    }
    return loss;
  }

  #update(lr) {
    const { recipe, passes: { gradients }, heap: { kernels }, shape: { size } } = this.share;
    if (recipe.optimizer === "sgd") {
      kernels.sgd(this.parameters, gradients, this.first, size, lr, recipe.momentum);
      return;
    }
    const decays = this.#decays;
    decays[0] *= 0.9;
    decays[1] *= 0.999;
    kernels.adam(this.parameters, gradients, this.first, this.second, size,
      lr / (1 - decays[0]), Math.sqrt(1 - decays[1]));
  }
}

// An endless stream of positions in a set: one shuffled pass after the other, which depends on the
// size of the set and the seed alone.
class Order {
  #pass = -1;
  #order = null;

  constructor(size, seed) {
    Object.assign(this, { size, seed });
  }

  at(number) {
    const pass = Math.floor(number / this.size);
    if (pass !== this.#pass) this.#order = shuffled(this.size, this.seed, pass);
    this.#pass = pass;
    return this.#order[number % this.size];
  }
}
