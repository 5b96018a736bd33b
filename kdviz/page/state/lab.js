// @ts-check
// The state of a lab in this page: its traits as signals, its settings by the table that Python
// sends, and data that were dropped here, of which the kernel need not know.

import { batch, computed, signal } from "@preact/signals";
import { fits, rowsOf, same } from "./settings.js";
import { readTestset } from "./testset.js";
import { readTransferSet } from "./transferset.js";
import { key, t, told } from "../words/t.js";

const SAVE_EVERY_MS = 100;
const CAUGHT_UP_MS = 10_000; // after Python is back, by then it has told all that it knows
const OF_THE_DATA = ["logits", "labels", "images", "classes", "image_shape", "student_logits",
  "example", "note"];
const IDLE = { state: "cold", waiting: false, message: "", device: "", run: null, progress: null };
let labs = 0;
const SHARED = ["temperature", "soft_weight"]; // with what trains
const LEAVING = ["beforeunload", "pagehide"];

// model: the widget's, or one without a kernel (app/shell/local-model.js). makers: by panel, makeSession,
// for those that can train in this page. Reads are tracked: a view is drawn anew when something
// that it read changes.
export function makeLab(model, makers = {}) {
  labs += 1;
  const id = `kd-lab-${labs}`; // a notebook may hold several
  const signals = new Map();
  const own = signal(null); // data in place of the kernel's
  const locked = signal(new Set());
  const hidden = signal(new Set());
  const asked = signal(new Set()); // panels that asked Python to start and have no answer yet
  const lost = signal(""); // why Python does not answer
  // What was set meanwhile: once it is back, it tells of its own state, which is from before.
  const unsaid = new Map();
  let catchingUp = 0; // the timer, while that may still come
  const kept = new Map();
  const sessions = new Map(); // of the panels that train in this page, by name
  const stops = [];
  let timer = 0;
  let wasCut = false;

  function follow(name, call) {
    model.on(`change:${name}`, call);
    stops.push(() => model.off(`change:${name}`, call));
  }

  // A trait as the kernel has it.
  function kernel(name) {
    if (!signals.has(name)) {
      const trait = signal(model.get(name));
      follow(name, () => {
        trait.value = model.get(name);
        if (unsaid.has(name) && !same(trait.value, unsaid.get(name))) {
          setTimeout(() => put({ [name]: unsaid.get(name) ?? model.get(name) }));
        }
      });
      signals.set(name, trait);
    }
    return signals.get(name).value;
  }

  const get = (name) => (own.value && name in own.value ? own.value[name] : kernel(name));

  // Tells the kernel at most ten times a second; flush() at once, before a message relies on it.
  function flush() {
    clearTimeout(timer);
    timer = 0;
    if (lost.peek()) return;
    if (wasCut) say();
    else model.save_changes();
  }

  // Tells the kernel all that is set, past the queue of ipywidgets: a page that waits there for an
  // answer that was lost would say no more.
  function say() {
    const names = [...rows.filter(({ panel }) => panel === "lab").map(({ name }) => name),
      ...Object.keys(table).filter((name) => name !== "lab")];
    const state = Object.fromEntries(names.map((name) => [name, model.get(name)]));
    model.send({ action: "set", state });
  }

  function put(traits) {
    batch(() => {
      for (const [name, value] of Object.entries(traits)) {
        kernel(name);
        if (lost.peek() || catchingUp) unsaid.set(name, value);
        if (own.value && name in own.value) own.value = { ...own.value, [name]: value };
        else if (!same(model.get(name), value)) model.set(name, value);
      }
    });
    timer ||= setTimeout(flush, SAVE_EVERY_MS);
  }

  const table = model.get("table");
  const rows = rowsOf(table);
  const rowOf = (panel, name) => rows.find((row) => row.panel === panel && row.name === name);
  const count = (name) => ({ classes: get("classes").length,
    examples: get("logits").byteLength / 4 / get("classes").length })[name];

  // What is set; anything odd gives way to the default.
  function valueOf(row) {
    const value = row.panel === "lab" ? get(row.name) : get(row.panel)?.[row.name];
    return value !== undefined && fits(row, value, count) ? value : row.default;
  }

  // Settings of a panel, or of the whole page ("lab"); what is locked stays as it is.
  function change(panel, values) {
    const free = Object.fromEntries(Object.entries(values).filter(([name]) =>
      !locked.value.has(rowOf(panel, name)?.link)));
    if (panel === "lab") put(free);
    else put({ [panel]: { ...get(panel), ...free } });
  }

  function settings(panel) {
    return Object.fromEntries(rows.filter((row) => row.panel === panel)
      .map((row) => [row.name, valueOf(row)]));
  }

  // One setting, for a control.
  function setting(panel, name) {
    const row = rowOf(panel, name);
    return { ...row, value: valueOf(row), why: `${id}-why`, locked: locked.value.has(row.link),
      hidden: hidden.value.has(row.link), set: (value) => change(panel, { [name]: value }) };
  }

  // Whether this page trains a panel's students: it can, also what is set there, and nobody asked for
  // the kernel.
  const here = (panel) => sessions.has(panel) && !(kernel("live") && get("where") === "kernel")
    && (sessions.get(panel).fits?.() ?? true);

  // Whether somebody can choose who trains.
  const hasChoice = () => sessions.size > 0 && Boolean(kernel("live") || lab.startPython);

  // What is trained behind a panel, as this page or the kernel tells.
  function training(panel) {
    if (here(panel)) {
      const now = { ...IDLE, ...sessions.get(panel).view.value };
      const busy = ["training", "paused", "stopping"].includes(now.state);
      return { ...now, device: t(now.device), asked: false, busy, live: true, recorded: false };
    }
    const view = { ...IDLE, ...kernel(`${panel}_view`) };
    const now = { ...view, message: told(view.message) };
    const recorded = Boolean(kernel("recordings")?.[panel]);
    if (lost.value) { // what trains stands still
      const state = ["done", "ready"].includes(now.state) ? now.state : "stopped";
      return { ...now, state, message: lost.value, waiting: false, asked: false, busy: false,
        live: false, recorded };
    }
    const waits = asked.value.has(panel);
    const busy = waits || now.waiting || now.state === "training" || now.state === "stopping";
    return { ...now, asked: waits, busy, live: kernel("live"), recorded };
  }

  // Numbers that came of it, by the trait that the kernel has for them; bytes or none.
  function found(panel, name) {
    return here(panel) ? sessions.get(panel).arrays.value[name] : kernel(name);
  }

  function send(panel, action) {
    if (here(panel)) {
      sessions.get(panel)[action]();
      return;
    }
    if (action === "train") asked.value = new Set(asked.value).add(panel);
    // A message may overtake what was set just before it, so it brings that along.
    const state = Object.fromEntries([...SHARED, panel].map((name) => [name, model.get(name)]));
    if (!lost.peek()) model.send({ panel, action, state });
  }

  const trains = Object.keys(table).filter((name) => table[name].trains);
  for (const panel of trains) {
    follow(`${panel}_view`, () => {
      asked.value = new Set([...asked.value].filter((name) => name !== panel));
    });
  }
  // A page that is closed or reloaded leaves no training behind. What is sent on pagehide may be
  // dropped with the page; some ways to leave have nothing earlier.
  const leave = () => trains.filter((panel) => training(panel).busy)
    .forEach((panel) => send(panel, "stop"));
  LEAVING.forEach((event) => addEventListener(event, leave));

  const lab = {
    id, table, rows, locked, hidden, own, model, get, put, kernel, count, settings, setting, valueOf,
    lockedBy: key`the link that you opened`,
    startPython: null, // startPython(where) opens this view on a page with a Python, if there is one
    change, here, hasChoice, training, found, send, flush,
    session: (panel) => sessions.get(panel),
    testset: computed(() => readTestset(get)),
    // What students learn from, where it came along; null where only the kernel has it.
    transferSet: computed(() => readTransferSet(kernel)),
    // A signal that outlives the view that asks for it.
    keep(name, initial) {
      if (!kept.has(name)) kept.set(name, signal(initial));
      return kept.get(name);
    },
    use(data) {
      if (own.value !== data) own.value = data;
    },
    // What was set while Python did not answer follows once it does.
    lose(why) {
      lost.value = why;
      flush();
      clearTimeout(catchingUp);
      catchingUp = why ? 0 : setTimeout(() => {
        catchingUp = 0;
        unsaid.clear();
      }, CAUGHT_UP_MS);
    },
    // After its line was cut, either side may have said what the other never heard.
    catchUp() {
      wasCut = true;
      say();
      trains.forEach((panel) => model.send({ panel, action: "tell" }));
    },
    ofTheData: (row) => OF_THE_DATA.includes(row.name) || row.of_the_data,
    stop() {
      leave();
      LEAVING.forEach((event) => removeEventListener(event, leave));
      flush();
      stops.forEach((stop) => stop());
      sessions.forEach((session) => session.close());
    },
  };
  if (lab.transferSet.peek()) {
    for (const panel of Object.keys(table)) {
      const session = makers[panel]?.(lab); // null where the data are none for it
      if (session) sessions.set(panel, session);
    }
  }
  return lab;
}
