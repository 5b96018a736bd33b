// The panel Loss: one example's loss as two terms that add up, their pulls on the student's
// logits, and what T² keeps in balance over the whole test set.

import { useEffect, useMemo, useRef } from "preact/hooks";
import { center, distillationLoss, hardTerm, softTerm } from "../../page/maths/loss.js";
import { limitsOf, stretch, survey } from "../../page/maths/survey.js";
import { Radios, Range, held } from "../../page/parts/controls.js";
import { Sentence, html, useLab } from "../../page/parts/html.js";
import { Thumbnail } from "../../page/parts/picture.js";
import { Term } from "../../page/parts/term.js";
import { STARTS, readStudent } from "../../page/state/student.js";
import { currentExample, lookAt, tellingExamples } from "../../page/state/testset.js";
import { t } from "../../page/words/t.js";
import { Measured, arrange } from "./measured.js";
import { Pulls } from "./pulls.js";
import { Terms } from "./terms.js";
import { nats, sentences } from "./words.js";

const STEP = 2; // times the gradient; its slope changes by at most 1/2, so this can't overshoot

export function View() {
  const testset = useLab().testset.value;
  return testset.count ? html`<${Loss} testset=${testset} />`
    : html`<p class="kd-sentence">${t`No logits have arrived yet.`}</p>`;
}

function Loss({ testset }) {
  const lab = useLab();
  const bytes = lab.get("student_logits");
  const student = useMemo(() => readStudent(lab.get, testset), [testset, bytes]);
  const telling = useMemo(() => tellingExamples(testset), [testset]);
  const { temperature: T, soft_weight: weight, example } = lab.settings("lab");
  const { squared, moved, ...set } = lab.settings("loss");
  const index = currentExample(example, testset, telling);
  const start = student.known.includes(set.start) ? set.start : student.known[0];
  const scene = useScene(testset, student, index, start, moved, T);
  const knobs = { T, weight, squared };
  const terms = distillationLoss(scene.z, scene.v, scene.label, knobs);
  const moveTo = (z) => lab.change("loss", { moved: { example: index, logits: [...z] } });
  const found = useSurvey([testset, bytes, start], (i) => student.row(start, i));
  const { locked, hidden } = lab.setting("loss", "moved");
  const pick = useMemo(() => html`<${Pick} testset=${testset} telling=${telling}
    known=${student.known} index=${index} start=${start} />`, [student, telling, index, start]);
  const who = { student: html`<span class="kd-student">${t`student`}</span>`,
    teacher: html`<span class="kd-teacher">${t`teacher`}</span>` };
  return html`<div class="kd-loss">
    ${pick}
    <div class="kd-main">
      <div class="kd-say">${sentences(scene, terms, weight).map((parts) => html`
        <p class="kd-sentence"><${Sentence} parts=${parts} /></p>`)}</div>
      <${Knobs} />
      <h2>${t`Its loss`} <small>= w · T² · <${Term} name="KL" />(p‖q) + (1 − w) ·
        ${" "}${t`cross-entropy`}</small></h2>
      <div class="kd-terms"><${Terms} terms=${terms} knobs=${knobs} top=${scene.limits.nats} /></div>
      <div class="kd-columns">
        <h2><${Term} name="logit">${t`Logits`}<//> <small>${locked || hidden
          ? t`of ${who.student} and ${who.teacher}` : t`of ${who.student} (drag) and ${who.teacher}`}
        </small></h2>
        <h2>${t`Pull`} <small><span class="kd-teacher">${t`soft`}</span> + <span
          class="kd-hard">${t`hard`}</span> = <span class="kd-student">${t`sum`}</span></small></h2></div>
      <div class="kd-pulls"><${Pulls} scene=${scene} terms=${terms} move=${(c, value) =>
        moveTo(scene.z.map((z, i) => (i === c ? value : z)))} /></div>
      <p class="kd-caption">${t`Pull: minus the gradient.`}${" "}
        ${t`Ticks among the arrows: the pull of matching logits, which the soft pull nears as T rises.`}
      </p></div>
    <${Moves} scene=${scene} knobs=${knobs} loss=${terms.loss}
      step=${() => moveTo(scene.z.map((z, i) => z + STEP * terms.pull[i]))} />
    <${Measured} survey=${found} T=${T} squared=${squared} />
  </div>`;
}

