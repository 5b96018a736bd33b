"""The site for a static host: lessons run once, labs and exercises live, specialists recorded."""

import json
import re

import pytest

from kdviz.__main__ import main
from kdviz.export import site, standalone
from kdviz.export.page import whole_lab
from kdviz.panels.specialists.session import SpecialistsSession


def notebook(*cells):
    kinds = {True: "code", False: "markdown"}
    return json.dumps(
        {"cells": [{"cell_type": kinds[code], "source": [text]} for code, text in cells]}
    )


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    monkeypatch.setattr(
        site, "whole_lab", lambda **own: whole_lab(panels=("soft_targets", "distill"), **own)
    )
    folder = tmp_path / "lessons"
    folder.mkdir()
    (folder / "index.ipynb").write_text(
        notebook((False, "# All of it\n\n[One](01_one.ipynb), [the lab](app.ipynb)"))
    )
    return folder


def states(page: str) -> list[dict]:
    found = re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    return [json.loads(text) for text in found]


def test_a_site_has_an_index_the_lab_and_the_lessons(lessons, tmp_path):
    one = notebook(
        (False, "# One <sub>i</sub>"),
        (True, "import kdviz\nprint('1 < 2')"),
        (True, "kdviz.explore([[1.0, -2.0]], panels=['soft_targets'])"),
        (True, "kdviz.exercise.number('1 + 1?', answer=2)"),
        (True, "6 * 7"),
    )
    (lessons / "01_one.ipynb").write_text(one)
    out = tmp_path / "site"
    assert main(["export", "--site", str(out), "--lessons", str(lessons)]) == 0
    names = {path.name for path in out.iterdir()}
    assert names == {"index.html", "lab.html", "01_one.html"}
    index = (out / "index.html").read_text("utf-8")
    linked = re.findall(r'href="([\w.]+)"', index)
    assert set(linked) <= names
    assert {"01_one.html", "lab.html"} <= set(linked)

    page = (out / "01_one.html").read_text("utf-8")
    assert "<title>One &lt;sub&gt;i&lt;/sub&gt;</title>" in page
    assert "1 &lt; 2" in page
    assert ">42</pre>" in page
    lab, exercise = states(page)
    assert (lab["panels"], exercise["answer"]) == (["soft_targets"], 2)

    (lab,) = states((out / "lab.html").read_text("utf-8"))
    assert lab["live"] is False
    assert lab["train_images"]["base64"]


def test_a_lesson_in_german_lies_in_a_folder_and_speaks_german_alone(lessons, tmp_path):
    (lessons / "01_one.ipynb").write_text(notebook((False, "# One"), (True, "1")))
    (lessons / "de").mkdir()
    (lessons / "de" / "01_eins.ipynb").write_text(
        notebook(
            (False, "# Eins\n\n[Alle](../index.ipynb)"),
            (True, "import kdviz\nkdviz.use_language('de')"),
            (True, "kdviz.explore([[1.0, -2.0]], panels=['soft_targets'])"),
            (True, "kdviz.exercise.number('1 + 1?', answer=2)"),
        )
    )
    site.write_site(tmp_path, lessons)
    page = (tmp_path / "de" / "01_eins.html").read_text("utf-8")
    assert '<html lang="de">' in page
    assert page.count('href="../index.html"') == 2
    assert "Alle Lektionen" in page
    assert [state["language"] for state in states(page)] == ["de", "de"]
    other = (tmp_path / "01_one.html").read_text("utf-8")
    assert '<html lang="en">' in other
    (lab,) = states((tmp_path / "lab.html").read_text("utf-8"))
    assert (lab["language"], lab["lesson"]) == (
        "en",
        {"en": "01_one.html", "de": "de/01_eins.html"},
    )


def test_code_that_a_notebook_folds_is_folded_and_warnings_are_shown(lessons):
    path = lessons / "04_four.ipynb"
    cells = json.loads(notebook((True, "import warnings\nwarnings.warn('mind this')"), (True, "1")))
    cells["cells"][1]["metadata"] = {"jupyter": {"source_hidden": True}}
    path.write_text(json.dumps(cells))
    page = site.lesson_page(path)
    assert ">UserWarning: mind this\n</pre>" in page
    assert page.count("<details><summary>Code</summary><pre") == 1


def test_a_lab_trains_in_the_page_as_the_lesson_set_it(lessons):
    path = lessons / "02_two.ipynb"
    path.write_text(
        notebook(
            (True, "import kdviz\nkdviz.build_app(('distill',), scenario='all-labels', width=4)")
        )
    )
    (lab,) = states(site.lesson_page(path))
    assert (lab["distill"]["scenario"], lab["distill"]["width"]) == ("all-labels", 4)
    assert lab["train_images"]["base64"]
    assert "recordings" not in lab


def test_specialists_are_recorded_as_the_lesson_set_them(lessons):
    path = lessons / "02_two.ipynb"
    path.write_text(
        notebook((True, "import kdviz\nkdviz.build_app(('specialists',), data='digits', seeds=3)"))
    )
    (lab,) = states(site.lesson_page(path))
    assert not lab["train_images"]["base64"]  # nothing would use them
    run = lab["recordings"]["specialists"]
    assert run["about"] == ["{} generalists, {} specialists for each, twice", 3, 8]
    first, *rest = run["frames"]
    assert len(rest) < standalone.MOST_FRAMES
    assert first["at"] == ["the beginning"]
    assert first["traits"]["specialists_view"]["outcome"] is None
    assert rest[-1]["traits"]["specialists_view"]["outcome"]["comparisons"]["random"]
    told = [frame for frame in rest if "specialists" in frame["traits"]]
    assert len(told) < len(rest) / 2  # what stays is told once


def test_a_run_that_ends_early_is_no_recording(monkeypatch):
    monkeypatch.setattr(SpecialistsSession, "start_kmeans", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        standalone.record(data="digits", seeds=3)


def test_a_cell_that_fails_is_named(lessons, tmp_path, capsys):
    (lessons / "03_three.ipynb").write_text(notebook((False, "# x"), (True, "1 / 0")))
    with pytest.raises(ValueError, match=r"cell 2 of 03_three.ipynb fails: division by zero"):
        site.lesson_page(lessons / "03_three.ipynb")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--site", "out", "--lessons", "no"], "lessons must be a folder .* index.ipynb, got 'no'"),
        ([], "export needs either FILE.html, FILE.mjs or --site FOLDER"),
        (["a.html", "--site", "out"], "export needs either"),
    ],
)
def test_what_cannot_be_a_site_is_said(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["export", *arguments]) == 1
    assert re.search(message, capsys.readouterr().err)
    assert list(tmp_path.iterdir()) == []


def test_what_only_a_kernel_can_do_is_not_promised(lessons):
    cells = json.loads(notebook((False, "# Four"), (False, "Choose 16 seeds and train again.")))
    cells["cells"][1]["metadata"] = {"tags": ["live"]}
    for name, said in {
        "04_four": "press <b>Play</b>",
        "index": "These pages need no Python",
    }.items():
        path = lessons / f"{name}.ipynb"
        path.write_text(json.dumps(cells))
        page = site.lesson_page(path)
        assert "Choose 16 seeds" not in page
        assert said in page
