// Accuracy by class, and the bias of the class that was never seen.

import { makeBias } from "./distill-bias.js";
import { el, freshId, onWidth, say, set, svg, svgChart } from "./dom.js";
import { percent } from "./format.js";
import { numbers } from "./model.js";
import { linear } from "./scales.js";

const HEIGHT = 92;
const TOP = 20;
const LEFT = 52;

export function makeClasses(model) {
  const bars = makeBars();
  const id = freshId("bias");
  const slider = el("input", { type: "range", class: "kd-range", id, min: 0, max: 8, step: 0.1,
    oninput: () => move() });
  const [label, value] = [el("label", { for: id }), el("output", { for: id })];
  const cells = Array.from({ length: 4 }, () => el("td", {}));
  const unseen = el("th", { scope: "col" });
  const raise = el("div", { class: "kd-bias" },
    el("div", {}, el("div", { class: "kd-row" }, label, value), slider,
      el("p", { class: "kd-caption" }, "A bias chosen while looking at the test images is "
        + "optimistic. So is the paper's own, +3.5.")),
    el("table", {}, el("thead", {}, el("tr", {}, el("td", {}), el("th", { scope: "col" }, "all"),
      unseen)), el("tbody", {},
      el("tr", {}, el("th", { scope: "row", class: "kd-soft-label" }, "soft"), cells[0], cells[1]),
      el("tr", {}, el("th", { scope: "row", class: "kd-hard-label" }, "labels"), cells[2], cells[3]))));
  const about = el("small", {}, "Left bar: soft targets. Right bar: hard labels.");
  const node = el("div", {}, el("h2", {}, "Share recognized, by class ", about), bars.node, raise);
  const state = { view: null, logits: null, bias: null };

  function paint(view) {
    state.view = view;
    const { run, outcome } = view;
    const omitted = run?.story === "unseen" ? run.omitted : model.get("distill").omitted ?? 0;
    const name = view.classes[omitted];
    raise.hidden = (run ?? model.get("distill")).story !== "unseen";
    bars.layout(view.classes, run?.story === "unseen" ? omitted : -1);
    say(label, `Bias of class ${name}`);
    say(unseen, `${name}s`);
    const bytes = model.get("distill_logits");
    const key = outcome && bytes;
    if (key !== state.key) {
      state.key = key;
      const logits = numbers(model, "distill_logits", Float32Array);
      state.bias = outcome && logits.length ? makeBias(logits, numbers(model, "labels", Int32Array),
        view.classes.length, omitted, outcome.diverged) : null;
      slider.value = "0";
    }
    slider.disabled = !state.bias;
    move();
  }

  function move() {
    const { run, outcome } = state.view;
    say(value, `+${Number(slider.value).toFixed(1)}`);
    const found = state.bias?.at(Number(slider.value));
    bars.draw(found ? found.map((group) => group?.byClass) : outcome?.by_class);
    const shown = (found ?? [null, null]).flatMap((group) =>
      (group ? [group.all, group.byClass[run.omitted]] : [null, null]));
    shown.forEach((share, i) => say(cells[i], share === null ? "–" : percent(share, 1)));
  }

  return { node, paint, stop: bars.stop };
}

// Two bars a class; numbers stand on the bars of the class that was never seen.
function makeBars() {
  const chart = svgChart("Share recognized, by class", HEIGHT + 24);
  const node = el("div", {}, chart);
  const state = { width: 0, key: "", pairs: [], marked: -1, shares: null };

  function layout(classes, marked) {
    const key = `${classes} ${marked} ${node.clientWidth}`;
    if (key === state.key || !node.clientWidth) return;
    const step = (node.clientWidth - LEFT) / classes.length;
    Object.assign(state, { key, width: node.clientWidth, marked, classes, roomy: step > 44 });
    const wide = Math.max(2, Math.min(26, step * 0.4));
    state.pairs = classes.map((name, c) => {
      const middle = LEFT + step * (c + 0.5);
      return ["soft", "hard"].map((role, side) => ({ middle, side,
        rect: svg("rect", { class: `kd-${role}-bar`, width: wide, rx: 2,
          x: middle + (side ? 1 : -1 - wide) }),
        text: svg("text", { class: `kd-${role}-label`,
          x: middle + (side ? 2 : -2), "text-anchor": side ? "start" : "end" }) }));
    });
    const y = linear([0, 1], [HEIGHT, TOP]);
    chart.replaceChildren(
      svg("g", { class: "kd-axis" }, [0, 1].map((tick) => [
        svg("line", { x1: LEFT, x2: state.width, y1: y(tick), y2: y(tick) }),
        svg("text", { x: LEFT - 10, y: y(tick) + 4.5, "text-anchor": "end" }, percent(tick))])),
      ...state.pairs.flat().flatMap(({ rect, text }) => [rect, text]),
      ...classes.map((name, c) => svg("text", { x: state.pairs[c][0].middle, y: HEIGHT + 18,
        "text-anchor": "middle", class: c === marked ? "kd-marked" : null }, name)));
    draw(state.shares);
  }

  function draw(shares) {
    state.shares = shares;
    const y = linear([0, 1], [HEIGHT, TOP]);
    state.pairs.forEach((pair, c) => pair.forEach(({ rect, text, side }) => {
      const share = shares?.[side]?.[c] ?? null;
      set(rect, { y: y(share ?? 0), height: HEIGHT - y(share ?? 0) });
      set(text, { y: y(share ?? 0) - 5 });
      say(text, share !== null && c === state.marked && state.roomy ? percent(share) : "");
    }));
  }
  return { node, layout, draw,
    stop: onWidth(node, () => state.classes && layout(state.classes, state.marked)) };
}
