// Files of numbers, read in the page: .npy and .csv, with the messages of Python's reader.

import { count } from "../parts/format.js";
import { t } from "../words/t.js";

const GETTERS = { f4: "getFloat32", f8: "getFloat64", i1: "getInt8", u1: "getUint8", b1: "getUint8",
  i2: "getInt16", u2: "getUint16", i4: "getInt32", u4: "getUint32", i8: "getBigInt64",
  u8: "getBigUint64" };
const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)$/i;

// What a file holds under its role or its own names: { shape, values }, or a list of classes.
export async function readTable(name, buffer, role) {
  const kind = name.toLowerCase().split(".").at(-1);
  if (kind === "txt") return { classes: textOf(buffer, role, name).split(/\r\n|\r|\n/)
    .map((line) => line.trim()).filter(Boolean) };
  if (kind === "npy") return { [role]: readNpy(buffer, role, name) };
  if (kind === "csv") return readCsv(textOf(buffer, role, name), role, name);
  throw new Error(t`${role} must be a .npy or .csv file, got “${name}”; save an array with numpy.save, or open it in Python with kdviz.explore`);
}

function textOf(buffer, role, name) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(buffer);
  } catch {
    throw new Error(t`${role} must be text in UTF-8, and “${name}” is not`);
  }
}

function readNpy(buffer, role, name) {
  const fail = (what) => {
    throw new Error(t`${role} must be an array of numbers, and “${name}” ${what}`);
  };
  const bytes = new Uint8Array(buffer);
  const view = new DataView(buffer);
  if (bytes[0] === 0x80) {
    fail(t`is a pickle, which can run code when it is opened: it is never read. Save the array with numpy.save`);
  }
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(0, 6)) !== "\x93NUMPY") {
    fail(t`is no .npy file`);
  }
  const wide = bytes[6] > 1;
  const start = (wide ? 12 : 10) + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder("latin1").decode(bytes.subarray(wide ? 12 : 10, start));
  const type = /'descr':\s*'([<>|=]?)(\w+)'/.exec(header);
  const order = /'fortran_order':\s*(True|False)/.exec(header);
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(header);
  if (bytes[6] > 3 || start > bytes.length || !order || !shape) fail(t`is no .npy file`);
  if (type?.[2] === "O") {
    fail(t`holds pickled objects, which can run code when they are opened: it is never read. Save a float32 array`);
  }
  if (!type || !(type[2] in GETTERS || type[2] === "f2")) {
    throw new Error(type ? t`${role} must be real numbers, got an array of ${type[2]}`
      : t`${role} must be real numbers, got an array of another kind`);
  }
  const lengths = shape[1].split(",").filter((text) => text.trim()).map(Number);
  const size = type[2] === "f2" ? 2 : Number(type[2][1]);
  const total = lengths.reduce((product, length) => product * length, 1);
  if (bytes.length - start !== total * size) {
    throw new Error(t`${role} must be a whole file of numbers, and “${name}” says shape (${lengths.join(", ")}) of ${type[2]}, but holds ${count(bytes.length - start)} bytes of numbers`);
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
    else values[i] = Number(view[get](i * Number(type[1]), little));
  }
  return values;
}

export function half(bits) {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
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

// Rows of numbers as text: a header of class names and a column `label` are optional.
function readCsv(text, role, name) {
  const fail = (what) => {
    throw new Error(t`${role} must be rows of numbers; in “${name}” ${what}`);
  };
  const rows = cellsOf(text);
  const filled = rows.filter(({ cells }) => cells.length);
  if (!filled.length) fail(t`there is no row`);
  const header = headerOf(filled[0].cells, fail);
  const body = header.length ? filled.slice(1) : filled;
  if (!body.length) fail(t`there is only a header, and no row of numbers`);
  const width = filled[0].cells.length;
  const values = new Float64Array(body.length * width);
  body.forEach(({ cells, number }, r) => {
    if (cells.length !== width) {
      fail(t`row ${number} has ${cells.length} cells where the first has ${width}`);
    }
    cells.forEach((cell, c) => {
      if (!NUMBER.test(cell)) fail(t`row ${number}, column ${c + 1} is “${cell.slice(0, 40)}”`);
      values[r * width + c] = valueOf(cell);
    });
  });
  const label = header.findIndex((cell) => cell.toLowerCase() === "label");
  if (label < 0) {
    return { [role]: { shape: [body.length, width], values },
      ...(header.length ? { classes: header } : {}) };
  }
  const pick = (keep) => values.filter((_, i) => keep(i % width));
  const table = { labels: { shape: [body.length], values: pick((c) => c === label) } };
  if (width > 1) {
    table.logits = { shape: [body.length, width - 1], values: pick((c) => c !== label) };
    table.classes = header.filter((_, c) => c !== label);
  }
  return table;
}

// Rows of trimmed cells with their numbers as a spreadsheet counts; quotes may enclose a cell.
function cellsOf(text) {
  const rows = [];
  let [cells, cell, quoted, number] = [[], "", false, 1];
  const end = () => {
    cells.push(cell.trim());
    cell = "";
  };
  const line = () => {
    if (cells.length || cell.trim()) end();
    rows.push({ cells, number });
    cells = [];
    number += 1;
  };
  const plain = text.replace(/\r\n?/g, "\n");
  for (let i = 0; i < plain.length; i++) {
    const letter = plain[i];
    if (quoted) {
      if (letter !== "\"") cell += letter;
      else if (plain[i + 1] === "\"") {
        cell += "\"";
        i += 1;
      } else quoted = false;
    } else if (letter === "\"") quoted = true;
    else if (letter === ",") end();
    else if (letter === "\n") line();
    else cell += letter;
  }
  if (cell || cells.length) line();
  return rows;
}

// The names of the columns, or nothing if the first row already holds numbers.
function headerOf(cells, fail) {
  const others = cells.filter((cell) => cell.toLowerCase() !== "label");
  const numbers = others.map((cell) => NUMBER.test(cell));
  // Names that count from 0 are the usual header of digits; hardly any logits do.
  const counting = others.length > 1 && others.every((cell, i) => cell === String(i));
  if (!counting && others.length === cells.length && numbers.includes(true)) {
    if (numbers.includes(false)) {
      const odd = others[numbers.indexOf(false)].slice(0, 40);
      fail(t`the first row mixes numbers and text, such as “${odd}”`);
    }
    return [];
  }
  if (cells.includes("")) {
    fail(t`column ${cells.indexOf("") + 1} has no name; if it holds row numbers, save the table without them (index=False)`);
  }
  return cells;
}

function valueOf(cell) {
  if (/nan/i.test(cell)) return NaN;
  if (/inf/i.test(cell)) return cell.startsWith("-") ? -Infinity : Infinity;
  return Number(cell);
}
