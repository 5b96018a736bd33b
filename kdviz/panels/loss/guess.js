// "Before you switch it off": how strong is the soft gradient without T²?

import { el, radios, say, set } from "../../page/parts/dom.js";
import { proportion } from "./words.js";
import { at } from "../../page/maths/survey.js";

const ASKED_AT = 20;
const BOUNDS = [1, 0.1, 0.01]; // of the ratio, from strong to weak
const CHOICES = [[0, "over 1"], [1, "0.1 to 1"], [2, "0.01 to 0.1"], [3, "below 0.01"]];

export function makeGuess(root) {
  const question = el("p", {});
  const outcome = el("p", { role: "status" });
  const hint = el("p", { class: "kd-caption" });
  const state = { ratio: null, squared: true, choice: null };
  const choices = radios("Your prediction", CHOICES, (choice) => {
    state.choice = Number(choice);
    speak();
  }, "kd-segments kd-guess");
  root.append(el("h2", {}, "Before you switch T² off"), question, choices.node,
    el("div", { class: "kd-answer" }, outcome, hint));

  function show(ratio, note) {
    Object.assign(state, { ratio, choice: null });
    choices.select(null);
    set(choices.node, { class: `kd-segments kd-guess${ratio ? "" : " kd-absent"}` });
    say(question, ratio
      ? `At T\u00a0=\u00a0${ASKED_AT}, the soft targets pull `
        + `${proportion(at(ratio, ASKED_AT) * ASKED_AT ** 2)} as hard as the labels. `
        + "And without the factor T²?"
      : note);
    speak();
  }

  function paint(squared) {
    if (squared === state.squared) return;
    state.squared = squared;
    speak();
  }

  function speak() {
    const { ratio, squared, choice } = state;
    if (!ratio || choice === null || squared) {
      say(outcome, "");
      say(hint, !ratio ? "" : choice === null ? "Choose how many times, over all test examples."
        : "Now switch T² off.");
      return;
    }
    const found = at(ratio, ASKED_AT);
    const right = BOUNDS.filter((bound) => found < bound).length === choice;
    say(outcome, `${right ? "Right" : "Not this time"}: ${proportion(found)} as hard.`);
    say(hint, `Soft gradients shrink as 1/T². Without the factor ${ASKED_AT}² = `
      + `${ASKED_AT ** 2}, the labels would decide nearly alone.`);
  }

  return { show, paint };
}
