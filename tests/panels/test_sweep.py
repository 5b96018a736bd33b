import json
import math
import threading

import pytest
from traitlets import TraitError

from kdviz.app.build import build_app
from kdviz.app.lab import Lab
from kdviz.app.link import Link
from kdviz.data.catalog import load_dataset
from kdviz.panels.background import Workspace
from kdviz.panels.distill import DISTILL
from kdviz.panels.distill.session import Session
from kdviz.panels.sweep import SWEEP
from kdviz.panels.sweep.questions import DIVERGED, QUESTIONS
from kdviz.panels.sweep.session import SweepSession, datasets
from kdviz.sweeps.results import Results
from kdviz.sweeps.store import Result
from kdviz.teachers import load_teacher


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def make(**settings):
    return SweepSession(Workspace(load_dataset("digits"), load_teacher("digits")), **settings)


@pytest.fixture
def sweeping(quick_sweeps):
    made = make(seeds=3, question="temperature")
    yield made
    made.close()


def finish(sweeping):
    assert sweeping.start()
    sweeping.wait(60)
    assert sweeping.state == "done", sweeping.message
    return sweeping.findings


@pytest.mark.parametrize("data", ["digits", "mnist"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_every_cell_compares_what_differs_by_soft_targets_alone(name, data):
    question = QUESTIONS[name](3, data)
    table = question.plain()
    assert len(table["places"]) == len(table["columns"])
    assert [len(row) for row in table["cells"]] == [len(table["columns"])] * len(table["rows"])
    assert question.students == 3 * len(table["kinds"])
    used = set()
    for these, those in (cell for row in table["cells"] for cell in row):
        used |= {these, those}
        student, baseline = table["kinds"][these], table["kinds"][those]
        assert (baseline["soft_weight"], baseline["temperature"]) == (0, None)
        assert student["soft_weight"] > 0
        assert student["width"] == baseline["width"]
        if student["labels"] is not None:  # else soft targets of all images
            assert (student["labels"], True) == (baseline["labels"], baseline["drop_unlabelled"])
    assert used == set(range(len(table["kinds"])))


@pytest.mark.parametrize("name", QUESTIONS)
def test_all_that_a_table_says_can_be_said_in_another_language(name):
    table = QUESTIONS[name](3, "digits").plain()
    one = ("title", "note", "row_title", "column_title", "by", "guess", "baseline")
    texts = {table[each] for each in one} | {*table["rows"], *table["places"], *table["options"]}
    assert {english.format(*values) for english, *values in table["said"].values()} == texts
    assert set(table["said"]) == texts


def test_kinds_say_what_a_student_trains_on(digits):
    """As `Grid.transfer_set` does, which trains them in the kernel."""
    question = QUESTIONS["labels"](3, "digits")
    for (number, point), kind in zip(question.kinds, question.plain()["kinds"], strict=True):
        chosen = question.grids[number].transfer_set(point, digits.train)
        assert int((chosen.labels >= 0).sum()) == (kind["labels"] or 1000)
        assert len(chosen) == (kind["labels"] if kind["drop_unlabelled"] else 1000)


def test_accuracies_tell_what_is_missing_from_what_diverged():
    question = QUESTIONS["weight"](3, "digits")
    results = [Results(grid) for grid in question.grids]
    accuracies = iter([0.5, 0.75, math.nan])
    for point in question.grids[0].points()[:3]:
        results[0].found[point] = Result(point, next(accuracies), 0, 0.0, 0.0, False)
    found = question.accuracies(results)
    assert [kind[0] for kind in found[:4]] == [0.5, 0.75, DIVERGED, None]
    assert {a for kind in found for a in kind[1:]} == {None}
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_sweep_fills_every_cell(sweeping, name):
    sweeping.question = name
    counts = []
    sweeping.observe(lambda change: counts.append(len(sweeping.findings)), "news")
    findings = finish(sweeping)
    assert len(findings) == findings.question.students
    assert counts == sorted(counts)
    assert len(set(counts)) > 3  # it fills in by and by
    assert all(0 < a < 1 for kind in sweeping.accuracies for a in kind)
    assert sweeping.progress.share == 1


def test_a_stopped_sweep_goes_on_where_it_was(sweeping):
    sweeping.observe(lambda change: change.new > 20 and sweeping.stop(), "news")
    assert sweeping.start()
    sweeping.wait(60)
    assert sweeping.state == "stopped"
    known = dict(sweeping.findings.results[0].found)
    assert 20 < len(known) < sweeping.findings.question.students
    assert f"{len(known)} of 108 students are trained and kept" in sweeping.message
    sweeping.unobserve_all("news")
    found = finish(sweeping).results[0].found
    assert len(found) == 108
    assert all(found[point] == result for point, result in known.items())


def test_more_seeds_add_to_those_that_are_there(sweeping):
    before = finish(sweeping).results[0].found
    sweeping.seeds = 5
    assert len(sweeping.findings) == 0
    after = finish(sweeping).results[0].found
    assert all(after[point] == result for point, result in before.items())


def test_another_teacher_empties_the_table(sweeping):
    before = finish(sweeping).results[0].found
    sweeping.teacher = load_teacher("digits")
    assert len(sweeping.findings) == 0
    # Its logits are those of the default one, so that nothing is trained anew.
    assert finish(sweeping).results[0].found == before


def test_nothing_stays_behind(quick_sweeps, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = make(seeds=3)
    finish(made)
    assert list(tmp_path.iterdir())
    made.close()
    assert not list(tmp_path.iterdir())
    assert not made._thread.is_alive()
    with pytest.raises(RuntimeError, match="it is closed"):
        made.start()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"question": "why"}, "question must be one of labels, temperature, weight, got 'why'"),
        ({"seeds": 4}, "seeds must be one of 3, 5, 8, got 4"),
        ({"data": "letters"}, "data must be one of digits"),
        ({"prediction": "T = 7"}, "prediction must be one of 10 labels"),
    ],
)
def test_bad_settings_are_refused(bad, message):
    with pytest.raises(TraitError, match=message):
        make(**bad)


