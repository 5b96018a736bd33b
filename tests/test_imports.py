"""What `import kdviz` costs, and what it promises."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import kdviz

HEAVY = ["IPython", "anywidget", "ipywidgets", "matplotlib", "numpy", "pandas", "plotly", "pooch"]
HEAVY += ["scipy", "sklearn", "torch", "voila"]


def loaded_by(code: str, heavy: list[str]) -> list[str]:
    """The packages of `heavy` that a fresh Python has loaded after `code`."""
    report = "import json, sys; print(json.dumps(sorted(set(sys.modules))))"
    command = [sys.executable, "-c", f"{code}\n{report}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sorted(set(heavy) & set(json.loads(done.stdout.splitlines()[-1])))


def test_import_loads_nothing_heavy():
    assert loaded_by("import kdviz", HEAVY) == []


def test_help_loads_nothing_heavy():
    code = "import kdviz.__main__ as m\ntry: m.main(['--help'])\nexcept SystemExit: pass"
    assert loaded_by(code, HEAVY) == []


@pytest.mark.parametrize("code", ["import kdviz.data.catalog", "import kdviz.app.lab"])
def test_page_tier_loads_no_torch(code):
    assert loaded_by(code, ["torch", "plotly", "sklearn", "scipy"]) == []


@pytest.mark.parametrize("name", kdviz.__all__)
def test_every_public_name_exists(name):
    assert getattr(kdviz, name) is not None
    assert name in dir(kdviz)


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match="no_such_name"):
        kdviz.no_such_name  # noqa: B018


ROOT = Path(__file__).parents[1]
NAME = re.compile(r"(?<![.\w/'\"-])kdviz(?!\.mjs)((?:\.[A-Za-z]\w*)+)")
IMPORT = re.compile(r"from kdviz(?:\.[\w.]+)? import (?:\w+(?:, )?)+|import kdviz\.[\w.]+")


def texts():
    """What people read: README, docs, lessons, and every string of the package."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    yield from (path.read_text() for path in pages)
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        for cell in json.loads(path.read_text())["cells"]:
            yield "".join(cell["source"])
    for path in (ROOT / "kdviz").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_name_that_a_text_uses_works_as_written():
    imports, names = {"import kdviz.sweeps.run", "import kdviz.evaluation.compare"}, set()
    for text in texts():
        imports |= set(IMPORT.findall(text))
        names |= {f"kdviz{match}" for match in NAME.findall(IMPORT.sub("", text))}
    assert {"kdviz.train", "kdviz.Teacher.of", "kdviz.figures"} <= names
    # In either order: a module must not hide a function of its name.
    for code in (sorted(names) + sorted(imports), sorted(imports) + sorted(names)):
        script = "\n".join(["import kdviz", *code])
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert callable(kdviz.sweep)
    assert callable(kdviz.compare)
