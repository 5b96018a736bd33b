// Whether the Python behind a page still answers; what the page says and offers if it does not.

import { el, say } from "./dom.js";

const EVERY_MS = 1500, PATIENCE_MS = 1500;
const ENDED = ["restarting", "autorestarting", "dead"];
const KEPT = "What you set, predicted and found is still here, and Soften and Weigh go on without it.";
const WHAT = {
  gone: "Python has stopped: the server was restarted, ended it, or gave it no more memory.",
  away: "Python can't be reached. This page goes on by itself once it answers.",
  cell: "Python has stopped or was restarted. Run the cell again for a new lab.",
};

// Calls changed("here" | "away" | "gone" | "cell") whenever that changes; returns a stop. A page of
// Voila asks the server about its kernel; a notebook hears from its own.
function watch(model, host, changed) {
  let [before, timer, stopped] = ["here", 0, false];
  const tell = (now) => {
    if (now !== before && !stopped) changed(now);
    before = now;
  };
  const { kernel } = model.widget_manager ?? {};
  const config = document.body.dataset.voila && document.getElementById("jupyter-config-data");
  if (!config) {
    const look = (_, status) => ENDED.includes(status) && tell("cell");
    kernel?.statusChanged?.connect(look); // other notebooks than Jupyter's tell nothing
    return () => kernel?.statusChanged?.disconnect(look);
  }
  const { baseUrl, kernelId } = JSON.parse(config.textContent);
  async function ask() {
    const answer = await fetch(`${baseUrl}api/kernels/${kernelId}`,
      { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => null);
    const lost = answer?.status === 404 || host.closest(".jupyter-widgets-disconnected");
    return lost ? "gone" : answer ? "here" : "away";
  }
  async function beat() {
    let now = await ask();
    if (now === "away") now = await ask(); // one answer may be lost
    // Its socket would try again by itself, but later and later, and in the end no more.
    if (now === "here" && before === "away" && kernel.connectionStatus !== "connected") {
      await kernel.reconnect().catch(() => {});
    }
    tell(now);
    if (!stopped && now !== "gone") timer = setTimeout(beat, EVERY_MS);
  }
  timer = setTimeout(beat, EVERY_MS);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

// The notice, empty while all is well. again() is to open the page as it is now.
export function mountAlive(desk, model, host, again) {
  const text = el("p", {});
  const buttons = el("div", { class: "kd-buttons" },
    el("button", { type: "button", class: "kd-button kd-primary", onclick: () => again(false) },
      "Start Python again"),
    el("button", { type: "button", class: "kd-button", onclick: () => again(true) },
      "In a new tab"));
  const node = el("div", { class: "kd-alive", role: "alert", hidden: true }, text, buttons);
  const stop = watch(model, host, (now) => {
    node.hidden = now === "here";
    buttons.hidden = now !== "gone" || !again;
    say(text, node.hidden ? "" : `${WHAT[now]} ${KEPT}`);
    desk.lose(node.hidden ? "" : WHAT[now]);
  });
  return { node, stop };
}
