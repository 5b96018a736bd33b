// The panel Soft targets: one test image, what the teacher sees in it, and how T brings it out.

import { useMemo } from "preact/hooks";
import { logSoftmax } from "../../page/maths/softmax.js";
import { Radios, Toggle, held } from "../../page/parts/controls.js";
import { count, temperature } from "../../page/parts/format.js";
import { Sentence, html, useLab } from "../../page/parts/html.js";
import { Picture, Thumbnail } from "../../page/parts/picture.js";
import { Term } from "../../page/parts/term.js";
import { readStudent } from "../../page/state/student.js";
import { lookAt, tellingExamples } from "../../page/state/testset.js";
import { t } from "../../page/words/t.js";
import { Bars } from "./bars.js";
import { Closer } from "./closer.js";
import { Handles } from "./drag.js";
import { Entropy } from "./entropy.js";
import { Guess } from "./guess.js";
import { PANEL, sizeOf, subjectOf } from "./subject.js";
import { atOne, atT, captionOf, keyOf, roomFor } from "./words.js";

export { ask } from "./asked.js";

export function View() {
  const lab = useLab();
  const subject = subjectOf(lab);
  const { testset, index, hand } = subject;
  const moved = hand.value?.example === index ? hand.value.logits : null;
  const own = useMemo(() => lookAt(testset, index), [testset, index]);
  const view = useMemo(() => (moved ? lookAt(testset, index, moved) : own), [own, moved]);
  const { value: T, locked, hidden } = lab.setting("lab", "temperature");
  const fixed = locked || hidden;
  const logP = useMemo(() => logSoftmax(view.logits, T), [view, T]);
  const all = useMemo(() => (subject.pictures ? lookAt(lab.testset.value, subject.example) : view),
    [subject.pictures, subject.example, lab.testset.value, view]);
  return html`<div class="kd-soft-targets">
      <${Subject} own=${own} ...${subject} />
      <${Main} own=${own} view=${view} T=${T} logP=${logP} fixed=${fixed} ...${subject} />
      <div class="kd-side">
        <${Entropy} view=${view} T=${T} logP=${logP}
          caption=${subject.pictures
            ? t`Line: this image. Band: 8 of 10 of these ${testset.count} images.`
            : t`Line: this image. Band: 8 of 10 of all test images.`} />
        <${Guess} own=${own} moved=${moved} T=${T} fixed=${fixed} />
      </div>
    </div>
    <${Closer} view=${all} T=${T} fixed=${fixed} apart=${subject.pictures} />`;
}

function Subject({ own, testset, index, setting, pictures, swap }) {
  const whole = useLab().testset.value;
  return html`<div class="kd-pick">
    <h2>${t`Pick a test image`} <small>${t`from unsure to certain`}</small></h2>
    <${Radios} name=${t`Pick a test image`} class="kd-strip" setting=${{ ...setting, value: index }}
      options=${tellingExamples(testset).map((i) =>
        [i, html`<${Thumbnail} testset=${testset} index=${i} />`])} />
    <div class="kd-subject">
      <div class="kd-big"><${Picture} testset=${testset} index=${index} /></div>
      <p class="kd-caption">${captionOf(own)}</p></div>
    ${swap && html`<${Radios} name=${t`Which images`} setting=${{ ...setting, value: pictures }}
        pick=${swap} options=${[[true, "MNIST"], [false, t`${sizeOf(whole)} pixels`]]} />
      <p class="kd-caption kd-source">${pictures
        ? `${t`${testset.count} of MNIST, and what its own teacher says.`} ${
          t`The other panels use the ${count(whole.count)} test images of ${sizeOf(whole)} pixels.`}`
        : t`Those that the other panels use.`}</p>`}
  </div>`;
}

function Main({ own, view, T, logP, fixed, testset, index, hand, pictures }) {
  const lab = useLab();
  const drag = lab.keep(`${PANEL} drag`, false);
  const dragging = drag.value && !hand.locked && !hand.hidden;
  const overlay = lab.setting(PANEL, "overlay");
  const bytes = lab.get("student_logits");
  const student = useMemo(() => readStudent(lab.get, testset), [testset, bytes]);
  const taught = !pictures && student.known.includes("trained");
  const other = useMemo(() => (overlay.value && taught
    ? logSoftmax(student.row("trained", index), T) : null), [overlay.value, student, index, T]);
  const room = useMemo(() => roomFor(own), [own]);

  // From what is set, not from what is painted: a key may come twice within a frame.
  function move(c, next) {
    const set = lab.setting(PANEL, hand.name).value;
    const logits = Array.from(set?.example === index ? set.logits : testset.row(index));
    logits[c] = next(logits[c]);
    hand.set({ example: index, logits });
  }
  const say = (parts, longest) => html`<p class="kd-sentence" data-room=${longest}>
    <span><${Sentence} parts=${parts} /></span></p>`;

  return html`<div class="kd-main">
    <div class="kd-say">${say(atOne(view), room[0])}${say(atT(view, T, logP, fixed), room[1])}</div>
    <div class="kd-head"><h2>${
      t`${html`<${Term} name="soft targets">${t`Soft targets`}<//>`} at T = ${temperature(T)}`}</h2>
      <div class="kd-toggles">
        <${Toggle} title=${t`Move the logits by hand`} setting=${hand} on=${dragging}
          set=${(on) => { drag.value = on; }}>${t`Drag`}<//>
        ${taught && html`<${Toggle} title=${t`Show a half-taught student beside the teacher`}
          setting=${overlay}>${t`Student`}<//>`}
      </div>
      <${Radios} name=${t`Scale of the bars`} class="kd-segments kd-scales"
        options=${[["linear", t`Linear`], ["log", t`Logarithmic`]]}
        setting=${lab.setting("lab", "scale")} /></div>
    <div class="kd-bars"><${Bars} view=${view} T=${T} logP=${logP} other=${other} />
      ${dragging && html`<${Handles} view=${view} T=${T} logP=${logP} move=${move} />`}</div>
    <div class="kd-key"><p class="kd-caption">${keyOf(view, dragging, other)}</p>
      ${!hand.hidden && html`<button type="button" class="kd-tool" ...${held(hand)}
        style=${view.moved ? null : "visibility: hidden"} onClick=${() => hand.set(null)}>
        ${t`Put back`}</button>`}</div>
  </div>`;
}
