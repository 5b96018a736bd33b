// Forward and backward passes of one network at a time, in memory that all members share.

import { dropoutThreshold, keyOf } from "./noise.js";

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
  forward(kernels, parameters, noise) {
    const { rows, last } = this;
    for (const layer of this.layers) {
      const { fanIn, columns, inputs, outputs, rate } = layer;
      const width = 4 * layer.rows;
      if (noise && rate) {
        const key = keyOf(noise.seed, noise.step, layer.stream);
        kernels.dropout(inputs, rows, layer.rows, fanIn, key, dropoutThreshold(rate), 1 - rate);
      }
      kernels.product(parameters + 4 * layer.bias, inputs, width, 4,
        parameters + 4 * layer.weight, outputs, rows, fanIn, columns);
      if (layer !== last) kernels.relu(outputs, rows * columns);
    }
  }

  // Computes this.gradients from this.last.slopes, after a forward pass.
  backward(kernels, parameters) {
    const { rows, zeros, gradients, transposed } = this;
    for (let i = this.layers.length - 1; i >= 0; i--) {
      const { columns, weight, bias, inputs, slopes, rate, ...layer } = this.layers[i];
      const width = 4 * layer.rows;
      kernels.product(zeros, inputs, 4, width, slopes, gradients + 4 * weight,
        layer.rows, rows, columns);
      kernels.columnSums(slopes, gradients + 4 * bias, rows, columns);
      if (!i) continue;
      const below = this.layers[i - 1].slopes;
      kernels.transpose(parameters + 4 * weight, transposed, layer.rows, columns);
      kernels.product(zeros, slopes, 4 * columns, 4, transposed, below, rows, columns, layer.rows);
      kernels.gate(below, inputs, rows * layer.rows, 1 - rate);
    }
  }
}
