// Draw a digit: what the teacher and the students just trained make of it, and teach it to them.

import { useEffect, useMemo, useRef } from "preact/hooks";
import { readSafetensors } from "../../page/files/safetensors.js";
import { CELLS, imageOf } from "../../page/maths/drawing.js";
import { layersFrom, logitsOf } from "../../page/maths/network.js";
import { percent } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { Picture } from "../../page/parts/picture.js";
import { t } from "../../page/words/t.js";
import { Answers, meanShares, softTargets, useMembers } from "./answers.js";
import { asTestset } from "./images.js";
import { Pad } from "./pad.js";
import { Teach, YoursIn } from "./teach.js";
import { unlike } from "./unlike.js";

// false, true, or "look" for opened from elsewhere on the page.
const openOf = (lab) => lab.keep("distill draw", false);

// A link to it, where the page has a teacher that can answer, and how many drawings students learn.
export function ToDraw() {
  const lab = useLab();
  if (!lab.kernel("small_teacher").byteLength) return null;
  return html`<p class="kd-caption"><${YoursIn} /><button type="button" class="kd-link"
    onClick=${() => { openOf(lab).value = "look"; }}>${t`Draw a digit`}</button></p>`;
}

// view: of the run that the results above are of.
export function Draw({ view }) {
  const lab = useLab();
  const node = useRef(null);
  const open = openOf(lab);
  useEffect(() => {
    if (open.value !== "look") return;
    node.current.scrollIntoView({ block: "start" });
    node.current.querySelector("summary").focus({ preventScroll: true });
    open.value = true;
  }, [open.value]);
  if (!lab.kernel("small_teacher").byteLength) return null;
  return html`<details ref=${node} class="kd-box kd-draw" open=${Boolean(open.value)}
    onToggle=${(event) => { open.value = event.target.open; }}>
    <summary><b>${t`Draw a digit`}</b> <span>${
      t`See what teacher and students make of your own, and teach it to them.`}</span></summary>
    ${open.value && html`<${Drawing} view=${view} />`}
  </details>`;
}

function Drawing({ view }) {
  const lab = useLab();
  const file = lab.kernel("small_teacher");
  const teacher = useMemo(() => readTeacher(file), [file]);
  const drawn = lab.keep("distill strokes", []);
  const strokes = drawn.value;
  const image = useMemo(() => imageOf(strokes), [strokes]);
  const logits = useMemo(() => image && logitsOf(teacher.layers, image), [teacher, image]);
  const transferSet = lab.transferSet.value;
  const odd = useMemo(() => image && unlike(image, transferSet), [transferSet, image]);
  const here = lab.here("distill");
  const members = useMembers(here && view.run ? lab.session("distill") : null, image, view.progress);
  const T = lab.setting("lab", "temperature").value;
  const [students, baselines] = members ? meanShares(members, T) : [null, null];
  const classes = lab.kernel("classes");
  const set = (next) => { drawn.value = next; };
  const undo = () => set(drawn.peek().slice(0, -1));

  return html`<div class="kd-drawing">
      <div>
        <${Pad} strokes=${strokes} set=${set} undo=${undo} />
        <div class="kd-buttons">
          <button type="button" class="kd-tool" disabled=${!image} onClick=${undo}>${
            t`Undo stroke`}</button>
          <button type="button" class="kd-tool" disabled=${!image} onClick=${() => set([])}>${
            t`Clear`}</button>
        </div>
      </div>
      <div class="kd-seen">
        <${Seen} title=${t`What they see`} image=${image} />
        <${Seen} title=${t`Most alike in the data`}
          image=${odd && imageAt(transferSet, odd.index)} />
      </div>
      <${Answers} classes=${classes} T=${T} teacher=${logits && softTargets(logits, T)}
        students=${students} baselines=${baselines}>
        <p class="kd-odd" role="status">${odd ? odd.words
          : t`Nothing is drawn yet, so there are no soft targets.`}</p>
      <//>
    </div>
    <p class="kd-caption">${whoAnswers(teacher)} ${!here
      ? t`Python trains here and has the students: only the teacher answers.`
      : !view.run && t`Train students, and they answer too.`}</p>
    <p class="kd-caption">${howTheyDiffer(teacher)}</p>
    ${here && html`<${Teach} image=${image} logits=${logits} clear=${() => set([])} />`}`;
}

// An image with its name; an empty frame where there is none.
function Seen({ title, image }) {
  const testset = useMemo(() => image && asTestset(image), [image]);
  return html`<figure><div class="kd-frame">${testset
    && html`<${Picture} testset=${testset} index=${0} />`}</div>
    <figcaption class="kd-caption">${title}</figcaption></figure>`;
}

function imageAt({ data }, index) {
  const size = CELLS * CELLS;
  return data.inputs.subarray(index * size, (index + 1) * size);
}

function readTeacher(file) {
  const { tensors, metadata } = readSafetensors(file);
  const layers = layersFrom(tensors);
  const sizes = [layers[0].weight.length / layers[0].bias.length,
    ...layers.map(({ bias }) => bias.length)];
  return { layers, sizes, accuracy: Number(metadata.accuracy),
    elsewhere: Number(metadata.mnist_accuracy), members: metadata.teacher_members };
}

const whoAnswers = ({ sizes, members, accuracy }) => t`The teacher here is a small one, ${
  sizes.join("-")} units: it learned the soft targets of the ${
  members} networks that come along, and is right on ${percent(accuracy, 1)} of the test images.`;

const howTheyDiffer = ({ elsewhere }) => [
  t`Your drawing is not like the data.`,
  t`Those digits are of 13 people, written on paper and scanned; yours comes from a fingertip or a mouse.`,
  t`It is straightened, stretched to one size and counted in 8×8 blocks, as theirs were:`,
  t`these 64 numbers are all that a network sees.`,
  t`On digits of other people (MNIST's, sized so too) the small teacher is right on ${
    percent(elsewhere)} only.`].join(" ");
