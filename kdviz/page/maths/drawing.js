// From strokes on a pad to an image as the digits have it. Theirs were bitmaps of 32x32, made by
// the programs of NIST: straightened, stretched to one size, with strokes of one width, and then
// counted in blocks of 4x4. How wide, how straight and how inky was measured on the digits.

const SIDE = 32; // pixels of a bitmap
const BLOCK = 4; // and of the side of a block
const BOX = 20; // how wide a digit becomes, of 32; it fills the height
const STRETCH = 1.5; // of the width over the height, at most: a 1 stays thin
const FLATTER = 3; // of the height over the width, at most: a dash stays flat
const LARGEST = 4 * SIDE; // pixels that the pad's side becomes at most: a dot stays a dot
const INK = 0.305; // the share of inked pixels, by which strokes become wide or narrow
const [NARROW, USUAL, WIDE] = [2, 2.75, 3.5]; // half of a stroke's width in pixels
const LYING = 0.05; // the share of its width that counts as height, so that a dash stays

export const CELLS = SIDE / BLOCK; // on a side of the image

// strokes: lists of points [x, y] in sides of the pad, y down. Returns the image (64), from 0 to 1
// in steps of 1/16; null where nothing is drawn.
export function imageOf(strokes) {
  const drawn = strokes.filter((stroke) => stroke.length);
  return drawn.length ? countBlocks(bitmapOf(sizeUp(straighten(drawn)))) : null;
}

export const inkOf = (image) => image.reduce((sum, value) => sum + value, 0) / image.length;

// Shears strokes so that they do not slant, on average over their length.
function straighten(strokes) {
  const lines = strokes.flatMap((stroke) => stroke.map(([x, y], i) => {
    const [x1, y1] = stroke[Math.max(0, i - 1)];
    const [dx, dy] = [x - x1, y - y1];
    return { x: x1 + dx / 2, y: y1 + dy / 2, dx, dy, length: Math.hypot(dx, dy) + 1e-9 };
  }));
  const over = (value) => lines.reduce((sum, line) => sum + line.length * value(line), 0);
  const length = over(() => 1);
  const [x0, y0] = [over(({ x }) => x) / length, over(({ y }) => y) / length];
  const xy = over(({ x, y, dx, dy }) => (x - x0) * (y - y0) + (dx * dy) / 12);
  const xx = over(({ x, dx }) => (x - x0) ** 2 + dx ** 2 / 12);
  const yy = over(({ y, dy }) => (y - y0) ** 2 + dy ** 2 / 12);
  const slant = xy / (yy + LYING * xx || 1);
  return strokes.map((stroke) => stroke.map(([x, y]) => [x - slant * (y - y0), y]));
}

// Stretches strokes to the bitmap's size, centered, with room for their width.
function sizeUp(strokes) {
  const ends = [0, 1].map((k) => {
    const values = strokes.flatMap((stroke) => stroke.map((point) => point[k]));
    return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  });
  const [wide, tall] = ends.map(([low, high]) => Math.max(high - low, 1e-6));
  const across = (BOX - 2 * USUAL) / wide;
  const y = Math.min((SIDE - 2 * USUAL) / tall, FLATTER * across, LARGEST);
  const x = Math.min(across, STRETCH * y);
  return strokes.map((stroke) => stroke.map((point) => [x, y].map((scale, k) =>
    SIDE / 2 + (point[k] - (ends[k][0] + ends[k][1]) / 2) * scale)));
}

// Which pixels are inked: as many of those near a stroke as a digit has.
function bitmapOf(strokes) {
  const distance = new Float64Array(SIDE * SIDE).fill(Infinity);
  for (const stroke of strokes) {
    stroke.forEach((point, i) => measure(distance, stroke[Math.max(0, i - 1)], point));
  }
  const fitting = Float64Array.from(distance).sort()[Math.round(INK * SIDE * SIDE)];
  const half = Math.min(WIDE, Math.max(NARROW, fitting));
  return distance.map((each) => (each <= half ? 1 : 0));
}

// Lowers the distances of pixels to what they are from the line between two points.
function measure(distance, [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy || 1;
  const first = (a, b) => Math.max(0, Math.floor(Math.min(a, b) - WIDE));
  const last = (a, b) => Math.min(SIDE - 1, Math.ceil(Math.max(a, b) + WIDE));
  for (let row = first(y0, y1); row <= last(y0, y1); row++) {
    for (let column = first(x0, x1); column <= last(x0, x1); column++) {
      const [x, y] = [column + 0.5 - x0, row + 0.5 - y0];
      const along = Math.min(1, Math.max(0, (x * dx + y * dy) / length));
      const at = row * SIDE + column;
      distance[at] = Math.min(distance[at], Math.hypot(x - along * dx, y - along * dy));
    }
  }
}

function countBlocks(bitmap) {
  const image = new Float32Array(CELLS * CELLS);
  bitmap.forEach((inked, at) => {
    const [row, column] = [Math.floor(at / SIDE), at % SIDE];
    image[Math.floor(row / BLOCK) * CELLS + Math.floor(column / BLOCK)] += inked / BLOCK ** 2;
  });
  return image;
}
