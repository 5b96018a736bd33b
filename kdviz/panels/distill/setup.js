// The left column of Distill: the scenario, the prediction, what runs, and settings.

import { useState } from "preact/hooks";
import { Choice, NumberField, Radios, Range } from "../../page/parts/controls.js";
import { percent } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { RunButtons, Settings, Where } from "../../page/parts/training.js";
import { t } from "../../page/words/t.js";
import { ToDraw } from "./draw.js";
import { StepwiseButton } from "./stepwise.js";
import { SCENARIOS, statusOf } from "./words.js";

const counts = (values) => values.map((value) => [value, value]);
const WIDTHS = counts([4, 8, 16, 32, 64, 128, 256]);
const SEEDS = counts([1, 2, 4, 8, 16, 32]);

// send("train" | "teacher" | "stop") asks for it.
export function Setup({ view, send }) {
  const lab = useLab();
  const classes = lab.kernel("classes");
  const digits = classes.every((name) => /^\d$/.test(name));
  const images = lab.kernel("images").byteLength > 0;
  const { few } = view.recipe;
  const of = (name) => lab.setting("distill", name);
  // Another scenario, or another class, asks for another prediction.
  const anew = (name) => (value) => lab.change("distill", { [name]: value, prediction: null });
  const unseen = of("scenario").value === "unseen";
  return html`<div class="kd-setup">
    <fieldset class="kd-setup-controls" disabled=${!view.live}>
      <div><div class="kd-scenario-head"><h2>${t`Choose a scenario`}</h2>
          <div style=${unseen ? null : "visibility: hidden"}>
            <${Choice} label=${digits ? t`Missing digit` : t`Missing class`}
              options=${classes.map((name, i) => [i, name])}
              setting=${of("omitted")} pick=${anew("omitted")} /></div></div>
        <${Radios} name=${t`Scenario`} class="kd-cards" setting=${of("scenario")}
          pick=${anew("scenario")} options=${[
            digits ? ["unseen", t(SCENARIOS.unseen), t`Can soft targets teach a missing digit?`]
              : ["unseen", t`A class it never saw`, t`Can soft targets teach a missing class?`],
            ["few-labels", t(SCENARIOS["few-labels"]), images
              ? t`${few} labelled images, the rest unlabelled.`
              : t`${few} labelled examples, the rest unlabelled.`],
            ["all-labels", t(SCENARIOS["all-labels"]), t`An equal budget. Who wins?`],
          ]} /></div>
      <${Prediction} unseen=${unseen} name=${classes[of("omitted").value]} />
    </fieldset>
    <${RunButtons} view=${view} send=${send} name=${t`Train`} text=${statusOf(view)}
      beside=${html`<${StepwiseButton} send=${send} />`}>
      <p class="kd-caption">${teacherOf(lab.kernel("teacher"), images)}${" "}
        ${view.live && !lab.here("distill") && html`<button type="button" class="kd-link" disabled=${view.busy}
          onClick=${() => send("teacher")}>${t`Train a new teacher`}</button>`}</p>
      <${ToDraw} />
    <//>
    <${Settings} panel="distill">
      <fieldset class="kd-setup-controls" disabled=${!view.live}>
        <div class="kd-fields">
          <${Choice} label=${t`Hidden units`} options=${WIDTHS} setting=${of("width")} />
          <${Choice} label=${t`Seeds`} options=${SEEDS} setting=${of("seeds")} />
        </div>
        <${Weight} />
      </fieldset>
      <${Where} panel="distill" busy=${view.busy} />
    <//>
  </div>`;
}

function teacherOf({ members, accuracy }, images) {
  const networks = members === 1 ? t`one network` : t`${members} networks`;
  if (accuracy === null) return t`Teacher: ${networks}.`;
  const right = percent(accuracy, 1);
  return images ? t`Teacher: ${networks}, ${right} of the test images.`
    : t`Teacher: ${networks}, ${right} of the test examples.`;
}

// The shared soft weight, in steps of 0.05.
function Weight() {
  const setting = useLab().setting("lab", "soft_weight");
  const weight = setting.value;
  const note = weight === 1 ? t`soft targets alone` : weight === 0 ? t`labels alone`
    : t`${percent(weight)} soft, ${percent(1 - weight)} labels`;
  return html`<${Range} class="kd-weight" label=${t`Soft weight`} note=${note}
    shown=${weight.toFixed(2)} setting=${setting} min="0" max="1" step="0.05" />`;
}

// The learner says what to expect before the outcome shows.
function Prediction({ unseen, name }) {
  const setting = useLab().setting("distill", "prediction");
  const [odd, mark] = useState(false);
  if (setting.hidden) return null;
  const low = unseen ? 0 : -100;
  const asked = odd ? t`A number from ${low} to 100, please.`
    : setting.value === null ? t`Say a number before you train.`
      : t`It will stand beside the outcome.`;
  const field = html`<${NumberField} setting=${setting} low=${low} high=${100}
    name=${unseen ? t`Your prediction, in percent` : t`Your prediction, in points`}
    tell=${(value, fits) => mark(!fits)} />`;
  return html`<div class=${setting.value === null ? "kd-asked" : ""}>
    <h2>${t`Your prediction`}</h2>
    <div class="kd-box kd-prediction"><p>
      ${unseen ? t`Of the ${name}s it never saw, a student will recognize ${field} %`
        : t`Over hard labels, soft targets will gain ${field} points of accuracy`}</p>
      <p class="kd-caption">${asked}</p></div>
  </div>`;
}
