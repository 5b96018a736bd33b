// "Link for the class": this view as a link, with controls locked or hidden.

import { el, freshId, say } from "../../page/parts/dom.js";
import { controlsOf } from "../../page/state/locks.js";

// Says whether it could be copied: a page that is not served securely may not.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// A dialog with its title and a button that closes it; it is removed once closed.
export function openDialog(root, title, ...children) {
  const id = freshId("dialog");
  const node = el("dialog", { class: "kd-dialog", "aria-labelledby": id },
    el("div", { class: "kd-dialog-head" }, el("h2", { id }, title),
      el("button", { type: "button", class: "kd-tool", onclick: () => node.close() }, "Close")),
    ...children);
  node.addEventListener("close", () => node.remove());
  root.append(node);
  node.showModal();
  return node;
}

export function shareDialog(page, root, link) {
  const chosen = { lock: new Set(), hide: new Set() };
  const field = el("input", { class: "kd-number kd-address", readonly: true, "aria-label": "Link" });
  const status = el("p", { class: "kd-caption", role: "status" });
  const show = () => {
    field.value = link.address({ lock: [...chosen.lock], hide: [...chosen.hide] });
    say(status, "");
  };
  const box = (list, name, title, row) => el("input", { type: "checkbox",
    "aria-label": `${list === "lock" ? "Lock" : "Hide"}: ${title}`, onchange: (event) => {
      if (event.target.checked) chosen[list].add(name);
      else chosen[list].delete(name);
      show();
    } }, row);
  const rows = controlsOf(page).map(([name, title, lockable]) => el("tr", {},
    el("th", { scope: "row" }, title),
    el("td", {}, lockable ? box("lock", name, title) : null),
    el("td", {}, box("hide", name, title))));
  openDialog(root, "A link for the class",
    el("p", {}, "The link opens this view as it is now. A locked control stays as it is and says "
      + "so; a hidden one is not shown."),
    el("table", { class: "kd-share" },
      el("thead", {}, el("tr", {}, el("td", {}), el("th", { scope: "col" }, "Lock"),
        el("th", { scope: "col" }, "Hide"))), el("tbody", {}, rows)),
    el("div", { class: "kd-share-link" }, field,
      el("button", { type: "button", class: "kd-button kd-primary", onclick: async () => {
        field.select();
        say(status, await copy(field.value) ? "Copied."
          : "The browser does not let this page copy. The link is selected: press Ctrl+C.");
      } }, "Copy link for the class")),
    status);
  show();
}
