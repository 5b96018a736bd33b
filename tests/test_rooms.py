"""The house: rooms from left to right, and nobody imports from a room further right."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "kdviz"
ROOMS = (
    {"distill", "data", "threads", "checks", "lessons", "words"},
    {"models"},
    {"training", "evaluation"},
    {"teachers", "specialists"},
    {"sweeps"},
    {"page", "figures"},
    {"exercises"},
    {"panels"},
    {"app"},
    {"export"},
    {"doctor"},
    {"__main__"},
)
PLACE = {name: place for place, names in enumerate(ROOMS) for name in names}
FLOORS = (
    "page/words",
    "page/maths",
    "page/engine",
    "page/state",
    "page/parts",
    "panels",
    "app/shell",
)
OTHERS = ("page/files", "page/vendor", "exercises")


def imports(file: Path) -> set[str]:
    """The modules of kdviz that a file imports, wherever in it."""
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    names = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name for name in names if name.startswith("kdviz.")}


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda f: f.stem)
def test_python_imports_only_to_the_left(file):
    own = file.relative_to(PACKAGE).with_suffix("").parts
    if own == ("__init__",):
        return
    for name in imports(file):
        room, *rest = name.split(".")[1:]
        assert room == own[0] or PLACE[room] < PLACE[own[0]], f"{name} lies to the right"
        if room == own[0] == "panels" and len(own) > 2 and len(rest) > 1:
            assert rest[0] == own[1], f"{name} is another panel's"


@pytest.mark.parametrize(
    "file", sorted(PACKAGE.rglob("*.js")), ids=lambda f: f"{f.parent.name}-{f.stem}"
)
def test_the_pages_imports_only_climb_down(file):
    def floor(path: Path) -> str:
        inside = path.relative_to(PACKAGE).as_posix()
        return next(each for each in (*FLOORS, *OTHERS) if inside.startswith(each))

    own = floor(file)
    for source in re.findall(r'from "(\.[^"]+)"', file.read_text("utf-8")):
        target = (file.parent / source).resolve()
        there = floor(target)
        if own in FLOORS and there in FLOORS:
            assert FLOORS.index(there) <= FLOORS.index(own), f"{source} lies above"
        if own == there == "panels":
            assert target.parent == file.parent, f"{source} is another panel's"


@pytest.mark.parametrize(
    "room",
    sorted({f.parent for f in PACKAGE.rglob("*.*") if f.suffix in (".py", ".js", ".mjs")}),
    ids=lambda f: f.name,
)
def test_each_folder_says_what_lives_there(room):
    said = [room / "README.md", room / "__init__.py"]
    text = next(path.read_text("utf-8") for path in said if path.exists())
    assert len(text.split()) > 8
