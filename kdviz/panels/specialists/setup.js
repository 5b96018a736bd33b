// The left column of Specialists: the data, the clusters, the prediction, and what runs.

import { useState } from "preact/hooks";
import { NumberField, Part, Radios, held } from "../../page/parts/controls.js";
import { html, useLab } from "../../page/parts/html.js";
import { RunButtons, Settings } from "../../page/parts/training.js";
import { key, t } from "../../page/words/t.js";

const counts = (values) => values.map((value) => [value, value]);
const MEASURES = [["covariance", key`Covariance`], ["correlation", key`Correlation`]];

// send("train" | "stop" | "kmeans" | "random") asks for it.
export function Setup({ view, clusters, send }) {
  const lab = useLab();
  const of = (name) => lab.setting("specialists", name);
  const { datasets, names } = view;
  const { locked } = of("clusters");
  const most = names.length || of("number").high;
  const [odd, mark] = useState(false);
  const pick = (data) => lab.change("specialists", { data, number: datasets[data].count,
    measure: datasets[data].measure, clusters: [], prediction: null, example: 0 });
  const button = (action, name) => html`<button type="button" class="kd-button kd-slim"
    ...${held(of("clusters"))} onClick=${() => send(action)}>${name}</button>`;
  const still = view.busy || !view.live;
  const note = datasets[of("data").value]?.note;
  return html`<div class="kd-setup">
    <fieldset class="kd-setup-controls" disabled=${still}>
      <${Part} name="specialists_data"><div class="kd-specialists-data">
        <h2>${t`1. What are the classes?`}</h2>
        <${Radios} name=${t`Data`} setting=${of("data")} pick=${pick}
          options=${Object.entries(datasets).map(([name, { title }]) => [name, t(title)])} />
        <p class="kd-caption">${note && t(note)}</p></div><//>
      <${Part} name="clusters"><div class="kd-buttons">${button("kmeans", t`K-means clusters`)}
          ${button("random", t`Random clusters`)}</div><//>
      <${Prediction} setting=${of("prediction")} />
    </fieldset>
    <${RunButtons} view=${view} send=${send} name=${t`Train`} text=${statusOf(view, clusters.length)} />
    <${Settings} panel="specialists">
      <fieldset class="kd-setup-controls" disabled=${still}>
        <div class="kd-specialists-fields">
          <${Part} name="specialists_seeds"><div><h2>${t`Seeds`}</h2>
            <${Radios} name=${t`Seeds`} options=${counts(view.seeds)} setting=${of("seeds")} /></div><//>
          <${Part} name="specialists_top"><div><h2>${t`Top classes asked`}</h2>
            <${Radios} name=${t`Top classes asked`} options=${counts(of("top").choices)}
              setting=${of("top")} /></div><//>
          <${Part} name="clusters"><label><h2>${t`Clusters`}</h2>
            <${NumberField} setting=${{ ...of("number"), locked }} low=${1} high=${most} step="1"
              name=${t`Number of clusters`} tell=${(_, fits) => mark(!fits)} /></label><//>
        </div>
        ${odd && html`<p class="kd-caption kd-warning" role="status">
          ${t`Clusters must be a whole number from 1 to ${most}.`}</p>`}
        <${Part} name="clusters"><div><h2>${t`Classes belong together by`}</h2>
          <${Radios} name=${t`Alike by`}
            options=${MEASURES.map(([measure, title]) => [measure, t(title)])}
            setting=${{ ...of("measure"), locked }} /></div><//>
      </fieldset>
    <//>
  </div>`;
}

function Prediction({ setting }) {
  const [odd, mark] = useState(false);
  const asked = odd ? t`A number from −100 to 100, please.`
    : setting.value === null ? t`Say a number before you train.`
      : t`It will stand beside the outcome.`;
  const field = html`<${NumberField} setting=${setting} low=${-100} high=${100}
    name=${t`Your prediction, in points`} tell=${(_, fits) => mark(!fits)} />`;
  return html`<div class=${setting.value === null ? "kd-asked" : ""}>
    <h2>${t`2. Your prediction`}</h2>
    <div class="kd-box kd-prediction">
      <p>${t`Specialists of K-means clusters will beat those of random clusters by ${field} points`}</p>
      <p class="kd-caption">${asked}</p></div>
  </div>`;
}

function statusOf({ state, message, device, asked, live, progress, generalist }, count) {
  if (message) return message;
  if (!live) return t`To train your own, start kdviz with Python.`;
  if (state === "warming") {
    return `${t`Loading PyTorch, once: a few seconds.`} ${t`Generalists come next.`}`;
  }
  if (asked) return t`Asking Python to begin.`;
  if (state === "training") {
    return { generalists: t`Training the generalists.`,
      longer: t`Training the generalists on, with as many examples.`,
      specialists: t`Training ${count} specialists for each generalist, as one cohort.`,
    }[progress?.what] ?? t`Looking for clusters.`;
  }
  if (state === "stopping") return t`Stopping.`;
  return generalist === null ? t`Train: generalists first.`
    : t`Ready: ${count} specialists to train, ${device}.`;
}
