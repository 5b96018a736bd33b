// Teach it yours: drawings that join the transfer set of the next training in the page.

import { useMemo, useState } from "preact/hooks";
import { argmax } from "../../page/maths/softmax.js";
import { Choice } from "../../page/parts/controls.js";
import { count } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { Picture } from "../../page/parts/picture.js";
import { t } from "../../page/words/t.js";
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
  return html`<section class="kd-teach" aria-label=${t`Teach it yours`}>
    <h2>${t`Teach it yours`} <small>${t`The drawing and the teacher's soft targets for it.`}</small></h2>
    <div class="kd-teach-row">
      <${Choice} label=${t`Your label`} setting=${{ value: label, set: choose }}
        options=${[[-1, t`none: soft targets alone`], ...classes.map((name, c) => [c, name])]} />
      <button type="button" class="kd-button" disabled=${!image || full} onClick=${add}>
        ${t`Add to the transfer set`}</button>
      <ul class="kd-yours" aria-label=${t`Your drawings in the transfer set`}>
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
  const unlabelled = drawing.label < 0;
  const name = classes[unlabelled ? argmax(drawing.logits) : drawing.label];
  const about = unlabelled ? t`no label, the teacher says ${name}` : t`labelled ${name}`;
  return html`<li><button type="button" aria-label=${t`Remove your drawing, ${about}`}
    title=${t`Remove (${about})`} onClick=${remove}>
    <${Picture} testset=${testset} index=${0} /><span>${name}${unlabelled && "?"}${" "}
      <b aria-hidden="true">×</b></span>
  </button></li>`;
}

// How many are in, for the line near Train too.
export function YoursIn() {
  const lab = useLab();
  const yours = yoursOf(lab).value;
  if (!yours.length) return null;
  if (!lab.here("distill")) {
    return `${t`${drawings(yours.length)} of yours wait: Python trains without.`} `;
  }
  return `${countIn(lab, yours)} `;
}

function stateOf(lab, yours, full) {
  if (full) return t`${drawings(MOST)} of yours are in, and no more fit: remove one first.`;
  return yours.length ? `${countIn(lab, yours)} ${t`Press Train, and students learn from it.`}`
    : t`${count(lab.transferSet.value.data.labels.length)} images, and none of yours so far.`;
}

function countIn(lab, yours) {
  const settings = lab.settings("distill");
  const out = leftOut(yours, settings);
  const kept = yours.length - out;
  const name = lab.kernel("classes")[settings.omitted];
  if (!out) {
    return kept === 1 ? t`1 drawing of yours is in the transfer set.`
      : t`${kept} drawings of yours are in the transfer set.`;
  }
  return kept === 1 ? t`1 drawing of yours is in the transfer set, ${out} left out as a ${name}.`
    : t`${kept} drawings of yours are in the transfer set, ${out} left out as a ${name}.`;
}

function ruleOf({ scenario, omitted }, classes, { few }) {
  const name = classes[omitted];
  if (scenario === "unseen") {
    return `${t`What you label ${name} is left out, as every ${name} is.`} ${
      t`What has no label stays: add a ${name} without one, and the students have seen a ${name}.`}`;
  }
  if (scenario === "few-labels") return t`Your labels come on top of the ${few}.`;
  return t`Without a label a drawing teaches the students alone: hard labels learn nothing from it.`;
}
