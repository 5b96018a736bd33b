// An exported page: its labs and exercises, each on a model of its own, from the state beside it.

import { renderExercise } from "../../exercises/exercise.js";
import { renderProgress } from "../../exercises/progress.js";
import { renderLab } from "./lab.js";
import { agree, localModel } from "./local-model.js";

// panels: by name, its module.
export function start(panels) {
  const places = [...document.querySelectorAll("[data-widget]")];
  const first = places.find((node) => node.dataset.widget === "lab"); // has the page's address
  const models = new Set();
  return places.map((node) => {
    const model = localModel(JSON.parse(node.nextElementSibling.textContent));
    agree(models, model);
    const { [node.dataset.widget]: render = renderLab } = { exercise: renderExercise,
      progress: renderProgress };
    return render({ model, el: node, panels, place: node === first ? "hash" : null });
  });
}
