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

const COLORS = { auto: "light", light: "dark", dark: "auto" }; // one after the other
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
  const hidden = lab.hidden.value.has("data");

  useEffect(() => {
    if (recall(LARGE) === "1") large.set(true);
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
  return html`<div class="kd-tools" role="group" aria-label="Tools">
    <button type="button" class="kd-tool" aria-keyshortcuts="Control+Z" onClick=${undo.undo}
      disabled=${!undo.canUndo()}>Undo</button>
    <button type="button" class="kd-tool" onClick=${undo.reset}
      disabled=${!undo.canReset()}>Reset</button>
    <details ref=${menu} class="kd-menu" onKeyDown=${(event) => {
      if (event.key === "Escape" && menu.current.open) leave();
    }}>
      <summary class="kd-tool">More</summary>
      <div class="kd-menu-list">
        ${canTour(lab) && html`<${Item} leave=${leave} act=${() => beginTour(lab)}>Tour of two minutes<//>`}
        ${link && html`<${Item} leave=${leave} act=${async () => tell(await copy(link.address())
          ? "The link to this view is copied." : link.address())}>Copy link<//>
        <${Item} leave=${leave} act=${() => open("share")}>Link for the class …<//>`}
        <${Item} leave=${leave} act=${() => open("collect")}>Collect predictions …<//>
        <button type="button" class="kd-tool" aria-pressed=${String(codes.value)}
          title="A code for each prediction, to tell the class" onClick=${() =>
            codes.set(!codes.value)}>Codes of predictions${codes.value ? ": on" : ""}</button>
        <${Item} leave=${leave} act=${() => open("save")}>Save a chart …<//>
        ${!hidden && html`<${Item} leave=${leave} act=${() => files.current.click()}>Open your own logits …<//>`}
        <button type="button" class="kd-tool" aria-pressed=${String(large.value)}
          title="For a projector: everything larger" onClick=${() => {
            large.set(!large.value);
            remember(LARGE, large.value ? "0" : "1");
          }}>
          Large type${large.value ? ": on" : ""}</button>
        <button type="button" class="kd-tool" onClick=${() => colors.set(COLORS[colors.value])}>
          Colors: ${colors.value === "auto" ? "as the device" : colors.value}</button>
      </div>
    </details>
    <input ref=${files} type="file" multiple hidden tabindex="-1" accept=${TYPES}
      aria-label="Your own logits" onChange=${async (event) => {
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
  return html`<${Dialog} title="Logits or probabilities?" close=${close}>
    <p>${error.message}.</p>
    <div class="kd-buttons">${answer("Probabilities: take their logarithm", "probabilities")}
      ${answer("They are logits", "logits")}</div>
  <//>`;
}
