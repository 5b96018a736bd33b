// Recorded runs of a panel: played and scrubbed as if they were trained now.

import { el, freshId, radios, say, set } from "./dom.js";

const PLAY_MS = 6000;

// Puts the frames of a run into the model, one after the other. Each is stored as what differs
// from the one before.
export function makeReplay(model, panel) {
  const runs = model.get("recordings")?.[panel] ?? [];
  const state = { run: runs[0], at: -1, playing: 0, traits: {} };
  const last = () => state.run.frames.length - 1;

  const id = freshId("replay");
  const slider = el("input", { type: "range", id, class: "kd-range", min: 0, step: 1,
    oninput: () => { pause(); go(slider.valueAsNumber); } });
  const value = el("output", { for: id, "aria-hidden": "true" });
  const play = el("button", { type: "button", class: "kd-button kd-primary", onclick: toggle }, "Play");
  const choice = radios("Recorded runs", runs.map(({ title }, i) => [i, title]), (i) => {
    pause();
    state.run = runs[i];
    go(0);
  });
  choice.select(0);
  choice.node.hidden = runs.length < 2;
  const about = el("p", { class: "kd-caption" });
  const node = el("section", { class: "kd-box kd-replay", "aria-label": "Replay",
    hidden: runs.length === 0 }, choice.node,
  el("div", { class: "kd-replay-row" }, play,
    el("label", { for: id, class: "kd-hidden" }, "Replay the recorded run"), slider, value), about);

  // What a learner changed meanwhile stays, unless the run itself changes it.
  function go(at) {
    const { frames } = state.run;
    const traits = Object.assign({}, ...frames.slice(0, at + 1).map((frame) => frame.traits));
    for (const [name, each] of Object.entries(traits)) {
      if (each !== state.traits[name]) model.set(name, each);
    }
    Object.assign(state, { at, traits });
    paint();
  }

  function pause() {
    cancelAnimationFrame(state.playing);
    state.playing = 0;
  }

  function toggle() {
    if (state.playing) pause();
    else {
      const from = state.at === last() ? 0 : state.at;
      const start = performance.now();
      const step = (now) => {
        const at = Math.min(last(), from + Math.floor((Math.max(0, now - start) / PLAY_MS) * last()));
        state.playing = at < last() ? requestAnimationFrame(step) : 0;
        if (at !== state.at || !state.playing) go(at);
      };
      state.playing = requestAnimationFrame(step);
    }
    paint();
  }

  function paint() {
    if (node.hidden) return;
    const { at } = state.run.frames[state.at];
    set(slider, { max: last(), "aria-valuetext": at });
    slider.value = state.at;
    say(value, at);
    say(play, state.playing ? "Pause" : "Play");
    say(about, `A recording: ${state.run.about}. Press Play, or move its slider.`);
  }
  if (runs.length) go(0);
  return { node, paint, stop: pause };
}
