// A dialog with its title and a button that closes it; kind: a class for its size.

import { useEffect, useRef, useState } from "preact/hooks";
import { freshId, html } from "./html.js";
import { t } from "../words/t.js";

export function Dialog({ title, close, kind = "", children }) {
  const node = useRef(null);
  const [id] = useState(() => freshId("dialog"));
  useEffect(() => node.current.showModal(), []);
  return html`<dialog ref=${node} class="kd-dialog ${kind}" aria-labelledby=${id} onClose=${close}>
    <div class="kd-dialog-head"><h2 id=${id}>${title}</h2>
      <button type="button" class="kd-tool" onClick=${() => node.current.close()}>${t`Close`}</button></div>
    ${children}
  </dialog>`;
}

// Says whether it could be copied: a page that is not served securely may not.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
