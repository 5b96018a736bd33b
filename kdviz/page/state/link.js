// @ts-check
// The state of the page in its address: the query of a served page, the hash of an exported one.
// A link can also lock and hide what a teacher names.

import { effect } from "@preact/signals";
import { allowed, readSetting, same, writeSetting } from "./settings.js";
import { TAB, forget, recall, remember } from "./storage.js";
import { speak, t } from "../words/t.js";

const WRITE_AFTER_MS = 400; // browsers limit how often an address may change
const KEPT = "view"; // in this tab: what a page that is opened again goes on with
const LISTS = ["lock", "hide"];
// What links and locks were called before; they still open.
const OLD_NAMES = { story: "scenario", drag: "dragged", moves: "moved", one: "specialists_example",
  crowd_clusters: "clusters", soften: "soft_targets", weigh: "loss", crowd: "specialists" };

const renamed = (name) => OLD_NAMES[name] ?? name.replace(/^crowd_/, "specialists_");
export const clip = (text) => (text.length > 40 ? `${text.slice(0, 39)}…` : text);

/** What can be locked or hidden on this page: [{ name, title, lockable }]. */
export function controlsOf(lab) {
  const panels = lab.get("panels");
  const here = ["lab", ...panels].map((name) => lab.table[name]);
  return [
    ...lab.rows.filter((row) => row.title && (row.panel === "lab" || panels.includes(row.panel)))
      .map(({ link, title }) => ({ name: link, title: t(title), lockable: true })),
    ...Object.entries(Object.assign({}, ...here.map(({ parts }) => parts)))
      .map(([name, title]) => ({ name, title: t(title), lockable: false })),
    ...(panels.length > 1 ? panels.map((name) =>
      ({ name, title: t`Panel ${t(lab.table[name].title)}`, lockable: false })) : []),
  ];
}

// From "a,b" to the names that can be; the others become problems.
function readNames(list, text, lab) {
  const known = controlsOf(lab).filter(({ lockable }) => lockable || list === "hide")
    .map(({ name }) => name);
  const asked = [...new Set(text.slice(0, 400).split(",").filter(Boolean))];
  let names = asked.map(renamed).filter((name) => known.includes(name));
  const problems = asked.filter((name) => !known.includes(renamed(name)))
    .map((name) => t`${list} can't have “${clip(name)}”; it takes ${known.join(", ")}.`);
  const panels = lab.get("panels");
  if (list === "hide" && panels.every((name) => names.includes(name))) {
    names = names.filter((name) => !panels.includes(name));
    problems.push(t`hide must leave one panel; all panels are shown.`);
  }
  return { names, problems };
}

/** Names and their texts, as a link has them, for what they set: [row, value] each. What can't be
 *  is named instead, with what is allowed; a name without that is no setting. */
export function readSettings(lab, pairs) {
  const values = new Map();
  const odd = [];
  for (const [asked, text] of pairs) {
    const name = renamed(asked);
    const row = lab.rows.find(({ link }) => link === name);
    const value = row && readSetting(row, name === "panel" ? renamed(text) : text, lab.count);
    if (value !== undefined) values.set(row, value);
    else if (!LISTS.includes(asked)) {
      odd.push({ name: asked, text, get may() { return row && allowed(row, lab.count); } });
    }
  }
  // A link that moves the logits of an example means to show it.
  const [example, dragged] = ["example", "dragged"].map((name) =>
    lab.rows.find(({ link }) => link === name));
  if (values.get(dragged) && !values.has(example)) values.set(example, values.get(dragged).example);
  return { values, odd };
}

/** Sets values by row; what was locked is free again. */
export function putSettings(lab, values) {
  lab.locked.value = new Set();
  for (const panel of new Set([...values.keys()].map((row) => row.panel))) {
    lab.change(panel, Object.fromEntries([...values].filter(([row]) => row.panel === panel)
      .map(([row, value]) => [row.name, value])));
  }
}

/** Locks and hides what the pairs say; returns what is wrong with that, a sentence each. */
export function putLists(lab, pairs) {
  return LISTS.flatMap((list) => {
    const text = pairs.filter(([name]) => name === list).map(([, value]) => value).join(",");
    const { names, problems } = readNames(list, text, lab);
    lab[list === "lock" ? "locked" : "hidden"].value = new Set(names);
    return problems;
  });
}

/**
 * Reads the page's address now, and writes it as the settings change.
 * place: "query", "hash", or null where the address is not ours, as in JupyterLab.
 * tell(text) hears of what in a link is ignored.
 */
