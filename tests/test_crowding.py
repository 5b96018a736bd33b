"""The session behind the panel Crowd, its link to the page, and what the page computes."""

import json
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from traitlets import TraitError

import kdviz.specialists.plans
from kdviz.app.build import Link, build_app
from kdviz.page.bundle import STATIC, join_modules
from kdviz.panels.background import Place
from kdviz.panels.panel import CROWD
from kdviz.panels.specialists.page import _row, show_crowd
from kdviz.panels.specialists.session import Crowding
from kdviz.specialists.combine import combination_objective, combine_specialists
from kdviz.specialists.plans import PLANS
from kdviz.widgets import Lab
from tests.test_lab import run

SHORT = PLANS["digits"]._replace(epochs=3, steps=20)


@pytest.fixture
def crowding(monkeypatch):
    monkeypatch.setitem(kdviz.crowd_plans.PLANS, "digits", SHORT)
    made = Crowding(data="digits", seeds=3, count=3, measure="correlation")
    yield made
    made.close()


@pytest.fixture
def linked(crowding):
    lab = Lab(panels=["crowd"], panel="crowd")
    Link(lab, crowding, CROWD)
    crowding.wait(60)
    yield lab, crowding
    lab.close()


def press(lab, action):
    lab._handle_custom_msg({"panel": "crowd", "action": action}, [])


def finish(crowding, state="done"):
    crowding.wait(60)
    assert crowding.state == state, crowding.message


def test_opening_trains_generalists_and_finds_clusters(crowding):
    crowding.warm()
    finish(crowding, "ready")
    assert crowding.study.accuracy.shape == (3,)
    assert sorted(c for cluster in crowding.clusters for c in cluster) == list(range(10))
    assert crowding.asked.kind == "kmeans"
    assert crowding.study.confusion.sum() == 797
    np.testing.assert_allclose(np.diag(crowding.study.correlation), 1)


def test_train_without_clusters_finds_some_first(crowding):
    crowding.start()
    finish(crowding, "ready")
    assert crowding.clusters
    assert crowding.trained is None


def test_random_clusters_keep_the_sizes_and_edits_are_yours(crowding):
    crowding.warm()
    crowding.wait(60)
    before = sorted(map(len, crowding.clusters))
    assert crowding.start_random()
    finish(crowding, "ready")
    assert sorted(map(len, crowding.clusters)) == before
    assert crowding.asked.kind == "random"
    crowding.clusters = [[0, 1], [2, 3, 4]]
    assert crowding.asked.kind == "yours"


def test_both_kinds_of_clusters_give_the_comparison_that_was_asked_for(crowding):
    crowding.prediction = 1.5
    for choose in (crowding.start_kmeans, crowding.start_random):
        train(crowding, choose)
    found = crowding.comparisons()
    assert set(found) == {"generalist", "longer", "random"}
    pair = [crowding.latest[kind].after[1].mean() for kind in ("kmeans", "random")]
    assert found["random"].difference == pytest.approx(pair[0] - pair[1])
    outcome = show_crowd(crowding, {})["crowd_view"]["outcome"]
    assert outcome["verdict"] == found["random"].verdict
    assert outcome["beside"].startswith("You predicted 1.5 points; it was ")
    assert [row["name"] for row in outcome["rows"]] == ["Trained on", "K-means, 3", "Random, 3"]
    assert "One shuffle is no sample" in outcome["next"]
    curves = crowding.progress.curves
    assert (curves[0] == 0).all()
    assert curves[-1, 0] == SHORT.steps
    assert np.isfinite(curves).all()


def train(crowding, *choices):
    for choose in choices:
        choose()
        finish(crowding, "ready")
    crowding.start()
    finish(crowding)


