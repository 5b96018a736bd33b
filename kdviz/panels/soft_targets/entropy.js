// Entropy over T: this example's curve, the band of 8 in 10 test examples, and where T stands.

import { useMemo } from "preact/hooks";
import { COLDEST, HOTTEST, MARKS, entropyBits, logSoftmax } from "../../page/maths/softmax.js";
import { Chart, XAxis, YAxis, area, linear, logarithmic, path, roundTicks }
  from "../../page/parts/chart.js";
import { temperature } from "../../page/parts/format.js";
import { Still, html } from "../../page/parts/html.js";
import { Term } from "../../page/parts/term.js";
import { entropyBand, once } from "../../page/state/testset.js";
import { t } from "../../page/words/t.js";

const POINTS = 60;
const TEMPERATURES = Array.from({ length: POINTS + 1 }, (_, i) =>
  COLDEST * (HOTTEST / COLDEST) ** (i / POINTS));
const HEIGHT = 226;
const [TOP, LEFT, RIGHT] = [24, 30, 76]; // the right margin holds the value, so nothing meets it
const bandOf = once((testset) => entropyBand(testset, TEMPERATURES));

// caption: what the line and the band are.
export function Entropy({ view, T, logP, caption }) {
  const { testset } = view;
  const ceiling = Math.log2(testset.width);
  const curve = useMemo(() => TEMPERATURES.map((each) =>
    entropyBits(logSoftmax(view.logits, each))), [view]);
  const bits = entropyBits(logP);
  const y = linear([0, ceiling], [HEIGHT - 30, TOP]);
  const ticks = roundTicks(0, ceiling, 4).filter((each) => each < ceiling * 0.97);

  function draw(width) {
    const edge = width - RIGHT;
    const x = logarithmic([COLDEST, HOTTEST], [LEFT, edge]);
    const points = (values) => values.map((each, i) => [x(TEMPERATURES[i]), y(each)]);
    const [low, high] = [0, 1].map((side) => bandOf(testset).map((each) => each[side]));
    const [cx, cy] = [x(T).toFixed(1), y(bits).toFixed(1)];
    const still = () => html`<path class="kd-band" d=${area(points(high), points(low))} />
      <${YAxis} ticks=${ticks} scale=${y} label=${String} x0=${LEFT} x1=${edge} />
      <${XAxis} ticks=${MARKS} scale=${x} label=${temperature} y0=${y(0)} y1=${y(0)} />
      <line class="kd-limit" x1=${LEFT} x2=${edge} y1=${TOP} y2=${TOP} />
      <text class="kd-note" x=${LEFT} y=${TOP - 8}>
        ${t`log₂ ${testset.width} = ${ceiling.toFixed(2)} bits: knowing nothing`}</text>
      <path class="kd-curve" d=${path(points(curve))} />`;
    return html`<${Still} by=${[view, width]} draw=${still} />
      <line class="kd-guide" x1=${cx} x2=${edge + 5} y1=${cy} y2=${cy} />
      <circle class="kd-dot" r="7" cx=${cx} cy=${cy} />
      <text class="kd-value" x=${edge + 10} y=${y(bits) + 4.5}>${t`${bits.toFixed(2)} bits`}</text>`;
  }
  return html`<div><h2>${t`${html`<${Term} name="entropy">${t`Entropy`}<//>`} of the soft targets, in ${
      html`<${Term} name="bit">${t`bits`}<//>`}`}</h2>
    <${Chart} name=${t`Entropy`} height=${HEIGHT} draw=${draw} describe=${() =>
      t`Entropy ${bits.toFixed(2)} bits at T = ${T}, of at most ${ceiling.toFixed(2)}`} />
    <p class="kd-caption">${caption}</p></div>`;
}
