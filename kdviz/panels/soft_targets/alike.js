// The classes most alike at this T: pairs by the share that each gives the other, on average.

import { useMemo } from "preact/hooks";
import { held } from "../../page/parts/controls.js";
import { count, percent } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { meanShares } from "../../page/state/cloud.js";
import { t } from "../../page/words/t.js";

const ROWS = 8;
const MOST_CLASSES = 300;

export function Alike({ view: { testset }, T }) {
  const example = useLab().setting("lab", "example");
  const { classes, width } = testset;
  const pairs = useMemo(() => (width > MOST_CLASSES ? null
    : pairsOf(meanShares(testset, T), width).slice(0, ROWS)), [testset, T]);
  if (!pairs) {
    return html`<p>${t`Pairs are compared for up to ${MOST_CLASSES} classes; here there are ${
      count(width)}.`}</p>`;
  }
  const row = ([a, b, ab, ba]) => {
    const [one, other] = [classes[a], classes[b]];
    return html`<tr><th scope="row"><button type="button" class="kd-tool" ...${held(example)}
        aria-label=${t`${one} and ${other}: show an image between them`}
        onClick=${() => example.set(between(testset, a, b))}>
        <b>${t`${one} and ${other}`}</b></button></th>
      <td><span class="kd-alike-bar" style="width: ${percent(((ab + ba) / 2) * width, 2)}" /></td>
      <td>${percent((ab + ba) / 2, 1)}</td>
      <td class="kd-caption">${t`${one} gives ${other} ${percent(ab, 1)}, ${other} gives ${one} ${
        percent(ba, 1)}`}</td></tr>`;
  };
  return html`<table class="kd-alike" data-name="Classes alike">
      <caption class="kd-hidden">${t`Pairs of classes most alike`}</caption>
      <tbody>${pairs.map(row)}</tbody></table>
    <p class="kd-caption">${t`A full bar is ${
      percent(1 / width, 1)}, the share of each class when T is without end.`}</p>`;
}

function pairsOf(shares, width) {
  const pairs = [];
  for (let a = 0; a < width; a++) {
    for (let b = a + 1; b < width; b++) {
      pairs.push([a, b, shares[a * width + b], shares[b * width + a]]);
    }
  }
  return pairs.sort((p, q) => q[2] + q[3] - p[2] - p[3]);
}

// The image of one of both classes that is nearest to the other.
function between(testset, a, b) {
  let [best, least] = [0, Infinity];
  for (let i = 0; i < testset.count; i++) {
    const subject = testset.subject(i);
    if (subject !== a && subject !== b) continue;
    const row = testset.row(i);
    const gap = Math.abs(row[a] - row[b]);
    if (gap < least) [best, least] = [i, gap];
  }
  return best;
}
