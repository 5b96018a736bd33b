// The left column of Sweep: the question, how many seeds, the prediction, and what runs.

import { Radios, held } from "../../page/parts/controls.js";
import { html, useLab } from "../../page/parts/html.js";
import { Term } from "../../page/parts/term.js";
import { RunButtons, Settings, Where } from "../../page/parts/training.js";
import { key, t } from "../../page/words/t.js";
import { say } from "./findings.js";

const TAKES = { seconds: key`seconds`, minutes: key`minutes` };

// send("train" | "stop") asks for it.
export function Setup({ view, table, found, send }) {
  const lab = useLab();
  const of = (name) => lab.setting("sweep", name);
  // Another question, or other data, asks for another prediction.
  const anew = (name) => (value) => lab.change("sweep", { [name]: value, prediction: null });
  const still = view.busy || !(view.live || lab.session("sweep"));
  return html`<div class="kd-setup">
    <fieldset class="kd-setup-controls" disabled=${still}>
      <div><h2>${t`Choose a question`}</h2>
        <${Radios} name=${t`Question`} class="kd-cards" setting=${of("question")}
          pick=${anew("question")} options=${Object.entries(view.tables[view.chosen.data])
            .map(([name, asked]) => [name, say(asked, asked.title), say(asked, asked.note)])} /></div>
      <${Prediction} table=${table} setting=${of("prediction")} seen=${view.seen} />
    </fieldset>
    <${RunButtons} view=${view} send=${send} name=${t`Run the sweep`} text=${statusOf(view, found)} />
    <${Settings} panel="sweep">
      <fieldset class="kd-setup-controls" disabled=${still}>
        <div class="kd-sweep-fields">
          <div><h2>${t`${html`<${Term} name="seed">${t`Seeds`}<//>`} of each cell`}</h2>
            <${Radios} name=${t`Seeds`} options=${view.seeds.map((count) => [count, count])}
              setting=${of("seeds")} /></div>
          ${view.datasets.length > 1 && html`<div><h2>${t`Data`}</h2>
            <${Radios} name=${t`Data`} setting=${of("data")} pick=${anew("data")}
              options=${view.datasets.map(([name, title, takes]) =>
                [name, `${t(title)}, ${t(TAKES[takes])}`])} /></div>`}
        </div>
      </fieldset>
      <${Trainer} view=${view} data=${of("data").value} />
    <//>
  </div>`;
}

// Who trains: only the page's own data leave a choice.
function Trainer({ view, data }) {
  const lab = useLab();
  if (!lab.session("sweep") || data === view.own) {
    return html`<${Where} panel="sweep" busy=${view.busy} />`;
  }
  return html`<p class="kd-caption">${lab.here("sweep")
    ? t`This page trains on the images that it holds.`
    : t`Python trains these: their images are not in the page.`}</p>`;
}

// One of the question's options; a prediction counts that was there when the sweep began.
function Prediction({ table, setting, seen }) {
  const { guess, options } = table;
  const chosen = options.includes(setting.value) ? setting.value : "";
  return html`<div class=${chosen || seen ? "" : "kd-asked"}><h2>${t`Your prediction`}</h2>
    <div class="kd-box kd-prediction">
      <p>${say(table, guess)} <select class="kd-select" aria-label=${t`Your prediction`} value=${chosen}
        ...${held(setting, seen)} onChange=${(event) => setting.set(event.target.value || null)}>
        <option value="">${t`choose …`}</option>
        ${options.map((option) => html`<option key=${option} value=${option}>
          ${say(table, option)}</option>`)}
      </select></p>
      <p class="kd-caption">${seen ? t`Results are in: a choice now would be no prediction.`
        : chosen ? t`It will stand beside the outcome.` : t`Choose before you run it.`}</p>
    </div></div>`;
}

function statusOf({ state, waiting, message, device, asked, live }, { known, students }) {
  if (message) return message;
  if (!live) return t`Nothing trains here: this page has no images to train on.`;
  if (state === "warming") {
    const loads = t`Loading PyTorch, once: a few seconds.`;
    return waiting ? `${loads} ${t`The sweep begins right after.`}` : loads;
  }
  if (asked) return t`Asking Python to begin.`;
  if (state === "training") return t`Stop when you like: what is trained is kept.`;
  if (state === "stopping") return t`Stopping.`;
  if (known === students) return t`All ${students} students are trained, ${device}.`;
  return known ? t`${known} of ${students} students are trained: run it to go on.`
    : device ? t`Ready: ${students} students, ${device}.` : t`Ready.`;
}
