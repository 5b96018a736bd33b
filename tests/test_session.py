import math
import re
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from traitlets import TraitError

from kdviz.data import load_dataset
from kdviz.session import Session
from kdviz.teachers import load_teacher


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture
def session(digits):
    tiny = {"members": 2, "hidden": (8,), "epochs": 2}
    teacher = load_teacher("digits")
    made = Session(digits, teacher, new_teacher=tiny, seeds=2, width=8, epochs=3)
    yield made
    made.close()


@pytest.fixture
def endless(session):
    """A session whose run has begun and will not end by itself."""
    session.epochs = 1_000_000
    begun = threading.Event()
    session.observe(lambda change: begun.set(), "progress")
    assert session.start()
    assert begun.wait(60)
    begun.clear()
    session.begun = begun
    return session


def finish(session):
    assert session.start()
    session.wait(60)
    assert session.state == "done", session.message
    return session.outcome


def test_a_run_goes_from_settings_to_an_outcome(session):
    states = []
    session.observe(lambda change: states.append(change.new), "state")
    outcome = finish(session)
    assert states == ["warming", "ready", "training", "done"]
    assert session.device
    assert outcome.logits.shape == (4, 797, 10)
    assert outcome.accuracy.shape == (4,)
    assert outcome.comparison.pairs == 2
    teacher, student = outcome.costs
    assert student.multiply_adds == 64 * 8 + 8 * 10
    assert teacher.multiply_adds == 12 * (64 * 256 + 256 * 256 + 256 * 10)
    last = session.progress
    assert last.step == last.steps
    assert last.seconds_left == 0
    np.testing.assert_allclose(last.curves[-1, 1], outcome.accuracy[:2].mean())
    np.testing.assert_allclose(last.curves[-1, 5:], np.sort(outcome.accuracy[2:]))


def test_curves_arrive_while_it_trains(session):
    session.redraw_seconds = 0
    rows = []
    session.observe(lambda change: change.new and rows.append(len(change.new.curves)), "progress")
    finish(session)
    assert rows == list(range(1, len(rows) + 1))
    assert len(rows) > 3


def test_the_same_settings_give_the_same_outcome(session):
    first = finish(session).logits
    np.testing.assert_array_equal(first, finish(session).logits)


def test_students_without_soft_targets_are_their_own_baselines(session):
    session.soft_weight = 0
    outcome = finish(session)
    np.testing.assert_array_equal(outcome.logits[:2], outcome.logits[2:])
    assert outcome.comparison.verdict == "inconclusive"


def test_settings_changed_while_it_trains_do_not_reach_the_outcome(endless, monkeypatch):
    endless.story, endless.prediction = "all-labels", 5
    assert endless.state == "training"
    endless.stop()
    endless.wait(60)
    assert (endless.story, endless.prediction) == ("all-labels", 5)


def test_stop_ends_a_run_and_keeps_its_curves(endless):
    endless.stop()
    endless.wait(60)
    assert endless.state == "stopped"
    assert "no verdict" in endless.message
    assert endless.outcome is None
    assert len(endless.progress.curves)
    assert not endless._thread.is_alive()


def test_a_second_start_is_refused(endless):
    thread = endless._thread
    assert not endless.start()
    assert endless._thread is thread
    assert "Training is under way" in endless.message
    assert endless.begun.wait(60)  # it goes on


def test_a_stopped_session_trains_again(endless):
    endless.stop()
    endless.wait(60)
    endless.epochs = 2
    finish(endless)


def test_close_leaves_no_thread(endless):
    endless.close()
    assert "kdviz-session" not in [thread.name for thread in threading.enumerate()]
    with pytest.raises(RuntimeError, match="closed"):
        endless.start()


def test_warming_loads_the_engine_once(session):
    session.warm()
    session.wait(60)
    assert session.state == "ready"
    thread = session._thread
    session.warm()
    assert session._thread is thread


def test_training_asked_for_while_warming_begins_afterwards(session):
    session.warm()
    finish(session)


def test_stopped_before_it_began(session):
    session.warm()
    session.start()
    session.stop()
    session.wait(60)
    assert session.outcome is None
    assert session.shown is None or session.state == "stopped"


def test_started_and_stopped_while_warming_trains_once(session, monkeypatch):
    loaded = threading.Event()
    load = session._load
    monkeypatch.setattr(session, "_load", lambda: loaded.wait(60) and load())
    begun = []
    session.observe(lambda change: begun.append(change.new == "training"), "state")
    assert session.start()
    assert not session.start()
    session.stop()
    session.width = 4
    assert session.start()
    loaded.set()
    session.wait(60)
    assert session.state == "done"
    assert sum(begun) == 1
    assert session.outcome.settings.width == 4


