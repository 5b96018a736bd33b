// The classes most alike at this T: pairs by the share that each gives the other, on average.

import { meanShares } from "../../page/state/cloud.js";
import { el, say, set } from "../../page/parts/dom.js";
import { percent } from "../../page/parts/format.js";

const ROWS = 8;
const MOST_CLASSES = 300;

export function makeAlike(root, teacher, pick) {
  if (teacher.width > MOST_CLASSES) {
    root.append(el("p", {}, `Pairs are compared for up to ${MOST_CLASSES} classes; here there are `
      + `${teacher.width.toLocaleString("en-US")}.`));
    return { paint() {}, describe() {}, stop() {} };
  }
  const rows = Array.from({ length: Math.min(ROWS, (teacher.width * (teacher.width - 1)) / 2) },
    () => {
      const [pair, bar, value, each] = [el("b"), el("span", { class: "kd-alike-bar" }), el("td"),
        el("td", { class: "kd-caption" })];
      const row = { pair, bar, value, each, a: 0, b: 1 };
      row.button = el("button", { type: "button", class: "kd-tool",
        onclick: () => pick(between(teacher, row.a, row.b)) }, pair);
      row.node = el("tr", {}, el("th", { scope: "row" }, row.button), el("td", {}, bar), value, each);
      return row;
    });
  root.append(el("table", { class: "kd-alike", "data-name": "Classes alike" },
    el("caption", { class: "kd-hidden" }, "Pairs of classes most alike"),
    el("tbody", {}, rows.map(({ node }) => node))),
  el("p", { class: "kd-caption" }, `A full bar is ${percent(1 / teacher.width, 1)}, the share of each `
    + "class when T is without end."));
  let last = null;

  function paint(index, T) {
    if (T === last) return;
    last = T;
    const pairs = pairsOf(meanShares(teacher, T), teacher.width).slice(0, rows.length);
    pairs.forEach(([a, b, ab, ba], i) => {
      const [first, second] = [a, b].map((c) => teacher.classes[c]);
      Object.assign(rows[i], { a, b });
      say(rows[i].pair, `${first} and ${second}`);
      set(rows[i].button, { "aria-label": `${first} and ${second}: show an image between them` });
      rows[i].bar.style.width = percent(((ab + ba) / 2) * teacher.width, 2);
      say(rows[i].value, percent((ab + ba) / 2, 1));
      say(rows[i].each, `${first} gives ${second} ${percent(ab, 1)}, ${second} gives ${first} `
        + percent(ba, 1));
    });
  }
  return { paint, describe() {}, stop() {} };
}

function pairsOf(shares, width) {
  const pairs = [];
  for (let a = 0; a < width; a++) {
    for (let b = a + 1; b < width; b++) {
      pairs.push([a, b, shares[a * width + b], shares[b * width + a]]);
    }
  }
  return pairs.sort((p, q) => q[2] + q[3] - p[2] - p[3]);
}

// The image of one of both classes that is nearest to the other.
function between(teacher, a, b) {
  let [best, least] = [0, Infinity];
  for (let i = 0; i < teacher.count; i++) {
    const subject = teacher.subject(i);
    if (subject !== a && subject !== b) continue;
    const row = teacher.row(i);
    const gap = Math.abs(row[a] - row[b]);
    if (gap < least) [best, least] = [i, gap];
  }
  return best;
}
