"""What `import kdviz` costs, and what it promises."""

import json
import subprocess
import sys

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


@pytest.mark.parametrize("code", ["import kdviz.data.catalog", "import kdviz.widgets"])
def test_page_tier_loads_no_torch(code):
    assert loaded_by(code, ["torch", "plotly", "sklearn", "scipy"]) == []


@pytest.mark.parametrize("name", kdviz.__all__)
def test_every_public_name_exists(name):
    assert getattr(kdviz, name) is not None
    assert name in dir(kdviz)


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match="no_such_name"):
        kdviz.no_such_name  # noqa: B018