def test_the_generalist_trained_on_has_as_many_examples_as_all_specialists(crowding):
    crowding.warm()
    finish(crowding, "ready")
    train(crowding)
    trained, study = crowding.trained, crowding.study
    assert trained.longer_steps == 3 * SHORT.steps
    assert trained.longer.mean() > trained.before.mean()
    assert crowding.comparisons()["longer"].difference == pytest.approx(
        np.mean(trained.after[1] - trained.longer)
    )
    generalist, widest = study._run.cohort, max(map(len, crowding.clusters))
    one = sum(value[0].numel() for value in generalist.params.values())
    head = (SHORT.width + 1) * (widest + 1 - 10)
    assert trained.parameters == (one, 3 * (one + head))
    row, *_ = show_crowd(crowding, {})["crowd_view"]["outcome"]["rows"]
    assert row["accuracy"] == pytest.approx(trained.longer.mean())
    assert row["accuracy_verdict"] in ("better", "inconclusive")


def test_shuffles_of_the_same_sizes_count_together(crowding):
    train(crowding, crowding.start_kmeans)
    for _ in range(2):
        train(crowding, crowding.start_random)
    assert len(crowding.shuffles) == 2
    mean = np.mean([each.after[1] for each in crowding.shuffles])
    expected = crowding.latest["kmeans"].after[1].mean() - mean
    assert crowding.comparisons()["random"].difference == pytest.approx(expected)
    outcome = show_crowd(crowding, {})["crowd_view"]["outcome"]
    assert outcome["rows"][-1]["name"] == "Random, 3 (2 shuffles)"
    crowding.count = 2
    train(crowding, crowding.start_kmeans)
    assert crowding.shuffles == []  # three random clusters are no match for two
    assert "random" not in crowding.comparisons()


@pytest.mark.parametrize(
    "clusters", [[list(range(10))], [[3]], [[3], [3, 8]], [[c] for c in range(10)]]
)
def test_clusters_of_everything_of_one_class_and_classes_in_none(crowding, clusters):
    crowding.warm()
    finish(crowding, "ready")
    crowding.clusters = clusters
    crowding.top = 3
    train(crowding)
    assert len(crowding.trained.clusters) == len(clusters)
    view = show_crowd(crowding, {})
    json.dumps([view["crowd_view"], view["crowd_picks"]], allow_nan=False)
    assert np.isfinite(np.frombuffer(view["crowd_shares"], "<f8")).all()


def test_what_nobody_can_measure_is_left_open(crowding):
    """Twenty of the 97 characters are in no test example."""
    row = _row("Yours", [([0.5] * 3, [0.4] * 3)], [([np.nan] * 3, [np.nan] * 3)])
    assert row["accuracy_gain"] == pytest.approx([10, 10, 10])
    assert (row["conditional"], row["conditional_gain"]) == (None, None)


def test_other_data_and_emptied_clusters_find_clusters_by_themselves(crowding):
    crowding.warm()
    crowding.data = "hierarchy"  # as a link does before the generalists are there
    finish(crowding, "ready")
    assert crowding.study.dataset.name == "hierarchy"
    assert sorted(c for cluster in crowding.clusters for c in cluster) == list(range(40))
    crowding.data = "digits"
    finish(crowding, "ready")
    assert max(c for cluster in crowding.clusters for c in cluster) == 9
    found = crowding.clusters
    crowding.clusters = []
    finish(crowding, "ready")
    assert crowding.clusters == found


def test_stop_leaves_no_verdict_and_training_again_works(crowding, monkeypatch):
    crowding.warm()
    crowding.wait(60)
    monkeypatch.setattr(crowding.study, "plan", SHORT._replace(steps=100_000))
    begun = threading.Event()
    crowding.observe(lambda change: change.new and begun.set(), "progress")
    assert crowding.start()
    assert begun.wait(60)
    assert not crowding.start()
    assert "Training is under way" in crowding.message
    crowding.stop()
    finish(crowding, "stopped")
    assert crowding.trained is None
    monkeypatch.setattr(crowding.study, "plan", SHORT)
    crowding.start()
    finish(crowding)
    assert crowding.message == ""


