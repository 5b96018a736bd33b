// The parameters of a network as kdviz.mlp builds it: fully connected layers with ReLU and dropout.
//
// A layer's weights lie as (inputs, outputs), then its biases, in rows padded to whole SIMD
// registers. Padding stays 0 through training but for the classes: one that only pads has a bias
// so low that its probability is 0.

import { initialWeight } from "./noise.js";

export const NO_CLASS = -1e30;

export const padded = (count) => Math.ceil(count / 4) * 4;

// The layers, named as in PyTorch, and how many numbers hold their parameters. A layer's rate is
// that of the dropout on its input, and its stream that of the noise.
export function layersOf({ inputs, hidden, classes, dropout, inputDropout }) {
  const widths = [inputs, ...hidden, classes];
  const layers = [];
  let [size, stream, name] = [0, 0, 1]; // number 0 flattens
  for (let i = 0; i + 1 < widths.length; i++) {
    const [fanIn, fanOut, rate] = [widths[i], widths[i + 1], i ? dropout : inputDropout];
    const [rows, columns, weight] = [padded(fanIn), padded(fanOut), size];
    const bias = weight + rows * columns;
    size = bias + columns;
    if (rate) name++;
    layers.push({ name, fanIn, fanOut, rows, columns, weight, bias, rate, stream });
    if (rate) stream++;
    name += 2; // its ReLU follows
  }
  return { layers, size };
}

// Sets initial parameters by a member's seed.
export function initialize(parameters, layers, seed) {
  layers.forEach((layer, number) => {
    const draw = initialWeight(seed, number, layer.fanIn);
    const weights = layer.fanOut * layer.fanIn;
    setLayer(parameters, layer, draw, (o) => draw(weights + o));
  });
  padClasses(parameters, layers.at(-1));
}

// Parameters by their names in PyTorch: "1.weight" (outputs, inputs), "1.bias" (outputs), …
export function readWeights(parameters, layers) {
  const weights = {};
  for (const { name, fanIn, fanOut, columns, weight, bias } of layers) {
    weights[`${name}.weight`] = Float32Array.from({ length: fanOut * fanIn }, (_, at) =>
      parameters[weight + (at % fanIn) * columns + Math.floor(at / fanIn)]);
    weights[`${name}.bias`] = parameters.slice(bias, bias + fanOut);
  }
  return weights;
}

export function writeWeights(parameters, layers, weights) {
  for (const layer of layers) {
    const [matrix, biases] = ["weight", "bias"].map((kind) => weights[`${layer.name}.${kind}`]);
    setLayer(parameters, layer, (at) => matrix[at], (o) => biases[o]);
  }
  padClasses(parameters, layers.at(-1));
}

function setLayer(parameters, { fanIn, fanOut, columns, weight, bias }, weightAt, biasAt) {
  for (let o = 0; o < fanOut; o++) {
    for (let i = 0; i < fanIn; i++) parameters[weight + i * columns + o] = weightAt(o * fanIn + i);
    parameters[bias + o] = biasAt(o);
  }
}

function padClasses(parameters, { fanOut, columns, bias }) {
  parameters.fill(NO_CLASS, bias + fanOut, bias + columns);
}
