// A large network, what it says of one image, and the small network that learns from it.

import { argmax, softmax } from "../../page/maths/softmax.js";
import { Chart } from "../../page/parts/chart.js";
import { count, withArticle } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { Picture } from "../../page/parts/picture.js";
import { t } from "../../page/words/t.js";
import { MISSING, T } from "./session.js";

const HEIGHT = 132;
const FOOT = 44; // below the drawing: names
const ARROW = 26;
const [LARGE, SMALL] = [[5, 6, 6, 5], [3, 2, 3]];

// name: of the missing class. costs: of the teacher and of a student.
export function Distillation({ name, costs }) {
  const lab = useLab();
  const testset = lab.testset.value;
  const index = resembling(testset);
  const shares = softmax(testset.row(index), T);
  const subject = testset.classes[testset.subject(index)];
  function draw(width) {
    const narrow = width < 620;
    const middle = Math.min(320, width * 0.4);
    const gap = narrow ? 10 : 60;
    const side = Math.min(190, (width - middle) / 2 - gap - 4);
    const [left, right] = [(width - middle) / 2, (width + middle) / 2];
    const highest = Math.max(...shares);
    const step = middle / shares.length;
    return html`
      <${Network} layers=${LARGE} x=${left - side - gap} width=${side} role="teacher" />
      <${Network} layers=${SMALL} x=${right + gap} width=${side * 0.7} role="student" />
      ${[...shares].map((share, c) => {
        const high = Math.max(1.5, (share / highest) * (HEIGHT - 20));
        return html`<g key=${c}><rect class=${c === MISSING ? "kd-bar-missing" : "kd-soft-bar"}
            x=${left + step * c + 2} width=${step - 4} y=${HEIGHT - high} height=${high} rx="2" />
          <text x=${left + step * (c + 0.5)} y=${HEIGHT + 16} text-anchor="middle"
            class=${c === MISSING ? "kd-marked" : ""}>${testset.classes[c]}</text></g>`;
      })}
      ${!narrow && [left - gap / 2, right + gap / 2].map((x) => html`<path class="kd-arrow"
        d="M${x - ARROW / 2},${HEIGHT / 2 + 10}h${ARROW}m-7,-6l7,6l-7,6" />`)}
      <text x=${left - side / 2 - gap} y=${HEIGHT + 38} text-anchor="middle" class="kd-note">
        ${weights(costs[0], narrow)}</text>
      <text x=${width / 2} y=${HEIGHT + 38} text-anchor="middle" class="kd-note">
        ${t`soft targets`}</text>
      <text x=${right + gap + side * 0.35} y=${HEIGHT + 38} text-anchor="middle"
        class="kd-note">${weights(costs[1], narrow)}</text>`;
  }
  return html`<figure class="kd-distillation">
    <${Chart} name=${t`From a large network to a small one`} height=${HEIGHT + FOOT} draw=${draw} />
    <figcaption class="kd-caption"><span class="kd-thumb"><${Picture} testset=${testset}
      index=${index} /></span> ${t`What the large network says of this ${subject}: it looks ${
        html`<b>${(100 * shares[MISSING]).toFixed(0)}%</b>`} like ${withArticle(name)}.`} ${
      t`From shares like this one, of images that are no ${t`${name}s`}, the small network learns what ${
        withArticle(name)} is.`}</figcaption>
  </figure>`;
}

const weights = ({ parameters }, narrow) => (narrow ? count(parameters)
  : t`${count(parameters)} weights`);

// The test image of another class that the teacher finds most like the missing one.
function resembling(testset) {
  const share = (i) => softmax(testset.row(i), T)[MISSING];
  const others = Array.from({ length: testset.count }, (_, i) => i).filter((i) =>
    testset.label(i) !== MISSING && argmax(testset.row(i)) === testset.label(i));
  return others.reduce((best, i) => (share(i) > share(best) ? i : best), others[0]);
}

function Network({ layers, x, width, role }) {
  const at = (layer, unit) => [x + (width * (layer + 0.5)) / layers.length,
    HEIGHT / 2 + 10 + (unit - (layers[layer] - 1) / 2) * 20];
  const units = layers.flatMap((size, layer) => Array.from({ length: size }, (_, unit) =>
    ({ layer, place: at(layer, unit) })));
  const lines = units.flatMap(({ layer, place: [x1, y1] }) => units
    .filter((next) => next.layer === layer + 1)
    .map(({ place: [x2, y2] }) => html`<line x1=${x1} y1=${y1} x2=${x2} y2=${y2} />`));
  return html`<g class="kd-network kd-network-${role}">${lines}
    ${units.map(({ place: [cx, cy] }) => html`<circle cx=${cx} cy=${cy} r="4.5" />`)}</g>`;
}
