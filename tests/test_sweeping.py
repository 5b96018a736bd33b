import json
import threading

import numpy as np
import pytest
from traitlets import TraitError

from kdviz.app import Link, build_app
from kdviz.background import Place
from kdviz.compare import compare
from kdviz.data import load_dataset
from kdviz.panels import DISTILL, SWEEP
from kdviz.questions import PLACES, QUESTIONS, Findings
from kdviz.session import Session
from kdviz.store import Result
from kdviz.sweeping import Sweeping, datasets
from kdviz.teachers import load_teacher
from kdviz.widgets import Lab


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setitem(PLACES, "digits", {"epochs": 0.2, "lr": 1e-2})


@pytest.fixture
def sweeping(short):
    made = Sweeping(seeds=3)
    yield made
    made.close()


def fill(findings, accuracy):
    """Pretend that students were trained: accuracy(point) is what each came to."""
    for results in findings.results:
        for point in results.grid.points():
            result = Result(point, accuracy(point), 0, 0.0, 0.0, False)
            results.found[point] = result


def finish(sweeping):
    assert sweeping.start()
    sweeping.wait(60)
    assert sweeping.state == "done", sweeping.message
    return sweeping.findings


@pytest.mark.parametrize("data", PLACES)
@pytest.mark.parametrize("name", QUESTIONS)
def test_every_cell_of_a_question_has_students_and_baselines(name, data):
    question = QUESTIONS[name](3, data)
    findings = Findings(question)
    fill(findings, lambda point: 0.75 if point.soft_weight else 0.5)
    cells = findings.cells()
    assert len(question.values) == len(question.columns)
    assert [len(row) for row in cells] == [len(question.columns)] * len(question.rows)
    for cell in (cell for row in cells for cell in row):
        assert (cell["accuracy"], cell["base_accuracy"], cell["seeds"]) == (0.75, 0.5, 3)
        assert cell["difference"] == 25
        assert cell["verdict"] == "better"
        assert "beat labels alone by 25.0 points" in cell["sentence"]


def test_a_verdict_waits_for_all_seeds():
    question = QUESTIONS["temperature"](3, "digits")
    findings = Findings(question)
    fill(findings, lambda point: 0.5)
    missing = question.grids[0].point(
        width=8, temperature=1.0, soft_weight=1.0, label_fraction=1.0, seed=2
    )
    del findings.results[0].found[missing]
    cell = findings.cells()[0][0]
    assert cell["verdict"] == ""
    assert "2 of 3 seeds so far" in cell["sentence"]
    assert findings.cells()[0][1]["verdict"] == "inconclusive"
    assert findings.summary()[0] == "So far 31 of 32 cells are complete: "
    assert findings.beside("T = 1") == ""


def test_the_summary_counts_verdicts_and_warns_of_luck():
    findings = Findings(QUESTIONS["temperature"](5, "digits"))
    gain = {1.0: 0.1, 20.0: -0.1}
    fill(findings, lambda p: 0.8 + gain.get(p.temperature, 0) + (p.width == 64) * 0.05)
    text = "".join(part if isinstance(part, str) else part[0] for part in findings.summary())
    assert text == (
        "Of 32 cells, 4 are better than labels alone, 4 are worse, and 24 are inconclusive."
    )
    assert findings.best().startswith("Best cell: 8 units, T = 1: 90.0% right.")
    assert "about 2 of 32" in findings.warning()


def test_nothing_is_said_of_nothing():
    findings = Findings(QUESTIONS["labels"](3, "digits"))
    assert (findings.summary(), findings.best(), findings.warning()) == ([], "", "")
    assert findings.cells()[0][0]["accuracy"] is None


def test_a_prediction_is_held_against_the_best_with_an_interval():
    findings = Findings(QUESTIONS["temperature"](5, "digits"))
    rng = np.random.default_rng(0)
    luck = dict.fromkeys([1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0, None], 0.0) | {3.0: 0.05}
    found = {}

    def accuracy(point):
        found[point] = 0.8 + luck[point.temperature] + rng.normal(0, 0.01)
        return found[point]

    fill(findings, accuracy)
    assert findings.beside("T = 3").startswith("You predicted T = 3, and it was")
    these, those = (
        [value for p, value in found.items() if (p.width, p.temperature) == (8, T)]
        for T in (3.0, None)
    )
    gap = compare(these, those).sentence("T = 3", "labels alone")
    assert findings.beside("labels alone").endswith(gap)
    assert "no prediction" in findings.beside(None)


@pytest.mark.parametrize(
    ("better_below", "found"), [(60, "100 labels"), (2000, "more than all"), (0, "10 labels")]
)
def test_labels_keep_up_from_where_soft_targets_no_longer_win(better_below, found):
    findings = Findings(QUESTIONS["labels"](3, "digits"))

    def accuracy(point):
        if point.soft_weight:
            return 0.9
        return 0.5 if point.label_fraction * 1000 <= better_below else 0.9

    fill(findings, accuracy)
    assert findings.beside(found) == f"You predicted {found}, and so it was."


