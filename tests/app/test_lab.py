"""The lab's traits, and the joiner that makes one module of its parts."""

import hashlib
import re
import shutil
import subprocess
import sys
import types

import numpy as np
import pytest
from anywidget._util import enable_custom_widget_manager_once
from traitlets import TraitError

from kdviz import exercise
from kdviz.app.lab import Lab
from kdviz.exercises.exercise import Exercise
from kdviz.export.page import document
from kdviz.page.bundle import PACKAGES, ROOT, VENDOR, join_modules, join_styles

LOGITS = np.arange(12, dtype=np.float32).reshape(4, 3)


def test_arrays_travel_as_bytes_and_come_back():
    images = np.linspace(0, 1, 4 * 2 * 5).reshape(4, 2, 5)
    lab = Lab.from_arrays(LOGITS, [0, 1, 2, -1], images, classes=["a", "b", "c"], temperature=2)
    assert np.array_equal(np.frombuffer(lab.logits, "<f4").reshape(4, 3), LOGITS)
    assert np.frombuffer(lab.labels, "<i4").tolist() == [0, 1, 2, -1]
    assert lab.image_shape == [2, 5]
    assert (lab.images[0], lab.images[-1]) == (0, 255)
    assert lab.classes == ["a", "b", "c"]
    assert lab.temperature == 2


def test_classes_are_numbered_when_they_have_no_names():
    assert Lab.from_arrays(LOGITS).classes == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("trait", "value", "message"),
    [
        ("temperature", 0.0, "temperature must lie in 0.5 to 50, got 0"),
        ("temperature", -1.0, "temperature must lie in 0.5 to 50, got -1"),
        ("temperature", 50.1, "got 50.1"),
        ("temperature", float("nan"), "got nan"),
        ("soft_weight", 1.01, "soft_weight must lie in 0 to 1, got 1.01"),
        ("soft_weight", float("nan"), "soft_weight must lie in 0 to 1, got nan"),
        ("panel", "sweep", "panel is 'sweep'; allowed are soft_targets"),
        ("classes", ["only"], "at least two names"),
        ("logits", b"123", "3 bytes"),
        ("example", 4, "example must lie in -1 to 3, got 4"),
        ("example", -2, "example must lie in -1 to 3, got -2"),
        ("scale", "cubic", "scale"),
    ],
)
def test_a_trait_out_of_range_is_refused_and_keeps_its_value(trait, value, message):
    lab = Lab.from_arrays(LOGITS)
    before = getattr(lab, trait)
    with pytest.raises(TraitError, match=message):
        setattr(lab, trait, value)
    assert getattr(lab, trait) == before


