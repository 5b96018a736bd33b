// The smallest panel: two controls, and a sentence that also answers to the temperature.

import { Range, Toggle } from "../../kdviz/page/parts/controls.js";
import { html, useLab } from "../../kdviz/page/parts/html.js";

export function View() {
  const lab = useLab();
  const { apples, ripe } = lab.settings("tiny");
  const T = lab.setting("lab", "temperature").value;
  return html`<div>
    <${Range} label="Apples" setting=${lab.setting("tiny", "apples")} shown=${apples} min="0" max="9" />
    <${Toggle} setting=${lab.setting("tiny", "ripe")}>Ripe<//>
    <p class="kd-sentence">${apples} ${ripe ? "ripe" : "green"} apples at T = ${T}.</p>
  </div>`;
}
