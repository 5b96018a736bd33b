// A recorded run of Distill: played and scrubbed as if it were trained now.

import { el, freshId, radios, say, set } from "./dom.js";
import { temperature } from "./format.js";
import { STORIES } from "./distill-setup.js";

const COLUMNS = 7; // of the curves, float32
const PLAY_MS = 6000;
const NOTHING = new DataView(new ArrayBuffer(0));
const RECORDED = ["distill", "distill_view", "distill_curves", "distill_logits"];

// Returns the model for the panel: the given one while Python trains, else the recording as far
// as it has been played. moved() is called when that changes.
export function makeReplay(given, moved) {
  const recordings = given.get("recordings") ?? [];
  const state = { chosen: 0, at: 0, playing: 0 };
  const recorded = (name) => recordings[state.chosen]?.[name] ?? given.get(name);
  const count = () => recorded("distill_curves").byteLength / 4 / COLUMNS;
  const epochAt = (at) => (at === 0 ? 0
    : Math.round(recorded("distill_curves").getFloat32((at - 1) * COLUMNS * 4, true)));
  const isRecording = () => !given.get("live") && count() > 0;

  function get(name) {
    if (!RECORDED.includes(name) || !isRecording()) return given.get(name);
    const whole = recorded(name);
    if (state.at === count() || name === "distill") return whole;
    if (name === "distill_logits") return NOTHING;
    if (name === "distill_curves") {
      return new DataView(whole.buffer, whole.byteOffset, state.at * COLUMNS * 4);
    }
    const done = state.at / count();
    const { steps, seconds } = whole.progress;
    return { ...whole, state: state.at ? "training" : "done", outcome: null, progress: state.at
      ? { ...whole.progress, step: done * steps, seconds: done * seconds,
        seconds_left: (1 - done) * seconds } : null };
  }

  const id = freshId("replay");
  const slider = el("input", { type: "range", id, class: "kd-range", min: 0, step: 1, value: 0,
    oninput: () => go(slider.valueAsNumber) });
  const value = el("output", { for: id, "aria-hidden": "true" });
  const play = el("button", { type: "button", class: "kd-button kd-primary", onclick: toggle }, "Play");
  const runs = radios("Recorded runs", recordings.map(({ distill_view: { run } }, i) =>
    [i, STORIES[run.story]]), (i) => {
    pause();
    state.chosen = Number(i);
    go(0);
  });
  runs.select(0);
  runs.node.hidden = recordings.length < 2;
  const about = el("p", { class: "kd-caption" });
  const node = el("section", { class: "kd-box kd-replay", "aria-label": "Replay" }, runs.node,
    el("div", { class: "kd-replay-row" }, play,
      el("label", { for: id, class: "kd-hidden" }, "Replay the recorded run"), slider, value), about);

  function go(at) {
    state.at = Math.max(0, Math.min(count(), Math.round(at)));
    moved();
  }

  function pause() {
    cancelAnimationFrame(state.playing);
    state.playing = 0;
  }

  function toggle() {
    if (state.playing) pause();
    else {
      const from = state.at === count() ? 0 : state.at;
      const begun = performance.now();
      const step = (now) => {
        go(from + ((now - begun) / PLAY_MS) * count());
        state.playing = state.at < count() ? requestAnimationFrame(step) : 0;
        moved();
      };
      state.playing = requestAnimationFrame(step);
    }
    moved();
  }

  function paint() {
    node.hidden = !isRecording();
    if (node.hidden) return;
    const { run, progress: { seconds } } = recorded("distill_view");
    set(slider, { max: count() });
    slider.value = state.at;
    const epoch = epochAt(state.at);
    set(slider, { "aria-valuetext": `epoch ${epoch} of ${epochAt(count())}` });
    say(value, `epoch ${epoch}`);
    say(play, state.playing ? "Pause" : "Play");
    say(about, `Recorded: ${run.seeds} pairs, ${run.width} hidden units, T\u00a0=\u00a0${
      temperature(run.temperature)}, ${seconds.toFixed(1)} s. Say what you expect, then play it.`);
  }
  return { model: { ...given, get }, node, paint, stop: pause };
}
