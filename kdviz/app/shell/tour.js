// A tour of two minutes through the real panels. It sets the scene, and notices when the visitor
// did what it asked for. It can be left and resumed.

import { useEffect } from "preact/hooks";
import { entropyBits, logSoftmax, softmax } from "../../page/maths/softmax.js";
import { html, useLab } from "../../page/parts/html.js";
import { recall, remember } from "../../page/state/storage.js";
import { key, t } from "../../page/words/t.js";

const [STEP, ASKED] = ["tour-step", "tour-asked"];
const NEEDED = ["soft_targets", "distill"];
const HELD = ["temperature", "example", "scenario", "omitted", "prediction"];
const [WARM, SURE, MISSING] = [4, 0.98, 3];

// Each step: what it says; how it sets the scene; and when the visitor has done it.
const STEPS = [
  {
    texts: [key`A large network looked at this 8. At temperature 1 it seems sure.`,
      key`Raise the temperature at the top to 4 or more: what else does it see?`],
    enter(lab) {
      lab.change("lab", { panel: "soft_targets", temperature: 1, example: telling(lab, "8"),
        scale: "linear" });
    },
    done: (lab) => lab.get("temperature") >= WARM,
  },
  {
    texts: [key`Now the small shares show.`,
      key`They say what the 8 resembles, and a small network can learn from that.`,
      key`Could it even learn a digit that it is never shown?`],
    enter: (lab) => lab.change("lab", { panel: "soft_targets" }),
  },
  {
    texts: [key`Here no student will see a single 3.`,
      key`Of the test's 3s, how many will they recognize? Type your prediction, in percent.`],
    enter(lab) {
      lab.change("lab", { panel: "distill", temperature: 8, soft_weight: 1, where: "page" });
      const { scenario, omitted, prediction } = lab.settings("distill");
      const same = scenario === "unseen" && omitted === MISSING; // then a prediction stays
      lab.change("distill", { scenario: "unseen", omitted: MISSING,
        prediction: same ? prediction : null });
    },
    done: (lab) => lab.settings("distill").prediction !== null,
  },
  {
    texts: [key`Press Train.`,
      key`Students with soft targets, and others with labels alone, train on your device: it takes seconds.`],
    enter: (lab) => lab.change("lab", { panel: "distill" }),
    done(lab) {
      const { outcome, run } = lab.training("distill");
      return Boolean(outcome) && run.prediction === lab.settings("distill").prediction;
    },
  },
  {
    texts: [key`The verdict stands beside your prediction.`,
      key`The students were never told that 3s exist, so they say 3 too rarely.`,
      key`Raise the bias of class 3: how many more did they know?`],
    enter: (lab) => lab.change("lab", { panel: "distill" }),
  },
  {
    texts: [key`That was distillation.`,
      key`Go on as you like: another digit, a smaller network, 50 labels in place of all.`,
      key`Which one surprises you?`],
    enter: (lab) => lab.change("lab", { panel: "distill" }),
  },
];

/** Whether this page has what the tour shows, with nothing locked that it asks for. */
export function canTour(lab) {
  const free = NEEDED.every((name) => lab.get("panels").includes(name) && !lab.hidden.value.has(name));
  return free && Boolean(lab.session("distill")) && !HELD.some((name) =>
    lab.locked.value.has(name) || lab.hidden.value.has(name));
}

/** Begins the tour, or goes on where it was left. */
export function beginTour(lab) {
  const at = Number(recall(STEP)) || 0;
  const step = at < STEPS.length - 1 ? at : 0;
  remember(ASKED, "1");
  lab.keep("tour", step).value = step;
  lab.change("lab", { tour: true });
}

// What greets a first visit, and never again once it was answered.
export function Greeting() {
  const lab = useLab();
  const answered = lab.keep("tour asked", recall(ASKED) !== null);
  if (answered.value || lab.get("tour") || !canTour(lab)) return null;
  const answer = (act) => () => {
    remember(ASKED, "1");
    answered.value = true;
    act?.();
  };
  return html`<div class="kd-greeting"><p>${
    t`New here? A tour of two minutes shows how it works.`}</p>
    <button type="button" class="kd-button" onClick=${answer(() => beginTour(lab))}>${
      t`Begin the tour`}</button>
    <button type="button" class="kd-tool" onClick=${answer()}>${t`No, thanks`}</button></div>`;
}

export function Tour() {
  const lab = useLab();
  const at = lab.keep("tour", Math.min(Number(recall(STEP)) || 0, STEPS.length - 1));
  const shown = lab.get("tour") && canTour(lab);
  useEffect(() => {
    if (shown) STEPS[at.value].enter(lab); // opened by a link, or again
  }, [shown]);
  if (!shown) return null;
  const { texts, done } = STEPS[at.value];
  const finished = done?.(lab);
  const last = at.value === STEPS.length - 1;
  const go = (step) => {
    at.value = step;
    remember(STEP, String(step));
    STEPS[step].enter(lab);
  };
  const leave = () => lab.change("lab", { tour: false });
  return html`<aside class="kd-tour" aria-label=${t`Tour`}>
    <p class="kd-caption">${t`Step ${at.value + 1} of ${STEPS.length}`}</p>
    <p aria-live="polite">${finished && html`<b class="kd-done">${t`Done.`} </b>`}${
      texts.map((text) => t(text)).join(" ")}</p>
    <div class="kd-buttons">
      ${!last && html`<button type="button" class="kd-button ${!done || finished ? "kd-primary" : ""}"
        onClick=${() => go(at.value + 1)}>${!done || finished ? t`Go on` : t`Skip`}</button>`}
      ${at.value > 0 && html`<button type="button" class="kd-button" onClick=${() => go(at.value - 1)}>
        ${t`Back`}</button>`}
      <button type="button" class="kd-button ${last ? "kd-primary" : ""}" onClick=${() => {
        if (last) remember(STEP, "0");
        leave();
      }}>${last ? t`End the tour` : t`Leave`}</button>
    </div>
  </aside>`;
}

// Of a class, the example that looks certain at T = 1 and has most to tell when it is warmer.
function telling(lab, name) {
  const testset = lab.testset.value;
  const own = Array.from({ length: testset.count }, (_, i) => i).filter((i) =>
    testset.classes[testset.label(i)] === name && softmax(testset.row(i), 1)[testset.label(i)] > SURE);
  const bits = (i) => entropyBits(logSoftmax(testset.row(i), WARM));
  return own.reduce((best, i) => (bits(i) > bits(best) ? i : best), own[0] ?? -1);
}
