// One block of memory that holds the numbers of a training, and the kernels that work on it.

import { plainKernels } from "./plain.js";

const ALIGNMENT = 16; // bytes of a SIMD register
const PAGE = 65536; // bytes of a page of WebAssembly's memory

// Where everything will lie. Nothing is allocated, so a size can be asked before it is paid for.
export class Plan {
  bytes = 0;

  // Makes room for so many 32-bit numbers and returns where, in bytes.
  take(count) {
    const place = this.bytes;
    this.bytes += Math.ceil((4 * count) / ALIGNMENT) * ALIGNMENT;
    return place;
  }
}

export class Heap {
  // wasm: the bytes of kernels.wasm, or null for kernels in plain JavaScript.
  constructor(plan, wasm) {
    const compiled = wasm && compile(wasm);
    if (compiled) {
      const memory = new WebAssembly.Memory({ initial: Math.ceil(plan.bytes / PAGE) });
      this.kernels = new WebAssembly.Instance(compiled, { env: { memory } }).exports;
      this.buffer = memory.buffer;
    } else {
      this.buffer = new ArrayBuffer(plan.bytes);
      this.kernels = plainKernels(this.buffer);
    }
    this.simd = Boolean(compiled);
  }

  floats(place, count) {
    return new Float32Array(this.buffer, place, count);
  }

  integers(place, count) {
    return new Int32Array(this.buffer, place, count);
  }
}

// A page's policy may refuse WebAssembly, and an old browser its SIMD.
function compile(bytes) {
  try {
    return new WebAssembly.Module(bytes);
  } catch {
    return null;
  }
}
