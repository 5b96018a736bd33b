// What trains in this page: where it stands, and one run at a time, as panels/background.py has it
// in a kernel.

import { signal } from "@preact/signals";
import { key, t } from "../words/t.js";

const REDRAW_MS = 60; // more often than that, nobody sees
const STOPPED = Symbol("stopped");
const BUSY = {
  paused: { here: key`{} is paused.`, lab: key`{} is paused in another lab of this page.`,
    panel: key`{} is paused in the panel {}.`,
    advice: key`Stop it first, or let it go on to its end.` },
  running: { here: key`{} is under way.`, lab: key`{} is under way in another lab of this page.`,
    panel: key`{} is under way in the panel {}.`,
    advice: key`Stop it first, or wait until it is done.` },
};
let holder = null; // what trains: two would only slow each other down

// title: of what trains; panel: the tab under which it can be stopped. sayStopped(view) says what is
// left of a run that was stopped, and kept what is left of one that failed. given: what the view
// holds at first. title, panel and kept are keys of t.
export function makeBackground({ title, panel, sayStopped, given = {},
  kept = key`What you set is kept; try again.` }) {
  const view = signal({ state: "ready", message: "", device: key`this device`, run: null,
    progress: null, ...given });
  let run = null; // the engine's, kept until the next one begins: it has the students
  let opened = Promise.resolve(); // once the run that begins can be stepped
  let open = () => {};
  let stepping = false;
  let failure = null; // of a step
  let drawn = -Infinity;
  const isStopping = () => view.peek().state === "stopping";
  const isPaused = () => view.peek().state === "paused";
  const tell = (news) => { view.value = { ...view.value, ...news }; };

  // Calls train(), which takes its records from follow(). Resolves when all is over. Paused, it
  // trains by single steps alone until it is resumed.
  async function start(train, { paused = false } = {}) {
    if (holder) {
      const busy = holder.isPaused() ? BUSY.paused : BUSY.running;
      const where = holder.panel !== panel ? "panel" : holder.view !== view ? "lab" : "here";
      tell({ message: `${t(busy[where], t(holder.title), t(holder.panel))} ${t(busy.advice)}` });
      return;
    }
    const mine = { title, panel, view, isPaused };
    holder = mine;
    [failure, drawn] = [null, -Infinity];
    opened = new Promise((resolve) => { open = resolve; });
    tell({ state: paused ? "paused" : "training", message: "", progress: null });
    try {
      await train();
      tell({ state: "done" });
    } catch (error) {
      if (error === STOPPED) tell({ state: "stopped", message: sayStopped(view.peek()) });
      else tell({ state: "failed", message: `${error.message}. ${t(kept)}` });
    } finally {
      open();
      if (holder === mine) holder = null;
    }
  }

  // Yields the records of a run of the engine, each with whether it is time to draw it.
  async function* follow(next) {
    await run?.close();
    run = next;
    if (isStopping()) throw STOPPED;
    if (isPaused()) run.pause();
    open();
    let done = false;
    for await (const record of run) {
      done = record.step === record.steps;
      const draw = done || isPaused() || performance.now() - drawn >= REDRAW_MS;
      if (draw) drawn = performance.now();
      yield { record, progress: progressAt(record), draw };
    }
    if (!done) throw failure ?? STOPPED;
  }

  // The record that is being trained for is still to come, and is drawn.
  function pause() {
    if (view.peek().state !== "training") return;
    tell({ state: "paused" });
    run?.pause();
  }

  function resume() {
    if (!isPaused()) return;
    tell({ state: "training" });
    run?.resume();
  }

  // Takes one mini-batch of a paused run, one at a time; resolves to what the engine tells of it, or
  // to null if none was taken.
  async function step(members) {
    if (stepping || !isPaused()) return null;
    stepping = true;
    try {
      await opened;
      const now = run;
      const taken = isPaused() ? await now.step(members) : null;
      if (!taken || isStopping() || now !== run) return null;
      tell({ progress: progressAt(taken) });
      return taken;
    } catch (error) {
      failure = error;
      run.stop();
      return null;
    } finally {
      stepping = false;
    }
  }

  function stop() {
    if (!["training", "paused"].includes(view.peek().state)) return;
    tell({ state: "stopping" });
    run?.stop();
  }

  // Ends all; what is to train next, in whatever lab of the page, need not wait.
  function close() {
    stop();
    if (holder?.view === view) holder = null;
    return run?.close();
  }

  return { view, tell, start, follow, pause, resume, step, stop, close, run: () => run };
}

const progressAt = ({ step, steps, epoch, seconds }) =>
  ({ step, steps, epoch, seconds, seconds_left: (seconds / step) * (steps - step) });
