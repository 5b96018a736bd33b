import { key } from "../../page/words/t.js";

// The steps of the lessons, each as a link sets it: [lesson, step, what stands in the link]. The
// other panels are hidden.
export const PRESETS = [
  [1, key`What a label leaves out`, "panel=soft_targets&temperature=1&lock=temperature"],
  [1, key`Turn up the temperature`, "panel=soft_targets&temperature=1"],
  [1, key`Two of a class`, "panel=soft_targets&temperature=4&closer=pair"],
  [2, key`Two sources, one loss`, "panel=loss&temperature=4&soft_weight=0.5&lock=temperature"],
  [2, key`Without the square`, "panel=loss&temperature=20"],
  [3, key`Two pairs prove little`,
    "panel=distill&temperature=4&scenario=all-labels&width=32&seeds=2&lock=scenario,temperature"],
  [3, key`Sixteen pairs`,
    "panel=distill&temperature=4&scenario=all-labels&width=32&seeds=16&lock=scenario,temperature"],
  [4, key`One cell of the map`, "panel=distill&scenario=all-labels&width=64&seeds=8&lock=scenario"],
  [4, key`The whole map`, "panel=sweep&question=temperature&sweep_seeds=3&lock=question"],
  [5, key`A digit it never saw`,
    "panel=distill&temperature=8&scenario=unseen&seeds=8&lock=scenario,temperature"],
  [5, key`The same, cold`,
    "panel=distill&temperature=1&scenario=unseen&seeds=8&lock=scenario,temperature"],
  [6, key`Few labels`,
    "panel=distill&temperature=8&scenario=few-labels&seeds=8&lock=scenario,temperature"],
  [6, key`How few are enough?`, "panel=sweep&question=labels&sweep_seeds=3&lock=question"],
  [7, key`Generalist and specialists`, "panel=specialists"],
];
