// The shell: title, tabs, the temperature ruler, and the panels beneath it.

import { mountDistill } from "./distill.js";
import { el, freshId, say } from "./dom.js";
import { flush, listen, put } from "./model.js";
import { mountRuler } from "./ruler.js";
import { mountSoften } from "./soften.js";
import { mountWeigh } from "./weigh.js";

const SUBTITLE = "A hands-on tour of knowledge distillation (Hinton, Vinyals and Dean, 2015)";

// mount(model, root) fills root and returns its cleanup. A panel is mounted when first opened
// and then only hidden, so that it keeps its place.
const PANELS = {
  soften: ["Soften", mountSoften],
  weigh: ["Weigh", mountWeigh],
  distill: ["Distill", mountDistill],
};

export function render({ model, el: host }) {
  const cleanups = [];
  const title = el("h1", {});
  const tabs = el("div", { class: "kd-tabs", role: "tablist", "aria-label": "Panels" });
  const body = el("div", { class: "kd-body" });
  // Keys belong to the lab while it has the focus, not to the notebook around it.
  const root = el("div", { class: "kdviz", "data-lm-suppress-shortcuts": "true" },
    el("header", {}, title, el("p", { class: "kd-subtitle" }, SUBTITLE)), tabs);
  cleanups.push(mountRuler(model, root));
  root.append(body);
  host.append(root);

  const rooms = model.get("panels").filter((name) => name in PANELS).map((name) =>
    room(name, () => put(model, { panel: name })));
  tabs.append(...rooms.map(({ tab }) => tab));
  tabs.hidden = rooms.length < 2;
  body.append(...rooms.map(({ page }) => page));
  tabs.addEventListener("keydown", (event) => walk(event, rooms));

  function show() {
    say(title, model.get("title"));
    const open = rooms.find(({ name }) => name === model.get("panel")) ?? rooms[0];
    for (const each of rooms) {
      const chosen = each === open;
      each.tab.setAttribute("aria-selected", chosen);
      each.tab.tabIndex = chosen ? 0 : -1;
      each.page.hidden = !chosen;
      if (chosen) each.cleanup ??= PANELS[each.name][1](model, each.page);
    }
  }
  show();
  cleanups.push(listen(model, ["panel", "title"], show));
  return () => {
    flush(model);
    [...cleanups, ...rooms.map(({ cleanup }) => cleanup)].forEach((stop) => stop?.());
    root.remove();
  };
}

// A tab and the page it opens.
function room(name, open) {
  const id = freshId(name);
  const tab = el("button", { role: "tab", type: "button", id: `${id}-tab`, "aria-controls": id,
    onclick: open }, PANELS[name][0]);
  const page = el("section", { role: "tabpanel", id, "aria-labelledby": `${id}-tab`,
    class: `kd-panel kd-panel-${name}` });
  return { name, tab, page };
}

// Arrow keys, Home and End walk the tabs and open the one they reach.
function walk(event, rooms) {
  const at = rooms.findIndex(({ tab }) => tab === event.target);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  const { tab } = rooms[(to + rooms.length) % rooms.length];
  tab.focus();
  tab.click();
}

export default { render };
