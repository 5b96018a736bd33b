// @ts-check
// Undo, redo and reset, for all that the learner sets.

import { effect, signal } from "@preact/signals";
import { same } from "./settings.js";

const PAUSE_MS = 600; // a drag is one step: changes closer than this belong together
const MOST_STEPS = 200;

export function makeUndo(lab) {
  const rows = lab.rows.filter((row) => row.undo);
  const take = () => ({ data: lab.own.value, panel: lab.get("panel"),
    values: rows.map((row) => lab.valueOf(row)) });
  const alike = (a, b) => a.data === b.data && same(a.values, b.values);
  const [done, undone] = [signal([]), signal([])];
  let start = take();
  let now = start;
  let at = -Infinity;
  let restoring = false;

  function note(next) {
    if (restoring || alike(next, now)) return;
    if (rows.some((row, i) => row.found && !now.values[i].length && next.values[i].length)) {
      // What the kernel finds where nothing was set is no step of the learner's.
      if (alike(now, start)) start = next;
      now = next;
      return;
    }
    const time = performance.now();
    if (time - at > PAUSE_MS) done.value = [...done.peek(), now].slice(-MOST_STEPS);
    undone.value = [];
    [now, at] = [next, time];
  }

  // A state keeps the panel in which it came about.
  function restore(state, panel) {
    restoring = true;
    lab.use(state.data);
    const panels = new Set(rows.map((row) => row.panel));
    for (const name of panels) {
      lab.change(name, Object.fromEntries(rows.map((row, i) => [row, state.values[i]])
        .filter(([row]) => row.panel === name).map(([row, value]) => [row.name, value])));
    }
    lab.change("lab", { panel });
    restoring = false;
    [now, at] = [{ ...take(), panel: state.panel }, -Infinity];
  }

  // What was changed is shown where it was changed.
  function step(from, to) {
    if (!from.value.length) return;
    const state = from.value.at(-1);
    const panel = from === done ? now.panel : state.panel;
    to.value = [...to.value, now];
    from.value = from.value.slice(0, -1);
    restore(state, panel);
  }

  const stop = effect(() => note(take()));
  return {
    undo: () => step(done, undone),
    redo: () => step(undone, done),
    reset() {
      if (alike(now, start)) return;
      done.value = [...done.value, now];
      undone.value = [];
      restore(start, lab.get("panel"));
    },
    canUndo: () => done.value.length > 0,
    canReset: () => !alike(take(), start),
    stop,
  };
}

/** Ctrl+Z, Ctrl+Shift+Z and Ctrl+Y, except where text is being typed. */
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
