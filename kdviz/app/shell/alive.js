// Whether the Python behind a page still answers; what the page says and offers if it does not.

import { useEffect } from "preact/hooks";
import { html, useLab } from "../../page/parts/html.js";
import { key, t } from "../../page/words/t.js";

const EVERY_MS = 1500;
const PATIENCE_MS = 1500;
const ENDED = ["restarting", "autorestarting", "dead"];
const KEPT = [key`What you set, predicted and found is still here.`,
  key`Soft targets, Loss and all that trains on this device go on without it.`];
const WHAT = {
  gone: key`Python has stopped: the server was restarted, ended it, or gave it no more memory.`,
  away: key`Python can't be reached. This page goes on by itself once it answers.`,
  cell: key`Python has stopped or was restarted. Run the cell again for a new lab.`,
};

// Calls changed("here" | "away" | "gone" | "cell") whenever that is not as before, and connected()
// whenever the kernel's line is there again; returns a stop. A page of Voila asks the server about
// its kernel; a notebook hears from its own.
function watch(model, host, before, changed, connected) {
  let timer = 0;
  let stopped = false;
  const tell = (now) => {
    if (now !== before && !stopped) changed(now);
    before = now;
  };
  const { kernel } = model.widget_manager ?? {};
  const hear = (_, status) => status === "connected" && before !== "cell" && connected();
  kernel?.connectionStatusChanged?.connect(hear);
  const look = (_, status) => ENDED.includes(status) && tell("cell");
  const config = document.body.dataset.voila && document.getElementById("jupyter-config-data");
  if (!config) {
    kernel?.statusChanged?.connect(look); // other notebooks than Jupyter's tell nothing
    return stop;
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
  function stop() {
    stopped = true;
    clearTimeout(timer);
    kernel?.statusChanged?.disconnect(look);
    kernel?.connectionStatusChanged?.disconnect(hear);
  }
  timer = setTimeout(beat, EVERY_MS);
  return stop;
}

// The notice, nothing while all is well. again(apart) is to open the page as it is now.
export function Alive({ host, again }) {
  const lab = useLab();
  const state = lab.keep("python", "here");
  const now = state.value;
  useEffect(() => watch(lab.model, host, now, (next) => {
    state.value = next;
    lab.lose(next === "here" ? "" : t(WHAT[next]));
  }, lab.catchUp), []);
  return html`<div class="kd-alive" role="alert" hidden=${now === "here"}>
    <p>${now === "here" ? "" : [WHAT[now], ...KEPT].map((text) => t(text)).join(" ")}</p>
    ${now === "gone" && again && html`<div class="kd-buttons">
      <button type="button" class="kd-button kd-primary" onClick=${() => again(false)}>
        ${t`Start Python again`}</button>
      <button type="button" class="kd-button" onClick=${() => again(true)}>${t`In a new tab`}</button>
    </div>`}
  </div>`;
}
