// The clusters, a row of chips each: pick a class, then say where it belongs.

import { el, say, set } from "../../page/parts/dom.js";

// change(clusters) keeps what the learner made.
export function makeChips(change) {
  const about = el("small", {});
  const rows = el("div", { class: "kd-chip-rows" });
  const told = el("p", { class: "kd-caption", role: "status" });
  const node = el("section", { class: "kd-chips", "aria-label": "Clusters" },
    el("h2", {}, "Clusters, one specialist each ", about), rows, told);
  const state = { picked: null, drawn: "" };

  // Row k takes the class that is picked; one past the last is a new cluster, -1 none.
  function move(k) {
    const { picked, clusters } = state;
    if (picked === null) return;
    const next = clusters.map((cluster) => cluster.filter((c) => c !== picked));
    if (k === clusters.length) next.push([picked]);
    else if (k >= 0) next[k] = [...next[k], picked].sort((a, b) => a - b);
    state.focus = picked;
    state.picked = null;
    change(next.filter((cluster) => cluster.length));
  }

  function pick(c) {
    state.picked = state.picked === c ? null : c;
    state.focus = c;
    draw();
  }

  function chip(c) {
    return el("button", { type: "button", class: "kd-chip", "data-class": c,
      "aria-pressed": String(c === state.picked), disabled: state.locked,
      onclick: () => pick(c) }, state.names[c]);
  }

  function row(name, k, classes) {
    const target = el("button", { type: "button", class: "kd-chip-target", onclick: () => move(k),
      disabled: state.picked === null || state.locked,
      "aria-label": `Move to ${name.toLowerCase()}` }, name);
    return el("div", { class: "kd-chip-row", role: "group", "aria-label": name }, target,
      el("div", {}, classes.map(chip)));
  }

  function draw() {
    const { clusters, names, picked } = state;
    const known = clusters.flat();
    const none = names.map((_, c) => c).filter((c) => !known.includes(c));
    const held = rows.contains(node.getRootNode().activeElement);
    rows.replaceChildren(...clusters.map((cluster, k) => row(`Cluster ${k + 1}`, k, cluster)),
      ...(picked !== null ? [row("A new cluster", clusters.length, [])] : []),
      ...(picked !== null || none.length ? [row("No specialist", -1, none)] : []));
    if (held) rows.querySelector(`[data-class="${state.focus}"]`)?.focus();
    say(told, state.locked ? "They stay as they are in this run."
      : picked === null ? "Pick a class to move it to another cluster."
      : `${names[picked]} is picked: press the name of the cluster it should join.`);
  }

  function paint(view, now) {
    const key = JSON.stringify([view.names, now.clusters, view.busy]);
    say(about, !now.clusters.length ? "found once the generalists are trained"
      : { kmeans: "found by K-means", random: "shuffled at random", yours: "made by you" }[view.kind]);
    if (key === state.drawn) return;
    Object.assign(state, { drawn: key, names: view.names, clusters: now.clusters,
      locked: view.busy || !view.live });
    if (view.names.length) draw();
    // Until the generalists are trained, rows keep the place.
    else rows.replaceChildren(...Array.from({ length: now.count }, () =>
      el("div", { class: "kd-chip-row" })));
  }
  return { node, paint };
}
