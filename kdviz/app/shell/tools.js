// The tools in the header: undo and reset, and beneath More what is needed once in a while.

import { useEffect, useRef, useState } from "preact/hooks";
import { Dialog, copy } from "../../page/parts/dialog.js";
import { html, useLab } from "../../page/parts/html.js";
import { undoKeys } from "../../page/state/undo.js";
import { recall, remember } from "../../page/state/storage.js";
import { TYPES } from "./open.js";
import { Collect } from "./collect.js";
import { SaveDialog } from "./save.js";
import { ShareDialog } from "./share.js";
import { beginTour, canTour } from "./tour.js";
import { NAMES, key, t } from "../../page/words/t.js";

// One after the other; and what each is called.
const COLORS = { auto: "light", light: "dark", dark: "auto" };
const LOOKS = { auto: key`Colors: as the device`, light: key`Colors: light`, dark: key`Colors: dark` };
const LARGE = "large"; // large type is of the room, not of the view: the browser remembers it

// An entry of the menu, which closes before it acts.
function Item({ leave, act, children }) {
  return html`<button type="button" class="kd-tool" onClick=${() => {
    leave();
    act();
  }}>${children}</button>`;
}

// link is null where the address is not ours; owned: the whole page is, so keys count wherever
// the focus is; tell(text) shows a line of news; take(files) reads the learner's own; question: what
// the open panel asks a class, and its title.
export function Tools({ link, undo, owned, root, tell, take, question, title }) {
  const lab = useLab();
  const menu = useRef(null);
  const files = useRef(null);
  const [dialog, open] = useState(null);
  const close = () => open(null);
  const large = lab.setting("lab", "large");
  const codes = lab.setting("lab", "codes");
  const colors = lab.setting("lab", "colors");
  const language = lab.setting("lab", "language");
  const other = language.value === "en" ? "de" : "en";
  const chosen = lab.keep("language chosen", false); // here, and all was drawn anew
  const hidden = lab.hidden.value.has("data");

  useEffect(() => {
    if (recall(LARGE) === "1") large.set(true);
    if (chosen.peek()) menu.current.firstElementChild.focus();
    chosen.value = false;
    const keys = undoKeys(undo);
    const shut = (event) => {
      // From outside of a shadow root, as one of a page that embeds the lab, its host is the target.
      if (!event.composedPath().includes(menu.current)) menu.current.open = false;
    };
    const target = owned ? document : root();
    target.addEventListener("keydown", keys);
    document.addEventListener("pointerdown", shut);
    return () => {
      target.removeEventListener("keydown", keys);
      document.removeEventListener("pointerdown", shut);
    };
  }, []);
  const leave = () => {
    menu.current.open = false;
    menu.current.firstElementChild.focus();
  };
  return html`<div class="kd-tools" role="group" aria-label=${t`Tools`}>
    <button type="button" class="kd-tool" aria-keyshortcuts="Control+Z" onClick=${undo.undo}
      disabled=${!undo.canUndo()}>${t`Undo`}</button>
    <button type="button" class="kd-tool" onClick=${undo.reset}
      disabled=${!undo.canReset()}>${t`Reset`}</button>
    <details ref=${menu} class="kd-menu" onKeyDown=${(event) => {
      if (event.key === "Escape" && menu.current.open) leave();
    }}>
      <summary class="kd-tool">${t`More`}</summary>
      <div class="kd-menu-list">
        ${canTour(lab) && html`<${Item} leave=${leave} act=${() => beginTour(lab)}>
          ${t`Tour of two minutes`}<//>`}
        ${link && html`<${Item} leave=${leave} act=${async () => tell(await copy(link.address())
          ? t`The link to this view is copied.` : link.address())}>${t`Copy link`}<//>
        <${Item} leave=${leave} act=${() => open("share")}>${t`Link for the class …`}<//>`}
        <${Item} leave=${leave} act=${() => open("collect")}>${t`Collect predictions …`}<//>
        <button type="button" class="kd-tool" aria-pressed=${String(codes.value)}
          title=${t`A code for each prediction, to tell the class`} onClick=${() =>
            codes.set(!codes.value)}>${
            codes.value ? t`Codes of predictions: on` : t`Codes of predictions`}</button>
        <${Item} leave=${leave} act=${() => open("save")}>${t`Save a chart …`}<//>
        ${!hidden && html`<${Item} leave=${leave} act=${() => files.current.click()}>
          ${t`Open your own logits …`}<//>`}
        <button type="button" class="kd-tool" aria-pressed=${String(large.value)}
          title=${t`For a projector: everything larger`} onClick=${() => {
            large.set(!large.value);
            remember(LARGE, large.value ? "0" : "1");
          }}>
          ${large.value ? t`Large type: on` : t`Large type`}</button>
        <button type="button" class="kd-tool" onClick=${() => colors.set(COLORS[colors.value])}>
          ${t(LOOKS[colors.value])}</button>
        <button type="button" class="kd-tool" lang=${other} onClick=${() => {
          tell("");
          chosen.value = true;
          language.set(other);
        }}>${NAMES[other]}</button>
      </div>
    </details>
    <input ref=${files} type="file" multiple hidden tabindex="-1" accept=${TYPES}
      aria-label=${t`Your own logits`} onChange=${async (event) => {
        await take([...event.target.files]);
        event.target.value = "";
      }} />
    ${dialog === "share" && html`<${ShareDialog} link=${link} close=${close} />`}
    ${dialog === "collect" && html`<${Collect} question=${question()} title=${title} close=${close} />`}
    ${dialog === "save" && html`<${SaveDialog} root=${root} close=${close} />`}
  </div>`;
}

// A file that looks like probabilities: the learner says what it holds.
export function AskKind({ error, take, close }) {
  const answer = (text, kind) => html`<button type="button" class="kd-button" onClick=${() => {
    close();
    take(kind);
  }}>${text}</button>`;
  return html`<${Dialog} title=${t`Logits or probabilities?`} close=${close}>
    <p>${error.message}.</p>
    <div class="kd-buttons">${
      answer(t`Probabilities: take their logarithm`, "probabilities")}
      ${answer(t`They are logits`, "logits")}</div>
  <//>`;
}
