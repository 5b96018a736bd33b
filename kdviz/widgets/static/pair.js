// Two examples of one class: this 2 looks like a 3, that one like a 7.

import { el, freshId, radios, say, sentence } from "./dom.js";
import { share, withArticle } from "./format.js";
import { logSoftmax } from "./numerics.js";
import { picture, thumbnail } from "./picture.js";

const OTHERS = 8; // second examples to choose from
const EACH = 5; // classes shown of each

export function makePair(root, teacher, choose) {
  const [say1, list, strip] = [el("p", { class: "kd-sentence" }), el("div", { class: "kd-pair-rows" }),
    el("div")];
  const [faces, heads] = [[0, 1].map(() => el("div", { class: "kd-face" })),
    ["This one", "That one"].map((text) => el("h2", {}, text))];
  const title = freshId("pair");
  root.append(el("div", { class: "kd-twins" },
    faces.map((face, i) => el("div", {}, heads[i], face)),
    el("div", { "data-name": "Two of a class" }, say1, list),
    el("div", {}, el("h2", { id: title }, "Compare with"), strip)));
  const state = { index: -1, second: -1, rows: [] };
  let select = () => {};

  function meet(index, wanted) {
    const others = othersOf(teacher, index);
    const second = wanted >= 0 && wanted !== index && teacher.subject(wanted) === teacher.subject(index)
      ? wanted : others[0];
    if (state.index !== index) {
      const options = radios("Compare with", others.map((i) => [i, thumbnail(teacher, i)]),
        (i) => choose(Number(i)), "kd-strip");
      strip.replaceChildren(options.node);
      select = options.select;
    }
    Object.assign(state, { index, second });
    if (second === undefined) {
      list.replaceChildren();
      faces[1].replaceChildren();
      return sentence(say1, ["There is no other example of this class."]);
    }
    select(second);
    const both = [index, second];
    both.forEach((i, n) => faces[n].replaceChildren(picture(teacher, i)
      ?? `${teacher.classes[teacher.subject(i)]} ${i}`));
    const subject = teacher.subject(index);
    const name = (c) => teacher.classes[c];
    const [one, two] = both.map((i) => runnersUp(teacher, i)[0]);
    sentence(say1, one === two
      ? [`Both look like ${withArticle(name(one))} besides. Compare with another one.`]
      : [`This ${name(subject)} looks like `, [withArticle(name(one)), "teacher"],
        ", that one like ", [withArticle(name(two)), "teacher"], ". The labels are the same."]);
    const shown = [...new Set(both.flatMap((i) => runnersUp(teacher, i).slice(0, EACH)))]
      .sort((a, b) => a - b);
    state.rows = shown.map((c) => row(c, name(c)));
    return list.replaceChildren(...state.rows.map(({ node }) => node));
  }

  function paint(index, T, { second }) {
    if (index !== state.index || (second >= 0 && second !== state.second)) meet(index, second);
    if (state.second === undefined) return;
    const shares = [index, state.second].map((i) => logSoftmax(teacher.row(i), T));
    const most = Math.max(...state.rows.flatMap(({ c }) => shares.map((logP) => logP[c])));
    for (const { c, bars, values } of state.rows) {
      shares.forEach((logP, n) => {
        bars[n].style.width = `${(Math.exp(logP[c] - most) * 100).toFixed(2)}%`;
        say(values[n], share(logP[c]));
      });
    }
  }
  return { paint, describe() {}, stop() {} };
}

function row(c, name) {
  const bars = ["kd-twin-this", "kd-twin-that"].map((kind) => el("span", { class: kind }));
  const values = [el("span"), el("span")];
  return { c, bars, values, node: el("div", { class: "kd-twin-row" }, el("b", {}, name),
    el("div", {}, bars.map((bar) => el("div", {}, bar))), el("div", { class: "kd-twin-values" }, values.map((v) =>
      el("div", {}, v)))) };
}

// The other classes, most alike first.
function runnersUp(teacher, i) {
  const [logits, subject] = [teacher.row(i), teacher.subject(i)];
  const order = [...logits.keys()].filter((c) => c !== subject);
  return order.sort((a, b) => logits[b] - logits[a]);
}

// Others of the class: first those whose likeness is another one, the strongest first.
function othersOf(teacher, index) {
  const subject = teacher.subject(index);
  const best = (i) => {
    const row = teacher.row(i);
    let most = -1;
    for (let c = 0; c < row.length; c++) if (c !== subject && (most < 0 || row[c] > row[most])) most = c;
    return most;
  };
  const mine = best(index);
  const found = [];
  for (let i = 0; i < teacher.count; i++) {
    if (i === index || teacher.subject(i) !== subject) continue;
    const [like, row] = [best(i), teacher.row(i)];
    found.push({ i, like, gap: row[subject] - row[like] });
  }
  found.sort((a, b) => (a.like === mine) - (b.like === mine) || a.gap - b.gap);
  const [seen, first, rest] = [new Set(), [], []];
  for (const each of found) {
    (seen.has(each.like) ? rest : first).push(each.i);
    seen.add(each.like);
  }
  return [...first, ...rest].slice(0, OTHERS);
}
