// What a network of fully connected layers costs to run, for one example: as evaluation/cost.py.

import { wasm } from "./binary.js";
import { Heap, Plan } from "./heap.js";
import { layersOf } from "./parameters.js";
import { Passes } from "./passes.js";

const ROWS = 4; // that the kernels take at a time, and so what one example costs here
const REPEATS = 20;
const PATIENCE_MS = 20; // of the page's own thread

// sizes: units of each layer, from inputs to classes. members: networks in an ensemble. Counted but
// for latency_ms, the median time of one member's pass on this device, times members.
export function costOf(sizes, members) {
  const [inputs, ...hidden] = sizes;
  const classes = hidden.pop();
  const shape = layersOf({ inputs, hidden, classes, dropout: 0, inputDropout: 0 });
  const multiply_adds = members * sum(shape.layers, ({ fanIn, fanOut }) => fanIn * fanOut);
  const parameters = multiply_adds + members * sum(shape.layers, ({ fanOut }) => fanOut);
  return { parameters, multiply_adds, bytes: 4 * parameters, latency_ms: members * time(shape) };
}

function time(shape) {
  const plan = new Plan();
  const passes = new Passes(plan, shape, ROWS);
  const place = plan.take(shape.size);
  const { kernels } = new Heap(plan, wasm);
  const times = [];
  const until = performance.now() + PATIENCE_MS;
  do {
    // Clocks of browsers are coarse: many passes at once.
    const begun = performance.now();
    let count = 0;
    do {
      const pass = passes.forward(kernels, place, null);
      while (!pass.next().done);
      count++;
    } while (performance.now() - begun < 0.5);
    times.push((performance.now() - begun) / count);
  } while (times.length < REPEATS && performance.now() < until);
  return times.sort((a, b) => a - b)[times.length >> 1];
}

const sum = (items, value) => items.reduce((total, item) => total + value(item), 0);
