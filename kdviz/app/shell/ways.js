// What a panel answers, above it; at its foot what to try next, and the way there; and at the foot
// of a phone its main action.

import { html, useLab } from "../../page/parts/html.js";
import { t } from "../../page/words/t.js";

export function Question({ panel }) {
  const { id, table } = useLab();
  return html`<p class="kd-question" id="${id}-${panel}-question">${t(table[panel].answers)}</p>`;
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
  return html`<nav class="kd-next" aria-label=${t`Next`}><p><b>${t`Next`}</b> ${t(text)}</p>
    <button type="button" class="kd-button" onClick=${go}>${
      t`Open ${t(lab.table[name].title)}`}</button>
  </nav>`;
}

// The same as the button that it stands in for, so nobody meets it who does not see it. A tour says
// by itself what to press.
export function Foot() {
  const lab = useLab();
  const main = lab.keep("main action", null).value;
  return html`<div class="kd-foot" aria-hidden="true" hidden=${!main || lab.get("tour")}>
    <button type="button" class="kd-button kd-primary" tabindex="-1"
      onClick=${() => main.press()}>${main?.name}</button></div>`;
}