// What is in view. The axes depend on the example and the start, and stretch only where a moved
// logit would leave them; so nothing jumps while T or the weight moves.
function useScene(testset, student, index, start, moved, T) {
  const scene = useMemo(() => {
    const [label, v] = [testset.label(index), center(testset.row(index))];
    const from = student.row(start, index);
    return { view: withSubject(lookAt(testset, index)), label, v, from,
      limits: limitsOf(from, v, label) };
  }, [student, index, start]);
  const logits = moved?.example === index ? moved.logits : null;
  const z = useMemo(() => (logits ? Float64Array.from(logits) : scene.from), [scene, logits]);
  if (logits) scene.limits = stretch(scene.limits, limitsOf(z, scene.v, scene.label, [T]));
  return { ...scene, z, moved: logits !== null };
}

// Among many classes the label's own has a row too, however small its logit.
function withSubject(view) {
  if (view.shown.includes(view.subject)) return view;
  return { ...view, shown: [view.subject, ...view.shown.slice(0, -1)] };
}

// The test set, surveyed for what `about` lists; it outlives the view, as what was guessed of it.
function useSurvey(about, row) {
  const kept = useLab().keep("loss_survey", {});
  const known = about.every((each, i) => each === kept.value.about?.[i]);
  useEffect(() => (known ? undefined : survey(about[0], row, (found) => {
    kept.value = { about, found: arrange(found), choice: null, revealed: false };
  })), about);
  return { ...(known && kept.value), tell: (now) => { kept.value = { ...kept.value, ...now }; } };
}

function Pick({ testset, telling, known, index, start }) {
  const lab = useLab();
  const example = { ...lab.setting("lab", "example"), value: index };
  const student = { ...lab.setting("loss", "start"), value: start };
  return html`<div class="kd-pick">
    ${!example.hidden && html`<div>
      <h2>${t`Pick a test image`} <small>${t`from unsure to certain`}</small></h2>
      <${Radios} name=${t`Pick a test image`} class="kd-strip" setting=${example}
        options=${telling.map((i) => [i, html`<${Thumbnail} testset=${testset} index=${i} />`])} />
    </div>`}
    ${!student.hidden && html`<div><h2><${Term} name="student">${t`Student`}<//></h2>
      <${Radios} name=${t`Student`} class="kd-cards kd-starts" setting=${student}
        options=${STARTS.filter(([name]) => known.includes(name))
          .map(([name, title, note]) => [name, t(title), t(note)])}
        pick=${(value) => lab.change("loss", { start: value, moved: null })} /></div>`}
  </div>`;
}

// The soft weight and the T² switch.
function Knobs() {
  const lab = useLab();
  const weight = lab.setting("lab", "soft_weight");
  const square = lab.setting("loss", "squared");
  const shown = weight.value.toFixed(2);
  return html`<div class="kd-knobs">
    <${Range} class="kd-knob" label=${t`Soft weight`} shown=${shown} setting=${weight} min="0" max="1"
      step="0.01" aria-valuetext=${t`${shown}; label ${(1 - weight.value).toFixed(2)}`} />
    ${!square.hidden && html`<label class="kd-switch ${square.locked ? "kd-locked" : ""}">
      <input type="checkbox" role="switch" checked=${square.value} ...${held(square)}
        onChange=${(event) => square.set(event.target.checked)} /><bdi>× T²</bdi></label>`}
  </div>`;
}

// The steps that move the student. The loss before the last one is told as T and weights are now.
function Moves({ scene: { z, v, label, moved }, knobs: { T, weight, squared }, loss, step }) {
  const setting = useLab().setting("loss", "moved");
  const before = useRef(null);
  if (setting.hidden) return null;
  if (!moved) before.current = null;
  const lossOf = (logits) => weight * (squared ? T * T : 1) * softTerm(logits, v, T)
    + (1 - weight) * hardTerm(logits, label);
  const button = (text, act) => html`<button type="button" class="kd-button" ...${held(setting)}
    onClick=${act}>${text}</button>`;
  return html`<div class="kd-moves ${setting.locked ? "kd-locked" : ""}">
    ${button(t`Take a step`, () => {
      before.current = z;
      step();
    })}
    ${button(t`Put back`, () => setting.set(null))}
    <p class="kd-caption" role="status">${before.current === null
      ? t`Moves each logit by twice its pull.`
      : t`Loss ${nats(lossOf(before.current))} → ${nats(loss)} nats`}</p>
  </div>`;
}
