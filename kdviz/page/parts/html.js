// Views as templates: html`<${Chart} name="x">…<//>`; the one place where the packages meet.

import htm from "htm";
import { createContext, createElement, options } from "preact";
import { useContext, useMemo } from "preact/hooks";

// Many changes before a frame paint once.
options.debounceRendering = globalThis.requestAnimationFrame; // a server may import, not draw

const TAKES_KEYS = ["a", "button", "input", "select", "summary", "textarea"];

// A notebook has shortcuts on single keys; it asks the focused element itself about them.
function element(type, props, ...children) {
  const takesKeys = TAKES_KEYS.includes(type) || (typeof type === "string" && props?.tabIndex >= 0);
  return createElement(type,
    takesKeys ? { ...props, "data-lm-suppress-shortcuts": "true" } : props, ...children);
}

export const html = htm.bind(element);

// The page's state (state/lab.js), for every view below.
export const Page = createContext(null);
export const useLab = () => useContext(Page);

let count = 0;

// A name for an element that no other view on the page has.
export function freshId(stem) {
  count += 1;
  return `kd-${stem}-${count}`;
}

// What is drawn anew only when something in the list `by` differs.
export function Still({ by, draw }) {
  return useMemo(draw, by);
}

// A sentence from parts: texts and views as they are, [text, role] emphasized in the role's color.
export function Sentence({ parts }) {
  return parts.map((part) => (Array.isArray(part)
    ? html`<strong class="kd-${part[1]}">${part[0]}</strong>` : part));
}
