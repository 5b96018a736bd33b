// Every test image as a dot, entropy against confidence; hover, click, or walk by keyboard.

import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Chart, XAxis, YAxis, linear, path, roundTicks, useWidth } from "../../page/parts/chart.js";
import { held } from "../../page/parts/controls.js";
import { count, percent } from "../../page/parts/format.js";
import { Still, freshId, html, useLab } from "../../page/parts/html.js";
import { Picture } from "../../page/parts/picture.js";
import { cloudOf, mostBits } from "../../page/state/cloud.js";
import { once } from "../../page/state/testset.js";
import { key, t } from "../../page/words/t.js";
import { dab } from "./dots.js";

const NAME = key`Entropy against confidence`;
const LEGEND = [["right", key`right`], ["wrong", key`wrong`]];
const HEIGHT = 300;
const [LEFT, RIGHT, TOP, FOOT] = [44, 16, 12, 44];
const NEAR = 20; // pixels within which a dot is meant
const CONFIDENCES = [0, 0.25, 0.5, 0.75, 1];
const TELLING_AT = 4; // the T at which the walk leads from certain to unsure

const walkOf = once((testset) => {
  const cloud = cloudOf(testset);
  cloud.heat(TELLING_AT);
  const bits = Float64Array.from(cloud.bits);
  return Array.from(cloud.examples).sort((a, b) => bits[cloud.placeOf(a)] - bits[cloud.placeOf(b)]);
});

export function Points({ view: { testset, index }, T }) {
  const example = useLab().setting("lab", "example");
  const [id] = useState(() => freshId("walk"));
  const [hovered, hover] = useState(-1);
  const [plot, width] = useWidth();
  const legend = [useRef(null), useRef(null)];
  const walk = walkOf(testset);
  const cloud = cloudOf(testset);
  const { examples, confidence, bits, wrong, stride, placeOf } = cloud;
  cloud.heat(T);
  const labelled = useMemo(() => examples.some((i) => testset.label(i) >= 0), [testset]);
  const ceiling = Math.log2(testset.width);
  const x = linear([0, 1], [LEFT, width - RIGHT]);
  const y = linear([0, ceiling], [HEIGHT - FOOT, TOP]);

  function said(i) {
    const n = placeOf(i);
    const image = t`Test image ${i}, ${testset.classes[testset.subject(i)]}`;
    if (n < 0) return image;
    const [spread, most] = [bits[n].toFixed(2), percent(confidence[n])];
    return wrong[n] ? t`${image}: ${spread} bits, confidence ${most}, the teacher is wrong`
      : t`${image}: ${spread} bits, confidence ${most}`;
  }

  function draw() {
    const even = 1 / testset.width;
    const shares = Array.from({ length: 81 }, (_, i) => even + (1 - even) * (i / 80));
    const still = () => html`
      <${YAxis} ticks=${roundTicks(0, ceiling, 4)} scale=${y} label=${String} x0=${LEFT}
        x1=${width - RIGHT} />
      <${XAxis} ticks=${CONFIDENCES} scale=${x} label=${(p) => percent(p)} y0=${TOP}
        y1=${HEIGHT - FOOT} />
      <text class="kd-note" x=${width - RIGHT} y=${HEIGHT - 4} text-anchor="end">
        ${t`confidence: the largest share`}</text>
      <text class="kd-note" x=${LEFT + 6} y=${HEIGHT - FOOT - 8}>
        ${t`entropy, bits`}</text>
      <path class="kd-limit" fill="none"
        d=${path(shares.map((p) => [x(p), y(mostBits(p, testset.width))]))} />`;
    const ring = (i, kind) => placeOf(i) >= 0 && html`<circle class="kd-ring ${kind}"
      r=${kind ? 6 : 7} cx=${x(confidence[placeOf(i)]).toFixed(1)}
      cy=${y(bits[placeOf(i)]).toFixed(1)} />`;
    return html`<${Still} by=${[testset, width]} draw=${still} />
      ${ring(index, "")}${hovered >= 0 && ring(hovered, "kd-ring-hover")}`;
  }

  // The example nearest to the pointer, -1 if none is near; a zoomed page is counted in.
  function nearest(event) {
    const box = event.currentTarget.getBoundingClientRect();
    const scale = width / box.width;
    const [px, py] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    let [best, far] = [-1, NEAR ** 2];
    examples.forEach((i, n) => {
      const d = (x(confidence[n]) - px) ** 2 + (y(bits[n]) - py) ** 2;
      if (d < far) [best, far] = [i, d];
    });
    return best;
  }

  const met = hovered >= 0 && hovered < testset.count ? hovered : index;
  const at = Math.floor(index / stride) * stride;
  return html`<div class="kd-points">
    <div><div ref=${plot} class="kd-points-plot" data-name=${t(NAME)}>
      <${Dots} cloud=${cloud} T=${T} x=${x} y=${y} width=${width} legend=${legend} />
      <${Chart} name=${t(NAME)} height=${HEIGHT} draw=${draw}
        describe=${() => t`Entropy against confidence of ${
          count(examples.length)} test images at T = ${T}, ${
          count(wrong.reduce((a, b) => a + b, 0))} of them mistaken`}
        onPointerMove=${(event) => hover(nearest(event))} onPointerLeave=${() => hover(-1)}
        onClick=${(event) => {
          const i = nearest(event);
          if (i >= 0) example.set(i);
        }} /></div></div>
    <div class="kd-points-side">
      <div class="kd-face"><${Picture} testset=${testset} index=${met} /></div>
      <p class="kd-caption">${said(met)}</p>
      <label for=${id} class="kd-caption">${t`Walk from certain to unsure`}</label>
      <input type="range" id=${id} class="kd-range" min="0" max=${walk.length - 1} step="1"
        value=${walk.indexOf(at)} aria-valuetext=${said(index)} ...${held(example)}
        onInput=${(event) => example.set(walk[event.target.valueAsNumber])} />
      <p class="kd-caption">${LEGEND.map(([name, text], i) => html`<b ref=${legend[i]}
        class="kd-dots-${name}">${labelled && `● ${t(text)} `}</b>`)}
        ${t`Dashed: the rest is shared evenly, so no dot lies above.`}
        ${stride > 1 && ` ${t`Every ${stride}th of ${count(testset.count)} images.`}`}</p></div>
  </div>`;
}

// The dots themselves, beneath the chart, in the colors of its legend.
function Dots({ cloud, T, x, y, width, legend }) {
  const node = useRef(null);
  const dots = Math.min(2, devicePixelRatio || 1);
  const size = [width * dots, HEIGHT * dots].map(Math.round);
  const image = useMemo(() => (width ? new ImageData(...size) : null), size);
  const colors = useRef([]);
  // Colors are known once the view is on the page, as its width.
  useLayoutEffect(() => {
    if (!image) return;
    colors.current = legend.map((each) =>
      getComputedStyle(each.current).color.match(/[\d.]+/g).map(Number));
  }, [image]);
  useLayoutEffect(() => {
    if (!image) return;
    dab({ image, dots, x, y, colors: colors.current }, cloud);
    node.current.getContext("2d").putImageData(image, 0, 0);
  }, [cloud, T, image]);
  return html`<canvas ref=${node} width=${size[0]} height=${size[1]} aria-hidden="true" />`;
}
