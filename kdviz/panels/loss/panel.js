// The panel Weigh: one example's loss as two terms that add up, their pulls on the student's
// logits, and what T² keeps in balance over the whole test set.

import { mountExplorer } from "../../page/parts/explorer.js";
import { put } from "../../page/state/model.js";
import { currentExample, lookAt, tellingExamples } from "../../page/state/testset.js";
import { decades } from "./curve.js";
import { draw } from "./layout.js";
import { limitsOf, stretch } from "../../page/maths/limits.js";
import { center, weigh } from "../../page/maths/loss.js";
import { change, readSettings, readStudent } from "../../page/state/student.js";
import { GRID, survey } from "../../page/maths/survey.js";

const STEP = 2; // times the gradient; its slope changes by at most 1/2, so this can't overshoot

export function mountWeigh(model, root) {
  return mountExplorer(model, root, ["soft_weight", "weigh"], (teacher, request) =>
    fill(model, root, teacher, request));
}

function fill(model, root, teacher, request) {
  const student = readStudent(model, teacher);
  const telling = tellingExamples(teacher);
  let [scene, measured, unsurvey] = [null, null, () => {}];
  const parts = draw(root, teacher, telling, student, {
    pick: (example) => put(model, { example }),
    weight: (soft_weight) => put(model, { soft_weight }),
    square: (squared) => change(model, { squared }),
    start: (start) => change(model, { start, moved: null }),
    putBack: () => change(model, { moved: null }),
    move: (c, value) => moveTo(scene.z.map((z, i) => (i === c ? value : z))),
    step: () => {
      const { pull } = terms();
      moveTo(scene.z.map((z, i) => z + STEP * pull[i]));
    },
  });
  const moveTo = (z) => change(model, { moved: { example: scene.view.index, logits: [...z] } });
  const knobs = () => ({ T: model.get("temperature"), weight: model.get("soft_weight"),
    squared: scene.squared });
  const terms = () => weigh(scene.z, scene.v, scene.label, knobs());

  function paint() {
    const next = look(model, teacher, telling, student, scene);
    const restart = next.start !== scene?.start;
    const other = restart || next.view !== scene.view;
    const stretched = next.limits !== scene?.limits;
    scene = next;
    if (other || stretched) parts.meet(scene);
    if (restart) measure();
    parts.paint(scene, terms(), knobs(), measured);
  }

  function measure() {
    unsurvey();
    measured = null;
    const { start } = scene;
    unsurvey = survey(teacher, (i) => student.row(start, i), (found) => {
      measured = arrange(found);
      request();
    });
  }

  return { paint, describe: parts.describe,
    stop() {
      unsurvey();
      parts.stop();
    } };
}

// What is in view. The axes depend on the example and the start, and stretch only where a moved
// logit would leave them; so nothing jumps while T or the weight moves.
function look(model, teacher, telling, student, before) {
  const index = currentExample(model, teacher, telling);
  const settings = readSettings(model, teacher, student, index);
  const same = before?.view.index === index && before.start === settings.start;
  const view = same ? before.view : withSubject(lookAt(teacher, index));
  const label = teacher.label(index);
  const v = same ? before.v : center(teacher.row(index));
  const from = same ? before.from : student.row(settings.start, index);
  const kept = same && before.moved === settings.moved;
  const z = kept ? before.z : settings.moved ? Float64Array.from(settings.moved) : from;
  let limits = same ? before.limits : limitsOf(from, v, label);
  if (settings.moved) limits = stretch(limits, limitsOf(z, v, label, [model.get("temperature")]));
  return { ...settings, view, label, v, z, from, limits };
}

// Among many classes the label's own has a row too, however small its logit.
function withSubject(view) {
  if (view.shown.includes(view.subject)) return view;
  return { ...view, shown: [view.subject, ...view.shown.slice(0, -1)] };
}

// The survey as the charts want it.
function arrange({ ratio, error, examples, labelled }) {
  const withSquare = ratio?.map((value, i) => value * GRID[i] ** 2);
  return {
    examples, ratio, withSquare,
    note: labelled === 0 ? "Without labels there is no hard pull to compare with."
      : "No pull to compare: the logits are equal, or sure of every label.",
    noError: "The student equals the teacher: there is no gradient to match.",
    domain: ratio && decades([...ratio, ...withSquare]),
    reach: error && [Math.min(0.1, decades([error.at(-1)[1]])[0]), 10],
    error: error?.map(([, middle]) => middle),
    band: error && [error.map(([low]) => low), error.map(([, , high]) => high)],
  };
}
