// The state of the page in its address: the query of a served page, the hash of an exported one.

import { readNames } from "./controls.js";
import { listen, put } from "./model.js";
import { IN_LINK, clip, isSetting, readSettings, writeSettings } from "./settings.js";

const WRITE_AFTER_MS = 400; // browsers limit how often an address may change
const LISTS = ["lock", "hide"];
const OF_THE_LEARNER = ["prediction", "crowd_prediction"]; // not the teacher's for the class
const OF_THE_DATA = ["example", "second", "dragged", "moved"]; // not of data dropped on the page

// The desk is the page's model (desk.js). place: "query", "hash", or null where the address is not ours, as in JupyterLab.
// obey({ lock, hide, problems }) hears what a link asks for besides settings.
export function makeLink(desk, place, obey) {
  const { page } = desk;
  const before = Object.fromEntries(IN_LINK.map((name) => [name, page.get(name)]));
  let [others, restraints, timer] = [[], { lock: [], hide: [] }, 0];

  // What a second link does not say is as it was before the first.
  function read(again = true) {
    const pairs = [...new URLSearchParams(place === "hash" ? location.hash.slice(1)
      : location.search)];
    const ours = ([name]) => isSetting(name) || LISTS.includes(name);
    others = place === "query" ? pairs.filter((pair) => !ours(pair)) : [];
    const unknown = pairs.filter((pair) => !ours(pair) && !/^(voila-|token$|_)/.test(pair[0]));
    const { traits, problems } = readSettings(pairs.filter(([name]) => isSetting(name)), page,
      before);
    const lists = LISTS.map((name) => {
      const text = pairs.filter(([each]) => each === name).map(([, value]) => value).join(",");
      return readNames(name, text, page);
    });
    [restraints.lock, restraints.hide] = lists.map(({ names }) => names);
    desk.unlock();
    const next = again ? { ...before, ...traits } : traits;
    if (Object.keys(next).length) put(page, next);
    obey({ ...restraints, problems: [...problems, ...lists.flatMap((list) => list.problems),
      ...unknown.map(([name]) => `“${clip(name)}” is no setting of this page and is ignored.`)] });
  }

  // The address of the page as it is now; for a class, with what is to be locked and hidden.
  function address(forClass = null) {
    const { lock, hide } = forClass ?? restraints;
    const left = [...(desk.own() ? OF_THE_DATA : []), ...(forClass ? OF_THE_LEARNER : [])];
    const settings = writeSettings(page, before).filter(([name]) => !left.includes(name));
    const query = new URLSearchParams([...others, ...settings,
      ...(lock.length ? [["lock", lock.join(",")]] : []),
      ...(hide.length ? [["hide", hide.join(",")]] : [])]);
    const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
    const url = new URL(location.href);
    if (place === "hash") url.hash = text;
    else url.search = text;
    return url.href;
  }

  function write() {
    timer = 0;
    const url = address();
    if (url !== location.href) history.replaceState(history.state, "", url);
  }

  if (place === null) return { address: null, stop: () => {} };
  const again = () => read();
  read(false);
  const stop = listen(page, IN_LINK, () => {
    timer ||= setTimeout(write, WRITE_AFTER_MS);
  });
  if (place === "hash") addEventListener("hashchange", again);
  return {
    address,
    stop() {
      stop();
      clearTimeout(timer);
      removeEventListener("hashchange", again);
    },
  };
}
