// Lays out the panel Weigh and keeps its controls in step.

import { el, radios, say, sentence } from "./dom.js";
import { count, percent, power10 } from "./format.js";
import { thumbnail } from "./picture.js";
import { makeControls } from "./weigh-controls.js";
import { makeCurve } from "./weigh-curve.js";
import { makeGuess } from "./weigh-guess.js";
import { makePulls } from "./weigh-pulls.js";
import { STARTS } from "./weigh-student.js";
import { makeTerms } from "./weigh-terms.js";
import { balance, direction, proportion } from "./weigh-words.js";

// `act` holds what the controls do. Returns meet(scene) for another example or student,
// paint(...) for every frame, describe() and stop().
export function draw(root, teacher, telling, student, act) {
  const box = (name) => el("div", { class: name });
  const [terms, pulls, ratio, error, guess] = [box("kd-terms"), box("kd-pulls"), box("kd-ratio"),
    box("kd-error"), box("kd-box")];
  const strip = radios("Pick a test image", telling.map((i) => [i, thumbnail(teacher, i)]),
    (i) => act.pick(Number(i)), "kd-strip");
  const starts = radios("Student", STARTS.filter(([name]) => student.known.includes(name)),
    act.start, "kd-cards kd-starts");
  const [first, second] = [0, 1].map(() => el("p", { class: "kd-sentence" }));
  const controls = makeControls(act);
  const measured = el("p", { class: "kd-caption" });
  root.replaceChildren(el("div", { class: "kd-weigh" },
    el("div", { class: "kd-pick" },
      el("div", {}, el("h2", {}, "Pick a test image ",
        el("small", {}, "from unsure to certain")), strip.node),
      el("div", {}, el("h2", {}, "Student"), starts.node)),
    el("div", { class: "kd-main" },
      el("div", { class: "kd-say" }, first, second),
      controls.node,
      el("h2", {}, "Its loss ", el("small", {}, "= w · T² · KL(p‖q) + (1 − w) · cross-entropy")),
      terms,
      el("div", { class: "kd-columns" },
        el("h2", {}, "Logits ", el("small", {}, "of ", role("student"),
          el("span", { class: "kd-by-hand" }, " (drag)"), " and ",
          role("teacher"))),
        el("h2", {}, "Pull ", el("small", {}, role("teacher", "soft"), " + ", role("hard"), " = ",
          role("student", "sum")))),
      pulls,
      el("p", { class: "kd-caption" }, "Pull: minus the gradient. Ticks among the arrows: the pull "
        + "of matching logits, which the soft pull nears as T rises.")),
    controls.moves,
    el("div", { class: "kd-side" },
      guess,
      el("div", {}, el("h2", {}, "Soft pull, in times the label's ",
        el("small", {}, "at equal weights")), ratio),
      el("div", {}, el("h2", {}, "Error of matching logits"), error, measured))));

  const parts = {
    terms: makeTerms(terms), pulls: makePulls(pulls, teacher, act.move), guess: makeGuess(guess),
    ratio: makeCurve(ratio, { name: "Soft pull over the label's pull", value: proportion,
      tick: (ratio) => (ratio > 0.0005 ? String(Number(ratio.toPrecision(1)))
        : power10(Math.round(Math.log10(ratio)))), mark: 1 }),
    error: makeCurve(error, { name: "Relative error of the limit", value: (e) =>
      (e < 10 ? percent(e, e < 0.0995 ? 1 : 0) : "over 1,000%"),
      tick: (e) => `${count(e * 100)}%` }),
  };
  const charts = [parts.terms, parts.pulls, parts.ratio, parts.error];
  let shown = {};

  function meet(scene) {
    strip.select(scene.view.index);
    starts.select(scene.start);
    parts.terms.show(scene.limits.nats);
    parts.pulls.show(scene);
  }

  function paint(scene, values, knobs, found) {
    sentence(first, balance(scene, values, knobs.weight));
    sentence(second, direction(scene, values));
    controls.paint(scene, values, knobs);
    parts.terms.paint(values, knobs);
    parts.pulls.paint(scene, values);
    if (found !== shown.found) {
      parts.guess.show(found?.ratio ?? null, found?.note ?? "Measuring …");
      parts.error.show(found?.error ? { lines: [{ values: found.error }], band: found.band,
        domain: found.reach } : { note: found?.noError });
      say(measured, found?.error ? "(z − v)/(N·T²) in place of (q − p)/T: median and band of 8 in 10 "
        + `of ${count(found.examples)} test examples.` : "");
    }
    const revealed = !knobs.squared || (shown.revealed && found === shown.found);
    if (found !== shown.found || revealed !== shown.revealed || knobs.squared !== shown.squared) {
      parts.ratio.show(ratioLines(found, knobs.squared, revealed));
    }
    shown = { found, revealed, squared: knobs.squared };
    parts.guess.paint(knobs.squared);
    [parts.ratio, parts.error].forEach((part) => part.paint(knobs.T));
  }

  const each = (name) => () => charts.forEach((part) => part[name]());
  return { meet, paint, describe: each("describe"), stop: each("stop") };
}

function role(name, text = name) {
  return el("span", { class: `kd-${name}` }, text);
}

// The curve without T² stays hidden until T² was switched off once: it is asked for first.
function ratioLines(found, squared, revealed) {
  if (!found?.ratio) return { note: found?.note };
  const on = { values: found.withSquare, text: "with T²", beside: 45, shift: -10 };
  const off = { values: found.ratio, text: "without T²", beside: 18, shift: 10 };
  const lines = squared ? [on, off] : [off, on];
  return { lines: revealed ? lines : [on], domain: found.domain };
}

