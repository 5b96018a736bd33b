// Rows of numbers as text: a header of class names and a column `label` are optional.

const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)$/i;

export function readCsv(text, role, name) {
  const fail = (what) => {
    throw new Error(`${role} must be rows of numbers; in “${name}” ${what}`);
  };
  const rows = cellsOf(text);
  const filled = rows.filter(({ cells }) => cells.length);
  if (!filled.length) fail("there is no row");
  const header = headerOf(filled[0].cells, fail);
  const body = header.length ? filled.slice(1) : filled;
  if (!body.length) fail("there is only a header, and no row of numbers");
  const width = filled[0].cells.length;
  const values = new Float64Array(body.length * width);
  body.forEach(({ cells, number }, r) => {
    if (cells.length !== width) {
      fail(`row ${number} has ${cells.length} cells where the first has ${width}`);
    }
    cells.forEach((cell, c) => {
      if (!NUMBER.test(cell)) fail(`row ${number}, column ${c + 1} is “${cell.slice(0, 40)}”`);
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
      fail("the first row mixes numbers and text, such as "
        + `“${others[numbers.indexOf(false)].slice(0, 40)}”`);
    }
    return [];
  }
  if (cells.includes("")) {
    fail(`column ${cells.indexOf("") + 1} has no name; if it holds row numbers, save the table `
      + "without them (index=False)");
  }
  return cells;
}

function valueOf(cell) {
  if (/nan/i.test(cell)) return NaN;
  if (/inf/i.test(cell)) return cell.startsWith("-") ? -Infinity : Infinity;
  return Number(cell);
}
