// Undo, redo and reset, for all that the learner sets.

import { put } from "./model.js";

export const SET_BY_LEARNER = ["temperature", "soft_weight", "example", "scale", "soften", "weigh",
  "distill", "sweep", "crowd"];
const PAUSE_MS = 600; // a drag is one step: changes closer than this belong together
const MOST_STEPS = 200;

// Tells changed() whenever what can be undone or redone is another.
export function makeUndo(desk, changed) {
  const { page } = desk;
  const take = () => ({ data: desk.own(), panel: page.get("panel"),
    traits: Object.fromEntries(SET_BY_LEARNER.map((name) => [name, page.get(name)])) });
  let start = take();
  const [done, undone] = [[], []];
  let [now, at, restoring] = [start, -Infinity, false];

  function note() {
    const next = take();
    if (restoring || same(next, now)) return;
    if (justFound(now, next)) {
      if (same(now, start)) start = next;
      now = next;
      changed();
      return;
    }
    const time = performance.now();
    if (time - at > PAUSE_MS) done.push(now);
    if (done.length > MOST_STEPS) done.shift();
    undone.length = 0;
    [now, at] = [next, time];
    changed();
  }

  // A state keeps the panel in which it came about.
  function restore(state, panel) {
    restoring = true;
    desk.use(state.data);
    put(page, { ...state.traits, panel });
    restoring = false;
    [now, at] = [{ ...take(), panel: state.panel }, -Infinity];
    changed();
  }

  // What was changed is shown where it was changed.
  function step(from, to) {
    if (!from.length) return;
    const panel = from === done ? now.panel : from.at(-1).panel;
    to.push(now);
    restore(from.pop(), panel);
  }

  const names = [...SET_BY_LEARNER, "own"];
  names.forEach((name) => page.on(`change:${name}`, note));
  return {
    undo: () => step(done, undone),
    redo: () => step(undone, done),
    reset() {
      if (same(now, start)) return;
      done.push(now);
      undone.length = 0;
      restore(start, page.get("panel"));
    },
    canUndo: () => done.length > 0,
    canReset: () => !same(now, start),
    stop: () => names.forEach((name) => page.off(`change:${name}`, note)),
  };
}

// Clusters that the kernel finds where there are none: no step of the learner's.
function justFound(a, b) {
  const [before, after] = [a, b].map(({ traits }) => traits.crowd?.clusters?.length ?? 0);
  return !before && after > 0;
}

function same(a, b) {
  return a.data === b.data && JSON.stringify(a.traits) === JSON.stringify(b.traits);
}

// Ctrl+Z, Ctrl+Shift+Z and Ctrl+Y, except where text is being typed.
export function undoKeys(undo) {
  return (event) => {
    const typing = event.target.matches?.("input:not([type=range], [type=radio], [type=checkbox]), "
      + "textarea, select, [contenteditable]");
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || typing || !"zy".includes(key)) return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) undo.redo();
    else undo.undo();
  };
}
