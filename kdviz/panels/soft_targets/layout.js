// Lays out the panel Soften.

import { makeBars } from "./bars.js";
import { makeCloser } from "./closer.js";
import { el, radios, say, sentence, set } from "../../page/parts/dom.js";
import { makeDrag } from "./drag.js";
import { makeEntropy } from "./entropy.js";
import { makeGuess } from "./guess.js";
import { picture, thumbnail } from "../../page/parts/picture.js";
import { atOne } from "./words.js";

// `act` holds what the controls do. Returns the charts; meet(view) for another example, say(view)
// for other logits, and tools(...) for every frame.
export function draw(model, root, teacher, telling, act) {
  const big = el("div", { class: "kd-big" });
  const caption = el("p", { class: "kd-caption" });
  const strip = radios("Pick a test image", telling.map((i) => [i, thumbnail(teacher, i)]),
    (i) => act.pick(Number(i)), "kd-strip");
  const [first, now] = [0, 1].map(() => el("p", { class: "kd-sentence" }));
  const heading = el("h2", {});
  const scales = radios("Scale of the bars", [["linear", "Linear"], ["log", "Logarithmic"]],
    act.scale, "kd-segments kd-scales");
  const [barsRoot, entropyRoot, guessRoot] = ["kd-bars", "kd-entropy", "kd-box"].map((name) =>
    el("div", { class: name }));
  const key = el("p", { class: "kd-caption" });
  const toggle = (text, title, onclick) => el("button", { type: "button", class: "kd-tool kd-toggle",
    "aria-pressed": "false", onclick, title }, text);
  let [dragging, overlaid] = [false, false];
  const drag = toggle("Drag", "Move the logits by hand", () => {
    dragging = !dragging;
    repaint();
  });
  drag.classList.add("kd-drag");
  const student = toggle("Student", "Show a half-taught student beside the teacher", () => act.overlay(!overlaid));
  student.hidden = !act.taught;
  const putBack = el("button", { type: "button", class: "kd-tool kd-drag",
    onclick: act.putBack }, "Put back");
  root.replaceChildren(el("div", { class: "kd-soften" },
    el("div", { class: "kd-pick" },
      el("h2", {}, "Pick a test image ", el("small", {}, "from unsure to certain")),
      strip.node, el("div", { class: "kd-subject" }, big, caption)),
    el("div", { class: "kd-main" },
      el("div", { class: "kd-say" }, first, now),
      el("div", { class: "kd-head" }, heading, el("div", { class: "kd-toggles" }, drag, student),
        scales.node),
      barsRoot,
      el("div", { class: "kd-key" }, key, putBack)),
    el("div", { class: "kd-side" },
      el("div", {},
        el("h2", {}, "Entropy of the soft targets, in bits"), entropyRoot,
        el("p", { class: "kd-caption" }, "Line: this image. Band: 8 of 10 test images.")),
      guessRoot)));
  const bars = makeBars(barsRoot, teacher);
  const hand = makeDrag(barsRoot, bars, act.move);
  let latest = null;

  function meet(view) {
    big.replaceChildren(picture(teacher, view.index) ?? view.name(view.subject));
    say(caption, captionOf(view));
    strip.select(view.index);
  }

  function tools(view, settings, T, logP) {
    latest = [view, settings, T, logP];
    overlaid = settings.overlay && act.taught;
    hand.node.hidden = !dragging;
    hand.paint(view, T, logP);
    set(drag, { "aria-pressed": String(dragging) });
    set(student, { "aria-pressed": String(overlaid) });
    putBack.style.visibility = view.dragged ? "visible" : "hidden";
    say(key, keyOf(view, dragging, overlaid));
  }
  const repaint = () => latest && tools(...latest);
  const stop = () => [hand, bars].forEach((part) => part.stop());
  return { heading, now, stop, scales, meet, tools, say: (view) => sentence(first, atOne(view)),
    taught: act.taught, bars, entropy: makeEntropy(entropyRoot, teacher),
    guess: makeGuess(guessRoot, teacher), closer: makeCloser(root, model, teacher, act.pick) };
}

function keyOf({ dragged }, dragging, overlaid) {
  if (dragging && !dragged) return "Drag a bar, or use the arrow keys: its logit moves, and all "
    + "other shares make room.";
  if (dragged) return "These logits are moved by hand. Ticks: where each class stands at T\u00a0=\u00a01.";
  if (overlaid) return "Diamonds: a half-taught student at the same T. Where does it differ most?";
  return "Bold: the label. Ticks: where each class stands at T\u00a0=\u00a01.";
}

function captionOf({ label, top, name }) {
  if (label < 0) return `No label. The teacher says ${name(top)}.`;
  if (label !== top) return `The label says ${name(label)}, the teacher says ${name(top)}.`;
  return `The label says ${name(label)}. Is that all there is to say?`;
}
