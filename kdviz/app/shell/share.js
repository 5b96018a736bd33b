// "Link for the class": this view as a link, with controls locked or hidden.

import { useRef, useState } from "preact/hooks";
import { Dialog, copy } from "../../page/parts/dialog.js";
import { html, useLab } from "../../page/parts/html.js";
import { controlsOf } from "../../page/state/link.js";

const OWN_NAMES = ["localhost", "127.0.0.1", "[::1]"];

export function ShareDialog({ link, close }) {
  const lab = useLab();
  const controls = controlsOf(lab).filter(({ name }) => name !== "where" || lab.hasChoice());
  const [chosen, choose] = useState({ lock: new Set(), hide: new Set() });
  const [status, say] = useState("");
  const field = useRef(null);
  const box = (list, { name, title }) => html`<input type="checkbox"
    aria-label="${list === "lock" ? "Lock" : "Hide"}: ${title}" checked=${chosen[list].has(name)}
    onChange=${(event) => {
      const names = new Set(chosen[list]);
      if (event.target.checked) names.add(name);
      else names.delete(name);
      choose({ ...chosen, [list]: names });
      say("");
    }} />`;
  // A teacher's own prediction is for the teacher alone.
  const address = link.address({ ...chosen, leave: ["prediction"] });
  return html`<${Dialog} title="A link for the class" close=${close}>
    <p>The link opens this view as it is now. A locked control stays as it is and says so; a hidden
      one is not shown.</p>
    <table class="kd-share">
      <thead><tr><td /><th scope="col">Lock</th><th scope="col">Hide</th></tr></thead>
      <tbody>${controls.map((control) => html`<tr><th scope="row">${control.title}</th>
        <td>${control.lockable && box("lock", control)}</td><td>${box("hide", control)}</td></tr>`)}
      </tbody>
    </table>
    <div class="kd-share-link">
      <input ref=${field} class="kd-number kd-address" readonly aria-label="Link" value=${address} />
      <button type="button" class="kd-button kd-primary" onClick=${async () => {
        field.current.select();
        say(await copy(address) ? "Copied."
          : "The browser does not let this page copy. The link is selected: press Ctrl+C.");
      }}>Copy link for the class</button>
    </div>
    <p class="kd-caption" role="status">${status || reachOf(address)}</p>
  <//>`;
}

// Whom a link reaches, where that is this computer alone.
function reachOf(address) {
  const { protocol, hostname } = new URL(address);
  if (protocol === "file:") {
    return "This link leads to a file on this computer. Send the file itself; what follows the # in "
      + "the link sets it as it is now.";
  }
  return OWN_NAMES.includes(hostname) ? "This link opens on this computer alone, as its address says. "
    + "For other machines, send the file that python -m kdviz export writes, or use a server." : "";
}
