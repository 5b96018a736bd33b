// What trains in this page: where it stands, and one run at a time, as panels/background.py has it
// in a kernel.

import { signal } from "@preact/signals";

const REDRAW_MS = 60; // more often than that, nobody sees
const STOPPED = Symbol("stopped");
let holder = null; // what trains: two would only slow each other down

// title: of what trains; panel: the tab under which it can be stopped. sayStopped(view) says what is
// left of a run that was stopped, and kept what is left of one that failed. given: what the view
// holds at first.
export function makeBackground({ title, panel, sayStopped, given = {},
  kept = "What you set is kept; try again." }) {
  const view = signal({ state: "ready", message: "", device: "this device", run: null,
    progress: null, ...given });
  let run = null; // the engine's, kept until the next one begins: it has the students
  let stopping = false;
  let drawn = -Infinity;
  const tell = (news) => { view.value = { ...view.value, ...news }; };

  // Calls train(), which takes its records from follow(). Resolves when all is over.
  async function start(train) {
    if (holder) {
      const where = holder.panel === panel ? "" : ` in the panel ${holder.panel}`;
      tell({ message: `${holder.title} is under way${where}. Stop it first, or wait until it is `
        + "done." });
      return;
    }
    holder = { title, panel };
    [stopping, drawn] = [false, -Infinity];
    tell({ state: "training", message: "", progress: null });
    try {
      await train();
      tell({ state: "done" });
    } catch (error) {
      if (error === STOPPED) tell({ state: "stopped", message: sayStopped(view.peek()) });
      else tell({ state: "failed", message: `${error.message}. ${kept}` });
    } finally {
      holder = null;
    }
  }

  // Yields the records of a run of the engine, each with whether it is time to draw it.
  async function* follow(next) {
    await run?.close();
    run = next;
    if (stopping) throw STOPPED;
    let done = false;
    for await (const record of run) {
      const { step, steps, epoch, seconds } = record;
      done = step === steps;
      const draw = done || performance.now() - drawn >= REDRAW_MS;
      if (draw) drawn = performance.now();
      const progress = { step, steps, epoch, seconds, seconds_left: seconds / step * (steps - step) };
      yield { record, progress, draw };
    }
    if (!done) throw STOPPED;
  }

  function stop() {
    if (view.peek().state !== "training") return;
    stopping = true;
    tell({ state: "stopping" });
    run?.stop();
  }

  return { view, tell, start, follow, stop, run: () => run, close: () => run?.close() };
}
