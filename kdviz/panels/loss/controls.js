// The soft weight, the T² switch, and the steps that move the student.

import { el, freshId, say } from "../../page/parts/dom.js";

export function makeControls(act) {
  const [weightId, squareId] = [freshId("soft-weight"), freshId("squared")];
  const value = el("output", { for: weightId, "aria-hidden": "true" });
  const slider = el("input", { type: "range", id: weightId, class: "kd-range kd-weight",
    min: 0, max: 1, step: 0.01, oninput: () => act.weight(slider.valueAsNumber) });
  const square = el("input", { type: "checkbox", role: "switch", id: squareId,
    onchange: () => act.square(square.checked) });
  const node = el("div", { class: "kd-knobs" },
    el("label", { for: weightId }, "Soft weight"), slider, value,
    el("label", { for: squareId, class: "kd-switch" }, square, "× T²"));

  const status = el("p", { class: "kd-caption", role: "status" });
  let [before, now] = [null, 0];
  const moves = el("div", { class: "kd-moves" },
    el("button", { type: "button", class: "kd-button", onclick: () => {
      before = now;
      act.step();
    } }, "Take a step"),
    el("button", { type: "button", class: "kd-button", onclick: act.putBack }, "Put back"),
    status);

  function paint(scene, terms, { weight, squared }) {
    if (slider.valueAsNumber !== weight) slider.value = weight;
    slider.setAttribute("aria-valuetext", `${weight.toFixed(2)}; label ${(1 - weight).toFixed(2)}`);
    say(value, weight.toFixed(2));
    square.checked = squared;
    now = terms.loss;
    if (!scene.moved) before = null;
    say(status, before === null ? "Moves each logit by twice its pull."
      : `Loss ${nats(before)} → ${nats(now)} nats`);
  }

  return { node, moves, paint };
}

const nats = (loss) => (loss >= 0.001 || loss === 0 ? loss.toFixed(3) : loss.toExponential(1));
