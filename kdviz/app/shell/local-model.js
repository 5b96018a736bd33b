// A model with the widget's own interface, but no kernel: of an exported page, and where a page
// embeds the lab.

import { same } from "../../page/state/settings.js";

export function localModel(stored) {
  const traits = restore(stored);
  const listeners = new Map();
  return {
    get: (name) => traits[name],
    set(name, value) {
      if (same(traits[name], value)) return;
      traits[name] = value;
      [...(listeners.get(`change:${name}`) ?? [])].forEach((each) => each());
    },
    on(event, callback) {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event).add(callback);
    },
    off: (event, callback) => listeners.get(event)?.delete(callback),
    save_changes() {},
    send() {},
  };
}

/** Models of one page speak one language: the one that was last set. others: those that are there,
 *  to which this one is put. Returns a function that takes it away. */
export function agree(others, model) {
  const [first] = others;
  if (first) model.set("language", first.get("language"));
  others.add(model);
  model.on("change:language", () =>
    others.forEach((each) => each.set("language", model.get("language"))));
  return () => others.delete(model);
}

// Bytes, which JSON can't hold, from their base64, however deep they lie.
function restore(value) {
  if (value === null || typeof value !== "object") return value;
  if ("base64" in value) return decode(value.base64);
  if (Array.isArray(value)) return value.map(restore);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, restore(each)]));
}

function decode(text) {
  return new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}
