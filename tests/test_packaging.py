"""What people install is what was tested, and all of it arrives."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from kdviz.app.serve import app_notebook
from kdviz.lessons import find_notebooks

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pinned_lines() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def pinned() -> dict[str, Requirement]:
    pins = [Requirement(line.partition("#")[0]) for line in pinned_lines()[:-1]]
    return {pin.name: pin for pin in pins}


def ranges() -> dict[str, Requirement]:
    named = sum(PROJECT["optional-dependencies"].values(), PROJECT["dependencies"])
    return {Requirement(text).name: Requirement(text) for text in named}


def test_requirements_and_pyproject_name_the_same_packages():
    assert pinned().keys() == ranges().keys()


@pytest.mark.parametrize("name", ranges())
def test_the_tested_version_lies_in_the_range(name):
    (pin,) = pinned()[name].specifier
    assert pin.operator == "=="
    assert ranges()[name].specifier.contains(pin.version)


def test_each_requirement_says_what_needs_it_and_the_project_comes_last():
    *pins, last = pinned_lines()
    assert last == "-e ."
    assert [pin for pin in pins if not re.search(r"  # \w", pin)] == []


def test_the_wheel_brings_every_file(tmp_path):
    build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, ROOT]
    subprocess.run([sys.executable, "-m", "pip", *build], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())

    package = [
        p for p in (ROOT / "kdviz").rglob("*") if p.is_file() and "__pycache__" not in p.parts
    ]
    assert {path.relative_to(ROOT).as_posix() for path in package} <= inside
    code, rest = (
        {".py", ".js", ".mjs", ".ts", ".wasm"},
        {".txt", ".md", ".css", ".npz", ".json"} | {".safetensors"},
    )
    assert {path.suffix for path in package} == code | rest
    lessons = {
        f"kdviz/{path.relative_to(ROOT).as_posix()}" for path in find_notebooks(ROOT / "notebooks")
    }
    assert {name for name in inside if name.startswith("kdviz/notebooks/")} == lessons
    for path in (ROOT / "share" / "voila").iterdir():
        assert any(
            name.endswith(f"share/jupyter/voila/templates/kdviz/{path.name}") for name in inside
        )


def test_the_notebook_of_the_repository_is_the_app_that_kdviz_serves():
    stored = json.loads((ROOT / "notebooks" / "app.ipynb").read_text())
    served = app_notebook()
    assert ["".join(cell["source"]) for cell in stored["cells"]] == [
        cell["source"] for cell in served["cells"]
    ]
    for key in ("title", "voila"):
        assert stored["metadata"][key] == served["metadata"][key]
    assert app_notebook("mnist")["cells"][0]["source"].endswith("build_app(dataset='mnist')")


def test_binder_has_the_tested_environment_and_a_python_that_kdviz_allows():
    lines = (ROOT / "binder" / "requirements.txt").read_text().splitlines()
    assert "-r ../requirements.txt" in lines
    assert any(line.startswith("--extra-index-url") and line.endswith("/whl/cpu") for line in lines)
    python = (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    assert SpecifierSet(PROJECT["requires-python"]).contains(python)
    assert os.access(ROOT / "binder" / "postBuild", os.X_OK)


def test_versions_agree():
    import kdviz

    assert f"version: {kdviz.__version__}" in (ROOT / "CITATION.cff").read_text()
    assert f"## [{kdviz.__version__}]" in (ROOT / "CHANGELOG.md").read_text()
