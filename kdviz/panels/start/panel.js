// The panel Start: the claim, what distillation is, and the thing itself, trained while one looks.

import { useMemo, useState } from "preact/hooks";
import { makeBias } from "../../page/maths/bias.js";
import { interval } from "../../page/maths/compare.js";
import { Radios, Range } from "../../page/parts/controls.js";
import { count, percent, withArticle } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { Picture } from "../../page/parts/picture.js";
import { Term } from "../../page/parts/term.js";
import { MainButton } from "../../page/parts/training.js";
import { key, t, tag } from "../../page/words/t.js";
import { GUESSES, ask, guessOf } from "./asked.js";
import { knownOf, mean, shareOf } from "./outcome.js";
import { Distillation } from "./picture.js";
import { MISSING, PAIRS, makeSession } from "./session.js";

export { ask, makeSession };

const ROLES = [["hard", key`Taught with labels`, 1], ["soft", key`Taught with soft targets`, 0]];

export function View() {
  const lab = useLab();
  const session = lab.session("start");
  const view = session.view.value;
  const name = lab.kernel("classes")[MISSING];
  const several = t`${name}s`;
  const busy = view.state === "training" || view.state === "stopping";
  const [bias, raise] = useState(0);
  const [teacher, student] = session.costs.value;
  const cheaper = Number((teacher.multiply_adds / student.multiply_adds).toPrecision(2));
  const outcome = useOutcome(view, bias);
  const plain = useOutcome(view, 0); // what was found, wherever the slider stands
  return html`<div class="kd-start">
    <h2 class="kd-claim">${t`A small network learns a digit it has never seen`}</h2>
    <p>${t`A large network, the ${html`<${Term} name="teacher" />`
      }, knows more than its answers: it also says how much each image resembles every other digit.`} ${
      t`Taught with these shares, its ${html`<b class="kd-teacher"><${Term} name="soft targets" /></b>`
      }, a ${html`<${Term} name="student" />`} that needs ${html`<b>${t`${count(cheaper)} times`}</b>`
      } less arithmetic learns what labels alone did not say.`}</p>
    <${Distillation} name=${name} costs=${[teacher, student]} />
    <div class="kd-watch">
      <p>${t`These ${view.rows.length} images are all the ${several} of the test.`} ${
        t`How many will a small network know that was never shown ${withArticle(name)}?`}</p>
      <div class="kd-watch-row">
        <${Radios} name=${t`Your guess`} setting=${lab.setting("start", "guess")}
          options=${GUESSES.map(([guess, text]) => [guess, t(text)])}
          disabled=${busy || view.logits !== null} />
        <${MainButton} disabled=${busy} onClick=${() => {
          raise(0);
          session.watch();
        }}>${view.logits ? t`Watch again` : t`Watch`}<//>
        <p class="kd-caption" role="status">${view.message || (busy
          ? t`Training ${2 * PAIRS} networks on this device, none of which sees ${withArticle(name)}.`
          : "")}</p>
      </div>
    </div>
    ${ROLES.map(([role, taught, side]) => html`<${Row} key=${role} role=${role} taught=${t(taught)}
      view=${view} known=${outcome?.known[side]} several=${several} />`)}
    <div class="kd-after" aria-live="polite">${view.logits && html`
      <p class="kd-sentence">${verdict(plain, several)}</p>
      <p class="kd-caption">${beside(lab.setting("start", "guess").value, plain)}</p>`}</div>
    ${view.logits && html`<div class="kd-start-bias">
      <${Range} label=${t`Let it say ${name} more readily`} shown="+${bias.toFixed(1)}" value=${bias}
        min="0" max="8" step="0.1" set=${raise} />
      <p class="kd-caption">${
        t`It was never told that ${several} exist, so it says ${name} too rarely.`} ${
        t`Add to the logit of ${name}, and look.`} ${
        t`Of all test images right: soft targets ${html`<b>${percent(outcome.all[0], 1)}</b>`}, labels ${
          html`<b>${percent(outcome.all[1], 1)}</b>`}.`}</p>
    </div>`}
    <${Doors} />
  </div>`;
}

// For soft targets, then labels: who knows which image, and how many of all test images are right;
// while it trains without a bias.
function useOutcome({ missed, logits, rows }, bias) {
  const lab = useLab();
  const { labels } = lab.transferSet.value.test;
  const classes = lab.kernel("classes").length;
  const biased = useMemo(() => logits && makeBias(
    Float32Array.from(logits.flatMap((each) => [...each])), labels, classes, MISSING, []), [logits]);
  return useMemo(() => {
    if (!missed) return null;
    return { known: knownOf({ missed, rows }, bias), all: biased?.at(bias).map((each) => each.all) };
  }, [missed, biased, bias]);
}

function Row({ role, taught, view, known, several }) {
  const testset = useLab().testset.value;
  const share = known ? shareOf(known) : null;
  const lit = (n) => (known ? mean(known.map((each) => each[n])) : 0);
  return html`<div class="kd-threes kd-threes-${role}">
    <p><b class="kd-${role}-label">${taught}</b> <span>${share === null ? ""
      : t`${percent(share)} of the ${several}`}</span></p>
    <div class="kd-lights" role="img" aria-label=${share === null ? t`The ${several}, not asked yet`
      : t`${taught}: ${percent(share)} of the ${several} are recognized`}>
      ${view.rows.map((index, n) => html`<span key=${index} style=${{ "--lit": lit(n) }}>
        <${Picture} testset=${testset} index=${index} /></span>`)}</div>
  </div>`;
}

function verdict({ known }, several) {
  const [soft, hard] = known.map((networks) => interval(networks.map(mean)));
  const [low, high] = [soft.low, soft.high].map((end) => percent(Math.min(1, Math.max(0, end))));
  return t`Of ${several} that no network here was ever shown, those taught with soft targets know ${
    percent(soft.mean)} (95% interval ${low} to ${high}), those taught with labels ${
    percent(hard.mean)}: means of ${PAIRS} networks each.`;
}

function beside(guess, { known }) {
  const share = shareOf(known[0]);
  const was = guessOf(share);
  const words = { none: t`none`, half: t`about half`, most: t`nearly all` };
  if (!guess) return "";
  return guess === was ? t`You guessed ${words[guess]}, and so it is.`
    : t`You guessed ${words[guess]}; it is ${percent(share)}.`;
}

// Where to go on.
function Doors() {
  const lab = useLab();
  const lessons = lab.kernel("lesson");
  const lesson = lessons[tag()] ?? lessons.en;
  const doors = [
    ["soft_targets", t`See what the teacher knows`, t`How a temperature brings small shares to light.`],
    ["distill", t`Train it yourself`, t`Another digit, another size, fewer labels: who wins?`],
    ["sweep", t`Ask many at once`, t`How few labels are enough?`],
  ].filter(([panel]) => lab.get("panels").includes(panel) && !lab.hidden.value.has(panel));
  return html`<nav class="kd-doors" aria-label=${t`Where to go on`}>
    ${doors.slice(0, lesson ? 2 : 3).map(([panel, title, said]) => html`<button key=${panel}
      type="button" onClick=${() => lab.change("lab", { panel })}><b>${title}</b>
      <small>${said}</small></button>`)}
    ${lesson && html`<a href=${lesson}><b>${t`Lesson 1`}</b><small>${
      t`What a temperature does, in 20 minutes.`}</small></a>`}</nav>`;
}