def test_an_error_becomes_a_message_and_nothing_set_is_lost(session, monkeypatch):
    def broken(*arguments):
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(session, "_train", broken)
    session.prediction = 40
    session.start()
    session.wait(60)
    assert session.state == "failed"
    assert session.message == (
        "RuntimeError: the disk is on fire. What you set is kept; try again."
    )
    assert (session.prediction, session.seeds) == (40, 2)
    monkeypatch.undo()
    session.epochs = 1
    finish(session)


def test_members_that_diverge_are_named(session):
    session.lr = 1e20
    outcome = finish(session)
    assert outcome.diverged == (0, 1, 2, 3)
    assert session.message.startswith(
        "Diverged, as the loss was no longer a finite number: student 1, student 2, baseline 1 "
        "and baseline 2."
    )
    assert outcome.comparison.verdict == "inconclusive"
    assert np.isnan(session.progress.curves[-1, 1:]).all()


def test_without_torch_until_something_is_trained():
    code = (
        "import sys, kdviz.session as s; from kdviz import load_dataset;"
        "from kdviz.teachers import load_teacher;"
        "s.Session(load_dataset('digits'), load_teacher('digits'), width=8);"
        "assert not {'torch', 'ipywidgets', 'sklearn'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("story", "epic", "story must be one of unseen, few-labels, all-labels, got 'epic'"),
        ("omitted", 10, "omitted must be a class number from 0 to 9, got 10"),
        ("omitted", -1, "got -1"),
        ("width", 0, "width must lie in 1 to 2000, got 0"),
        ("seeds", 0, "seeds must lie in 1 to 64, got 0"),
        ("temperature", 0, "temperature must lie in 0.5 to 50, got 0"),
        ("temperature", -1, "got -1"),
        ("temperature", float("nan"), "got nan"),
        ("soft_weight", 1.5, "soft_weight must lie in 0 to 1, got 1.5"),
        ("lr", 0, "lr must lie in 1e-09 to 1e\\+30, got 0"),
        ("prediction", 101, "prediction must lie in -100 to 100, got 101"),
        ("prediction", float("nan"), "got nan"),
        ("width", "wide", "'width' trait .* expected an int"),
    ],
)
def test_errors_name_setting_value_and_what_is_allowed(session, name, value, message):
    before = getattr(session, name)
    with pytest.raises(TraitError, match=message):
        setattr(session, name, value)
    assert getattr(session, name) == before


def test_soft_targets_must_fit_the_dataset(digits):
    teacher = replace(load_teacher("digits"), train_logits=np.zeros((797, 10)))
    with pytest.raises(ValueError, match=r"train_logits of shape \(1000, 10\).*got \(797, 10\)"):
        Session(digits, teacher)


def test_a_teacher_trained_here_takes_the_place_of_the_first(session):
    first, said = session.teacher, []
    session.observe(lambda change: said.append(change.new), "message")
    for _ in range(2):
        assert session.start_teacher()
        session.wait(60)
        assert session.state == "ready", session.message
    assert session.teacher.members == 2
    assert session.teacher.train_logits.shape == first.train_logits.shape
    assert session.teacher.recipe["seeds"] == [200, 201]
    assert any(text.startswith("Training 2 networks: epoch 2") for text in said)
    assert finish(session).costs[0].multiply_adds == 2 * (64 * 8 + 8 * 10)


def test_a_teacher_stopped_in_training_leaves_the_one_from_before(digits):
    endless = {"members": 2, "hidden": (8,), "epochs": 10**6}
    session = Session(digits, load_teacher("digits"), new_teacher=endless)
    first, begun = session.teacher, threading.Event()
    session.observe(lambda change: begun.set(), "progress")
    assert session.start_teacher()
    begun.clear()
    assert begun.wait(60)
    assert not session.start()
    session.stop()
    session.wait(10)
    assert session.state == "stopped"
    assert session.teacher is first


def test_a_run_that_would_take_too_long_is_refused_and_says_what_to_choose(session):
    session.width, session.seeds, session.epochs, session.longest = 2000, 64, 60, 120
    assert not session.start()
    assert re.search(
        r"busy for about \d+ seconds; here a run may for 120 .*Choose fewer seeds", session.message
    )
    assert (session.state, session.starts) == ("cold", 1)
    session.width, session.seeds, session.epochs = 4, 1, 1
    finish(session)


def test_a_run_that_has_used_up_its_time_is_stopped_and_says_so(endless):
    assert endless.longest == math.inf
    endless.stop()
    endless.wait(60)
    assert "keep a core busy" not in endless.message
    endless.longest = 1e9
    endless.observe(lambda change: setattr(endless, "longest", 0.1), "progress")
    assert endless.start()
    endless.wait(60)
    assert endless.state == "stopped"
    assert endless.message.endswith("Here a run may keep a core busy for 0.1 seconds.")
