// Two examples of one class: this 2 looks like a 3, that one like a 7.

import { useMemo } from "preact/hooks";
import { logSoftmax } from "../../page/maths/softmax.js";
import { Radios } from "../../page/parts/controls.js";
import { share, withArticle } from "../../page/parts/format.js";
import { Sentence, html, useLab } from "../../page/parts/html.js";
import { Picture, Thumbnail } from "../../page/parts/picture.js";
import { t } from "../../page/words/t.js";

const OTHERS = 8; // second examples to choose from
const EACH = 5; // classes shown of each

export function Pair({ view: { testset, index, subject }, T }) {
  const setting = useLab().setting("soft_targets", "second");
  const others = useMemo(() => othersOf(testset, index), [testset, index]);
  const wanted = setting.value;
  const second = wanted >= 0 && wanted !== index && testset.subject(wanted) === subject ? wanted
    : others[0];
  const both = second === undefined ? [index] : [index, second];
  const likes = useMemo(() => both.map((i) => runnersUp(testset, i)), [testset, index, second]);
  return html`<div class="kd-twins">
    ${[t`This one`, t`That one`].map((title, n) => html`<div><h2>${title}</h2>
      <div class="kd-face">${n in both && html`<${Face} testset=${testset} index=${both[n]} />`}
      </div></div>`)}
    <div data-name="Two of a class"><p class="kd-sentence">
        <${Sentence} parts=${said(testset.classes, subject, likes)} /></p>
      <div class="kd-pair-rows">${second !== undefined && html`<${Rows} testset=${testset}
        both=${both} likes=${likes} T=${T} />`}</div></div>
    <div><h2>${t`Compare with`}</h2><${Radios} name=${t`Compare with`} class="kd-strip"
      setting=${{ ...setting, value: second }} options=${others.map((i) =>
        [i, html`<${Thumbnail} testset=${testset} index=${i} />`])} /></div>
  </div>`;
}

function Face({ testset, index }) {
  return testset.image(index) ? html`<${Picture} testset=${testset} index=${index} />`
    : `${testset.classes[testset.subject(index)]} ${index}`;
}

function said(classes, subject, [one, other]) {
  if (!other) return [t`There is no other example of this class.`];
  const [a, b] = [one[0], other[0]].map((c) => withArticle(classes[c]));
  if (a === b) return [t`Both look like ${a} besides. Compare with another one.`];
  return t`This ${classes[subject]} looks like ${[a, "teacher"]}, that one like ${
    [b, "teacher"]}. The labels are the same.`;
}

function Rows({ testset, both, likes, T }) {
  const shown = [...new Set(likes.flatMap((order) => order.slice(0, EACH)))].sort((a, b) => a - b);
  const shares = both.map((i) => logSoftmax(testset.row(i), T));
  const most = Math.max(...shown.flatMap((c) => shares.map((logP) => logP[c])));
  return shown.map((c) => html`<div class="kd-twin-row" key=${c}><b>${testset.classes[c]}</b>
    <div>${["this", "that"].map((which, n) => html`<div><span class="kd-twin-${which}"
      style="width: ${(Math.exp(shares[n][c] - most) * 100).toFixed(2)}%" /></div>`)}</div>
    <div class="kd-twin-values">${shares.map((logP) =>
      html`<div><span>${share(logP[c])}</span></div>`)}</div></div>`);
}

// The other classes, most alike first.
function runnersUp(testset, i) {
  const [logits, subject] = [testset.row(i), testset.subject(i)];
  return [...logits.keys()].filter((c) => c !== subject).sort((a, b) => logits[b] - logits[a]);
}

// Others of the class: first those whose likeness is another one, the strongest first.
function othersOf(testset, index) {
  const subject = testset.subject(index);
  const best = (row) => row.reduce((most, v, c) =>
    (c !== subject && (most < 0 || v > row[most]) ? c : most), -1);
  const mine = best(testset.row(index));
  const found = [];
  for (let i = 0; i < testset.count; i++) {
    if (i === index || testset.subject(i) !== subject) continue;
    const row = testset.row(i);
    const like = best(row);
    found.push({ i, like, gap: row[subject] - row[like] });
  }
  found.sort((a, b) => (a.like === mine) - (b.like === mine) || a.gap - b.gap);
  const [seen, first, rest] = [new Set(), [], []];
  for (const each of found) {
    (seen.has(each.like) ? rest : first).push(each.i);
    seen.add(each.like);
  }
  return [...first, ...rest].slice(0, OTHERS);
}
