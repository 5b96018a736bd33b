// What the browser remembers of a visitor, from page to page; or in this tab, until it is closed. A
// page may have no storage: then it lasts as long as the page.

export const TAB = "sessionStorage";

const own = new Map();

export function recall(name, where = "localStorage") {
  try {
    return globalThis[where].getItem(`kdviz-${name}`);
  } catch {
    return own.get(name) ?? null;
  }
}

export function remember(name, text, where = "localStorage") {
  try {
    globalThis[where].setItem(`kdviz-${name}`, text);
  } catch {
    own.set(name, text);
  }
}

export function forget(name, where = "localStorage") {
  try {
    globalThis[where].removeItem(`kdviz-${name}`);
  } catch {
    own.delete(name);
  }
}
