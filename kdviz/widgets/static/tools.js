// The tools in the header: undo and reset, and beneath More what is needed once in a while.

import { el, say, set } from "./dom.js";
import { listen, put } from "./model.js";
import { openFiles } from "./open.js";
import { saveDialog } from "./save.js";
import { copy, shareDialog } from "./share.js";
import { makeUndo, undoKeys } from "./undo.js";

// Large type is of the room, not of the view: the browser remembers it.
const LARGE = "kdviz-large";
function remembered() {
  try {
    return localStorage.getItem(LARGE) === "1";
  } catch {
    return false; // a page may have no storage
  }
}
function remember(large) {
  try {
    localStorage.setItem(LARGE, large ? "1" : "0");
  } catch {} // then it lasts as long as the page
}

// Adds the tools to `header`; `link` is null where the address is not ours, tell(text) shows a
// line of news. Returns a cleanup.
export function mountTools(desk, root, header, { link, owned, tell }) {
  const { page } = desk;
  const button = (text, onclick, attrs = {}) =>
    el("button", { type: "button", class: "kd-tool", onclick, ...attrs }, text);
  const undo = makeUndo(desk, () => paint());
  const undoButton = button("Undo", undo.undo, { "aria-keyshortcuts": "Control+Z" });
  const resetButton = button("Reset", undo.reset);
  const large = button("Large type", () => {
    put(page, { large: !page.get("large") });
    remember(page.get("large"));
  },
    { title: "For a projector: everything larger" });
  const menu = el("details", { class: "kd-menu" }, el("summary", { class: "kd-tool" }, "More"));
  const files = openFiles(desk, root, tell);
  const choose = (text, act, attrs = {}) => button(text, () => {
    menu.open = false;
    menu.firstChild.focus();
    act();
  }, attrs);
  menu.append(el("div", { class: "kd-menu-list" },
    link ? choose("Copy link", async () =>
      tell(await copy(link.address()) ? "The link to this view is copied." : link.address())) : null,
    link ? choose("Link for the class …", () => shareDialog(page, root, link)) : null,
    choose("Save a chart …", () => saveDialog(page, root)),
    choose("Open your own logits …", files.choose, { class: "kd-tool kd-own-data" }),
    large));

  function paint() {
    undoButton.disabled = !undo.canUndo();
    resetButton.disabled = !undo.canReset();
    set(large, { "aria-pressed": String(page.get("large")) });
    root.classList.toggle("kd-large", page.get("large"));
    say(large, page.get("large") ? "Large type: on" : "Large type");
  }
  header.append(el("div", { class: "kd-tools", role: "group", "aria-label": "Tools" },
    undoButton, resetButton, menu));
  paint();

  // Where the whole page is ours, keys count wherever the focus is.
  const keys = undoKeys(undo);
  const target = owned ? document : root;
  const close = (event) => {
    if (event.type === "keydown" ? event.key === "Escape" && menu.open
      : !menu.contains(event.target)) {
      if (event.type === "keydown") menu.firstChild.focus();
      menu.open = false;
    }
  };
  target.addEventListener("keydown", keys);
  menu.addEventListener("keydown", close);
  document.addEventListener("pointerdown", close);
  const off = listen(page, ["large"], paint);
  if (remembered()) put(page, { large: true });
  return () => {
    [undo.stop, off, files.stop].forEach((stop) => stop());
    target.removeEventListener("keydown", keys);
    document.removeEventListener("pointerdown", close);
  };
}
