// The lab in a page of somebody else's: as a function, as an element, and as what anywidget's hosts
// take. Each stands behind a shadow root, so that neither page's style reaches the other.

import { clip, putLists, putSettings, readSettings } from "../../page/state/link.js";
import { rowsOf } from "../../page/state/settings.js";
import { renderLab } from "./lab.js";
import { agree, localModel } from "./local-model.js";
import { key, t, tag } from "../../page/words/t.js";

const LISTS = ["lock", "hide"];
const TAG = "kdviz-lab";
// Attributes that any element may have, and those that frameworks add.
const NOT_OURS = /[-:]|^_|^(id|class|style|slot|part|title|lang|dir|hidden|role|tabindex|is|nonce)$/;

// panels: by name, its module; state: of the whole lab; styles: its style sheets as one text.
export function makeEmbedding({ panels, state, styles }) {
  let sheet = null; // one for all
  const shown = new Set(); // models of labs

  // Draws the lab into the shadow root of an element; returns a function that ends it.
  function show(host, settings) {
    const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    sheet ??= sheetOf(styles);
    root.adoptedStyleSheets = [sheet];
    const [place, probe] = ["kdviz-embed", "kdviz-probe"].map((name) =>
      Object.assign(host.ownerDocument.createElement("div"), { className: name }));
    root.replaceChildren(probe, place);
    followLook(probe, place);
    const chosen = state.panels.includes(settings.panel) ? settings.panel : null;
    const model = localModel(chosen ? onlyOf(state, chosen) : state);
    const leave = agree(shown, model);
    try {
      const stop = renderLab({ model, el: place, place: null,
        panels: chosen ? { [chosen]: panels[chosen] } : panels,
        prepare: (lab) => prepare(lab, settings) });
      return () => {
        stop();
        leave();
        root.replaceChildren();
      };
    } catch (error) {
      leave();
      place.innerHTML = '<div class="kdviz"><p class="kd-news" role="alert"></p></div>';
      Object.assign(place.querySelector("p"), { lang: tag(), textContent: error.message });
      throw error;
    }
  }

  /**
   * Shows the lab, or the panel that settings.panel names, at the end of an element.
   * settings: by the names that links have. Returns a function that removes it.
   */
  function embed(element, settings = {}) {
    if (element?.nodeType !== Node.ELEMENT_NODE) {
      throw new TypeError(`element must be an element of the page, got ${element}`);
    }
    const host = element.appendChild(element.ownerDocument.createElement("div"));
    const end = show(host, settings);
    return () => {
      end();
      host.remove();
    };
  }

  // A host's model has settings by their names too, and no list of what else it has.
  function render({ model, el }) {
    const names = [...rowsOf(state.table).map(({ link }) => link), ...LISTS];
    return embed(el, Object.fromEntries(names.map((name) => [name, model.get(name) ?? undefined])));
  }

  if (globalThis.customElements && !customElements.get(TAG)) customElements.define(TAG, tagOf(show));
  return { embed, render };
}

const tagOf = (show) => class extends HTMLElement {
  #end = null;

  connectedCallback() {
    const ours = [...this.attributes].filter(({ name }) => !NOT_OURS.test(name));
    this.#end = show(this, Object.fromEntries(ours.map(({ name, value }) => [name, value])));
  }

  disconnectedCallback() {
    this.#end?.();
    this.#end = null;
  }
};

function sheetOf(styles) {
  const made = new CSSStyleSheet(); // a page's policy on styles allows it
  made.replaceSync(styles);
  return made;
}

// The state of a lab that has one panel.
function onlyOf(state, panel) {
  const { lab, [panel]: own } = state.table;
  return { ...state, panel, panels: [panel], title: own.title, table: { lab, [panel]: own } };
}

function prepare(lab, settings) {
  const pairs = Object.entries(settings).filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, String(typeof value === "boolean" ? Number(value) : value)]);
  const { values, odd } = readSettings(lab, pairs);
  putSettings(lab, values);
  const names = [...lab.rows.map(({ link }) => link), ...LISTS].join(", ");
  const problems = [...odd.map(({ name, text, may }) => (may
    ? t`${name} must be ${may}, got “${clip(text)}”.`
    : t`“${clip(name)}” is no setting here; there are ${names}.`)), ...putLists(lab, pairs)];
  if (problems.length) throw new Error(`kdviz: ${problems.join(" ")}`);
  lab.lockedBy = key`this page`;
}

// Keeps the lab as light or as dark as the page around it, by the color of that page's text.
function followLook(probe, place) {
  const look = () => {
    const { color } = getComputedStyle(probe);
    const [r, g, b] = color.match(/[\d.]+(e-?\d+)?/g).map(Number);
    const light = (0.3 * r + 0.6 * g + 0.1 * b) / (color.startsWith("rgb") ? 255 : 1) > 0.5;
    place.dataset.look = light ? "dark" : "light";
  };
  probe.addEventListener("transitionend", look);
  look();
}
