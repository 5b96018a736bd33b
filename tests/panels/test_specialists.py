"""The session behind the panel Specialists, its link to the page, and what the page computes."""

import json
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from traitlets import TraitError

import kdviz.specialists.plans
from kdviz.app.build import build_app
from kdviz.app.lab import Lab
from kdviz.app.link import Link
from kdviz.data.catalog import load_dataset
from kdviz.page.bundle import ROOT, join_modules
from kdviz.panels.background import Workspace
from kdviz.panels.specialists import SPECIALISTS
from kdviz.panels.specialists.page import _row, describe
from kdviz.panels.specialists.session import SpecialistsSession
from kdviz.specialists.combine import combination_objective, combine_specialists
from kdviz.specialists.experiment import run_experiment
from kdviz.specialists.plans import PLANS
from kdviz.teachers import load_teacher
from tests.app.test_lab import run

SHORT = PLANS["digits"]._replace(epochs=3, steps=20)


@pytest.fixture(scope="module")
def workspace():
    return Workspace(load_dataset("digits"), load_teacher("digits"))


@pytest.fixture
def session(monkeypatch, workspace):
    monkeypatch.setitem(kdviz.specialists.plans.PLANS, "digits", SHORT)
    made = SpecialistsSession(workspace, data="digits", seeds=3, number=3, measure="correlation")
    yield made
    made.close()


@pytest.fixture
def linked(session):
    lab = Lab(panels=["specialists"])
    Link(lab, session, SPECIALISTS)
    session.wait(60)
    yield lab, session
    lab.close()


def press(lab, action):
    lab._handle_custom_msg({"panel": "specialists", "action": action}, [])


def finish(session, state="done"):
    session.wait(60)
    assert session.state == state, session.message


def test_opening_trains_generalists_and_finds_clusters(session):
    session.open()
    finish(session, "ready")
    assert session.study.accuracy.shape == (3,)
    assert sorted(c for cluster in session.clusters for c in cluster) == list(range(10))
    assert session.asked.kind == "kmeans"
    assert session.study.confusion.sum() == 797
    np.testing.assert_allclose(np.diag(session.study.correlation), 1)


def test_train_without_clusters_finds_some_first(session):
    session.start()
    finish(session, "ready")
    assert session.clusters
    assert session.trained is None


def test_random_clusters_keep_the_sizes_and_edits_are_yours(session):
    session.open()
    session.wait(60)
    before = sorted(map(len, session.clusters))
    assert session.start_random()
    finish(session, "ready")
    assert sorted(map(len, session.clusters)) == before
    assert session.asked.kind == "random"
    session.clusters = [[0, 1], [2, 3, 4]]
    assert session.asked.kind == "yours"


def test_both_kinds_of_clusters_give_the_comparison_that_was_asked_for(session, tmp_path):
    session.prediction = 1.5
    for choose in (session.start_kmeans, session.start_random):
        train(session, choose)
    found = session.comparisons()
    assert set(found) == {"generalist", "longer", "random"}
    pair = [session.latest[kind].after[1].mean() for kind in ("kmeans", "random")]
    assert found["random"].difference == pytest.approx(pair[0] - pair[1])
    said = what_is_said(session, tmp_path)
    assert said["verdict"] == found["random"].verdict
    assert said["about"] == "K-means against random"
    longer = "the generalist trained on for as many examples"
    assert said["sentences"] == [
        found["random"].sentence("K-means clusters", "random clusters"),
        found["longer"].sentence("K-means clusters", longer),
    ]
    was = found["random"].in_points(found["random"].difference)
    assert said["beside"] == f"You predicted 1.5 points; it was {was}."
    assert said["rows"] == ["Trained on", "K-means, 3", "Random, 3"]
    assert "One shuffle is no sample" in said["next"]
    assert f"for {session.trained.longer_steps:,} more batches" in said["cost"]
    assert "{:,} parameters to its {:,}.".format(*session.trained.parameters[::-1]) in said["cost"]
    curves = session.progress.curves
    assert (curves[0] == 0).all()
    assert curves[-1, 0] == SHORT.steps
    assert np.isfinite(curves).all()


def what_is_said(session, folder):
    """What the page makes of an outcome."""
    outcome = describe(session)["specialists_view"]["outcome"]
    code = f"""import {{ about, besidePrediction, costOf, judged, nameRow, nextStep, sentencesOf }}
        from "{ROOT}/panels/specialists/words.js";
      const outcome = {json.dumps(outcome, allow_nan=False)};
      export default {{ verdict: judged(outcome).verdict, about: about(outcome),
        sentences: sentencesOf(outcome), beside: besidePrediction(outcome),
        rows: outcome.rows.map(nameRow), next: nextStep(outcome), cost: costOf(outcome) }};"""
    (folder / "entry.js").write_text(code.replace("      export", "export"), "utf-8")
    return json.loads(run(join_modules(folder / "entry.js")))


