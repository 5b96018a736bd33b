// The panel Soften: one test image, what the teacher sees in it, and how T brings it to light.

import { el, say, sentence } from "./dom.js";
import { temperature } from "./format.js";
import { listen, perFrame, put } from "./model.js";
import { logSoftmax } from "./numerics.js";
import { atT } from "./ratio.js";
import { draw } from "./soften-layout.js";
import { change, readSoftened } from "./softened.js";
import { currentExample, lookAt, readTeacher, tellingExamples } from "./teacher.js";
import { readStudent } from "./weigh-student.js";

const DATA = ["logits", "labels", "images", "classes", "image_shape", "student_logits"];
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
  const student = readStudent(model, teacher);
  const parts = draw(model, root, teacher, telling, {
    taught: student.known.includes("trained"),
    pick: (example) => put(model, { example }),
    scale: (name) => put(model, { scale: name }),
    overlay: (overlay) => change(model, { overlay }),
    putBack: () => change(model, { dragged: null }),
    move: (c, value) => change(model, { dragged: { example: view.index,
      logits: Array.from(view.logits, (z, i) => (i === c ? value : z)) } }),
  });
  const [logP, logQ] = [0, 1].map(() => new Float64Array(teacher.width));
  let [view, scale, settle] = [null, null, 0];

  function paint() {
    if (root.hidden) return;
    const index = currentExample(model, teacher, telling);
    const settings = readSoftened(model, teacher, index);
    const { dragged } = settings;
    if (view?.index !== index || view.dragged !== dragged) {
      const other = view?.index !== index;
      view = { ...lookAt(teacher, index, dragged), dragged };
      if (other) parts.meet(view);
      parts.say(view);
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
    const overlaid = settings.overlay && parts.taught;
    parts.bars.overlay(overlaid ? logSoftmax(student.row("trained", index), T, logQ) : null);
    [parts.bars, parts.entropy, parts.guess].forEach((part) => part.paint(T, logP));
    parts.tools(view, settings, T, logP);
    parts.closer.paint(view, T, settings);
    clearTimeout(settle);
    settle = setTimeout(() => charts.forEach((part) => part.describe()), SETTLED_MS);
  }

  const charts = [parts.bars, parts.entropy, parts.closer];
  const request = perFrame(paint);
  paint();
  const off = listen(model, ["temperature", "example", "scale", "soften", "panel"], request);
  return () => {
    off();
    request.cancel();
    clearTimeout(settle);
    [parts, parts.entropy, parts.closer].forEach((part) => part.stop());
    root.replaceChildren();
  };
}
