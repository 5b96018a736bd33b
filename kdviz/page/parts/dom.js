// Elements in one line: el("div", { class: "x", onclick: f }, "text", child).

const SVG = "http://www.w3.org/2000/svg";
const TAKES_KEYS = ["a", "button", "input", "select", "summary", "textarea"];

// Sets attributes; on... listens, true and false switch, null removes.
export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === null || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : value);
  }
  return node;
}

function build(node, attributes, children) {
  node.append(...children.flat(Infinity).filter((child) => child !== null));
  // A notebook has shortcuts on single keys; it asks the focused element itself about them.
  if (TAKES_KEYS.includes(node.localName) || "tabindex" in attributes) {
    node.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  return set(node, attributes);
}

export function el(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return build(document.createElementNS(SVG, tag), attributes, children);
}

// A chart as wide as its place. It has its name from the start; a view may describe it further.
export function svgChart(name, height, ...children) {
  return svg("svg", { height, width: "100%", role: "img", "data-name": name, "aria-label": name },
    ...children);
}

// Writes text only where it differs, so that a paint touches only what moved.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// A sentence from parts: strings as they are, [text, role] emphasised in the role's color.
export function sentence(node, parts) {
  node.replaceChildren(...parts.map((part) =>
    typeof part === "string" ? part : el("strong", { class: `kd-${part[1]}` }, part[0])));
}

// Calls back with a node's width now and whenever it changes; returns a stop.
export function onWidth(node, callback) {
  let width = 0;
  const observer = new ResizeObserver(() => {
    if (node.clientWidth === width || node.clientWidth === 0) return;
    width = node.clientWidth;
    callback(width);
  });
  observer.observe(node);
  return () => observer.disconnect();
}

let count = 0;

// A name for an element that no other view on the page has.
export function freshId(stem) {
  count += 1;
  return `kd-${stem}-${count}`;
}

// A group of native radio buttons; options are [value, label] or [value, label, note].
// `name` is what a screen reader calls the group. Returns { node, select(value) }.
export function radios(name, options, pick, className = "kd-segments") {
  const group = freshId("radio");
  const inputs = options.map(([value]) => el("input", {
    type: "radio", name: group, value, onchange: () => pick(value) }));
  const labels = options.map(([, label, note], i) => el("label", {}, inputs[i],
    el("span", {}, el("b", {}, label), note ? el("small", {}, note) : null)));
  const node = el("fieldset", { class: className }, el("legend", { class: "kd-hidden" }, name),
    labels);
  const select = (value) => inputs.forEach((input) => {
    input.checked = input.value === String(value);
  });
  return { node, select };
}
