"""The site for a static host: lessons run once, labs and exercises live, runs recorded."""

import json
import re

import pytest

from kdviz import session, site
from kdviz.__main__ import main


def notebook(*cells):
    kinds = {True: "code", False: "markdown"}
    return json.dumps(
        {"cells": [{"cell_type": kinds[code], "source": [text]} for code, text in cells]}
    )


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "EPOCHS", 2)
    monkeypatch.setattr(site, "SEEDS", 1)
    folder = tmp_path / "lessons"
    folder.mkdir()
    (folder / "index.ipynb").write_text(
        notebook((False, "# All of it\n\n[One](01_one.ipynb), [the lab](app.ipynb)"))
    )
    return folder


def states(page: str) -> list[dict]:
    found = re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    return [json.loads(text) for text in found]


def test_a_site_has_an_index_the_explorers_recorded_runs_and_the_lessons(lessons, tmp_path):
    one = notebook(
        (False, "# One <sub>i</sub>"),
        (True, "import kdviz\nprint('1 < 2')"),
        (True, "kdviz.explore([[1.0, -2.0]], panels=['soften'])"),
        (True, "kdviz.exercise.number('1 + 1?', answer=2)"),
        (True, "6 * 7"),
    )
    (lessons / "01_one.ipynb").write_text(one)
    out = tmp_path / "site"
    assert main(["export", "--site", str(out), "--lessons", str(lessons)]) == 0
    names = {path.name for path in out.iterdir()}
    assert names == {"index.html", "explorers.html", "runs.html", "01_one.html"}
    index = (out / "index.html").read_text("utf-8")
    linked = re.findall(r'href="([\w.]+)"', index)
    assert set(linked) <= names
    assert {"01_one.html", "runs.html"} <= set(linked)

    page = (out / "01_one.html").read_text("utf-8")
    assert "<title>One &lt;sub&gt;i&lt;/sub&gt;</title>" in page
    assert "1 &lt; 2" in page
    assert ">42</pre>" in page
    lab, exercise = states(page)
    assert (lab["panels"], exercise["answer"]) == (["soften"], 2)

    (runs,) = states((out / "runs.html").read_text("utf-8"))
    assert runs["live"] is False
    assert [run["distill"]["story"] for run in runs["recordings"]] == list(site.STORIES)
    for run in runs["recordings"]:
        assert run["distill_view"]["outcome"]["verdict"] in ("better", "worse", "inconclusive")
        assert len(run["distill_curves"]["base64"]) > 0


def test_a_lab_that_trains_is_recorded_as_the_lesson_set_it(lessons):
    path = lessons / "02_two.ipynb"
    path.write_text(
        notebook((True, "import kdviz\nkdviz.build_app(('distill',), story='all-labels', width=4)"))
    )
    (lab,) = states(site.lesson_page(path))
    (run,) = lab["recordings"]
    assert run["distill_view"]["run"]["story"] == "all-labels"
    assert run["distill_view"]["run"]["width"] == 4


def test_a_cell_that_fails_is_named(lessons, tmp_path, capsys):
    (lessons / "03_three.ipynb").write_text(notebook((False, "# x"), (True, "1 / 0")))
    with pytest.raises(ValueError, match=r"cell 2 of 03_three.ipynb fails: division by zero"):
        site.lesson_page(lessons / "03_three.ipynb")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--site", "out"], "lessons must be a folder with an index.ipynb, got 'notebooks'"),
        ([], "export needs either FILE.html or --site FOLDER"),
        (["a.html", "--site", "out"], "export needs either"),
    ],
)
def test_what_cannot_be_a_site_is_said(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["export", *arguments]) == 1
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
