// The panel Soften: one test image, what the teacher sees in it, and how T brings it to light.

import { makeBars } from "./bars.js";
import { el, radios, say, sentence } from "./dom.js";
import { makeEntropy } from "./entropy.js";
import { temperature } from "./format.js";
import { makeGuess } from "./guess.js";
import { listen, perFrame, put } from "./model.js";
import { logSoftmax } from "./numerics.js";
import { picture, thumbnail } from "./picture.js";
import { atOne, atT } from "./ratio.js";
import { currentExample, lookAt, readTeacher, tellingExamples } from "./teacher.js";

const DATA = ["logits", "labels", "images", "classes", "image_shape"];
const SETTLED_MS = 250; // after which a chart's description is renewed

export function mountSoften(model, root) {
  let stop = fill(model, root);
  const refill = perFrame(() => {
    stop();
    stop = fill(model, root);
  });
  const off = listen(model, DATA, refill);
  return () => {
    off();
    refill.cancel();
    stop();
  };
}

function fill(model, root) {
  const teacher = readTeacher(model);
  if (teacher.count === 0) {
    root.replaceChildren(el("p", { class: "kd-sentence" }, "No logits have arrived yet."));
    return () => {};
  }
  const telling = tellingExamples(teacher);
  const parts = draw(model, root, teacher, telling);
  const logP = new Float64Array(teacher.width);
  let [view, scale, settle] = [null, null, 0];

  function paint() {
    if (root.hidden) return;
    const index = currentExample(model, teacher, telling);
    if (view?.index !== index) {
      view = lookAt(teacher, index);
      parts.meet(view);
      [parts.entropy, parts.guess].forEach((part) => part.show(view));
      scale = null;
    }
    if (scale !== model.get("scale")) {
      scale = model.get("scale");
      parts.scales.select(scale);
      parts.bars.show(view, scale);
    }
    const T = model.get("temperature");
    logSoftmax(view.logits, T, logP);
    sentence(parts.now, atT(view, T, logP));
    say(parts.heading, `Soft targets at T = ${temperature(T)}`);
    [parts.bars, parts.entropy, parts.guess].forEach((part) => part.paint(T, logP));
    clearTimeout(settle);
    settle = setTimeout(() => [parts.bars, parts.entropy].forEach((part) => part.describe()),
      SETTLED_MS);
  }

  const request = perFrame(paint);
  paint();
  const off = listen(model, ["temperature", "example", "scale", "panel"], request);
  return () => {
    off();
    request.cancel();
    clearTimeout(settle);
    [parts.bars, parts.entropy].forEach((part) => part.stop());
    root.replaceChildren();
  };
}

// Lays out the panel; meet(view) shows another example's image, caption and first sentence.
function draw(model, root, teacher, telling) {
  const big = el("div", { class: "kd-big" });
  const caption = el("p", { class: "kd-caption" });
  const strip = radios("Pick a test image", telling.map((i) => [i, thumbnail(teacher, i)]),
    (i) => put(model, { example: Number(i) }), "kd-strip");
  const first = el("p", { class: "kd-sentence" });
  const now = el("p", { class: "kd-sentence" });
  const heading = el("h2", {});
  const scales = radios("Scale of the bars", [["linear", "Linear"], ["log", "Logarithmic"]],
    (scale) => put(model, { scale }), "kd-segments kd-scales");
  const [bars, entropy, guess] = ["kd-bars", "kd-entropy", "kd-box"].map((name) =>
    el("div", { class: name }));
  root.replaceChildren(el("div", { class: "kd-soften" },
    el("div", { class: "kd-pick" },
      el("h2", {}, "Pick a test image ", el("small", {}, "from unsure to certain")),
      strip.node, el("div", { class: "kd-subject" }, big, caption)),
    el("div", { class: "kd-main" },
      el("div", { class: "kd-say" }, first, now),
      el("div", { class: "kd-head" },
        heading, scales.node),
      bars,
      el("p", { class: "kd-caption" }, "Bold: the label. Ticks: where each class stands at T\u00a0=\u00a01.")),
    el("div", { class: "kd-side" },
      el("div", {},
        el("h2", {}, "Entropy of the soft targets, in bits"), entropy,
        el("p", { class: "kd-caption" }, "Line: this image. Band: 8 of 10 test images.")),
      guess)));
  const meet = (view) => {
    big.replaceChildren(picture(teacher, view.index) ?? view.name(view.subject));
    say(caption, captionOf(view));
    sentence(first, atOne(view));
    strip.select(view.index);
  };
  return { heading, now, scales, meet, bars: makeBars(bars, teacher),
    entropy: makeEntropy(entropy, teacher), guess: makeGuess(guess, teacher) };
}

function captionOf({ label, top, name }) {
  if (label < 0) return `No label. The teacher says ${name(top)}.`;
  if (label !== top) return `The label says ${name(label)}, the teacher says ${name(top)}.`;
  return `The label says ${name(label)}. Is that all there is to say?`;
}
