// A view as a drawing of its own, with nothing to fetch: charts with the styles that they have on
// the page, canvases as pictures, all else as boxes and lines of text.

const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "opacity",
  "font-family", "font-size", "font-weight", "text-anchor", "visibility",
  "font-variant-numeric", "shape-rendering"];
const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 16;
const ASCENT = 0.79; // of a line's height lies above the letters' feet
const CLEAR = "rgba(0, 0, 0, 0)";
const MIXED = /color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.e-]+))?\)/g;

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([name, value]) => value !== null
    && node.setAttribute(name, value));
  node.append(...children.flat(Infinity));
  return node;
}

// Returns the SVG's text and its size in pixels; the page's paper lies behind.
export function drawing(view, title, root) {
  const { width, height } = place(view, view);
  const frame = { width: width + 2 * MARGIN, height: height + 2 * MARGIN };
  const sheet = svg("svg", { xmlns: SVG, ...frame,
    viewBox: `${-MARGIN} ${-MARGIN} ${frame.width} ${frame.height}` },
  svg("title", {}, view.getAttribute("aria-label")
    ?? view.querySelector("[role=img]")?.getAttribute("aria-label") ?? title),
  svg("rect", { x: -MARGIN, y: -MARGIN, ...frame, fill: color(root, "backgroundColor") }),
  parts(view, view));
  return { text: new XMLSerializer().serializeToString(sheet), ...frame };
}

// Where a node or a range stands in the view, in the pixels that the view itself counts in.
function place(node, view) {
  const [box, origin] = [node, view].map((each) => each.getBoundingClientRect());
  const zoom = view.currentCSSZoom ?? 1;
  const [x, y, width, height] = [box.x - origin.x, box.y - origin.y, box.width, box.height]
    .map((v) => Number((v / zoom).toFixed(2)));
  return { x, y, width, height };
}

function parts(node, view) {
  if (node.nodeType === Node.TEXT_NODE) return lines(node, view);
  if (node.nodeType !== Node.ELEMENT_NODE || !node.checkVisibility({ visibilityProperty: true })) {
    return [];
  }
  if (node.matches(".kd-hidden, input")) return [];
  const at = place(node, view);
  if (node.localName === "svg") return [chart(node, at)];
  if (node.localName === "canvas") return [svg("image", { ...at, href: node.toDataURL(),
    style: `image-rendering:${getComputedStyle(node).imageRendering}` })];
  return [box(node, at), ...[...node.childNodes].flatMap((child) => parts(child, view))]
    .filter((part) => part !== null);
}

function chart(node, { x, y }) {
  const copied = node.cloneNode(true);
  const [from, to] = [node, copied].map((each) => [...each.querySelectorAll("*")]);
  from.forEach((each, i) => {
    const style = getComputedStyle(each);
    to[i].removeAttribute("class");
    to[i].setAttribute("style", STYLES.map((name) =>
      `${name}:${plain(style.getPropertyValue(name))}`).join(";"));
  });
  return svg("g", { transform: `translate(${x},${y})` }, [...copied.childNodes]);
}

function box(node, at) {
  const { borderRadius, borderLeftWidth } = getComputedStyle(node);
  const fill = color(node, "backgroundColor");
  const stroke = parseFloat(borderLeftWidth) > 0 ? color(node, "borderLeftColor") : CLEAR;
  if (fill === CLEAR && stroke === CLEAR) return null;
  return svg("rect", { ...at, fill, rx: parseFloat(borderRadius) || null, stroke });
}

// The lines that a text is broken into, each where it stands.
function lines(node, view) {
  const style = getComputedStyle(node.parentElement);
  const range = document.createRange();
  const found = [];
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const at = place(range, view);
    const line = found.at(-1);
    if (line?.y === at.y) {
      line.words.push(word);
      line.ends.push(at.x, at.x + at.width);
    } else if (at.width > 0) found.push({ ...at, words: [word], ends: [at.x, at.x + at.width] });
  }
  const { direction } = style;
  return found.map(({ y, height, words, ends }) => svg("text", { direction,
    x: direction === "rtl" ? Math.max(...ends) : Math.min(...ends), y: y + ASCENT * height,
    fill: color(node.parentElement, "color"), "font-family": style.fontFamily,
    "font-size": style.fontSize, "font-weight": style.fontWeight,
    "unicode-bidi": style.unicodeBidi }, words.join(" ")));
}

const color = (node, name) => plain(getComputedStyle(node)[name]);

// A mixed color as every program that reads SVG knows it.
function plain(value) {
  return value.replace(MIXED, (_, r, g, b, a = 1) =>
    `rgba(${[r, g, b].map((v) => Math.round(v * 255)).join(", ")}, ${a})`);
}
