// Test images that the verdict is about, each with what a student and its baseline say of it.

import { useMemo } from "preact/hooks";
import { argmax } from "../../page/maths/softmax.js";
import { count } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { Picture } from "../../page/parts/picture.js";
import { numbers, readTestset } from "../../page/state/testset.js";
import { t } from "../../page/words/t.js";

const MOST = 12;

export function Disagreements({ view: { run, outcome } }) {
  const lab = useLab();
  const bytes = outcome && lab.found("distill", "distill_logits");
  const images = lab.kernel("images");
  // Of the kernel's data: own logits that were dropped here are of other images.
  const testset = useMemo(() => readTestset(lab.kernel), [images]);
  const answers = useMemo(() => bytes && images.byteLength
    && answersOf(numbers(bytes, Float32Array), testset), [bytes, testset]);
  if (!answers) return null;
  const { chosen, said } = choose(testset, answers, run);
  const name = (c) => testset.classes[c];
  const answer = (index, side) => {
    const known = answers[side][index] === testset.label(index);
    return html`<span class=${`kd-${["soft", "hard"][side]}-label`} aria-hidden="true">
      ${name(answers[side][index])}${known && " ✓"}</span>`;
  };
  return html`<section class="kd-disagreements" aria-label=${t`Test images and both answers`}>
    <h2>${said} <small>${chosen.length > 0 && (run.scenario === "unseen"
      ? t`Below each: the first student, then its baseline. ✓ right, without a bias.`
      : t`Below each: the first student, then its baseline. ✓ right.`)}</small></h2>
    <ul>${chosen.map((index) => html`<li key=${index}><${Picture} testset=${testset} index=${index} />
      <span class="kd-hidden">${spoken(testset, answers, index)}</span>
      ${answer(index, 0)}${answer(index, 1)}</li>`)}</ul>
  </section>`;
}

// The classes that the first student says and those that its baseline says, on each test image;
// nothing if no pair is left. logits: of every member, students before their baselines.
function answersOf(logits, { count: examples, width }) {
  const size = examples * width;
  const pairs = logits.length / size / 2;
  const member = (m) => logits.subarray(m * size, (m + 1) * size);
  const first = Array.from({ length: pairs }, (_, seed) => [member(seed), member(seed + pairs)])
    .find((pair) => pair.every((each) => each.every(Number.isFinite)));
  return first?.map((each) => Array.from({ length: examples }, (_, i) =>
    argmax(each.subarray(i * width, (i + 1) * width))));
}

// The first images of the missing class; else the first on which the two differ. And what they are.
function choose(testset, [student, baseline], { scenario, omitted }) {
  const all = Array.from({ length: testset.count }, (_, i) => i);
  if (scenario === "unseen") {
    const own = all.filter((i) => testset.label(i) === omitted);
    const chosen = own.slice(0, MOST);
    const name = testset.classes[omitted];
    return { chosen, said: chosen.length < own.length
      ? t`The first ${MOST} of ${count(own.length)} test images of ${name}.`
      : t`The test images of ${name}.` };
  }
  const differ = all.filter((i) => student[i] !== baseline[i]);
  const right = [student, baseline].map((answers) =>
    differ.filter((i) => answers[i] === testset.label(i)).length);
  const chosen = differ.slice(0, MOST);
  if (!differ.length) {
    return { chosen, said: t`The first student and its baseline say the same of every test image.` };
  }
  const said = t`The first student and its baseline differ on ${
    count(differ.length)} of ${count(testset.count)} test images: the student is right on ${
    count(right[0])}, the baseline on ${count(right[1])}.`;
  return { chosen, said: chosen.length < differ.length ? `${said} ${t`The first ${MOST}:`}` : said };
}

function spoken(testset, answers, index) {
  const label = testset.label(index);
  const [student, baseline] = answers.map((each) => {
    const name = testset.classes[each[index]];
    return each[index] === label ? t`${name}, right` : name;
  });
  const said = t`the student says ${student}; the baseline says ${baseline}.`;
  return label < 0 ? t`Test image ${index}: ${said}`
    : t`Test image ${index}, labelled ${testset.classes[label]}: ${said}`;
}
