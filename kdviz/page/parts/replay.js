// A recorded run of a panel: played and scrubbed as if it were trained now.

import { useEffect, useRef, useState } from "preact/hooks";
import { freshId, html, useLab } from "./html.js";
import { t, told } from "../words/t.js";

const PLAY_MS = 6000;

// Puts the frames of a run into the model, one after the other. Each is stored as what differs
// from the one before.
export function Replay({ panel }) {
  const run = useLab().kernel("recordings")?.[panel];
  return run ? html`<${Player} panel=${panel} ...${run} />` : null;
}

function Player({ panel, frames, about }) {
  const lab = useLab();
  const [id] = useState(() => freshId("replay"));
  const place = lab.keep(`${panel} replay`, 0);
  const [playing, play] = useState(false);
  const shown = useRef({});
  const at = place.value;
  const last = frames.length - 1;

  // What a learner changed meanwhile stays, unless the run itself changes it.
  function go(next) {
    const traits = Object.assign({}, ...frames.slice(0, next + 1).map((frame) => frame.traits));
    lab.put(Object.fromEntries(Object.entries(traits)
      .filter(([name, value]) => value !== shown.current[name])));
    shown.current = traits;
    place.value = next;
  }
  useEffect(() => go(at), []);
  useEffect(() => {
    if (!playing) return undefined;
    const from = at === last ? 0 : at;
    const start = performance.now();
    let frame = requestAnimationFrame(function step(now) {
      const next = Math.min(last, from + Math.floor((Math.max(0, now - start) / PLAY_MS) * last));
      if (next !== place.value) go(next);
      if (next < last) frame = requestAnimationFrame(step);
      else play(false);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing]);
  const pause = (act) => {
    play(false);
    act();
  };

  return html`<section class="kd-box kd-replay" aria-label=${t`Replay`}>
    <div class="kd-replay-row">
      <button type="button" class="kd-button kd-primary" onClick=${() => play(!playing)}>
        ${playing ? t`Pause` : t`Play`}</button>
      <label for=${id} class="kd-hidden">${t`Replay the recorded run`}</label>
      <input type="range" id=${id} class="kd-range" min="0" max=${last} step="1" value=${at}
        aria-valuetext=${told(frames[at].at)}
        onInput=${(event) => pause(() => go(event.target.valueAsNumber))} />
      <output for=${id} aria-hidden="true">${told(frames[at].at)}</output>
    </div>
    <p class="kd-caption">${t`A recording: ${told(about)}. Press Play, or move its slider.`}</p>
  </section>`;
}
