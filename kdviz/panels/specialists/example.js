// One test example: what the generalist and the specialists asked say, and what they say together.

import { activeOf, combine } from "../../page/maths/combine.js";
import { settingsOf } from "./setup.js";
import { el, freshId, say, set } from "../../page/parts/dom.js";
import { share } from "../../page/parts/format.js";
import { numbers, put } from "../../page/state/model.js";

const ROWS = 9;
const KINDS = { right: "put right", wrong: "put wrong", same: "no change" };

export function makeExample(model) {
  const change = (values) => put(model, { crowd: { ...settingsOf(model), ...values } });
  const select = el("select", { class: "kd-select", "aria-label": "Test example",
    onchange: () => change({ example: Number(select.value) }) });
  const picture = el("span", { class: "kd-crowd-picture" });
  const id = freshId("weight");
  // The slider's middle is λ = 1, Eq. 5 itself; its ends are λ = 0 and λ = 19.
  const slider = el("input", { type: "range", class: "kd-range", id, min: 0, max: 0.95, step: 0.05,
    oninput: () => change({ weight: slider.value / (1 - slider.value) }) });
  const value = el("output", { for: id });
  const head = el("thead", {});
  const body = el("tbody", {});
  const note = el("p", { class: "kd-caption" });
  const node = el("section", { class: "kd-crowd-example", "aria-label": "One example" },
    el("h2", {}, "3. One test example ", el("small", {}, "of the first seed")),
    el("div", { class: "kd-crowd-pick" }, select, picture),
    el("div", { class: "kd-row" }, el("label", { for: id }, "From generalist to specialists"), value),
    slider,
    el("div", { class: "kd-scroll", tabindex: 0, role: "region", "aria-label": "Distributions" },
      el("table", { class: "kd-shares" }, head, body)), note);
  let drawn = null;

  function paint(view, now) {
    const picks = model.get("crowd_picks") ?? {};
    const data = numbers(model, "crowd_shares", Float64Array);
    set(node, { hidden: !picks.examples?.length || !view.names.length });
    if (node.hidden) return;
    const at = Math.min(now.example, picks.examples.length - 1);
    list(picks, view.names);
    select.value = String(at);
    const found = look(data, picks, view.names.length, at, now);
    slider.value = String(now.weight / (1 + now.weight));
    const text = now.weight === 0 ? "λ = 0: the generalist alone" : now.weight === 1
      ? "λ = 1: Equation 5" : `λ = ${Number(now.weight.toPrecision(2))}`;
    say(value, text);
    set(slider, { "aria-valuetext": text });
    show(picks.examples[at]);
    table(found, picks, view.names, picks.examples[at].label);
  }

  function list(picks, names) {
    if (picks === drawn) return;
    drawn = picks;
    select.replaceChildren(...Object.entries(KINDS).map(([kind, title]) =>
      el("optgroup", { label: `By specialists ${title}` }, picks.examples.flatMap((each, i) =>
        (each.kind === kind ? [el("option", { value: i },
          `${title}: ${names[each.label]}, number ${each.number}`)] : [])))));
  }

  function show({ text, pixels }) {
    if (text !== undefined) return say(picture, `after “${text}”`);
    const rows = (pixels ?? []).map((row) => el("i", {}, row.map((shade) =>
      el("b", { style: `opacity: ${shade / 255}` }))));
    return picture.replaceChildren(...rows);
  }

  function table({ generalist, told, combined }, { clusters }, names, label) {
    const weigh = (c) => combined[c] + generalist[c] + told.reduce((sum, [special, p]) =>
      sum + (special.includes(c) ? p[special.indexOf(c)] : 0), 0);
    const rows = names.map((_, c) => c).sort((a, b) => weigh(b) - weigh(a)).slice(0, ROWS);
    const rest = (p) => p.reduce((sum, v, c) => sum + (rows.includes(c) ? 0 : v), 0);
    head.replaceChildren(el("tr", {}, ["Class", "Generalist", ...told.map(([, , m]) =>
      `Specialist ${m + 1}`), "Together"].map((name) => el("th", { scope: "col" }, name))));
    const cells = (c) => [bar(generalist[c], "teacher"), ...told.map(([special, p]) =>
      (special.includes(c) ? bar(p[special.indexOf(c)], "good") : el("td", {}, "·"))),
    bar(combined[c], "student")];
    body.replaceChildren(...rows.map((c) => el("tr", { class: c === label ? "kd-true" : null },
      el("th", { scope: "row" }, c === label ? `${names[c]} ✓` : names[c]), cells(c))),
    el("tr", {}, el("th", { scope: "row" }, "others"), bar(rest(generalist), "teacher"),
      told.map(([special, p]) => bar(special.reduce((sum, c, i) =>
        sum + (rows.includes(c) ? 0 : p[i]), 0), "good")), bar(rest(combined), "student")),
    el("tr", {}, el("th", { scope: "row" }, "dustbin"), el("td", {}, ""),
      told.map(([, p]) => bar(p.at(-1), "hard")), el("td", {}, "")));
    say(note, told.length ? "✓ the true class. · not a class of this specialist: its dustbin stands "
      + "for all of these." : "No specialist knows what the generalist says: nobody is asked.");
  }
  return { node, paint };
}

// What each says of example `at`, and the combination.
function look(data, { clusters, examples }, classes, at, { top, weight }) {
  const [count, width] = [examples.length, Math.max(...clusters.map((c) => c.length)) + 1];
  const generalist = data.subarray(at * classes, (at + 1) * classes);
  const told = activeOf(generalist, clusters, top).map((m) => {
    const first = count * classes + (m * count + at) * width;
    const said = data.subarray(first, first + width);
    return [clusters[m], [...said.subarray(0, clusters[m].length), said[width - 1]], m];
  });
  return { generalist, told, combined: combine(generalist, told, weight) };
}

function bar(p, role) {
  return el("td", {}, el("span", { class: `kd-share-bar kd-of-${role}`,
    style: `width: ${(100 * p).toFixed(2)}%` }), el("span", {}, share(Math.log(p))));
}
