// The threads that train: workers where the browser lets the page have them, else the page's own.
//
// Workers are made from text, so that a page opened from disk has them too. They are kept for the
// next run, and wait without cost.

import { makeServer } from "./server.js";
import { t } from "../words/t.js";
import workerText from "./worker.js" with { type: "text" };

export const MOST = 8;
const PATIENCE_MS = 10_000;

const workers = new Set();
const ownServer = makeServer();
let refused = typeof Worker === "undefined";

// How many threads a cohort of so many members is spread over, if workers can be had.
export function threadsFor(members) {
  return Math.min(MOST, globalThis.navigator?.hardwareConcurrency ?? 1, members);
}

// Resolves to functions ask(message), a promise of the answer each: one for every worker, or the
// page's own thread alone if there are to be 0 or workers are refused.
export async function openThreads(count) {
  const own = [async (message) => valueOf(await ownServer(message))];
  if (!count || refused) return own;
  for (let i = workers.size; i < count; i++) {
    const started = startWorker(() => workers.delete(started));
    workers.add(started);
  }
  try {
    return await Promise.all([...workers].slice(0, count));
  } catch {
    refused = true;
    workers.clear();
    return own;
  }
}

// A policy may refuse a worker at once, later by an event, or by silence. One that is lost, as for
// want of memory, answers nothing any more; leave() is called, and the next run has another.
async function startWorker(leave) {
  const address = URL.createObjectURL(new Blob([workerText], { type: "text/javascript" }));
  const worker = new Worker(address);
  const asked = new Map();
  let next = 0;
  let lost = null;
  const ask = (message) => new Promise((resolve, reject) => {
    if (lost) {
      reject(lost);
      return;
    }
    asked.set(next, { resolve, reject });
    worker.postMessage({ id: next++, ...message });
  });
  worker.addEventListener("message", ({ data: { id, ...answer } }) => {
    asked.get(id)?.resolve(answer); // unless it came too late
    asked.delete(id);
  });
  const fail = () => {
    lost = new Error(t`A worker of this page has stopped`);
    asked.forEach(({ reject }) => reject(lost));
    asked.clear();
    worker.terminate();
    leave();
  };
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    fail();
  });
  const timer = setTimeout(fail, PATIENCE_MS);
  try {
    await ask({ ask: "hello" });
  } finally {
    clearTimeout(timer);
    URL.revokeObjectURL(address);
  }
  return async (message) => valueOf(await ask(message));
}

function valueOf({ value, error }) {
  if (error !== undefined) throw new Error(error);
  return value;
}