@pytest.mark.parametrize(
    "names", [[], ["soft_targets", "soft_targets"], ["toast"], ["loss", "toast"]]
)
def test_panels_must_be_known_and_each_once(names):
    with pytest.raises(TraitError, match="panels must be one or more of start, soft_targets"):
        Lab(panels=names)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"logits": np.zeros((0, 3))}, r"shape \(0, 3\)"),
        ({"logits": np.zeros((3, 1))}, "two classes"),
        ({"logits": np.zeros(3)}, r"shape \(3,\)"),
        ({"logits": [[0.0, np.nan]]}, r"logits\[0, 1\] is nan"),
        ({"logits": [[np.inf, 0.0]]}, r"logits\[0, 0\] is inf"),
        ({"classes": ["a"]}, "classes has 1 names; logits has 3 columns"),
        ({"labels": [0, 1]}, r"labels has shape \(2,\)"),
        ({"labels": [0, 1, 2, 3]}, r"labels holds 3; allowed are -1 \(unlabelled\) to 2"),
        ({"labels": [0.0, 1.0, 2.0, 0.0]}, "integers are needed"),
        ({"images": np.zeros((3, 2, 2))}, r"\(4, height, width\) is needed"),
        ({"images": np.full((4, 2, 2), 7.0)}, "images spans 7.0 to 7.0"),
        ({"images": np.full((4, 2, 2), np.nan)}, "images spans nan"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Lab.from_arrays(**({"logits": LOGITS} | arguments))


@pytest.fixture
def folder(tmp_path):
    def write(**modules):
        for name, text in modules.items():
            (tmp_path / f"{name}.js").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def run(module):
    """Return what the module's default export prints, in Node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node to run a module")
    script = module.replace("export default ", "console.log(JSON.stringify(").rstrip(";\n") + "))"
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_joined_module_sees_only_what_it_imports(folder):
    modules = folder(
        base='const hidden = "base";\nexport const shown = () => hidden;\n',
        entry='import { shown } from "./base.js";\nconst hidden = 1;\n'
        "export default [shown(), hidden, typeof notHere];\n",
    )
    assert run(join_modules(modules / "entry.js")) == '["base",1,"undefined"]'


def test_a_module_imported_twice_runs_once(folder):
    modules = folder(
        state="export const calls = [];\ncalls.push(1);\n",
        left='import { calls } from "./state.js";\nexport const left = calls;\n',
        right='import { calls } from "./state.js";\nexport const right = calls;\n',
        entry='import { left } from "./left.js";\nimport { right } from "./right.js";\n'
        "export default [left === right, left];\n",
    )
    assert run(join_modules(modules / "entry.js")) == "[true,[1]]"


def test_a_module_brings_bytes_json_and_the_text_of_a_worker(folder):
    modules = folder(
        inner='export const tag = "</script>";\n',
        worker='import { tag } from "./inner.js";\nreport(tag);\n',
        entry='import bytes from "./four.bin" with { type: "bytes" };\n'
        'import text from "./worker.js" with { type: "text" };\n'
        'import words from "./words.json" with { type: "json" };\n'
        "let heard;\nnew Function('report', text)((tag) => { heard = tag; });\n"
        "export default [[...bytes], heard, words];\n",
    )
    (modules / "four.bin").write_bytes(bytes([0, 60, 200, 255]))
    (modules / "words.json").write_text('{"</script>": "ö"}', "utf-8")
    joined = join_modules(modules / "entry.js")
    assert "</script>" not in joined
    assert run(joined) == '[[0,60,200,255],"</script>",{"</script>":"ö"}]'


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('import { a } from "./gone.js";\n', "no module .*gone.js, imported by .*entry.js"),
        ('import { a } from "./other.js";\n', r"imports \['a'\] from .*other.js, which exports"),
        ('import { back } from "./circle.js";\n', "circle: .*entry.js > .*circle.js > .*entry.js"),
        ('import * as a from "./other.js";\n', "can't be joined"),
        ('import a from "https://example.org/a.js";\n', "there is no module"),
        ("export { gone } from './other.js';\n", "can't be joined"),
        (
            'import a from "./gone.wasm" with { type: "bytes" };\n',
            "no file .*gone.wasm, embedded by",
        ),
        ('import a from "./other.js" with { type: "css" };\n', "can't be joined"),
    ],
)
def test_a_broken_import_is_named(folder, entry, message):
    modules = folder(
        entry=entry,
        other="export const b = 1;\n",
        circle='import { x } from "./entry.js";\nexport const back = 1;\n',
    )
    with pytest.raises(ValueError, match=message):
        join_modules(modules / "entry.js")


def test_the_page_asks_no_other_server():
    text = document("", "") + Exercise._esm
    urls = set(re.findall(r"(?:https?:)?//[\w.]+\.\w+[^\s\"']*", text))
    names, links = "http://www.w3.org/", "https://arxiv.org/"  # of neither is anything loaded
    assert all(url.startswith((names, links)) for url in urls), urls
    assert "@import" not in text
    assert re.findall(r"url\((?!#)", text) == []


def test_styles_stay_inside_the_lab():
    css = re.sub(
        r"/\*.*?\*/",
        "",
        join_styles(ROOT.rglob("*.css")),
        flags=re.DOTALL,
    )
    selectors = re.findall(r"([^{};]+)\{", css)
    rules = [s.strip() for s in selectors if not s.strip().startswith("@")]
    assert rules
    inside = (".kdviz", ":host")  # the latter is no rule but behind a shadow root
    assert [s for rule in rules for s in rule.split(",\n") if not any(n in s for n in inside)] == []


def test_vendored_packages_are_their_makers_builds():
    lines = (VENDOR / "checksums.txt").read_text("utf-8").splitlines()
    listed = {name: digest for digest, name in map(str.split, lines)}
    found = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in VENDOR.glob("*.mjs")}
    assert found == listed
    assert set(PACKAGES.values()) == set(found)
    assert {f.stem for f in VENDOR.glob("LICENSE-*")} >= {"LICENSE-preact", "LICENSE-htm"}


def test_what_the_page_sends_is_not_sent_back(monkeypatch):
    lab = Lab.from_arrays(LOGITS, panels=["soft_targets"])
    sent = []
    monkeypatch.setattr(lab, "_send", lambda message, buffers=None: sent.append(message))
    lab.set_state({"temperature": 8.0, "soft_targets": {"overlay": True}, "panel": "soft_targets"})
    assert (lab.temperature, lab.soft_targets) == (8.0, {"overlay": True})
    assert sent == []  # a late echo would take back what the learner set meanwhile


def test_colab_is_told_to_show_widgets_of_others(monkeypatch):
    """Colab shows none unless its own manager is asked for; anywidget asks, so nobody must."""
    colab = types.ModuleType("google.colab.output")
    colab._widgets = types.SimpleNamespace(_installed_url=None)

    def enable():
        colab._widgets._installed_url = "https://example.org/manager.js"

    colab.enable_custom_widget_manager = enable
    monkeypatch.setitem(sys.modules, "google.colab.output", colab)
    enable_custom_widget_manager_once.cache_clear()  # as in a session that begins
    for widget in (Lab.from_arrays(LOGITS), exercise.number("1 + 1?", 2)):
        _, about = widget._repr_mimebundle_()
        (told,) = about.values()
        assert told["colab"]["custom_widget_manager"]["url"] == "https://example.org/manager.js"
    enable_custom_widget_manager_once.cache_clear()
