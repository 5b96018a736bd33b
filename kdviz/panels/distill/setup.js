// The left column of Distill: the scenario, the prediction, what runs, and settings.

import { useState } from "preact/hooks";
import { Choice, NumberField, Radios, Range } from "../../page/parts/controls.js";
import { percent } from "../../page/parts/format.js";
import { html, useLab } from "../../page/parts/html.js";
import { RunButtons, Settings, Where } from "../../page/parts/training.js";
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
  const kind = classes.every((name) => /^\d$/.test(name)) ? "digit" : "class";
  const shown = lab.kernel("images").byteLength ? "images" : "examples";
  const of = (name) => lab.setting("distill", name);
  // Another scenario, or another class, asks for another prediction.
  const anew = (name) => (value) => lab.change("distill", { [name]: value, prediction: null });
  const unseen = of("scenario").value === "unseen";
  return html`<div class="kd-setup">
    <fieldset class="kd-setup-controls" disabled=${!view.live}>
      <div><div class="kd-scenario-head"><h2>Choose a scenario</h2>
          <div style=${unseen ? null : "visibility: hidden"}>
            <${Choice} label="Missing ${kind}" options=${classes.map((name, i) => [i, name])}
              setting=${of("omitted")} pick=${anew("omitted")} /></div></div>
        <${Radios} name="Scenario" class="kd-cards" setting=${of("scenario")} pick=${anew("scenario")}
          options=${[
            ["unseen", SCENARIOS.unseen.replace("digit", kind),
              `Can soft targets teach a missing ${kind}?`],
            ["few-labels", SCENARIOS["few-labels"], `${view.recipe.few} labelled ${shown}, the rest unlabelled.`],
            ["all-labels", SCENARIOS["all-labels"], "An equal budget. Who wins?"],
          ]} /></div>
      <${Prediction} unseen=${unseen} name=${classes[of("omitted").value]} />
    </fieldset>
    <${RunButtons} view=${view} send=${send} name="Train" text=${statusOf(view)}
      beside=${html`<${StepwiseButton} send=${send} />`}>
      <p class="kd-caption">${teacherOf(lab.kernel("teacher"), shown)}
        ${view.live && !lab.here("distill") && html`<button type="button" class="kd-link" disabled=${view.busy}
          onClick=${() => send("teacher")}>Train a new teacher</button>`}</p>
      <${ToDraw} />
    <//>
    <${Settings} panel="distill">
      <fieldset class="kd-setup-controls" disabled=${!view.live}>
        <div class="kd-fields">
          <${Choice} label="Hidden units" options=${WIDTHS} setting=${of("width")} />
          <${Choice} label="Seeds" options=${SEEDS} setting=${of("seeds")} />
        </div>
        <${Weight} />
      </fieldset>
      <${Where} panel="distill" busy=${view.busy} />
    <//>
  </div>`;
}

function teacherOf({ members, accuracy }, shown) {
  const networks = members === 1 ? "one network" : `${members} networks`;
  const known = accuracy === null ? "" : `, ${percent(accuracy, 1)} of the test ${shown}`;
  return `Teacher: ${networks}${known}. `;
}

// The shared soft weight, in steps of 0.05.
function Weight() {
  const setting = useLab().setting("lab", "soft_weight");
  const weight = setting.value;
  const note = weight === 1 ? "soft targets alone" : weight === 0 ? "labels alone"
    : `${percent(weight)} soft, ${percent(1 - weight)} labels`;
  return html`<${Range} class="kd-weight" label="Soft weight" note=${note} shown=${weight.toFixed(2)}
    setting=${setting} min="0" max="1" step="0.05" />`;
}

// The learner says what to expect before the outcome shows.
function Prediction({ unseen, name }) {
  const setting = useLab().setting("distill", "prediction");
  const [odd, mark] = useState(false);
  if (setting.hidden) return null;
  const low = unseen ? 0 : -100;
  const asked = odd ? `A number from ${low} to 100, please.`
    : setting.value === null ? "Say a number before you train."
      : "It will stand beside the outcome.";
  return html`<div class=${setting.value === null ? "kd-asked" : ""}>
    <h2>Your prediction</h2>
    <div class="kd-box kd-prediction"><p>
      ${unseen ? `Of the ${name}s it never saw, a student will recognize `
        : "Over hard labels, soft targets will gain "}
      <${NumberField} setting=${setting} low=${low} high=${100}
        name=${`Your prediction, in ${unseen ? "percent" : "points"}`}
        tell=${(value, fits) => mark(!fits)} />
      ${unseen ? " %" : " points of accuracy"}</p>
      <p class="kd-caption">${asked}</p></div>
  </div>`;
}
