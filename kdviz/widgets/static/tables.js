// Files of numbers, read in the page: .npy, .csv and .safetensors, with kdviz's own messages.

import { readCsv } from "./csv.js";

const GETTERS = { f4: "getFloat32", f8: "getFloat64", i1: "getInt8", u1: "getUint8", b1: "getUint8",
  i2: "getInt16", u2: "getUint16", i4: "getInt32", u4: "getUint32", i8: "getBigInt64",
  u8: "getBigUint64" };
const SAFE = { F64: "f8", F32: "f4", F16: "f2", BF16: "bf", I8: "i1", U8: "u1", BOOL: "b1",
  I16: "i2", U16: "u2", I32: "i4", U32: "u4", I64: "i8", U64: "u8" };

// What a file holds under its role or its own names: { shape, values }, or a list of classes.
export async function readTable(name, buffer, role) {
  const kind = name.toLowerCase().split(".").at(-1);
  if (kind === "txt") return { classes: textOf(buffer, role, name).split(/\r\n|\r|\n/)
    .map((line) => line.trim()).filter(Boolean) };
  if (kind === "npy") return { [role]: readNpy(buffer, role, name) };
  if (kind === "csv") return readCsv(textOf(buffer, role, name), role, name);
  if (kind === "safetensors") return readSafetensors(buffer, role, name);
  throw new Error(`${role} must be a .npy, .csv or .safetensors file, got “${name}”; `
    + "save an array with numpy.save");
}

function textOf(buffer, role, name) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(buffer);
  } catch {
    throw new Error(`${role} must be text in UTF-8, and “${name}” is not`);
  }
}

export function readNpy(buffer, role, name) {
  const fail = (what) => {
    throw new Error(`${role} must be an array of numbers, and “${name}” ${what}`);
  };
  const bytes = new Uint8Array(buffer);
  const view = new DataView(buffer);
  if (bytes[0] === 0x80) {
    fail("is a pickle, which can run code when it is opened: it is never read. Save the array "
      + "with numpy.save");
  }
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(0, 6)) !== "\x93NUMPY") {
    fail("is no .npy file");
  }
  const wide = bytes[6] > 1;
  const start = (wide ? 12 : 10) + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder("latin1").decode(bytes.subarray(wide ? 12 : 10, start));
  const type = /'descr':\s*'([<>|=]?)(\w+)'/.exec(header);
  const order = /'fortran_order':\s*(True|False)/.exec(header);
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(header);
  if (bytes[6] > 3 || start > bytes.length || !order || !shape) fail("is no .npy file");
  if (type?.[2] === "O") {
    fail("holds pickled objects, which can run code when they are opened: it is never read. "
      + "Save a float32 array");
  }
  if (!type || !(type[2] in GETTERS || type[2] === "f2")) {
    throw new Error(`${role} must be real numbers, got an array of ${type?.[2] ?? "another kind"}`);
  }
  const lengths = shape[1].split(",").filter((text) => text.trim()).map(Number);
  const size = type[2] === "f2" ? 2 : Number(type[2][1]);
  const total = lengths.reduce((product, length) => product * length, 1);
  if (bytes.length - start !== total * size) {
    throw new Error(`${role} must be a whole file of numbers, and “${name}” says shape (${lengths.join(", ")}) `
      + `of ${type[2]}, but holds ${(bytes.length - start).toLocaleString("en-US")} bytes of numbers`);
  }
  const values = numbersOf(new DataView(buffer, start), type[2], total, type[1] !== ">");
  return { shape: lengths, values: order[1] === "True" ? turned(values, lengths) : values,
    type: type[2] };
}

function numbersOf(view, type, total, little) {
  const values = type === "f4" ? new Float32Array(total) : new Float64Array(total);
  const get = GETTERS[type];
  for (let i = 0; i < total; i++) {
    if (type === "f2") values[i] = half(view.getUint16(2 * i, little));
    else if (type === "bf") values[i] = brain(view, 2 * i);
    else values[i] = Number(view[get](i * Number(type[1]), little));
  }
  return values;
}

function half(bits) {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}

const word = new DataView(new ArrayBuffer(4));

// The upper half of a float32.
function brain(view, at) {
  word.setUint16(0, view.getUint16(at, true));
  return word.getFloat32(0);
}

// From the order of Fortran, whose first index runs fastest, to that of C.
function turned(values, shape) {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  const at = shape.map(() => 0);
  return values.map(() => {
    const value = values[at.reduce((sum, index, axis) => sum + index * strides[axis], 0)];
    for (let axis = shape.length - 1; axis >= 0 && ++at[axis] === shape[axis]; axis--) at[axis] = 0;
    return value;
  });
}

export function readSafetensors(buffer, role, name) {
  const fail = () => {
    throw new Error(`${role} must be a whole .safetensors file, and “${name}” is not`);
  };
  if (buffer.byteLength < 8) fail();
  const start = 8 + Number(new DataView(buffer).getBigUint64(0, true));
  if (start > buffer.byteLength) fail();
  let tensors = {};
  try {
    tensors = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8)));
  } catch {
    fail();
  }
  if (!tensors || typeof tensors !== "object") fail();
  delete tensors.__metadata__;
  if (!Object.hasOwn(tensors, role)) {
    throw new Error(`“${name}” must hold a tensor named “${role}”, it holds: `
      + `${Object.keys(tensors).sort().join(", ").slice(0, 200) || "none"}`);
  }
  const table = {};
  for (const key of ["logits", "labels", "images"].filter((each) => Object.hasOwn(tensors, each))) {
    const { dtype, shape, data_offsets: [from, to] = [] } = tensors[key] ?? {};
    const type = SAFE[dtype];
    if (!type) {
      throw new Error(`the tensor “${key}” of “${name}” must be float, integer or boolean, `
        + `got ${dtype}`);
    }
    const whole = Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0);
    const total = whole ? shape.reduce((a, b) => a * b, 1) : -1;
    const size = type === "bf" ? 2 : Number(type[1]);
    if (!(total >= 0 && from >= 0 && to - from === total * size
      && start + to <= buffer.byteLength)) fail();
    table[key] = { shape, type, values: numbersOf(new DataView(buffer, start + from), type, total,
      true) };
  }
  return table;
}
