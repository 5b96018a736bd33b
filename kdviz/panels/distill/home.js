// Take the student home: the weights of one student of the run, as files that Python loads.

import { writeNpz } from "../../page/files/npz.js";
import { writeSafetensors } from "../../page/files/safetensors.js";
import { download } from "../../page/parts/download.js";
import { html, useLab } from "../../page/parts/html.js";

const NAME = "kdviz-student";

export function TakeHome({ view }) {
  const lab = useLab();
  const { run, outcome } = view;
  const member = outcome ? firstStudent(run.seeds, outcome.diverged) : -1;
  if (member < 0 || !lab.here("distill")) return null;
  const { data } = lab.transferSet.value;
  const sizes = [data.inputs.length / data.labels.length, run.width, data.classes];

  async function save(kind) {
    const trained = lab.session("distill").run();
    const tensors = shaped((await trained.weights())[member]);
    const bytes = kind === "npz" ? writeNpz(tensors)
      : writeSafetensors(tensors, aboutStudent(lab, run, member, sizes));
    download(new Blob([bytes], { type: "application/octet-stream" }), `${NAME}.${kind}`);
  }
  const button = (kind) => html`<button type="button" class="kd-tool" onClick=${() => save(kind)}
    >Save as .${kind}</button>`;
  return html`<details class="kd-box kd-home">
    <summary><b>Take the student home</b> <span>The weights of student ${member + 1}, of this run.</span>
    </summary>
    <div class="kd-buttons">${button("safetensors")}${button("npz")}</div>
    <p class="kd-caption">In Python, the one or the other:</p>
    <pre tabIndex=${0} aria-label="Python that loads the student"><code>${recipeOf(sizes)}</code></pre>
  </details>`;
}

function firstStudent(students, diverged) {
  return Array.from({ length: students }, (_, i) => i).find((i) => !diverged.includes(i)) ?? -1;
}

// Weights by their names in PyTorch, with their shapes: a row for each output.
function shaped(weights) {
  return Object.fromEntries(Object.entries(weights).map(([name, values]) => {
    const outputs = weights[name.replace("weight", "bias")].length;
    return [name, { values, shape: name.endsWith("bias") ? [outputs]
      : [outputs, values.length / outputs] }];
  }));
}

// What the file says of itself; its format allows text only.
function aboutStudent(lab, run, member, sizes) {
  const { scenario, omitted, temperature, soft_weight, yours } = run;
  const levels = lab.kernel("levels");
  const about = { made_by: "kdviz, in the page", scenario, temperature, soft_weight, seed: member,
    sizes: sizes.join("-"), drawings_added: yours,
    inputs: `gray images row by row, from 0 to 1 in steps of 1/${levels}` };
  if (scenario === "unseen") about.class_never_seen = lab.kernel("classes")[omitted];
  return Object.fromEntries(Object.entries(about).map(([name, value]) => [name, String(value)]));
}

const recipeOf = ([inputs, width, classes]) => `import kdviz, numpy, torch
from safetensors.torch import load_file
student = kdviz.mlp(${inputs}, (${width},), ${classes})

student.load_state_dict(load_file("${NAME}.safetensors"))

weights = numpy.load("${NAME}.npz")
student.load_state_dict({name: torch.from_numpy(weights[name]) for name in weights})`;
