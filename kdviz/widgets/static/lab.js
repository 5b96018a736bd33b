// The shell: title, tabs, the temperature ruler, and the panels beneath it.

import { restrain, whyLocked } from "./controls.js";
import { makeDesk } from "./desk.js";
import { mountCrowd } from "./crowd.js";
import { mountDistill } from "./distill.js";
import { el, freshId, say, set } from "./dom.js";
import { makeLink } from "./link.js";
import { flush, listen, put } from "./model.js";
import { mountRuler } from "./ruler.js";
import { mountSoften } from "./soften.js";
import { mountSweep } from "./sweep.js";
import { mountTools } from "./tools.js";
import { mountWeigh } from "./weigh.js";

const SUBTITLE = "A hands-on tour of knowledge distillation (Hinton, Vinyals and Dean, 2015)";

// mount(model, root) fills root and returns its cleanup. A panel is mounted when first opened
// and then only hidden, so that it keeps its place. Then comes which model it gets (that of the
// page, whose data a file may replace, or that of the kernel), and whether it has a temperature.
const PANELS = {
  soften: ["Soften", mountSoften, "page", true],
  weigh: ["Weigh", mountWeigh, "page", true],
  distill: ["Distill", mountDistill, "kernel", true],
  sweep: ["Sweep", mountSweep, "kernel", false],
  crowd: ["Crowd", mountCrowd, "kernel", false],
};

// place: where the state goes, "hash" on an exported page; a page of Voila has its query.
export function renderLab({ model, el: host, place = placeOf() }) {
  const desk = makeDesk(model);
  const { page } = desk;
  const title = el("h1", {});
  const [note, news, why] = ["kd-note", "kd-news", "kd-why"].map((name) =>
    el("p", { class: name, id: freshId(name) }));
  set(news, { role: "status" });
  const tabs = el("div", { class: "kd-tabs", role: "tablist", "aria-label": "Panels" });
  const body = el("div", { class: "kd-body" });
  const header = el("header", {}, el("div", { class: "kd-titles" }, title,
    el("p", { class: "kd-subtitle" }, SUBTITLE), note));
  // Keys belong to the lab while it has the focus, not to the notebook around it.
  const root = el("div", { class: "kdviz", "data-lm-suppress-shortcuts": "true" },
    header, news, why, tabs);
  const cleanups = [mountRuler(page, root)];
  root.append(body);
  host.append(root);
  const tell = (text) => say(news, text);

  const rooms = page.get("panels").filter((name) => name in PANELS).map((name) =>
    room(name, () => put(page, { panel: name })));
  tabs.append(...rooms.map(({ tab }) => tab));
  body.append(...rooms.map(({ page: panel }) => panel));
  tabs.addEventListener("keydown", (event) => walk(event, rooms.filter(({ tab }) => !isHidden(tab))));

  let restrained = () => {};
  const link = makeLink(desk, place, (asked) => {
    restrained();
    restrained = restrain(desk, root, asked, why);
    say(why, whyLocked(page, asked.lock));
    tell(asked.problems.join(" "));
  });
  cleanups.push(link.stop, () => restrained(), mountTools(desk, root, header,
    { link: place && link, owned: place !== null, tell }));

  function show() {
    say(title, page.get("title"));
    const open = rooms.find(({ name, tab }) => name === page.get("panel") && !isHidden(tab))
      ?? rooms.find(({ tab }) => !isHidden(tab)) ?? rooms[0];
    say(note, desk[PANELS[open.name][2]].get("note")); // own data are not what others use
    tabs.hidden = rooms.filter(({ tab }) => !isHidden(tab)).length < 2;
    for (const each of rooms) {
      const chosen = each === open;
      each.tab.setAttribute("aria-selected", chosen);
      each.tab.tabIndex = chosen ? 0 : -1;
      each.page.hidden = !chosen;
      if (chosen) root.querySelector(".kd-ruler").hidden = !heated(page, each.name);
      if (chosen) each.cleanup ??= PANELS[each.name][1](desk[PANELS[each.name][2]], each.page);
    }
  }
  show();
  cleanups.push(listen(page, ["panel", "title", "note"], show));
  return () => {
    flush(page);
    [...rooms.map(({ cleanup }) => cleanup), ...cleanups].forEach((stop) => stop?.());
    root.remove();
  };
}

// One lab a page may use its address: the first.
function placeOf() {
  const free = document.body.dataset.voila && !document.querySelector(".kdviz .kd-tools");
  return free ? "query" : null;
}

// Whether the panel answers to the temperature. What was recorded at one knows no other.
function heated(page, name) {
  const [, , source, answers] = PANELS[name];
  return answers && !(source === "kernel" && page.get("recordings"));
}

function isHidden(tab) {
  return tab.classList.contains("kd-withheld");
}

// A tab and the page it opens.
function room(name, open) {
  const id = freshId(name);
  const tab = el("button", { role: "tab", type: "button", id: `${id}-tab`, "aria-controls": id,
    "data-panel": name, onclick: open }, PANELS[name][0]);
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

export default { render: renderLab };
