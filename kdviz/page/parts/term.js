// A word that says what it means: on hover, on focus, on a tap.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { html, useLab } from "./html.js";
import { PAPER, TERMS } from "./terms.js";
import { t } from "../words/t.js";

const LINGER_MS = 200; // a pointer that only passes by opens nothing
const EDGE = 8; // between a note and the edge of the lab

const idOf = (lab, name) => `${lab.id}-means-${name.replace(" ", "-")}`;

// What a screen reader says of the terms; once a page, unseen.
export function Meanings() {
  const lab = useLab();
  return html`<div hidden>${Object.entries(TERMS).map(([name, { means }]) =>
    html`<span key=${name} id=${idOf(lab, name)}>${t(means)}</span>`)}</div>`;
}

// name: in the table; children: how it reads here, if not so.
export function Term({ name, children }) {
  const lab = useLab();
  const node = useRef(null);
  const timer = useRef(0);
  const [open, show] = useState(""); // "", "passing" while pointed at, "kept" until it is left
  const leave = () => show("");

  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!open) return undefined;
    const onKey = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      if (node.current.contains(node.current.getRootNode().activeElement)) {
        node.current.firstElementChild.focus();
      }
      leave();
    };
    const onPress = (event) => {
      if (!event.composedPath().includes(node.current)) leave();
    };
    document.addEventListener("keydown", onKey, true);
    document.addEventListener("pointerdown", onPress, true);
    return () => {
      document.removeEventListener("keydown", onKey, true);
      document.removeEventListener("pointerdown", onPress, true);
    };
  }, [open]);

  const linger = (event) => {
    if (event.pointerType !== "mouse") return;
    timer.current = setTimeout(() => show((now) => now || "passing"), LINGER_MS);
  };
  const pass = () => {
    clearTimeout(timer.current);
    show((now) => (now === "passing" ? "" : now));
  };
  return html`<span ref=${node} class="kd-term" onPointerEnter=${linger} onPointerLeave=${pass}
      onFocusOut=${(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) leave();
      }}>
    <button type="button" aria-expanded=${String(open !== "")} aria-describedby=${idOf(lab, name)}
      onFocus=${(event) => event.target.matches(":focus-visible") && show("kept")}
      onClick=${() => {
        clearTimeout(timer.current);
        show((now) => (now === "kept" ? "" : "kept"));
      }}>${children ?? t(name)}</button>${
      open && html`<${Note} name=${name} />`}</span>`;
}

// Above its word, so that what it explains stays in sight; below where there is no room.
function Note({ name }) {
  const node = useRef(null);
  const { means, section } = TERMS[name];
  useLayoutEffect(() => place(node.current), []);
  return html`<span ref=${node} class="kd-term-note" role="note"><span><b>${t(name)}</b> ${t(means)}
    ${section && html` <a href=${PAPER} target="_blank" rel="noreferrer">${t`Paper, section ${section}`}</a>`}
  </span></span>`;
}

// Begins where its word does, within the lab, whatever its zoom; clear of the word, or of all that is
// marked as explained by it.
function place(note) {
  const word = note.parentElement;
  const marked = word.closest("[data-explained]") ?? word.firstElementChild;
  const [own, around, box, explained] = [word, word.closest(".kdviz"), note, marked]
    .map((each) => each.getBoundingClientRect());
  const zoom = box.width / note.offsetWidth;
  const above = explained.top >= box.height;
  const start = getComputedStyle(word).direction === "rtl" ? own.right - box.width : own.left;
  const left = Math.max(around.left + EDGE, Math.min(start, around.right - EDGE - box.width));
  note.style.left = `${(left - own.left) / zoom}px`;
  note.style.top = `${((above ? explained.top - box.height : explained.bottom) - own.top) / zoom}px`;
}