def test_what_was_refused_is_no_longer_said_at_the_end(crowding):
    crowding.warm()
    assert not crowding.start()
    assert "Training is under way" in crowding.message
    finish(crowding, "ready")
    assert crowding.message == ""


def test_refused_while_another_panel_trains():
    place = Place()
    other, crowding = Crowding(place), Crowding(place)
    other.panel = "Distill"
    assert place.take(other) is None
    crowding.warm()
    assert crowding.state == "cold"
    assert "Training is under way in the panel Distill" in crowding.message


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("data", "cats", "data must be one of hierarchy, python-docs, digits, got 'cats'"),
        ("seeds", 2, "seeds must be one of 3, 5, 8, got 2"),
        ("measure", "taste", "measure must be one of covariance, correlation, got 'taste'"),
        ("top", 4, "top must be one of 1, 2, 3, got 4"),
        ("count", 11, "count must lie in 1 to 10, got 11"),
        ("prediction", float("nan"), "prediction must lie in -100 to 100, got nan"),
        ("weight", -1, "weight must lie in 0 to 100, got -1"),
        ("clusters", [[0, 10]], r"clusters must hold classes 0 to 9, got \[0, 10\]"),
        ("clusters", [[1, 1]], r"clusters must hold classes, each once, got \[1, 1\]"),
        ("clusters", [[]], r"got \[\]"),
    ],
)
def test_errors_name_setting_value_and_what_is_allowed(crowding, name, value, message):
    with pytest.raises(TraitError, match=message):
        setattr(crowding, name, value)


def test_the_page_and_the_session_are_in_step(linked):
    lab, crowding = linked
    assert lab.crowd["clusters"] == crowding.clusters
    assert np.frombuffer(lab.crowd_matrices, "<f4").shape == (3 * 10 * 10,)
    edited = [[0, 1, 2], [3, 4, 5]]
    lab.crowd = lab.crowd | {"clusters": edited, "top": 2}
    assert (crowding.clusters, crowding.top) == (edited, 2)
    assert lab.crowd_view["kind"] == "yours"
    lab.crowd = lab.crowd | {"clusters": [[77]]}
    assert "clusters must hold classes 0 to 9" in lab.crowd_view["message"]
    assert lab.crowd["clusters"] == edited
    press(lab, "train")
    finish(crowding)
    json.dumps([lab.crowd_view, lab.crowd_picks], allow_nan=False)
    assert lab.crowd_view["outcome"]["rows"][-1]["name"] == "Yours, 2"
    count = len(lab.crowd_picks["examples"])
    shares = np.frombuffer(lab.crowd_shares, "<f8")
    assert shares.shape == (count * 10 + 2 * count * 4,)


@pytest.mark.parametrize("top", [1, 2, 3])
def test_the_page_combines_as_python_does(top, tmp_path):
    rng = np.random.default_rng(top)
    sets = [(0, 1, 2), (2, 3), (4, 5, 6, 7)]
    generalist = rng.dirichlet(np.full(8, 0.4), 20)
    told = [rng.dirichlet(np.full(len(special) + 1, 0.6), 20) for special in sets]
    given = [generalist.tolist(), [t.tolist() for t in told], sets]
    shutil.copy(STATIC / "crowd-combine.js", tmp_path)
    code = f"""import {{ activeOf, combine }} from "./crowd-combine.js";
      const [generalist, told, sets] = {json.dumps(given)};
      export default generalist.map((p, i) => [0, 1, 3].map((weight) => Array.from(combine(p,
        activeOf(p, sets, {top}).map((m) => [sets[m], told[m][i]]), weight))));"""
    # The joiner wants an entry's last word at the start of its line.
    (tmp_path / "entry.js").write_text(code.replace("      export", "export"), "utf-8")
    found = np.array(json.loads(run(join_modules("entry", tmp_path))))
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


def test_closing_the_lab_leaves_no_thread(crowding):
    lab = build_app(panels=("crowd",))
    lab.close()
    assert not [t for t in threading.enumerate() if t.name == "kdviz-background"]
