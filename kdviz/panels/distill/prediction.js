// The learner says what to expect before the outcome shows.

import { el, say } from "../../page/parts/dom.js";

// change({ prediction }) keeps the number, null if there is none.
export function makePrediction(change) {
  const before = el("span");
  const input = el("input", { type: "number", class: "kd-number", max: 100, step: "any",
    placeholder: "?", oninput: () => {
      const value = input.value === "" ? null : Number(input.value);
      const fits = value === null || (value >= Number(input.min) && value <= 100);
      if (fits) change({ prediction: value });
      note(value, fits);
    } });
  const after = el("span");
  const asked = el("p", { class: "kd-caption" });
  const node = el("div", {}, el("h2", {}, "Your prediction"),
    el("div", { class: "kd-box kd-prediction" }, el("p", {}, before, input, after), asked));

  function note(value, fits = true) {
    node.classList.toggle("kd-asked", value === null);
    say(asked, !fits ? `A number from ${input.min} to 100, please.`
      : value === null ? "Say a number before you train."
        : "It will stand beside the outcome.");
  }

  function paint({ story, prediction }, name) {
    const unseen = story === "unseen";
    say(before, unseen ? `Of the ${name}s it never saw, a student will recognize `
      : "Over hard labels, soft targets will gain ");
    say(after, unseen ? " %" : " points of accuracy");
    input.setAttribute("aria-label",
      unseen ? "Your prediction, in percent" : "Your prediction, in points");
    input.min = unseen ? 0 : -100;
    // What is being typed is left alone.
    if (input.getRootNode().activeElement !== input || prediction === null && input.value !== "-") {
      const text = prediction === null ? "" : String(prediction);
      if (input.value !== text && input.validity.valid) input.value = text;
      note(prediction);
    }
  }
  return { node, paint };
}