export function makeLink(lab, place, tell) {
  const rows = lab.rows;
  const before = rows.map((row) => lab.valueOf(row));
  let others = [];
  let timer = 0;

  // What a second link does not say is as it was before the first.
  function read(again = true) {
    const pairs = [...new URLSearchParams(place === "hash" ? location.hash.slice(1)
      : location.search)];
    const { values, odd } = readSettings(lab, pairs);
    others = odd.filter(({ may }) => !may).map(({ name, text }) => [name, text]);
    putSettings(lab, new Map([...(again ? rows.map((row, i) => [row, before[i]]) : []), ...values]));
    speak(lab.setting("lab", "language").value); // of this link: its problems are said in it
    const problems = odd.filter(({ name, may }) => may || !/^(voila-|token$|_)/.test(name))
      .map(({ name, text, may }) => (may
        ? t`${name} must be ${may}; “${clip(text)}” is ignored.`
        : t`“${clip(name)}” is no setting of this page and is ignored.`));
    tell([...problems, ...putLists(lab, pairs)].join(" "));
  }

  /** The address of the page as it is now, with what is to be locked and hidden. For a class no
   *  prediction is in it. step: values by row in place of all that is set; over: values by row on
   *  top; base: an exported page elsewhere, in place of this one. */
  function address({ lock = lab.locked.value, hide = lab.hidden.value, forClass = false,
    step = null, over = new Map(), base = null } = {}) {
    const pairs = rows.flatMap((row, i) => {
      const set = [over, step].find((values) => values?.has(row));
      const value = set ? set.get(row) : step ? before[i] : lab.valueOf(row);
      if ((!step?.has(row) && same(value, before[i])) || (forClass && row.predicted)
        || (lab.own.value && lab.ofTheData(row))) return [];
      const text = writeSetting(row, value);
      return text === null ? [] : [[row.link, text]];
    });
    const query = new URLSearchParams([...(place === "query" && !base ? others : []), ...pairs,
      ...(lock.size ? [["lock", [...lock].join(",")]] : []),
      ...(hide.size ? [["hide", [...hide].join(",")]] : [])]);
    const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
    const url = new URL(base ?? location.href);
    if (base || place === "hash") url.hash = text;
    else url.search = text;
    return url.href;
  }

  // Leaves all that is set for the page that is opened next, also what no link spells out.
  function keep(changes = {}) {
    const names = [...new Set(rows.map(({ panel, name }) => (panel === "lab" ? name : panel)))]
      .filter((name) => lab.model.get(name) !== undefined);
    const now = Object.fromEntries(names.map((name) => [name, lab.get(name)]));
    if (!lab.own.value) remember(KEPT, JSON.stringify({ ...now, ...changes }), TAB);
  }

  /** Opens this view where the server has a Python for it. where: who is to train there. */
  function python(where = lab.get("where"), open = (href) => location.assign(href)) {
    keep({ where });
    const { hash, search } = new URL(address());
    const query = new URLSearchParams(place === "hash" ? hash.slice(1) : search);
    if (where === "kernel") query.set("where", where);
    open(`${new URL(lab.model.get("python"), location.href)}?${query}`);
  }

  // A page without a Python never says that one trains. A link that asks for one leads there; who
  // comes back, since there was no place, stays.
  function settle(stay) {
    if (!lab.model.get("python") || lab.get("where") !== "kernel") return;
    lab.put({ where: "page" });
    if (!stay) python("kernel", (href) => location.replace(href));
  }

  if (place === null) return null;
  const kept = recall(KEPT, TAB);
  read(false);
  if (kept) lab.put(JSON.parse(kept));
  forget(KEPT, TAB);
  settle(kept);
  const again = () => {
    read();
    settle(false);
  };
  let first = true;
  const stop = effect(() => {
    const href = address(); // read now, so that each change is heard
    if (first) first = false;
    else if (href !== location.href) {
      timer ||= setTimeout(() => {
        timer = 0;
        const url = address();
        if (url !== location.href) history.replaceState(history.state, "", url);
      }, WRITE_AFTER_MS);
    }
  });
  if (place === "hash") addEventListener("hashchange", again);
  return {
    address,
    python,
    /** Opens the page as it is now, here or in a tab of its own. */
    again(apart) {
      keep();
      if (!apart) return location.replace(address());
      open(address(), "_blank"); // it inherits what this tab keeps
      return forget(KEPT, TAB);
    },
    stop() {
      stop();
      clearTimeout(timer);
      removeEventListener("hashchange", again);
    },
  };
}
