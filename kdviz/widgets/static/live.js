// A panel and what trains behind it in the kernel: messages there, a view of its state back.

import { el, freshId, say, set } from "./dom.js";
import { listen } from "./model.js";

const EMPTY = { state: "cold", waiting: false, message: "", device: "", run: null, progress: null };
const SET = ["temperature", "soft_weight"]; // besides the panel's own settings
const LEAVING = ["beforeunload", "pagehide"];

// changed() is called when there is something new to paint. Returns { send(action), view(), stop }.
export function makeLive(model, panel, changed) {
  let asked = false; // a start was asked for and Python has not answered yet

  function view() {
    const now = { ...EMPTY, ...model.get(`${panel}_view`) };
    const lost = model.get("lost");
    if (lost) {
      const state = ["done", "ready"].includes(now.state) ? now.state : "stopped";
      return { ...now, state, message: lost, waiting: false, asked: false, busy: false, live: false };
    }
    const busy = asked || now.waiting || now.state === "training" || now.state === "stopping";
    return { ...now, asked, busy, live: model.get("live") };
  }
  function send(action) {
    asked = action === "train";
    // A message may overtake what was set just before it, so it brings that along.
    const state = Object.fromEntries(SET.map((name) => [name, model.get(name)]));
    model.send({ panel, action, state: { ...state, [panel]: model.get(panel) } });
    changed();
  }
  const off = listen(model, [`${panel}_view`], () => {
    asked = false;
    changed();
  });
  // A page that is closed or reloaded leaves no training behind. What is sent on pagehide may be
  // dropped with the page; some ways to leave have nothing earlier.
  const leave = () => {
    if (view().busy) send("stop");
  };
  LEAVING.forEach((event) => addEventListener(event, leave));
  const stop = () => {
    leave();
    LEAVING.forEach((event) => removeEventListener(event, leave));
    off();
  };
  return { send, view, stop };
}

// Takes a panel and its parts off the page.
export function unmount(root, parts, stops) {
  [...stops, ...parts.map((part) => part.stop)].forEach((stop) => stop?.());
  root.replaceChildren();
}

// Where the columns are stacked, as on a phone, a start leads to what it fills.
export function reveal(node, block = "center") {
  if (node.getBoundingClientRect().top > innerHeight * 0.7) {
    node.scrollIntoView({ block });
  }
}

// The buttons to start and to stop, and what there is to say.
export function makeButtons(send, name) {
  const id = freshId("status");
  const train = el("button", { type: "button", class: "kd-button kd-primary",
    "aria-describedby": id, onclick: () => send("train") }, name);
  const stop = el("button", { type: "button", class: "kd-button", onclick: () => send("stop") },
    "Stop");
  const status = el("p", { class: "kd-caption", id, role: "status" });
  const node = el("div", { class: "kd-run" },
    el("div", { class: "kd-buttons" }, train, stop), status);

  function paint(view, text) {
    const held = node.getRootNode().activeElement;
    train.disabled = view.busy || !view.live;
    stop.disabled = !view.busy || view.state === "stopping";
    // A button that is switched off hands the keyboard on to the other.
    if (held === train && train.disabled) stop.focus();
    if (held === stop && stop.disabled) train.focus();
    [train, stop].forEach((button) => set(button, { hidden: !view.live }));
    say(status, text);
    status.classList.toggle("kd-warning", Boolean(view.message));
  }
  return { node, paint };
}
