// What a panel answers, above it; and at its foot what to try next, and the way there.

import { html, useLab } from "../../page/parts/html.js";

export function Question({ panel }) {
  const { id, table } = useLab();
  return html`<p class="kd-question" id="${id}-${panel}-question">${table[panel].answers}</p>`;
}

// Offered only where that panel is on the page; a link may have hidden it.
export function Next({ panel, shown }) {
  const lab = useLab();
  const [text, name] = lab.table[panel].next ?? [];
  if (!shown.includes(name)) return null;
  const go = ({ currentTarget }) => {
    lab.change("lab", { panel: name });
    currentTarget.getRootNode().getElementById(`${lab.id}-${name}-tab`).focus();
  };
  return html`<nav class="kd-next" aria-label="Next"><p><b>Next</b> ${text}</p>
    <button type="button" class="kd-button" onClick=${go}>Open ${lab.table[name].title}</button>
  </nav>`;
}
