// The loss as two terms that add up: each a row of factors and a bar that starts where the
// other ends.

import { el, onWidth, say, set, svg, svgChart } from "../../page/parts/dom.js";
import { power10, temperature } from "../../page/parts/format.js";
import { linear, roundTicks, xAxis } from "../../page/parts/chart.js";

const ROW = 26;
const TOP = 22;
const COLUMNS = [74, 128, 210, 262]; // right edges of the factors, in pixels
const BARS = 282;
const FOOT = TOP + 3 * ROW;

export function makeTerms(root) {
  const axis = svg("g");
  const heads = ["weight", "× T²", "× nats", "="].map((text, i) =>
    svg("text", { class: "kd-note", x: COLUMNS[i], y: 13, "text-anchor": "end" }, text));
  const rows = ["soft", "hard", "loss"].map((name, i) => row(name, TOP + i * ROW));
  const joined = svg("rect", { class: "kd-term-hard", y: TOP + 2 * ROW + 5, height: ROW - 10 });
  const node = svgChart("Loss", FOOT + 28,
    axis, heads, rows.map(({ group }) => group), joined);
  root.append(el("div", {}, node));
  const state = { width: 0, top: 1, digits: 3, now: null };
  let x = null;

  function layout() {
    if (!state.width) return;
    x = linear([0, state.top], [BARS, state.width - 6]);
    axis.replaceChildren(xAxis(roundTicks(0, state.top, state.width > 480 ? 4 : 2), x,
      (nats) => String(Number(nats.toPrecision(3))), TOP - 2, FOOT));
    if (state.now) paint(...state.now);
  }

  function paint(terms, { T, weight, squared }) {
    state.now = [terms, { T, weight, squared }];
    const [soft, hard] = [terms.soft, terms.hard].map((value) => value.toFixed(state.digits));
    const sum = (Number(soft) + Number(hard)).toFixed(state.digits); // of what is shown
    fill(rows[0], [weight.toFixed(2), `× ${squared ? temperature(T * T) : 1}`,
      `× ${figures(terms.kl)}`, soft]);
    fill(rows[1], [(1 - weight).toFixed(2), "", `× ${figures(terms.crossEntropy)}`, hard]);
    fill(rows[2], ["", "", "", sum]);
    if (!x) return;
    const [a, b] = [x(terms.soft), x(terms.loss)];
    bar(rows[0].rect, BARS, a);
    bar(rows[1].rect, a, b);
    bar(rows[2].rect, BARS, a);
    bar(joined, a, b);
  }

  const describe = () => set(node, { "aria-label":
    `Loss ${rows[2].cells[3].textContent} nats: soft term ${rows[0].cells[3].textContent} `
    + `plus hard term ${rows[1].cells[3].textContent}` });

  // The axis reaches to `top` nats, whatever T and the weight.
  const show = (top) => {
    state.top = top;
    state.digits = Math.min(3, Math.max(0, 3 - Math.floor(Math.log10(state.top))));
    layout();
  };
  const stop = onWidth(root, (width) => {
    state.width = width;
    layout();
  });
  return { show, paint, describe, stop };
}

function row(name, y) {
  const middle = y + ROW / 2 + 4.5;
  const cells = COLUMNS.map((x) => svg("text", { x, y: middle, "text-anchor": "end" }));
  const rect = svg("rect", { y: y + 5, height: ROW - 10,
    class: name === "hard" ? "kd-term-hard" : "kd-term-soft" });
  const group = svg("g", { class: `kd-term kd-term-row-${name}` },
    svg("text", { x: 0, y: middle, class: "kd-term-name" }, name), cells, rect);
  return { cells, rect, group };
}

const fill = ({ cells }, texts) => texts.forEach((text, i) => say(cells[i], text));

const bar = (rect, from, to) => set(rect, { x: from.toFixed(2),
  width: Math.max(0, to - from).toFixed(2) });

// Enough figures for the products to come out as shown.
function figures(value) {
  if (value >= 1000) return value.toFixed(0);
  if (value >= 0.0001) return value.toPrecision(value < 0.1 ? 3 : 4);
  if (value <= 0) return "0";
  const exponent = Math.floor(Math.log10(value));
  return `${(value / 10 ** exponent).toFixed(1)}×${power10(exponent)}`;
}
