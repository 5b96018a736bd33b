// What the browser remembers of a visitor, from page to page. A page may have no storage: then it
// lasts as long as the page.

const own = new Map();

export function recall(name) {
  try {
    return localStorage.getItem(`kdviz-${name}`);
  } catch {
    return own.get(name) ?? null;
  }
}

export function remember(name, text) {
  try {
    localStorage.setItem(`kdviz-${name}`, text);
  } catch {
    own.set(name, text);
  }
}
