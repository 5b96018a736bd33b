// The learner's own logits: dropped on the page or chosen, read and kept here, sent nowhere.

import { el, say } from "../../page/parts/dom.js";
import { count } from "../../page/parts/format.js";
import { checkLogits } from "../../page/files/own-logits.js";
import { openDialog } from "./share.js";
import { readTable } from "../../page/files/tables.js";

export const LARGEST_BYTES = 400e6;

export function openFiles(desk, root, tell) {
  const input = el("input", { type: "file", multiple: true, hidden: true, tabindex: -1,
    accept: ".npy,.csv,.safetensors,.txt", "aria-label": "Your own logits",
    onchange: async () => {
      await take([...input.files]);
      input.value = "";
    } });
  root.append(input);

  async function take(files, kind = null) {
    try {
      tell(`Reading ${files.map((file) => file.name).join(", ")} …`);
      const own = checkLogits(await readAll(files), kind);
      desk.use(own.traits);
      tell("");
    } catch (error) {
      if (error.name === "LooksLikeProbabilities") ask(error, files);
      else tell(`${error.message}. Nothing is changed.`);
    }
  }

  function ask(error, files) {
    tell("");
    const answer = (text, kind) => el("button", { type: "button", class: "kd-button", onclick() {
      dialog.close();
      take(files, kind);
    } }, text);
    const dialog = openDialog(root, "Logits or probabilities?", el("p", {}, `${error.message}.`),
      el("div", { class: "kd-buttons" },
        answer("Probabilities: take their logarithm", "probabilities"),
        answer("They are logits", "logits")));
  }

  const carries = (event) => [...event.dataTransfer?.types ?? []].includes("Files");
  const events = {
    dragover(event) {
      if (!carries(event)) return;
      event.preventDefault();
      root.classList.add("kd-drop");
    },
    dragleave(event) {
      if (!root.contains(event.relatedTarget)) root.classList.remove("kd-drop");
    },
    drop(event) {
      if (!carries(event)) return;
      event.preventDefault();
      root.classList.remove("kd-drop");
      if (input.disabled || input.closest(".kd-withheld")) return;
      take([...event.dataTransfer.files]);
    },
  };
  Object.entries(events).forEach(([name, call]) => root.addEventListener(name, call));
  return {
    choose: () => input.click(),
    stop: () => Object.entries(events).forEach(([name, call]) =>
      root.removeEventListener(name, call)),
  };
}

// A file's name says what it holds, if there are several: labels, images or names of classes.
function roleOf(file, files) {
  const name = file.name.toLowerCase();
  if (name.endsWith(".txt")) return "classes";
  if (files.length === 1) return "logits";
  return ["labels", "images"].find((role) => name.includes(role.slice(0, -1))) ?? "logits";
}

async function readAll(files) {
  const table = { name: "Your logits" };
  for (const file of files) {
    if (file.size > LARGEST_BYTES) {
      throw new Error(`logits must be a file of at most 400 MB, got “${file.name}” of `
        + `${count(file.size / 1e6)} MB: save fewer examples, or float16 numbers`);
    }
    const role = roleOf(file, files);
    if (role === "logits" && table.logits) {
      throw new Error(`“${file.name}” is a second file of logits; name files of labels and images `
        + "so, as labels.npy");
    }
    if (role === "logits") table.name = file.name.replace(/\.\w+$/, "");
    const read = await readTable(file.name, await file.arrayBuffer(), role);
    // A file given for its own sake counts more than what came along with the logits.
    Object.assign(table, role === "logits" ? { ...read, ...table } : read);
  }
  if (!table.logits) throw new Error("there are no logits among these files");
  return table;
}
