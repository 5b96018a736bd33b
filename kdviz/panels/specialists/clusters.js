// The clusters, a row of chips each: pick a class, then say where it belongs.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { held } from "../../page/parts/controls.js";
import { html, useLab } from "../../page/parts/html.js";
import { key, t } from "../../page/words/t.js";

const ORIGINS = { kmeans: key`found by K-means`, random: key`shuffled at random`,
  yours: key`made by you` };

export function Clusters({ view, clusters, setting }) {
  const { names } = view;
  const number = useLab().setting("specialists", "number").value;
  const rows = useRef(null);
  const [picked, pick] = useState(null);
  const moved = useRef(null); // a class whose chip the keyboard stays on
  useLayoutEffect(() => {
    rows.current.querySelector(`[data-class="${moved.current}"]`)?.focus();
    moved.current = null;
  });
  const known = new Set(clusters.flat());
  const none = names.map((_, c) => c).filter((c) => !known.has(c));
  const still = view.busy || !view.live;

  // Row k takes the class that is picked; one past the last is a new cluster, -1 none.
  function move(k) {
    const next = clusters.map((cluster) => cluster.filter((c) => c !== picked));
    if (k === clusters.length) next.push([picked]);
    else if (k >= 0) next[k] = [...next[k], picked].sort((a, b) => a - b);
    moved.current = picked;
    pick(null);
    setting.set(next.filter((cluster) => cluster.length));
  }
  const row = (name, join, k, classes) => html`<div key=${name} class="kd-chip-row" role="group"
      aria-label=${name}>
    <button type="button" class="kd-chip-target" aria-label=${join}
      ...${held(setting, still || picked === null)} onClick=${() => move(k)}>${name}</button>
    <div>${classes.map((c) => html`<button key=${c} type="button" class="kd-chip" data-class=${c}
      aria-pressed=${String(c === picked)} ...${held(setting, still)}
      onClick=${() => pick(c === picked ? null : c)}>${names[c]}</button>`)}</div></div>`;

  return html`<section class="kd-chips" aria-label=${t`Clusters`}>
    <h2>${t`Clusters, one specialist each`} <small>${clusters.length ? t(ORIGINS[view.kind])
      : t`found once the generalists are trained`}</small></h2>
    <div ref=${rows} class="kd-chip-rows">${names.length
      ? [...clusters.map((cluster, k) => row(t`Cluster ${k + 1}`, t`Move to cluster ${k + 1}`,
          k, cluster)),
        picked !== null && row(t`A new cluster`, t`Move to a new cluster`, clusters.length, []),
        (picked !== null || none.length > 0)
          && row(t`No specialist`, t`Move to no specialist`, -1, none)]
      // Until the generalists are trained, rows keep the place.
      : Array.from({ length: number }, () => html`<div class="kd-chip-row" />`)}</div>
    <p class="kd-caption" role="status">${setting.locked ? t`They stay as they are.`
      : still ? t`They stay as they are in this run.`
        : picked === null ? t`Pick a class to move it to another cluster.`
          : t`${names[picked]} is picked: press the name of the cluster it should join.`}</p>
  </section>`;
}
