// The left column of Specialists: the data, the clusters, the prediction, and what runs.

import { useState } from "preact/hooks";
import { NumberField, Part, Radios, held } from "../../page/parts/controls.js";
import { html, useLab } from "../../page/parts/html.js";
import { RunButtons, Settings } from "../../page/parts/training.js";

const counts = (values) => values.map((value) => [value, value]);
const MEASURES = [["covariance", "Covariance"], ["correlation", "Correlation"]];

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
  return html`<div class="kd-setup">
    <fieldset class="kd-setup-controls" disabled=${still}>
      <${Part} name="specialists_data"><div class="kd-specialists-data">
        <h2>1. What are the classes?</h2>
        <${Radios} name="Data" setting=${of("data")} pick=${pick}
          options=${Object.entries(datasets).map(([name, { title }]) => [name, title])} />
        <p class="kd-caption">${datasets[of("data").value]?.note}</p></div><//>
      <${Part} name="clusters"><div class="kd-buttons">${button("kmeans", "K-means clusters")}
          ${button("random", "Random clusters")}</div><//>
      <${Prediction} setting=${of("prediction")} />
    </fieldset>
    <${RunButtons} view=${view} send=${send} name="Train" text=${statusOf(view, clusters.length)} />
    <${Settings} panel="specialists">
      <fieldset class="kd-setup-controls" disabled=${still}>
        <div class="kd-specialists-fields">
          <${Part} name="specialists_seeds"><div><h2>Seeds</h2>
            <${Radios} name="Seeds" options=${counts(view.seeds)} setting=${of("seeds")} /></div><//>
          <${Part} name="specialists_top"><div><h2>Top classes asked</h2>
            <${Radios} name="Top classes asked" options=${counts(of("top").choices)}
              setting=${of("top")} /></div><//>
          <${Part} name="clusters"><label><h2>Clusters</h2>
            <${NumberField} setting=${{ ...of("number"), locked }} low=${1} high=${most} step="1"
              name="Number of clusters" tell=${(_, fits) => mark(!fits)} /></label><//>
        </div>
        ${odd && html`<p class="kd-caption kd-warning" role="status">Clusters must be a whole number
          from 1 to ${most}.</p>`}
        <${Part} name="clusters"><div><h2>Classes belong together by</h2>
          <${Radios} name="Alike by" options=${MEASURES}
            setting=${{ ...of("measure"), locked }} /></div><//>
      </fieldset>
    <//>
  </div>`;
}

function Prediction({ setting }) {
  const [odd, mark] = useState(false);
  const asked = odd ? "A number from −100 to 100, please."
    : setting.value === null ? "Say a number before you train."
      : "It will stand beside the outcome.";
  return html`<div class=${setting.value === null ? "kd-asked" : ""}>
    <h2>2. Your prediction</h2>
    <div class="kd-box kd-prediction">
      <p>Specialists of K-means clusters will beat those of random clusters by ${" "}
        <${NumberField} setting=${setting} low=${-100} high=${100} name="Your prediction, in points"
          tell=${(_, fits) => mark(!fits)} /> points</p>
      <p class="kd-caption">${asked}</p></div>
  </div>`;
}

function statusOf({ state, message, device, asked, live, progress, generalist }, count) {
  if (message) return message;
  if (!live) return "To train your own, start kdviz with Python.";
  if (state === "warming") return "Loading PyTorch, once: a few seconds. Generalists come next.";
  if (asked) return "Asking Python to begin.";
  if (state === "training") {
    return { generalists: "Training the generalists.",
      longer: "Training the generalists on, with as many examples.",
      specialists: `Training ${count} specialists for each generalist, as one cohort.`,
    }[progress?.what] ?? "Looking for clusters.";
  }
  if (state === "stopping") return "Stopping.";
  return generalist === null ? "Train: generalists first."
    : `Ready: ${count} specialists to train, ${device}.`;
}
