// Training in slow motion: one mini-batch at a time, what it holds, and what it did.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Radios, Toggle } from "../../page/parts/controls.js";
import { html, useLab } from "../../page/parts/html.js";
import { Picture } from "../../page/parts/picture.js";
import { Buttons, reveal } from "../../page/parts/training.js";
import { t } from "../../page/words/t.js";
import { Example } from "./example.js";
import { MEMBERS, changeIn, stepIn } from "./step-words.js";

const PACE_MS = 500; // from step to step in slow motion
const STILL = "(prefers-reduced-motion: reduce)";
const MARKS = { right: "✓", wrong: "✗", other: "≠" };

const useOpen = () => useLab().keep("distill stepwise", false);
const idOf = (lab) => `${lab.id}-stepwise`;

// Opens the view below. A run that is under way is paused; once that is closed, it goes on.
export function StepwiseButton({ send }) {
  const lab = useLab();
  const open = useOpen();
  const clicked = useRef(null);
  useEffect(() => {
    if (open.value) reveal(clicked.current?.getRootNode().getElementById(idOf(lab)));
  }, [open.value]);
  if (!lab.here("distill")) return null;
  return html`<button type="button" class="kd-tool kd-slow" aria-expanded=${String(open.value)}
    aria-controls=${idOf(lab)} onClick=${(event) => {
      clicked.current = event.currentTarget;
      open.value = !open.value;
      send(open.value ? "pause" : "resume");
    }}>${t`Step by step`}</button>`;
}

export function Stepwise({ view, send }) {
  const open = useOpen();
  return useLab().here("distill") && open.value && html`<${Steps} view=${view} send=${send} />`;
}

function Steps({ view, send }) {
  const lab = useLab();
  const last = view.run && lab.session("distill").steps.value;
  const side = lab.keep("distill watched", 0);
  const batch = last?.pair[side.value];
  const [slow, pace] = useState(false);
  const [still] = useState(() => matchMedia(STILL).matches);
  const full = view.state === "training";
  useEffect(() => {
    if (!slow) return undefined;
    send("step");
    const timer = setInterval(() => send("step"), PACE_MS);
    return () => clearInterval(timer);
  }, [slow]);
  useEffect(() => {
    if (full || !view.busy) pace(false);
  }, [full, view.busy]);
  return html`<section id=${idOf(lab)} class="kd-box kd-stepwise" aria-label=${t`Step by step`}>
    <div class="kd-head"><h2>${t`Step by step`} <small>${t`one mini-batch at a time`}</small></h2>
      <${Radios} name=${t`Whose steps`} value=${side.value}
        options=${MEMBERS.map((member, i) => [i, t(member)])} pick=${(value) => { side.value = value; }} /></div>
    <${Buttons}>
      <button type="button" class="kd-button kd-primary" onClick=${() => send("step")}
        disabled=${full || slow || view.state === "stopping"}>${t`Step`}</button>
      ${!still && html`<${Toggle} class="kd-slow" on=${slow} set=${pace}
        disabled=${full || view.state === "stopping"}>${t`Slow`}<//>`}
      <button type="button" class="kd-button kd-onward" onClick=${() => send(full ? "pause" : "resume")}
        disabled=${!full && view.state !== "paused"}>${full ? t`Pause` : t`Go on at full speed`}</button>
    <//>
    <p class="kd-step-said" role=${slow ? undefined : "status"}>${stepIn(view, last, side.value)}</p>
    ${batch && !batch.diverged && html`<${Batch} last=${last} batch=${batch} side=${side.value} />`}
  </section>`;
}

// The images of a batch, and one of them at large.
function Batch({ last, batch, side }) {
  const lab = useLab();
  const { data, teacherLogits } = last;
  const shape = lab.kernel("image_shape");
  const set = useMemo(() => asTestset(data, teacherLogits, lab.kernel("classes"), shape), [data]);
  const [chosen, choose] = useState({ batch, at: 0 });
  const at = chosen.batch === batch ? chosen.at : 0;
  const name = (c) => set.classes[c];
  return html`<div>
    <${Radios} name=${t`Images of this batch`} class="kd-batch" value=${at}
      pick=${(value) => choose({ batch, at: value })} options=${batch.examples.map((each, i) =>
        [i, html`<${Picture} testset=${set} index=${each.row} />
          <i class=${each.change && `kd-mark-${each.change}`} aria-hidden="true">${MARKS[each.change]}</i>
          <span class="kd-hidden">${changeIn(each, name)}</span>`])} />
    <p class="kd-caption">${t`${mark("right")} became right, ${mark("wrong")} became wrong, ${
      mark("other")} another wrong answer. Then the others, the largest loss first.`}</p>
    <${Example} set=${set} batch=${batch} example=${batch.examples[at]} side=${side} />
  </div>`;
}

const mark = (change) => html`<b class=${`kd-mark-${change}`}>${MARKS[change]}</b>`;

// Training examples as the page's parts take test examples.
function asTestset(data, teacherLogits, classes, [height, across]) {
  const [width, size] = [classes.length, height * across];
  const pixels = Uint8Array.from(data.inputs, (value) => Math.round(value * 255));
  return { classes, width, height, across,
    row: (i) => teacherLogits.subarray(i * width, (i + 1) * width),
    label: (i) => data.labels[i], subject: (i) => data.labels[i],
    image: (i) => pixels.subarray(i * size, (i + 1) * size) };
}
