// Thousands of dots, written straight into the pixels of an image: that fits into a frame.

const TINT = 0.55; // what one dot covers; where several lie, it grows darker

// Dots are squares. x and y lead from values to pixels of the page, of which each has `dots`.
export function dab({ image, dots, x, y, colors }, { confidence, bits, wrong }) {
  const { data, width } = image;
  data.fill(0);
  const reach = dots > 1 || bits.length < 2000 ? 2 : 1;
  for (const side of [0, 1]) {
    for (let n = 0; n < bits.length; n++) {
      if (wrong[n] !== side) continue;
      const [cx, cy] = [Math.round(x(confidence[n]) * dots), Math.round(y(bits[n]) * dots)];
      for (let py = cy - reach; py <= cy + reach; py++) {
        for (let px = cx - reach; px <= cx + reach; px++) {
          const at = 4 * (py * width + px);
          for (let k = 0; k < 3; k++) data[at + k] = colors[side][k];
          data[at + 3] += (255 - data[at + 3]) * TINT;
        }
      }
    }
  }
}
