"""What is set while Python does not answer outlasts the state that Python tells of once it does."""

import pytest

from kdviz.app.lab import Lab
from kdviz.export.standalone import state_of
from kdviz.page.bundle import ROOT, join_modules

pytestmark = pytest.mark.browser

# A model as a kernel's manager has it: `say` puts the kernel's own state in place.
LOST = """async (state) => {
  for (const name in state) state[name] ??= new DataView(new ArrayBuffer(0));
  const heard = new Map();
  const saved = [];
  const model = {
    get: (name) => state[name],
    set(name, value) {
      state[name] = value;
      heard.get(`change:${name}`)?.forEach((each) => each());
    },
    on(event, call) { heard.set(event, [...(heard.get(event) ?? []), call]); },
    off() {}, send() {},
    save_changes() { saved.push([state.temperature, state.soft_targets.overlay]); },
  };
  const before = structuredClone(state);
  const told = ["temperature", "soft_weight", "soft_targets"];
  const say = () => told.forEach((name) => model.set(name, before[name]));
  const wait = () => new Promise((go) => setTimeout(go, 250));
  const lab = makeLab(model);
  const seen = () => [lab.get("temperature"), lab.settings("soft_targets").overlay];
  lab.lose("Python can't be reached.");
  lab.change("lab", { temperature: 0.5 });
  lab.change("soft_targets", { overlay: true });
  await wait();
  const whileLost = saved.length;
  lab.lose("");
  lab.change("lab", { soft_weight: 0.25 }); // at once, before Python tells
  say();
  await wait();
  const sinceThen = lab.get("soft_weight");
  const back = [seen(), saved.at(-1)];
  lab.change("lab", { temperature: 20 });
  say();
  await wait();
  return { whileLost, sinceThen, back, later: [seen(), saved.at(-1)] };
}"""


def test_what_was_set_is_said_again_after_python_has_told_its_own(chromium):
    page = chromium.new_page()
    modules = join_modules(ROOT / "page" / "state" / "lab.js").rpartition("\nexport default")[0]
    page.add_script_tag(content=f"{modules}\nObject.assign(window, $page_state_lab);")
    lab = Lab(["soft_targets"], temperature=8.0)
    told = state_of(lab).items()
    state = {name: None if isinstance(v, dict) and "base64" in v else v for name, v in told}
    found = page.evaluate(LOST, state)
    assert found["whileLost"] == 0  # nobody would have heard it
    assert found["sinceThen"] == 0.25
    assert found["back"] == [[0.5, True], [0.5, True]]
    assert found["later"] == [[20, True], [20, True]]
    page.close()
