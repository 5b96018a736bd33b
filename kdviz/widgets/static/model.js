// Between a view and its model: listen, paint once a frame, save without flooding the kernel.

// Calls back when any of the named traits changes; returns a stop.
export function listen(model, names, callback) {
  names.forEach((name) => model.on(`change:${name}`, callback));
  return () => names.forEach((name) => model.off(`change:${name}`, callback));
}

// Wraps a paint so that many calls before a frame paint once; cancel() drops what is due.
export function perFrame(paint) {
  let due = 0;
  const request = () => {
    due ||= requestAnimationFrame(() => {
      due = 0;
      paint();
    });
  };
  request.cancel = () => {
    cancelAnimationFrame(due);
    due = 0;
  };
  return request;
}

const SAVE_EVERY_MS = 100;
const timers = new WeakMap();

// Sets traits at once in the page, and tells the kernel at most ten times a second.
export function put(model, traits) {
  for (const [name, value] of Object.entries(traits)) model.set(name, value);
  if (timers.has(model)) return;
  timers.set(model, setTimeout(() => {
    timers.delete(model);
    model.save_changes();
  }, SAVE_EVERY_MS));
}

// Tells the kernel now what put() still holds back.
export function flush(model) {
  clearTimeout(timers.get(model));
  timers.delete(model);
  model.save_changes();
}

// Numbers from a Bytes trait (a DataView, at any offset, little-endian).
export function numbers(model, name, Type) {
  const view = model.get(name);
  if (!view || view.byteLength === 0) return new Type(0);
  return new Type(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}
