// Why softmax subtracts the largest logit first: in float32, as networks compute, exp overflows.

import { el, radios, say } from "../../page/parts/dom.js";

const ROWS = 5;
const f32 = Math.fround;

export function makeOverflow(root, teacher, change) {
  const scales = radios("Times", [1, 10, 100, 1000].map((k) => [k, `× ${k.toLocaleString("en-US")}`]),
    (factor) => change({ factor }));
  const shifts = radios("Plus", [0, 50, 100, 1000].map((k) => [k, `+ ${k.toLocaleString("en-US")}`]),
    (offset) => change({ offset }));
  const rows = Array.from({ length: Math.min(ROWS, teacher.width) }, () => {
    const cells = Array.from({ length: 4 }, () => el("td"));
    const name = el("th", { scope: "row" });
    return { name, cells, node: el("tr", {}, name, cells) };
  });
  const verdict = el("p", { role: "status" });
  root.append(el("div", { class: "kd-overflow" },
    el("div", {}, el("h2", {}, "Logits"), scales.node, shifts.node, verdict),
    el("table", { class: "kd-numbers", "data-name": "Overflow" },
      el("thead", {}, el("tr", {}, ["Class", "Logit z", "exp(z/T)", "Naive share", "Stable share"]
        .map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, rows.map(({ node }) => node)))));

  function paint(index, T, { factor, offset }, view) {
    scales.select(factor);
    shifts.select(offset);
    const logits = Array.from(view.logits, (z) => f32(f32(z * factor) + offset));
    const top = Math.max(...logits);
    const [naive, stable] = [0, top].map((taken) => {
      const powers = logits.map((z) => f32(Math.exp(f32(f32(z - taken) / T))));
      const sum = powers.reduce((a, b) => f32(a + b), 0);
      return { powers, shares: powers.map((power) => f32(power / sum)) };
    });
    const shown = [...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, rows.length);
    shown.forEach((c, i) => {
      say(rows[i].name, view.name(c));
      [logits[c], naive.powers[c], naive.shares[c], stable.shares[c]].forEach((value, k) => {
        say(rows[i].cells[k], word(value));
        rows[i].cells[k].classList.toggle("kd-broken", !Number.isFinite(value));
      });
    });
    const broken = naive.shares.some((value) => Number.isNaN(value));
    const gone = naive.powers.every((power) => power === 0);
    say(verdict, broken && !gone ? `exp(${word(f32(top / T))}) is more than float32 can hold, which is `
      + "exp(88.7). Infinity by infinity is no number: the loss is NaN, and so is every weight after it."
      : gone ? "Every exp(z/T) is too small for float32: 0 by 0 is no number."
        : "Both agree. Make the logits larger until the naive one breaks, then raise T.");
  }
  return { paint, describe() {}, stop() {} };
}

function word(value) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const size = Math.abs(value);
  if (size >= 1e5 || (size < 1e-3 && size > 0)) return value.toExponential(2).replace("e+", "e").replaceAll("-", "−");
  return String(Number(value.toPrecision(4))).replace("-", "−");
}
