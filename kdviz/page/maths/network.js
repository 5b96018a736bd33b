// A small network of fully connected layers with ReLU, one example at a time.

// tensors: weights by their names in kdviz.mlp, "1.weight" (outputs, inputs), "1.bias", …, each
// { shape, values }. Returns its layers in order: { weight, bias }.
export function layersFrom(tensors) {
  const numbers = Object.keys(tensors).filter((name) => name.endsWith(".weight"))
    .map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
  return numbers.map((n) => ({ weight: tensors[`${n}.weight`].values,
    bias: tensors[`${n}.bias`].values }));
}

// The logits of one example.
export function logitsOf(layers, inputs) {
  let h = inputs;
  layers.forEach(({ weight, bias }, number) => {
    const from = h;
    h = Float64Array.from(bias, (start, o) => {
      let sum = start;
      for (let i = 0; i < from.length; i++) sum += weight[o * from.length + i] * from[i];
      return number === layers.length - 1 ? sum : Math.max(0, sum);
    });
  });
  return h;
}
