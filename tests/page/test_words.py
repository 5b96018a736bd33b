"""The one catalogue of what the page says: whole, and nothing in it that nobody says."""

import ast
import json
import re
from pathlib import Path

import pytest

from kdviz.data.catalog import DATASETS
from kdviz.exercises.study_functions import TASKS
from kdviz.page.bundle import ROOT
from kdviz.panels import PANELS
from kdviz.panels.settings import SHARED

LANGUAGES = sorted((ROOT / "page" / "words").glob("*.json"))
BEGINS = re.compile(r"(?<![\w$.])(?:t|key)`")


def keys_of(text: str) -> list[str]:
    """Keys of all t`…` and key`…` in a module, those within others too."""
    found = []
    for match in BEGINS.finditer(text):
        key, at = "", match.end()
        while text[at] != "`":
            if text[at] == "\\":
                escaped = re.match(r"\\(?:u([0-9a-fA-F]{4})|(.))", text[at:], re.S)
                key += chr(int(escaped[1], 16)) if escaped[1] else escaped[2].replace("n", "\n")
                at += len(escaped[0])
            elif text.startswith("${", at):
                key, at = key + "{}", after_value(text, at + 2)
            else:
                key, at = key + text[at], at + 1
        found.append(key)
    return found


def after_value(text: str, at: int) -> int:
    """Where a ${value} ends that begins at `at`."""
    depth = 0
    while depth or text[at] != "}":
        if text[at] in "\"'":
            at = re.compile(rf"(?:\\.|[^\\])*?{text[at]}").match(text, at + 1).end() - 1
        elif text[at] == "`":
            at += 1
            while text[at] != "`":
                at = after_value(text, at + 2) if text.startswith("${", at) else at + 1
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return at + 1


def said_in_python(file: Path) -> list[str]:
    """Texts that are first arguments of Said(…) and say(…) in a module."""
    calls = [n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.Call)]
    first = [n.args[0] for n in calls if getattr(n.func, "id", "") in ("Said", "say")]
    return [node.value for node in first if isinstance(node, ast.Constant)]


@pytest.fixture(scope="module")
def said():
    texts = [file.read_text("utf-8") for file in ROOT.rglob("*.js") if file.name != "t.js"]
    keys = {key for text in texts for key in keys_of(text)}
    keys |= {key for file in ROOT.rglob("*.py") for key in said_in_python(file)}
    for task in TASKS.values():
        keys |= {tested.name for tested in task.properties} | set(task.mistakes)
    for panel in PANELS:
        keys |= {panel.title, panel.answers, *(panel.next or ("", ""))[:1], *panel.parts.values()}
    keys |= {row.title for panel in PANELS for row in panel.settings} | {r.title for r in SHARED}
    keys |= {t for data in DATASETS.values() if data.plan for t in (data.title, data.plan.note)}
    return keys - {""}


def test_keys_are_found_wherever_they_stand():
    text = "x = t`a ${b ? t`c ${d}` : `}`} e`; html`<p>${key`f \\u2192 g`}</p>`; at`no`"
    assert keys_of(text) == ["a {} e", "c {}", "f → g"]


@pytest.mark.parametrize("file", LANGUAGES, ids=lambda f: f.stem)
def test_a_catalogue_is_whole(file, said):
    texts = json.loads(file.read_text("utf-8"))
    assert set(texts) - said == set(), "nobody says this"
    assert said - set(texts) == set(), "not translated"


@pytest.mark.parametrize("file", LANGUAGES, ids=lambda f: f.stem)
def test_a_translation_has_the_same_values(file):
    for english, text in json.loads(file.read_text("utf-8")).items():
        places = [int(p or i) for i, p in enumerate(re.findall(r"\{(\d*)\}", text))]
        assert set(places) == set(range(english.count("{}"))), english
