// Weights as a .safetensors file: the length of a header, the header in JSON, then the numbers.

import { half } from "./tables.js";

const ALIGNMENT = 8; // bytes

// tensors: by name { shape, values }, a Float32Array each. metadata: text by name.
export function writeSafetensors(tensors, metadata) {
  const header = { __metadata__: metadata };
  let size = 0;
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    header[name] = { dtype: "F32", shape, data_offsets: [size, size += values.byteLength] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = ALIGNMENT * Math.ceil((8 + text.length) / ALIGNMENT);
  const bytes = new Uint8Array(start + size).fill(0x20, 8, start); // spaces pad the header
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(text, 8);
  for (const [name, { values }] of Object.entries(tensors)) {
    bytes.set(littleEndian(values), start + header[name].data_offsets[0]);
  }
  return bytes;
}

// view: a DataView of a file that came along with the page, of numbers in half or single precision.
// Returns { tensors, metadata } as writeSafetensors takes them.
export function readSafetensors(view) {
  const start = 8 + Number(view.getBigUint64(0, true));
  const text = new Uint8Array(view.buffer, view.byteOffset + 8, start - 8);
  const { __metadata__: metadata = {}, ...header } = JSON.parse(new TextDecoder().decode(text));
  const tensors = {};
  for (const [name, { dtype, shape, data_offsets: [begin] }] of Object.entries(header)) {
    const number = dtype === "F16" ? (i) => half(view.getUint16(start + begin + 2 * i, true))
      : (i) => view.getFloat32(start + begin + 4 * i, true);
    const length = shape.reduce((product, each) => product * each, 1);
    tensors[name] = { shape, values: Float32Array.from({ length }, (_, i) => number(i)) };
  }
  return { tensors, metadata };
}

// The bytes of float32 numbers, on any machine.
export function littleEndian(values) {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return new Uint8Array(view.buffer);
}
