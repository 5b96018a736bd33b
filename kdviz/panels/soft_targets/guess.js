// "Before you move it": the learner predicts where a hidden class comes to light, then drags.

import { el, radios, say } from "../../page/parts/dom.js";
import { share, temperature } from "../../page/parts/format.js";
import { argmax, crossing, logSoftmax } from "../../page/maths/softmax.js";
import { COLDEST, HOTTEST } from "../../app/shell/ruler.js";

const BOUNDS = [3, 6, 10];
const CHOICES = [[0, "below 3"], [1, "3 to 6"], [2, "6 to 10"], [3, "above 10"]];

export function makeGuess(root, teacher) {
  // A tenth of an even share: one percent of ten classes.
  const goal = 0.1 / teacher.width;
  const goalText = `${Number((goal * 100).toPrecision(2))}%`;
  const question = el("p", {});
  const progress = el("p", { class: "kd-caption" });
  const outcome = el("p", { role: "status" });
  const state = { view: null, T: 1, share: 0, choice: null, answer: 0, low: 0, high: 0 };
  const choices = radios("Your prediction", CHOICES, (choice) => {
    Object.assign(state, { choice: Number(choice), low: state.T, high: state.T });
    speak();
  }, "kd-segments kd-guess");
  root.append(el("h2", {}, "Before you move it"), question, choices.node,
    el("div", { class: "kd-answer" }, outcome, progress));

  function show(view) {
    const f = (T) => Math.exp(logSoftmax(view.logits, T)[view.least]);
    Object.assign(state, { view, choice: null, answer: crossing(f, goal, COLDEST, HOTTEST) });
    choices.select(null);
    const name = view.name(view.least);
    const known = state.answer <= COLDEST;
    choices.node.hidden = known;
    say(question, known
      ? `Even the ${name} has ${goalText} already. Pick a more certain image.`
      : `At T\u00a0=\u00a01 the ${name} gets ${share(view.logP1[view.least])}. `
        + `At which T will it pass ${goalText}?`);
    speak();
  }

  function paint(T, logP) {
    Object.assign(state, { T, share: logP[state.view.least] });
    if (state.choice === null) return;
    state.low = Math.min(state.low, T);
    state.high = Math.max(state.high, T);
    speak();
  }

  function speak() {
    const passed = state.low <= state.answer && state.high >= Math.min(state.answer, HOTTEST);
    if (state.choice === null || state.answer <= COLDEST) {
      say(outcome, "");
      say(progress, state.answer <= COLDEST ? "" : "Choose, then drag the temperature.");
    } else if (passed) {
      const right = BOUNDS.filter((bound) => state.answer > bound).length === state.choice;
      say(outcome, `${right ? "Right" : "Not this time"}: ${where()}`);
      say(progress, why());
    } else {
      const side = state.T < state.answer ? "Go hotter." : "It is past; cool down to find where.";
      say(outcome, "");
      say(progress, `At T\u00a0=\u00a0${temperature(state.T)} it has ${share(state.share)}. ${side}`);
    }
  }

  const where = () => (state.answer > HOTTEST ? `even T\u00a0=\u00a0${HOTTEST} is too cold.`
    : `it passes ${goalText} at T\u00a0=\u00a0${temperature(Number(state.answer.toPrecision(2)))}.`);

  function why() {
    const { logits, least } = state.view;
    const gap = logits[argmax(logits)] - logits[least];
    const T = Math.min(state.answer, HOTTEST);
    return `Its logit lies ${gap.toFixed(1)} below the best one. Only that gap divided by T `
      + `counts: here ${(gap / T).toFixed(1)}.`;
  }

  return { show, paint };
}
