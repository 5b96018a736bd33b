"""The site for a static host: lessons run once, labs and exercises live, runs recorded."""

import json
import re
from dataclasses import replace

import pytest

from kdviz.__main__ import main
from kdviz.data.catalog import DATASETS
from kdviz.export import site
from kdviz.export.recordings import MOST_FRAMES, record
from kdviz.panels.distill import session
from kdviz.panels.distill.scenarios import SCENARIOS

VERDICTS = ("better", "worse", "inconclusive")


def notebook(*cells):
    kinds = {True: "code", False: "markdown"}
    return json.dumps(
        {"cells": [{"cell_type": kinds[code], "source": [text]} for code, text in cells]}
    )


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "EPOCHS", 2)
    monkeypatch.setattr(site, "SEEDS", 1)
    scenarios = {scenario: {"scenario": scenario, "seeds": 1} for scenario in SCENARIOS}
    monkeypatch.setattr(site, "RUNS", {"distill": scenarios})
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
        (True, "kdviz.explore([[1.0, -2.0]], panels=['soft_targets'])"),
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
    assert (lab["panels"], exercise["answer"]) == (["soft_targets"], 2)

    (runs,) = states((out / "runs.html").read_text("utf-8"))
    assert runs["live"] is False
    assert [run["title"] for run in runs["recordings"]["distill"]] == list(SCENARIOS)
    assert runs["distill_view"]["outcome"] is None
    for run in runs["recordings"]["distill"]:
        last = run["frames"][-1]
        assert last["at"] == "epoch 2 of 2"
        assert last["traits"]["distill_view"]["outcome"]["verdict"] in VERDICTS


def test_code_that_a_notebook_folds_is_folded_and_warnings_are_shown(lessons):
    path = lessons / "04_four.ipynb"
    cells = json.loads(notebook((True, "import warnings\nwarnings.warn('mind this')"), (True, "1")))
    cells["cells"][1]["metadata"] = {"jupyter": {"source_hidden": True}}
    path.write_text(json.dumps(cells))
    page = site.lesson_page(path)
    assert ">UserWarning: mind this\n</pre>" in page
    assert page.count("<details><summary>Code</summary><pre") == 1


def test_a_lab_that_trains_is_recorded_as_the_lesson_set_it(lessons):
    path = lessons / "02_two.ipynb"
    path.write_text(
        notebook(
            (True, "import kdviz\nkdviz.build_app(('distill',), scenario='all-labels', width=4)")
        )
    )
    (lab,) = states(site.lesson_page(path))
    assert (lab["distill"]["scenario"], lab["distill"]["width"]) == ("all-labels", 4)
    (run,) = lab["recordings"]["distill"]
    assert run["about"].startswith("1 pairs, 4 hidden units, T = 4, ")
    first, *rest = run["frames"]
    assert first["at"] == "epoch 0 of 2"
    assert first["traits"]["distill_view"]["outcome"] is None
    assert all("distill" not in frame["traits"] for frame in rest)  # what stays is told once


def test_a_sweep_is_recorded_as_it_fills_in(monkeypatch):
    monkeypatch.setitem(
        DATASETS, "digits", replace(DATASETS["digits"], sweep={"epochs": 0.2, "lr": 1e-2})
    )
    run = record("sweep", question="weight", seeds=3)
    views = [frame["traits"]["sweep_view"] for frame in run["frames"]]
    known = [sum(a is not None for kind in view["accuracies"] for a in kind) for view in views]
    assert len(known) <= MOST_FRAMES
    assert known[0] == 0 < known[1]
    assert known == sorted(known)
    assert known[-1] == views[-1]["progress"]["total"]


def test_a_run_that_ends_early_is_no_recording(monkeypatch):
    monkeypatch.setattr(session.Session, "_judge", lambda *_: 1 / 0)
    with pytest.raises(ValueError, match=r"the run to record ended early: .*division by zero"):
        record("distill", scenario="all-labels", epochs=0.1, seeds=1)


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


def test_what_only_a_kernel_can_do_is_not_promised(lessons):
    cells = json.loads(notebook((False, "# Four"), (False, "Choose 16 seeds and train again.")))
    cells["cells"][1]["metadata"] = {"tags": ["live"]}
    for name, said in {"04_four": "press <b>Play</b>", "index": "These pages were run"}.items():
        path = lessons / f"{name}.ipynb"
        path.write_text(json.dumps(cells))
        page = site.lesson_page(path)
        assert "Choose 16 seeds" not in page
        assert said in page
