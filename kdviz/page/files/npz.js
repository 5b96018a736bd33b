// Weights as a .npz file, as numpy.savez writes it: a .npy file for each in a zip archive that
// compresses nothing.

import { littleEndian } from "./safetensors.js";

const ALIGNMENT = 64; // bytes, of the numbers in a .npy file
const [YEAR_1980, STORED, VERSION] = [0x21, 0, 20]; // a fixed date: the same weights, the same file

// tensors: by name { shape, values }, a Float32Array each.
export function writeNpz(tensors) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const content = npy(tensor);
    const file = new TextEncoder().encode(`${name}.npy`);
    const about = [2, STORED, 2, 0, 2, YEAR_1980, 4, crc32(content), 4, content.length,
      4, content.length, 2, file.length, 2, 0];
    const local = record([4, 0x04034b50, 2, VERSION, 2, 0, ...about]);
    parts.push(local, file, content);
    directory.push(record([4, 0x02014b50, 2, VERSION, 2, VERSION, 2, 0, ...about, 2, 0, 2, 0, 2, 0,
      4, 0, 4, at]), file);
    at += local.length + file.length + content.length;
  }
  const files = directory.length / 2;
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = record([4, 0x06054b50, 2, 0, 2, 0, 2, files, 2, files, 4, size, 4, at, 2, 0]);
  return joined([...parts, ...directory, end]);
}

function npy({ shape, values }) {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`;
  const start = ALIGNMENT * Math.ceil((10 + text.length + 1) / ALIGNMENT);
  const header = new TextEncoder().encode(`${text.padEnd(start - 11)}\n`);
  const magic = Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0,
    header.length & 255, header.length >> 8]); // \x93NUMPY, version 1.0
  return joined([magic, header, littleEndian(values)]);
}

// Little-endian numbers one after the other, given as pairs of bytes and value.
function record(pairs) {
  const bytes = [];
  for (let i = 0; i < pairs.length; i += 2) {
    for (let k = 0; k < pairs[i]; k++) bytes.push((pairs[i + 1] >>> (8 * k)) & 255);
  }
  return Uint8Array.from(bytes);
}

function joined(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

// The check sum of a zip archive.
function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}
