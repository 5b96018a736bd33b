"""The lessons' steps as links: each sets what its panel's table allows, and locks what can be."""

import re
from urllib.parse import parse_qsl

import pytest

from kdviz.app.lab import Lab
from kdviz.page.bundle import ROOT
from kdviz.panels import PANELS
from kdviz.panels.settings import SHARED

TEXT = (ROOT / "app" / "shell" / "presets.js").read_text()
PRESETS = re.findall(r'\[(\d), key`([^`]+)`,\s+"([^"]+)"\]', TEXT)
ROWS = {row.link or row.name: row for row in (*SHARED, *(s for p in PANELS for s in p.settings))}
READ = {"number": float, "whole": int, "flag": "1".__eq__}


def read(row, text):
    if row.kind == "choice":
        return {str(each): each for each in row.options}[text]
    return READ[row.kind](text)


def test_every_lesson_has_its_steps_each_by_a_name_of_its_own():
    assert len(PRESETS) == TEXT.count("panel=")
    assert {lesson for lesson, _, _ in PRESETS} == set("1234567")
    assert len({(lesson, name) for lesson, name, _ in PRESETS}) == len(PRESETS)


@pytest.mark.parametrize(("lesson", "step", "query"), PRESETS)
def test_a_step_sets_and_locks_what_its_panel_has(lesson, step, query):
    pairs = dict(parse_qsl(query, strict_parsing=True))
    name = pairs.pop("panel")
    (panel,) = (each for each in PANELS if each.name == name)
    here = {row.link or row.name for row in (*SHARED, *panel.settings)}
    locked = pairs.pop("lock", "").split(",")
    assert pairs.keys() <= here
    assert {each for each in locked if each} <= {each for each in here if ROWS[each].title}
    lab = Lab.from_arrays([[1.0, 0.0]] * 10)
    for each, text in pairs.items():
        assert not ROWS[each].predicted
        ROWS[each].check(read(ROWS[each], text), lab.count)