def test_a_diverged_student_is_left_out_of_its_cell():
    findings = Findings(QUESTIONS["weight"](3, "digits"))
    fill(findings, lambda p: np.nan if p.seed == 0 and p.soft_weight == 1 else 0.9)
    cell = findings.cells()[0][-1]
    assert (cell["seeds"], cell["verdict"]) == (2, "inconclusive")
    json.dumps([findings.cells(), findings.summary()], allow_nan=False)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_sweep_fills_every_cell(sweeping, name):
    sweeping.question = name
    counts = []
    sweeping.observe(lambda change: counts.append(len(sweeping.findings)), "news")
    findings = finish(sweeping)
    assert len(findings) == findings.question.students
    assert counts == sorted(counts)
    assert len(set(counts)) > 3  # it fills in by and by
    assert all(cell["verdict"] for row in findings.cells() for cell in row)
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


def test_nothing_stays_behind(short, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = Sweeping(seeds=3)
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
        ({"question": "why"}, "question must be one of temperature, weight, labels, got 'why'"),
        ({"seeds": 4}, "seeds must be one of 3, 5, 8, got 4"),
        ({"data": "letters"}, "data must be one of digits"),
        ({"prediction": "T = 7"}, "prediction must be None or an option of its question"),
    ],
)
def test_bad_settings_are_refused(bad, message):
    with pytest.raises(TraitError, match=message):
        Sweeping(**bad)


def test_only_datasets_at_hand_are_offered(monkeypatch, tmp_path):
    monkeypatch.setenv("KDVIZ_DATA", str(tmp_path / "missing"))
    assert datasets() == ("digits",)
    monkeypatch.setattr("kdviz.sweeping.dataset_location", lambda name: tmp_path)
    assert datasets() == ("digits", "mnist")


@pytest.fixture
def pair(short):
    digits, teacher, place = load_dataset("digits"), load_teacher("digits"), Place()
    lab = Lab.from_arrays(
        teacher.test_logits, panels=["soften", "distill", "sweep"], soft_weight=1.0
    )
    session = Session(digits, teacher, place, seeds=1, width=4, epochs=1_000_000)
    sweeping = Sweeping(place, seeds=3)
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
    assert lab.sweep_view["message"] == (
        "Training is under way in the panel Distill. Stop it first, or wait until it is done."
    )
    assert session.state == "training"
    press(lab, "distill", "stop")
    session.wait(60)
    press(lab, "sweep", "train")
    press(lab, "distill", "train")
    assert "A sweep is under way in the panel Sweep" in lab.distill_view["message"]
    sweeping.wait(60)
    assert lab.sweep_view["state"] == "done", lab.sweep_view["message"]


def test_settings_in_both_directions_and_a_table_for_each_question(pair):
    lab, _, sweeping = pair
    assert lab.sweep == {
        "question": "temperature", "data": "digits", "seeds": 3, "prediction": None
    }  # fmt: skip
    lab.sweep = lab.sweep | {"question": "labels", "prediction": "50 labels"}
    assert (sweeping.question, sweeping.prediction) == ("labels", "50 labels")
    assert lab.sweep_table["rows"] == ["Same images", "All images"]
    lab.sweep = lab.sweep | {"seeds": 4}
    assert lab.sweep["seeds"] == 3
    assert "seeds must be one of 3, 5, 8, got 4" in lab.sweep_view["message"]
    sweeping.question = "weight"
    assert lab.sweep["question"] == "weight"
    assert lab.sweep_table["column_title"] == "Soft weight"


def test_the_button_fills_the_table_and_the_summary_comes_at_the_end(pair):
    lab, _, sweeping = pair
    seen = []
    lab.observe(lambda change: seen.append(lab.sweep_view), "sweep_view")
    press(lab, "sweep", "train")
    sweeping.wait(60)
    assert not any(view["summary"] for view in seen if view["state"] == "training")
    view = lab.sweep_view
    assert view["summary"][0] == "Of 32 cells, "
    assert view["known"] == view["students"] == view["progress"]["done"] == 108
    assert view["run"] == {"question": "temperature", "data": "digits", "seeds": 3}
    json.dumps([view, lab.sweep_table], allow_nan=False)


def test_a_prediction_made_after_the_result_does_not_count(pair):
    lab, _, sweeping = pair
    assert not lab.sweep_view["seen"]
    press(lab, "sweep", "train")
    sweeping.wait(60)
    lab.sweep = lab.sweep | {"prediction": "T = 2"}
    press(lab, "sweep", "train")  # again, all is in the store
    sweeping.wait(60)
    assert lab.sweep_view["seen"]
    assert lab.sweep_view["beside"].startswith("You made no prediction")
    lab.sweep = lab.sweep | {"question": "labels", "prediction": "50 labels"}
    assert not lab.sweep_view["seen"]


def test_a_prediction_made_before_the_result_stays(pair):
    lab, _, sweeping = pair
    lab.sweep = lab.sweep | {"prediction": "T = 2"}
    press(lab, "sweep", "train")
    sweeping.wait(60)
    lab.sweep = lab.sweep | {"prediction": "T = 3"}
    assert lab.sweep_view["beside"].startswith("You predicted T = 2")


def test_the_app_gives_sweeps_the_teacher_of_its_session(short):
    lab = build_app(panels=("sweep",))
    assert lab.live
    assert lab.sweep_table["cells"]
    lab.close()
