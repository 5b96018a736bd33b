// The learner's own logits: dropped on the page or chosen, read and kept here, sent nowhere.

import { checkLogits } from "../../page/files/own-logits.js";
import { readTable } from "../../page/files/tables.js";
import { count } from "../../page/parts/format.js";
import { t } from "../../page/words/t.js";

export const LARGEST_BYTES = 400e6;
export const TYPES = ".npy,.csv,.txt";

/** The traits that hold what is in these files; `kind` is "logits", "probabilities" or null. */
export async function readFiles(files, kind = null) {
  return checkLogits(await readAll(files), kind).traits;
}

/** What takes files that are dropped on the page: events for its root. */
export function dropEvents(root, take) {
  const carries = (event) => [...event.dataTransfer?.types ?? []].includes("Files");
  const mark = (on) => root().classList.toggle("kd-drop", on);
  return {
    onDragOver(event) {
      if (!carries(event)) return;
      event.preventDefault();
      mark(true);
    },
    onDragLeave(event) {
      if (!root().contains(event.relatedTarget)) mark(false);
    },
    onDrop(event) {
      if (!carries(event)) return;
      event.preventDefault();
      mark(false);
      take([...event.dataTransfer.files]);
    },
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
  const table = { name: t`Your logits` };
  for (const file of files) {
    if (file.size > LARGEST_BYTES) {
      const size = count(file.size / 1e6);
      throw new Error(t`logits must be a file of at most 400 MB, got “${file.name}” of ${
        size} MB: save fewer examples, or float16 numbers`);
    }
    const role = roleOf(file, files);
    if (role === "logits" && table.logits) {
      throw new Error(t`“${file.name}” is a second file of logits; name files of labels and images so, as ${
        "labels.npy"}`);
    }
    if (role === "logits") table.name = file.name.replace(/\.\w+$/, "");
    const read = await readTable(file.name, await file.arrayBuffer(), role);
    // A file given for its own sake counts more than what came along with the logits.
    Object.assign(table, role === "logits" ? { ...read, ...table } : read);
  }
  if (!table.logits) throw new Error(t`there are no logits among these files`);
  return table;
}
