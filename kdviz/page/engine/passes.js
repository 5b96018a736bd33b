// Forward and backward passes of one network at a time, in memory that all members share.
//
// Both yield within large products, where a thread may do other things.

import { dropoutThreshold, keyOf } from "./noise.js";

const PIECE = 4e6; // products of numbers without a pause: some milliseconds without SIMD

export class Passes {
  // layers, size: as of layersOf. rows: examples at a time, a multiple of four.
  constructor(plan, { layers, size }, rows) {
    this.rows = rows;
    const first = layers[0];
    const wide = Math.max(first.rows, ...layers.map((layer) => layer.columns));
    this.zeros = plan.take(wide);
    this.inputs = plan.take(rows * first.rows);
    this.gradients = plan.take(size);
    this.transposed = plan.take(Math.max(...layers.map((layer) => layer.rows * layer.columns)));
    this.layers = layers.map((layer) => ({
      ...layer,
      outputs: plan.take(rows * layer.columns),
      slopes: plan.take(rows * layer.columns), // of the loss, with respect to the outputs
    }));
    this.layers.forEach((layer, i) => {
      layer.inputs = i ? this.layers[i - 1].outputs : this.inputs;
    });
    this.last = this.layers.at(-1);
  }

  // Computes logits, this.last.outputs, from this.inputs. noise: null, or the { seed, step } of a
  // training step's dropout.
  *forward(kernels, parameters, noise) {
    const { rows, last } = this;
    for (const layer of this.layers) {
      const { fanIn, columns, inputs, outputs, rate } = layer;
      const width = 4 * layer.rows;
      if (noise && rate) {
        const key = keyOf(noise.seed, noise.step, layer.stream);
        kernels.dropout(inputs, rows, layer.rows, fanIn, key, dropoutThreshold(rate), 1 - rate);
      }
      yield* product(kernels, parameters + 4 * layer.bias, inputs, width, 4,
        parameters + 4 * layer.weight, outputs, rows, fanIn, columns);
      if (layer !== last) kernels.relu(outputs, rows * columns);
    }
  }

  // Computes this.gradients from this.last.slopes, after a forward pass.
  *backward(kernels, parameters) {
    const { rows, zeros, gradients, transposed } = this;
    for (let i = this.layers.length - 1; i >= 0; i--) {
      const { columns, weight, bias, inputs, slopes, rate, ...layer } = this.layers[i];
      const width = 4 * layer.rows;
      yield* product(kernels, zeros, inputs, 4, width, slopes, gradients + 4 * weight,
        layer.rows, rows, columns);
      kernels.columnSums(slopes, gradients + 4 * bias, rows, columns);
      if (!i) continue;
      const below = this.layers[i - 1].slopes;
      kernels.transpose(parameters + 4 * weight, transposed, layer.rows, columns);
      yield* product(kernels, zeros, slopes, 4 * columns, 4, transposed, below,
        rows, columns, layer.rows);
      kernels.gate(below, inputs, rows * layer.rows, 1 - rate);
    }
  }
}

// The kernel of this name, in pieces of so many rows that none takes long.
function* product(kernels, start, A, row, step, B, C, rows, inner, columns) {
  const piece = 4 * Math.ceil(PIECE / (4 * inner * columns));
  for (let i = 0; i < rows; i += piece) {
    if (i) yield;
    const count = Math.min(piece, rows - i);
    kernels.product(start, A + i * row, row, step, B, C + 4 * i * columns, count, inner, columns);
  }
}