def test_only_datasets_at_hand_are_offered(monkeypatch, tmp_path):
    monkeypatch.setenv("KDVIZ_DATA", str(tmp_path / "missing"))
    assert datasets() == ("digits",)
    monkeypatch.setattr("kdviz.panels.sweep.session.dataset_location", lambda name: tmp_path)
    assert datasets() == ("digits", "mnist")


@pytest.fixture
def pair(quick_sweeps):
    workspace = Workspace(load_dataset("digits"), load_teacher("digits"))
    lab = Lab.from_arrays(
        workspace.teacher.test_logits, panels=["soft_targets", "distill", "sweep"], soft_weight=1.0
    )
    session = Session(workspace, seeds=1, width=4, epochs=1_000_000)
    sweeping = SweepSession(workspace, seeds=3, question="temperature")
    Link(lab, session, DISTILL)
    Link(lab, sweeping, SWEEP)
    yield lab, session, sweeping
    session.close()
    sweeping.close()


def press(lab, panel, action):
    lab._handle_custom_msg({"panel": panel, "action": action}, [])


def test_one_training_at_a_time(pair):
    lab, session, sweeping = pair
    begun = threading.Event()
    session.observe(lambda change: begun.set(), "progress")
    press(lab, "distill", "train")
    assert begun.wait(60)
    for _ in range(2):  # the page is told each time
        before = lab.sweep_view["starts"]
        press(lab, "sweep", "train")
        assert lab.sweep_view["starts"] == before + 1
    assert sweeping.message == (
        "Training is under way in the panel Distill. Stop it first, or wait until it is done."
    )
    assert session.state == "training"
    press(lab, "distill", "stop")
    session.wait(60)
    press(lab, "sweep", "train")
    press(lab, "distill", "train")
    assert "A sweep is under way in the panel Sweep" in session.message
    sweeping.wait(60)
    assert lab.sweep_view["state"] == "done", lab.sweep_view["message"]


def test_settings_in_both_directions_and_a_table_for_each_question(pair):
    lab, _, sweeping = pair
    assert lab.sweep == {
        "question": "temperature", "data": "digits", "seeds": 3, "prediction": None
    }  # fmt: skip
    lab.sweep = lab.sweep | {"question": "labels", "prediction": "50 labels"}
    assert (sweeping.question, sweeping.prediction) == ("labels", "50 labels")
    assert lab.sweep_view["chosen"] == {"question": "labels", "data": "digits", "seeds": 3}
    assert len(lab.sweep_view["accuracies"]) == 22
    lab.sweep = lab.sweep | {"seeds": 4}
    assert lab.sweep["seeds"] == 3
    assert "seeds must be one of 3, 5, 8, got 4" in lab.sweep_view["message"]
    sweeping.question = "weight"
    assert lab.sweep["question"] == "weight"
    assert lab.sweep_view["chosen"]["question"] == "weight"


def test_the_button_fills_the_table(pair):
    lab, _, sweeping = pair
    press(lab, "sweep", "train")
    sweeping.wait(60)
    view = lab.sweep_view
    assert sum(a is not None for kind in view["accuracies"] for a in kind) == 108
    assert view["progress"]["done"] == view["progress"]["total"] == 108
    assert (
        view["run"] == view["chosen"] == {"question": "temperature", "data": "digits", "seeds": 3}
    )
    json.dumps(view, allow_nan=False)


def test_the_app_gives_sweeps_the_teacher_of_its_session(quick_sweeps):
    lab = build_app(panels=("sweep",))
    assert lab.live
    assert lab.sweep_view["tables"]["digits"]["temperature"]["cells"]
    lab.close()


def test_a_prediction_made_after_the_result_does_not_count(pair):
    lab, _, sweeping = pair
    assert not lab.sweep_view["seen"]
    press(lab, "sweep", "train")
    sweeping.wait(60)
    lab.sweep = lab.sweep | {"prediction": "T = 2"}
    press(lab, "sweep", "train")  # again, all is in the store
    sweeping.wait(60)
    assert lab.sweep_view["seen"]
    assert lab.sweep_view["foretold"] is None
    lab.sweep = lab.sweep | {"question": "labels", "prediction": "50 labels"}
    assert not lab.sweep_view["seen"]


def test_a_prediction_made_before_the_result_stays(pair):
    lab, _, sweeping = pair
    lab.sweep = lab.sweep | {"prediction": "T = 2"}
    press(lab, "sweep", "train")
    sweeping.wait(60)
    lab.sweep = lab.sweep | {"prediction": "T = 3"}
    assert lab.sweep_view["foretold"] == "T = 2"
