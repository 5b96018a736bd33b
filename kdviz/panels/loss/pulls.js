// A row a class: the student's logit as a slider, the teacher's as a tick, and how the two
// terms pull on it, as arrows laid tip to tail with their sum beneath.

import { el, onWidth, say, set, svg, svgChart } from "../../page/parts/dom.js";
import { linear, roundTicks, xAxis } from "../../page/parts/chart.js";

const ROW = 30;
const VALUES = 50;

export function makePulls(root, teacher, move) {
  const rows = Math.min(teacher.width, 20);
  const foot = rows * ROW;
  const gutter = Math.min(110, 14 + 8 * Math.max(...teacher.classes.slice(0, 200)
    .map((name) => name.length)));
  const axes = svg("g");
  const lines = Array.from({ length: rows }, (_, i) => line(i * ROW));
  const sliders = lines.map((_, i) => el("input", { type: "range", style: `top: ${i * ROW}px`,
    class: "kd-range kd-pull-slider", oninput: ({ target }) =>
      move(state.scene.view.shown[i], target.valueAsNumber) }));
  const node = svgChart("Pull on each logit", foot + 26,
    axes, lines.map(({ group }) => group));
  root.append(el("div", { class: "kd-pulls-plot" }, node, sliders));
  const state = { width: 0, scene: null, now: null, z: null };
  let [logit, pull] = [null, null];

  function layout() {
    if (!state.width || !state.scene) return;
    const { view, v, limits: { span, reach } } = state.scene;
    const half = (state.width - gutter - VALUES) / 2 - 16;
    logit = linear([-span, span], [gutter + 8, gutter + half]);
    pull = linear([-reach, reach], [state.width - VALUES - half + 8, state.width - VALUES]);
    axes.replaceChildren(
      xAxis(roundTicks(-span, span, 4), logit, round, 0, foot),
      xAxis(few(roundTicks(-reach, reach, 4), half), pull, round, 0, foot),
      ...[logit, pull].map((x) => svg("line", { class: "kd-zero", x1: x(0), x2: x(0), y1: 0,
        y2: foot })));
    lines.forEach((each, i) => {
      const c = view.shown[i];
      const name = c === undefined ? "rest" : view.name(c);
      say(each.name, name.length > 13 ? `${name.slice(0, 12)}…` : name);
      set(each.name, { x: gutter - 8, "font-weight": c === view.subject ? 700 : 400 });
      set(each.value, { x: state.width });
      set(each.student, { visibility: c === undefined ? "hidden" : null });
      set(each.teacher, { visibility: c === undefined ? "hidden" : null,
        x: c === undefined ? 0 : logit(v[c]) - 1.5 });
      sliders[i].hidden = c === undefined;
      if (c === undefined) return;
      set(sliders[i], { min: -span, max: span, step: span > 50 ? span / 200 : 0.1,
        "aria-label": `Student's logit of ${view.name(c)}` });
      sliders[i].style.left = `${logit(-span) - 9}px`;
      sliders[i].style.width = `${logit(span) - logit(-span) + 18}px`;
    });
    state.z = null;
    if (state.now) paint(state.scene, state.now);
  }

  function paint(scene, terms) {
    Object.assign(state, { scene, now: terms });
    if (!logit) return;
    const { view, z } = scene;
    const moved = z !== state.z;
    state.z = z;
    const sums = [terms.softPull, terms.hardPull, terms.limitPull].map((values) =>
      listed(values, view.shown, rows));
    lines.forEach((each, i) => {
      const c = view.shown[i];
      const [soft, hard, limit] = sums.map((values) => values[i]);
      set(each.soft, { d: arrow(pull(0), pull(soft), i * ROW + 8, 3) });
      set(each.hard, { d: arrow(pull(soft), pull(soft + hard), i * ROW + 8, 3) });
      set(each.sum, { d: arrow(pull(0), pull(soft + hard), i * ROW + 19, 5) });
      set(each.limit, { x: pull(limit) - 1,
        visibility: Math.abs(limit) > scene.limits.reach ? "hidden" : null });
      say(each.value, signed(soft + hard));
      if (c !== undefined && moved) {
        sliders[i].value = z[c];
        set(each.student, { cx: logit(z[c]) });
      }
      if (sliders[i] === node.getRootNode().activeElement) tell(i);
    });
  }

  function tell(i) {
    const { scene: { view, z, v }, now: { pull: all } } = state;
    const c = view.shown[i];
    set(sliders[i], { "aria-valuetext":
      `${signed(z[c])}, teacher ${signed(v[c])}, pull ${signed(all[c])} nats per unit` });
  }

  function describe() {
    const { view } = state.scene;
    const { pull: all } = state.now;
    sliders.forEach((each, i) => each.hidden || tell(i));
    const order = [...view.shown].sort((a, b) => all[b] - all[a]);
    set(node, { "aria-label": `Pull on each logit. Most up: ${view.name(order[0])} `
      + `${signed(all[order[0]])}. Most down: ${view.name(order.at(-1))} `
      + `${signed(all[order.at(-1)])}` });
  }

  const stop = onWidth(root, (width) => {
    state.width = width;
    layout();
  });
  const show = (scene) => {
    Object.assign(state, { scene, now: null });
    layout();
  };
  return { show, paint, describe, stop };
}

function line(y) {
  const middle = y + ROW / 2 + 4.5;
  const name = svg("text", { y: middle, "text-anchor": "end" });
  const teacher = svg("rect", { class: "kd-pull-teacher", y: y + 5, width: 3, height: ROW - 10 });
  // Beneath the slider's handle, which no saved chart has.
  const student = svg("circle", { class: "kd-pull-student", cy: y + ROW / 2, r: 6 });
  const limit = svg("rect", { class: "kd-pull-limit", y: y + 2, width: 2, height: 12 });
  const [soft, hard, sum] = ["soft", "hard", "sum"].map((role) =>
    svg("path", { class: `kd-pull-${role}` }));
  const value = svg("text", { y: middle, "text-anchor": "end" });
  return { name, teacher, student, limit, soft, hard, sum, value,
    group: svg("g", {}, name, teacher, student, soft, hard, sum, limit, value) };
}

// A filled arrow from a to b along y; too short for a head, it is a stub.
function arrow(a, b, y, thick) {
  const sign = Math.sign(b - a);
  const head = Math.min(thick + 3, Math.abs(b - a));
  const neck = (b - sign * head).toFixed(2);
  const [h, k] = [thick / 2, thick / 2 + 2.5];
  return `M${a.toFixed(2)},${y - h}H${neck}V${y - k}L${b.toFixed(2)},${y}L${neck},${y + k}V${y + h}`
    + `H${a.toFixed(2)}z`;
}

// The pulls on the classes shown, then that on all others: together they are 0.
function listed(pulls, shown, rows) {
  const some = shown.map((c) => pulls[c]);
  return some.length < rows ? [...some, -some.reduce((sum, pull) => sum + pull, 0)] : some;
}

// Where there is no room for all labels: the outer ones and 0.
const few = (ticks, room) => (room > 190 ? ticks
  : ticks.filter((tick, i) => i === 0 || tick === 0 || i === ticks.length - 1));

const round = (value) => String(Number(value.toPrecision(3))).replace("-", "−");

export function signed(value) {
  const text = Math.abs(value).toFixed(Math.abs(value) < 100 ? 2 : 0);
  if (Number(text) === 0) return text;
  return `${value < 0 ? "−" : "+"}${text}`;
}
