// Any chart on the page as SVG or PNG: with the styles it has here, and nothing to fetch.

import { el, set, svg } from "./dom.js";
import { temperature } from "./format.js";
import { openDialog } from "./share.js";

const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "opacity",
  "font-family", "font-size", "font-weight", "text-anchor", "visibility",
  "font-variant-numeric", "shape-rendering"];
const MARGIN = 16;
const DOTS = 2; // pixels of a PNG for one of the page

export function saveDialog(page, root) {
  const charts = [...root.querySelectorAll(".kd-panel:not([hidden]) svg[role=img]")]
    .filter((chart) => chart.getBoundingClientRect().width > 0);
  const T = temperature(page.get("temperature"));
  const rows = charts.map((chart) => {
    const title = chart.dataset.name;
    const stem = `${title} T ${T}`.toLowerCase().replace(/[^a-z0-9.]+/g, "-").slice(0, 80);
    const save = (kind, make) => el("button", { type: "button", class: "kd-tool",
      "aria-label": `Save as ${kind}: ${title}`,
      onclick: async () => download(await make(chart, title, root), `${stem}.${kind.toLowerCase()}`) },
    kind);
    return el("tr", {}, el("th", { scope: "row" }, title),
      el("td", {}, save("SVG", asSvg)), el("td", {}, save("PNG", asPng)));
  });
  openDialog(root, "Save a chart", el("p", {}, "As it stands on the page now, in its colors."),
    el("table", { class: "kd-share" }, el("tbody", {}, rows)));
}

// A chart in a file of its own, with the page's paper behind it.
function drawing(chart, title, root) {
  const copied = chart.cloneNode(true);
  const [from, to] = [chart, copied].map((node) => [node, ...node.querySelectorAll("*")]);
  from.forEach((node, i) => {
    const style = getComputedStyle(node);
    set(to[i], { class: null, style: STYLES.map((name) =>
      `${name}:${style.getPropertyValue(name)}`).join(";") });
  });
  copied.querySelectorAll("foreignObject, canvas").forEach((node) => node.remove());
  const { x, y, width, height } = chart.getBBox();
  const frame = { x: x - MARGIN, y: y - MARGIN, width: width + 2 * MARGIN,
    height: height + 2 * MARGIN };
  set(copied, { xmlns: "http://www.w3.org/2000/svg", role: null, "aria-label": null,
    width: frame.width, height: frame.height,
    viewBox: [frame.x, frame.y, frame.width, frame.height].map((v) => v.toFixed(1)).join(" ") });
  copied.prepend(svg("title", {}, chart.getAttribute("aria-label")),
    svg("rect", { ...frame, fill: getComputedStyle(root).backgroundColor }));
  return { text: new XMLSerializer().serializeToString(copied), ...frame };
}

function asSvg(chart, title, root) {
  return new Blob([drawing(chart, title, root).text], { type: "image/svg+xml" });
}

async function asPng(chart, title, root) {
  const { text, width, height } = drawing(chart, title, root);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = el("canvas", { width: Math.ceil(width * DOTS), height: Math.ceil(height * DOTS) });
  const context = canvas.getContext("2d");
  context.scale(DOTS, DOTS);
  context.drawImage(image, 0, 0, width, height);
  return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
}

function download(blob, name) {
  const url = URL.createObjectURL(blob);
  const anchor = el("a", { href: url, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
