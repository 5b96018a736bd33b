// The exported page: the lab on a model of its own, from the state that the page carries.

import { render } from "./lab.js";
import { localModel } from "./local.js";

function start() {
  const state = JSON.parse(document.getElementById("kdviz-state").textContent);
  return render({ model: localModel(state), el: document.getElementById("kdviz"), place: "hash" });
}

export default start();
