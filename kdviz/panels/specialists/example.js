// One test example: what the generalist and the specialists asked say, and what they say together.

import { useMemo } from "preact/hooks";
import { activeOf, combine } from "../../page/maths/combine.js";
import { Range, held } from "../../page/parts/controls.js";
import { share } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { Term } from "../../page/parts/term.js";
import { numbers } from "../../page/state/testset.js";
import { key, t } from "../../page/words/t.js";

const ROWS = 9;
// What a group of examples is called, and each of it.
const KINDS = { right: [key`By specialists put right`, key`put right`],
  wrong: [key`By specialists put wrong`, key`put wrong`],
  same: [key`By specialists no change`, key`no change`] };

export function Example({ view: { picks, names } }) {
  const lab = useLab();
  const of = (name) => lab.setting("specialists", name);
  const bytes = lab.kernel("specialists_shares");
  const data = useMemo(() => numbers(bytes, Float64Array), [bytes]);
  if (!picks?.examples.length || !names.length) return null;
  const setting = of("example");
  const at = Math.min(setting.value, picks.examples.length - 1);
  // The slider's middle is λ = 1, Eq. 5 itself; its ends are λ = 0 and λ = 19.
  const [weight, top] = [of("weight").value, of("top").value];
  const lambda = weight === 0 ? t`λ = 0: the generalist alone`
    : weight === 1 ? t`λ = 1: Equation 5` : `λ = ${Number(weight.toPrecision(2))}`;
  return html`<section class="kd-specialists-example" aria-label=${t`One example`}>
    <h2>${t`3. One test example`} <small>${t`of the first seed`}</small></h2>
    <div class="kd-specialists-pick">
      <select class="kd-select" aria-label=${t`Test example`} value=${String(at)} ...${held(setting)}
        onChange=${(event) => setting.set(Number(event.target.value))}>
        ${Object.entries(KINDS).map(([kind, [group, title]]) => html`
          <optgroup key=${kind} label=${t(group)}>
            ${picks.examples.map((each, i) => each.kind === kind && html`
              <option key=${i} value=${String(i)}>
                ${t`${t(title)}: ${names[each.label]}, number ${each.number}`}</option>`)}
          </optgroup>`)}</select>
      <${Look} ...${picks.examples[at]} /></div>
    <${Range} label=${t`From generalist to specialists`} shown=${lambda} aria-valuetext=${lambda}
      value=${weight / (1 + weight)} min="0" max="0.95" step="0.05" setting=${setting}
      set=${(value) => of("weight").set(value / (1 - value))} />
    <${Shares} names=${names} label=${picks.examples[at].label} weight=${weight}
      ...${askAbout(data, picks, names.length, at, top)} />
  </section>`;
}

function Look({ text, pixels = [] }) {
  return html`<span class="kd-specialists-picture">${text !== undefined ? t`after “${text}”`
    : pixels.map((row) => html`<i>${row.map((shade) =>
      html`<b style="opacity: ${shade / 255}" />`)}</i>`)}</span>`;
}

// What the generalist says of example `at`, and those it asks: [classes, shares, number] of each.
function askAbout(data, { clusters, examples }, classes, at, top) {
  const [count, width] = [examples.length, Math.max(...clusters.map((c) => c.length)) + 1];
  const generalist = data.subarray(at * classes, (at + 1) * classes);
  const asked = activeOf(generalist, clusters, top).map((m) => {
    const first = count * classes + (m * count + at) * width;
    const said = data.subarray(first, first + width);
    return [clusters[m], [...said.subarray(0, clusters[m].length), said[width - 1]], m];
  });
  return { generalist, asked };
}

function Shares({ names, label, generalist, asked, weight }) {
  const together = combine(generalist, asked, weight);
  const by = ([special, p], c) => (special.includes(c) ? p[special.indexOf(c)] : 0);
  // The largest, whatever the weight: rows keep their places while it is moved.
  const size = (c) => generalist[c] + asked.reduce((sum, each) => sum + by(each, c), 0);
  const rows = names.map((_, c) => c).sort((a, b) => size(b) - size(a)).slice(0, ROWS);
  const others = (of) => names.reduce((sum, _, c) => sum + (rows.includes(c) ? 0 : of(c)), 0);
  const row = (name, first, middle, last, kind) => html`<tr class=${kind}>
    <th scope="row">${name}</th>${first}${asked.map(middle)}${last}</tr>`;
  return html`<div class="kd-scroll" tabIndex="0" role="region" aria-label=${t`Distributions`}>
      <table class="kd-shares"><thead><tr>${[t`Class`, t`Generalist`,
        ...asked.map(([, , m]) => t`Specialist ${m + 1}`), t`Together`].map((name) =>
        html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${rows.map((c) => row(c === label ? `${names[c]} ✓` : names[c],
          bar(generalist[c], "teacher"), (each) => (each[0].includes(c) ? bar(by(each, c), "good")
            : html`<td>·</td>`), bar(together[c], "all"), c === label ? "kd-true" : undefined))}
        ${row(t`others`, bar(others((c) => generalist[c]), "teacher"),
          (each) => bar(others((c) => by(each, c)), "good"), bar(others((c) => together[c]), "all"))}
        ${row(t`dustbin`, html`<td />`, ([, p]) => bar(p.at(-1), "good"), html`<td />`)}
      </tbody></table></div>
    <p class="kd-caption">${asked.length
      ? t`✓ the true class. · not a class of this specialist: its ${html`<${Term} name="dustbin" />`} stands for all of these.`
      : t`No specialist knows what the generalist says: nobody is asked.`}</p>`;
}

function bar(p, role) {
  return html`<td><span class="kd-share-bar kd-of-${role}" style="width: ${(100 * p).toFixed(2)}%" />
    <span>${share(Math.log(p))}</span></td>`;
}