def train(session, *choices):
    for choose in choices:
        choose()
        finish(session, "ready")
    session.start()
    finish(session)


def test_the_generalist_trained_on_has_as_many_examples_as_all_specialists(session):
    session.open()
    finish(session, "ready")
    train(session)
    trained, study = session.trained, session.study
    assert trained.longer_steps == 3 * SHORT.steps
    assert trained.longer.mean() > trained.before.mean()
    assert session.comparisons()["longer"].difference == pytest.approx(
        np.mean(trained.after[1] - trained.longer)
    )
    generalist, widest = study._run.cohort, max(map(len, session.clusters))
    one = sum(value[0].numel() for value in generalist.params.values())
    head = (SHORT.width + 1) * (widest + 1 - 10)
    assert trained.parameters == (one, 3 * (one + head))
    row, *_ = describe(session)["specialists_view"]["outcome"]["rows"]
    assert row["accuracy"] == pytest.approx(trained.longer.mean())
    assert row["accuracy_verdict"] in ("better", "inconclusive")


def test_a_prediction_made_after_the_outcome_does_not_count(session):
    def predicted():
        return describe(session)["specialists_view"]["outcome"]["predicted"]

    session.prediction = 1.5
    train(session, session.start_kmeans)
    session.prediction = None
    train(session, session.start_random)
    session.prediction = 2.0
    assert predicted() is None  # there was none when the run began
    train(session, session.start_random)
    assert predicted() is None  # one more shuffle is no new question
    session.number = 2
    train(session, session.start_kmeans)
    train(session, session.start_random)
    assert predicted() == 2.0


def test_the_whole_experiment_is_one_function(session):
    study, found, shuffles = run_experiment("digits", seeds=3, shuffles=2)
    assert study.dataset.name == "digits"
    assert len(shuffles) == 2
    assert sorted(map(len, shuffles[0].clusters)) == sorted(map(len, found.clusters))
    mean = np.mean([each.after[2] for each in shuffles], 0)
    compared = found.comparisons(shuffles, top=2)
    assert compared["random"].difference == pytest.approx(np.mean(found.after[2] - mean))
    assert set(found.comparisons()) == {"generalist", "longer"}
    with pytest.raises(ValueError, match=r"data must be one of hierarchy, .*, got 'cats'"):
        run_experiment("cats")


def test_shuffles_of_the_same_sizes_count_together(session, tmp_path):
    train(session, session.start_kmeans)
    for _ in range(2):
        train(session, session.start_random)
    assert len(session.shuffles) == 2
    mean = np.mean([each.after[1] for each in session.shuffles])
    expected = session.latest["kmeans"].after[1].mean() - mean
    assert session.comparisons()["random"].difference == pytest.approx(expected)
    said = what_is_said(session, tmp_path)
    assert said["rows"][-1] == "Random, 3 (2 shuffles)"
    assert "2 shuffles are no sample" in said["next"]
    session.number = 2
    train(session, session.start_kmeans)
    assert session.shuffles == []  # three random clusters are no match for two
    assert "random" not in session.comparisons()


@pytest.mark.parametrize(
    "clusters", [[list(range(10))], [[3]], [[3], [3, 8]], [[c] for c in range(10)]]
)
def test_clusters_of_everything_of_one_class_and_classes_in_none(session, clusters):
    session.open()
    finish(session, "ready")
    session.clusters = clusters
    session.top = 3
    train(session)
    assert len(session.trained.clusters) == len(clusters)
    view = describe(session)
    json.dumps(view["specialists_view"], allow_nan=False)
    assert np.isfinite(np.frombuffer(view["specialists_shares"], "<f8")).all()


def test_what_nobody_can_measure_is_left_open(session):
    """Twenty of the 97 characters are in no test example."""
    row = _row([([0.5] * 3, [0.4] * 3)], [([np.nan] * 3, [np.nan] * 3)])
    assert row["accuracy_gain"] == pytest.approx([10, 10, 10])
    assert (row["conditional"], row["conditional_gain"]) == (None, None)


def test_other_data_and_emptied_clusters_find_clusters_by_themselves(session):
    session.open()
    session.data = "hierarchy"  # as a link does before the generalists are there
    finish(session, "ready")
    assert session.study.dataset.name == "hierarchy"
    assert sorted(c for cluster in session.clusters for c in cluster) == list(range(40))
    session.data = "digits"
    finish(session, "ready")
    assert max(c for cluster in session.clusters for c in cluster) == 9
    found = session.clusters
    session.clusters = []
    finish(session, "ready")
    assert session.clusters == found


def test_stop_leaves_no_verdict_and_training_again_works(session, monkeypatch):
    session.open()
    session.wait(60)
    monkeypatch.setattr(session.study, "plan", SHORT._replace(steps=100_000))
    begun = threading.Event()
    session.observe(lambda change: change.new and begun.set(), "progress")
    assert session.start()
    assert begun.wait(60)
    assert not session.start()
    assert "Training is under way" in session.message
    session.stop()
    finish(session, "stopped")
    assert session.trained is None
    monkeypatch.setattr(session.study, "plan", SHORT)
    session.start()
    finish(session)
    assert session.message == ""


