// Teach it yours: drawings that join the transfer set of the next training in the page.

import { useMemo, useState } from "preact/hooks";
import { argmax } from "../../page/maths/softmax.js";
import { Choice } from "../../page/parts/controls.js";
import { count } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { Picture } from "../../page/parts/picture.js";
import { asTestset } from "./images.js";
import { drawings } from "./words.js";
import { MOST, leftOut, yoursOf } from "./yours.js";

export function Teach({ image, logits, clear }) {
  const lab = useLab();
  const yours = yoursOf(lab);
  const [label, choose] = useState(-1);
  const classes = lab.kernel("classes");
  const full = yours.value.length >= MOST;
  const add = () => {
    yours.value = [...yours.value, { image, logits, label }];
    choose(-1);
    clear();
  };
  return html`<section class="kd-teach" aria-label="Teach it yours">
    <h2>Teach it yours <small>The drawing and the teacher's soft targets for it.</small></h2>
    <div class="kd-teach-row">
      <${Choice} label="Your label" setting=${{ value: label, set: choose }}
        options=${[[-1, "none: soft targets alone"], ...classes.map((name, c) => [c, name])]} />
      <button type="button" class="kd-button" disabled=${!image || full} onClick=${add}>
        Add to the transfer set</button>
      <ul class="kd-yours" aria-label="Your drawings in the transfer set">
        ${yours.value.map((drawing) => html`<${Drawn} drawing=${drawing} classes=${classes}
          remove=${() => { yours.value = yours.value.filter((each) => each !== drawing); }} />`)}</ul>
    </div>
    <p class="kd-caption" role="status">${stateOf(lab, yours.value, full)}</p>
    <p class="kd-caption">${ruleOf(lab.settings("distill"), classes,
      lab.training("distill").recipe)}</p>
  </section>`;
}

function Drawn({ drawing, classes, remove }) {
  const testset = useMemo(() => asTestset(drawing.image), [drawing]);
  const name = drawing.label < 0 ? `${classes[argmax(drawing.logits)]}?` : classes[drawing.label];
  const about = drawing.label < 0 ? `no label, the teacher says ${name.slice(0, -1)}`
    : `labelled ${name}`;
  return html`<li><button type="button" aria-label="Remove your drawing, ${about}"
    title="Remove (${about})" onClick=${remove}>
    <${Picture} testset=${testset} index=${0} /><span>${name} <b aria-hidden="true">×</b></span>
  </button></li>`;
}

// How many are in, for the line near Train too.
export function YoursIn() {
  const lab = useLab();
  const yours = yoursOf(lab).value;
  if (!yours.length) return null;
  if (!lab.here("distill")) return `${drawings(yours.length)} of yours wait: Python trains without. `;
  return `${countIn(lab, yours)} `;
}

function stateOf(lab, yours, full) {
  if (full) return `${drawings(MOST)} of yours are in, and no more fit: remove one first.`;
  return yours.length ? `${countIn(lab, yours)} Press Train, and students learn from it.`
    : `${count(lab.transferSet.value.data.labels.length)} images, and none of yours so far.`;
}

function countIn(lab, yours) {
  const settings = lab.settings("distill");
  const out = leftOut(yours, settings);
  const kept = yours.length - out;
  const left = out ? `, ${out} left out as a ${lab.kernel("classes")[settings.omitted]}` : "";
  return `${drawings(kept)} of yours ${kept === 1 ? "is" : "are"} in the transfer set${left}.`;
}

function ruleOf({ scenario, omitted }, classes, { few }) {
  const name = classes[omitted];
  if (scenario === "unseen") {
    return `What you label ${name} is left out, as every ${name} is. What has no label stays: add a `
      + `${name} without one, and the students have seen a ${name}.`;
  }
  if (scenario === "few-labels") return `Your labels come on top of the ${few}.`;
  return "Without a label a drawing teaches the students alone: hard labels learn nothing from it.";
}
