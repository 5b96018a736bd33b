// The panel Soften: one test image, what the teacher sees in it, and how T brings it to light.

import { say, sentence } from "./dom.js";
import { mountExplorer } from "./explorer.js";
import { temperature } from "./format.js";
import { put } from "./model.js";
import { logSoftmax } from "./numerics.js";
import { atT } from "./ratio.js";
import { draw } from "./soften-layout.js";
import { change, readSoftened } from "./softened.js";
import { currentExample, lookAt, tellingExamples } from "./teacher.js";
import { readStudent } from "./weigh-student.js";

export function mountSoften(model, root) {
  return mountExplorer(model, root, ["scale", "soften"], (teacher) => fill(model, root, teacher));
}

function fill(model, root, teacher) {
  const telling = tellingExamples(teacher);
  const student = readStudent(model, teacher);
  const parts = draw(model, root, teacher, telling, {
    taught: student.known.includes("trained"),
    pick: (example) => put(model, { example }),
    scale: (name) => put(model, { scale: name }),
    overlay: (overlay) => change(model, { overlay }),
    putBack: () => change(model, { dragged: null }),
    // From what is set, not from what is painted: a key may come twice within a frame.
    move(c, next) {
      const { dragged } = readSoftened(model, teacher, view.index);
      const logits = Array.from(dragged ?? teacher.row(view.index));
      logits[c] = next(logits[c]);
      change(model, { dragged: { example: view.index, logits } });
    },
  });
  const [logP, logQ] = [0, 1].map(() => new Float64Array(teacher.width));
  // The question is about the teacher: what the hand moves leaves it, and its answer, alone.
  let [view, asked, scale] = [null, null, null];
  const teachers = new Float64Array(teacher.width);

  function paint() {
    const index = currentExample(model, teacher, telling);
    const settings = readSoftened(model, teacher, index);
    const { dragged } = settings;
    if (view?.index !== index || view.dragged !== dragged) {
      const other = view?.index !== index;
      view = { ...lookAt(teacher, index, dragged), dragged };
      if (other) {
        asked = lookAt(teacher, index);
        parts.meet(view);
        parts.guess.show(asked);
      }
      parts.say(view);
      parts.entropy.show(view);
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
    [parts.bars, parts.entropy].forEach((part) => part.paint(T, logP));
    parts.guess.paint(T, logSoftmax(asked.logits, T, teachers));
    parts.tools(view, settings, T, logP);
    parts.closer.paint(view, T, settings);
  }

  const charts = [parts.bars, parts.entropy, parts.closer];
  return { paint, describe: () => charts.forEach((part) => part.describe()),
    stop: () => [parts, parts.entropy, parts.closer].forEach((part) => part.stop()) };
}
