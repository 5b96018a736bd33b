// Answers what a cohort asks of one thread, a worker's or the page's own, one thing after another.
//
// Work is cut into slices, so that a page that trains in its own thread still draws its frames,
// and a worker hears when it is to stop.

import { Share } from "./share.js";

const SLICE_MS = 12;

// Returns answer({ job, ask, ... }), a promise of { value } or { error }.
export function makeServer() {
  const shares = new Map(); // by the number of their job
  let last = Promise.resolve();

  async function run(job, work) {
    let until = performance.now() + SLICE_MS;
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
      if (performance.now() < until) continue;
      await nextTurn();
      if (!shares.has(job)) return null; // closed meanwhile: nobody waits for the value
      until = performance.now() + SLICE_MS;
    }
  }

  async function handle({ job, ask, ...about }) {
    if (ask === "open") {
      const share = new Share(about.work, about.wasm);
      shares.set(job, share);
      await run(job, share.filling);
      return share.heap.simd;
    }
    const share = shares.get(job);
    if (!share) return null;
    if (ask === "advance") {
      await run(job, share.advance(about.steps));
      return run(job, share.record());
    }
    if (ask === "watch") return run(job, share.watch(about.steps, about.members));
    if (ask === "logits") return run(job, share.logits(about.inputs));
    return share.weights();
  }

  return (message) => {
    if (message.ask === "close") {
      shares.delete(message.job);
      return Promise.resolve({ value: null });
    }
    const answer = last.then(() => handle(message)).then(
      (value) => ({ value }),
      (error) => ({ error: String(error.message ?? error) }),
    );
    last = answer;
    return answer;
  };
}

// Lets what waits in this thread go first. A timer would do, but browsers make those wait.
const nextTurn = globalThis.setImmediate
  ? () => new Promise((resolve) => setImmediate(resolve))
  : makeTurns();

function makeTurns() {
  const waiting = [];
  const channel = new MessageChannel();
  channel.port1.addEventListener("message", () => waiting.shift()());
  channel.port1.start();
  return () => new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}