def test_what_was_refused_is_no_longer_said_at_the_end(session):
    session.open()
    assert not session.start()
    assert "Training is under way" in session.message
    finish(session, "ready")
    assert session.message == ""


def test_refused_while_another_panel_trains(workspace):
    other, session = SpecialistsSession(workspace), SpecialistsSession(workspace)
    other.panel = "Distill"
    assert workspace.slot.take(other) is None
    session.open()
    assert session.state == "cold"
    assert "Training is under way in the panel Distill" in session.message
    workspace.slot.free()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("data", "cats", "data must be one of hierarchy, python-docs, digits, got 'cats'"),
        ("seeds", 2, "seeds must be one of 3, 5, 8, got 2"),
        ("measure", "taste", "measure must be one of covariance, correlation, got 'taste'"),
        ("top", 4, "top must be one of 1, 2, 3, got 4"),
        ("number", 98, "number must lie in 1 to 97, got 98"),
        ("prediction", float("nan"), "prediction must lie in -100 to 100, got nan"),
        ("weight", -1, "weight must lie in 0 to 100, got -1"),
        ("clusters", [[0, 10]], r"clusters must hold classes 0 to 9, got \[0, 10\]"),
        ("clusters", [[1, 1]], r"clusters must hold classes, each once, got \[1, 1\]"),
        ("clusters", [[]], r"got \[\]"),
    ],
)
def test_errors_name_setting_value_and_what_is_allowed(session, name, value, message):
    with pytest.raises(TraitError, match=message):
        setattr(session, name, value)


def test_the_page_and_the_session_are_in_step(linked, tmp_path):
    lab, session = linked
    assert lab.specialists["clusters"] == session.clusters
    assert np.frombuffer(lab.specialists_matrices, "<f4").shape == (3 * 10 * 10,)
    edited = [[0, 1, 2], [3, 4, 5]]
    lab.specialists = lab.specialists | {"clusters": edited, "top": 2}
    assert (session.clusters, session.top) == (edited, 2)
    assert lab.specialists_view["kind"] == "yours"
    lab.specialists = lab.specialists | {"clusters": [[77]]}
    assert "clusters must hold classes 0 to 9" in lab.specialists_view["message"][1]
    assert lab.specialists["clusters"] == edited
    press(lab, "train")
    finish(session)
    json.dumps(lab.specialists_view, allow_nan=False)
    said = what_is_said(session, tmp_path)
    assert said["rows"][-1] == "Yours, 2"
    assert said["sentences"][0].startswith("Specialists of your clusters ")
    assert "Press “K-means clusters”, then Train." in said["next"]
    count = len(lab.specialists_view["picks"]["examples"])
    shares = np.frombuffer(lab.specialists_shares, "<f8")
    assert shares.shape == (count * 10 + 2 * count * 4,)


@pytest.mark.parametrize("top", [1, 2, 3])
def test_the_page_combines_as_python_does(top, tmp_path):
    rng = np.random.default_rng(top)
    sets = [(0, 1, 2), (2, 3), (4, 5, 6, 7)]
    generalist = rng.dirichlet(np.full(8, 0.4), 20)
    told = [rng.dirichlet(np.full(len(special) + 1, 0.6), 20) for special in sets]
    given = [generalist.tolist(), [t.tolist() for t in told], sets]
    code = f"""import {{ activeOf, combine }} from "{ROOT}/page/maths/combine.js";
      const [generalist, told, sets] = {json.dumps(given)};
      export default generalist.map((p, i) => [0, 1, 3].map((weight) => Array.from(combine(p,
        activeOf(p, sets, {top}).map((m) => [sets[m], told[m][i]]), weight))));"""
    # The joiner wants an entry's last word at the start of its line.
    (tmp_path / "entry.js").write_text(code.replace("      export", "export"), "utf-8")
    found = np.array(json.loads(run(join_modules(tmp_path / "entry.js"))))
    arguments = torch.tensor(generalist), [torch.tensor(t) for t in told], sets
    expected = combine_specialists(*arguments, top=top)
    np.testing.assert_array_equal(found[:, 0], generalist)
    np.testing.assert_allclose(found[:, 1], expected, atol=1e-9)
    least = combination_objective(expected, *arguments, top=top)
    reached = combination_objective(torch.tensor(found[:, 1]), *arguments, top=top)
    np.testing.assert_allclose(reached, least, atol=1e-9)


def test_without_torch_until_the_panel_is_opened():
    code = (
        "import sys, kdviz; kdviz.build_app(); import kdviz.panels.specialists.session;"
        "assert not {'torch', 'sklearn'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_closing_the_lab_leaves_no_thread(session):
    lab = build_app(panels=("specialists",))
    lab.close()
    assert not [t for t in threading.enumerate() if t.name == "kdviz-background"]
