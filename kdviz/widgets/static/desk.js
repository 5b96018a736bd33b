// The model as this page sees it: with data that were dropped on the page in place of the
// kernel's, which need not know of them, and with what a link has locked.

const DATA = ["logits", "labels", "images", "classes", "image_shape", "student_logits",
  "example", "note"];

// Returns the model for panels that explore (`page`), the one for panels whose data lie in the
// kernel (`kernel`), use(data) to put other data in place (null takes them away), lock(), and
// lose(why) for a kernel that does not answer.
export function makeDesk(model) {
  const listeners = new Map();
  const locks = new Map(); // trait → the keys of it that are locked, or "all"
  let own = null;
  let lost = ""; // why Python does not answer

  const emit = (names) => names.forEach((name) =>
    [...(listeners.get(`change:${name}`) ?? [])].forEach((call) => call()));

  // A locked value stays as it is; of a dictionary, its locked keys.
  function guarded(name, value, now) {
    const keys = locks.get(name);
    if (!keys) return value;
    if (keys === "all") return now;
    const kept = [...keys].filter((key) => now && key in now).map((key) => [key, now[key]]);
    const free = Object.entries(value).filter(([key]) => !keys.has(key));
    return Object.fromEntries([...free, ...kept]);
  }

  function on(event, call) {
    model.on(event, call);
    if (!listeners.has(event)) listeners.set(event, new Set());
    listeners.get(event).add(call);
  }

  function off(event, call) {
    model.off(event, call);
    listeners.get(event)?.delete(call);
  }

  const kernel = {
    get: (name) => (name === "lost" ? lost : name === "live" && lost ? false : model.get(name)),
    set: (name, value) => model.set(name, guarded(name, value, model.get(name))),
    on, off,
    save_changes: () => lost || model.save_changes(),
    send: (message) => lost || model.send(message),
  };
  const page = {
    ...kernel,
    get: (name) => (own && name in own ? own[name] : kernel.get(name)),
    set(name, value) {
      if (!own || !(name in own)) return kernel.set(name, value);
      const next = guarded(name, value, own[name]);
      if (next === own[name]) return undefined;
      own = { ...own, [name]: next };
      return emit([name]);
    },
  };

  function use(data) {
    if (own === data) return;
    const before = own;
    own = data;
    const onlyExample = before && own && DATA.every((name) =>
      name === "example" || before[name] === own[name]);
    emit(onlyExample ? ["example"] : [...DATA, "own"]);
  }

  function lock(trait, key = null) {
    if (key === null) locks.set(trait, "all");
    else if (locks.get(trait) !== "all") {
      locks.set(trait, new Set([...(locks.get(trait) ?? []), key]));
    }
  }

  // What trains stands still while Python does not answer; what was set meanwhile follows.
  function lose(why) {
    lost = why;
    kernel.save_changes();
    emit(["live"]);
  }

  return { page, kernel, use, own: () => own, lose, lock, unlock: () => locks.clear() };
}
