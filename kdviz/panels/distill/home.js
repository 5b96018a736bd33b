// Take the student home: the weights of one student of the run, as files that Python loads.

import { writeNpz } from "../../page/files/npz.js";
import { writeSafetensors } from "../../page/files/safetensors.js";
import { download } from "../../page/parts/download.js";
import { html, useLab } from "../../page/parts/html.js";
import { t } from "../../page/words/t.js";

const NAME = "kdviz-student";
const network = ([inputs, width, classes]) =>
  `student = kdviz.mlp(${inputs}, (${width},), ${classes})`;
const LOADED = {
  safetensors: (sizes) => `import kdviz, safetensors.torch
${network(sizes)}
student.load_state_dict(safetensors.torch.load_file("${NAME}.safetensors"))`,
  npz: (sizes) => `import kdviz, numpy, torch
${network(sizes)}
student.load_state_dict({n: torch.from_numpy(w) for n, w in numpy.load("${NAME}.npz").items()})`,
};

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
  return html`<details class="kd-box kd-home">
    <summary><b>${t`Take the student home`}</b> <span>${
      t`The weights of student ${member + 1} of this run, for Python.`}</span></summary>
    ${Object.entries(LOADED).map(([kind, load]) => html`<div>
      <button type="button" class="kd-tool" onClick=${() => save(kind)}>${t`Save as .${kind}`}</button>
      <pre tabIndex=${0} aria-label=${t`Python that loads the .${kind} file`}><code>${load(sizes)}</code>
      </pre>
    </div>`)}
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
