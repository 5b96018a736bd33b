// An exported page: its labs and exercises, each on a model of its own, from the state beside it.

import { renderExercise } from "../../exercises/exercise.js";
import { renderLab } from "./lab.js";
import { localModel } from "./local.js";

const RENDER = { lab: renderLab, exercise: renderExercise };

function start() {
  const places = [...document.querySelectorAll("[data-widget]")];
  const first = places.find((node) => node.dataset.widget === "lab"); // has the page's address
  return places.map((node) => RENDER[node.dataset.widget]({
    model: localModel(JSON.parse(node.nextElementSibling.textContent)), el: node,
    place: node === first ? "hash" : null }));
}

export default start();
