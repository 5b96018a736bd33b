import asyncio
import json
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from traitlets import TraitError

from kdviz.app.build import build_app
from kdviz.app.lab import Lab
from kdviz.app.link import Link
from kdviz.data.catalog import Dataset, Split, load_dataset
from kdviz.export.standalone import standalone
from kdviz.panels.background import Workspace
from kdviz.panels.distill import DISTILL
from kdviz.panels.distill.session import Session
from kdviz.teachers import Teacher, load_teacher


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture
def pair():
    digits, teacher = load_dataset("digits"), load_teacher("digits")
    lab = Lab.from_arrays(
        teacher.test_logits, digits.test.labels, panels=["soft_targets", "distill"], soft_weight=1.0
    )
    tiny = {"members": 2, "hidden": (8,), "epochs": 2}
    few = {"seeds": 2, "width": 8, "epochs": 2, "prediction": 3.0}
    session = Session(Workspace(digits, teacher), new_teacher=tiny, scenario="all-labels", **few)
    Link(lab, session, DISTILL)
    yield lab, session
    session.close()


def press(lab, action, **state):
    lab._handle_custom_msg({"panel": "distill", "action": action, "state": state}, [])


def test_synchronized_from_the_start(pair):
    lab, session = pair
    assert lab.live
    assert lab.distill == {
        "scenario": "all-labels", "omitted": 3, "width": 8, "seeds": 2, "prediction": 3.0
    }  # fmt: skip
    assert (lab.temperature, lab.soft_weight) == (session.temperature, session.soft_weight)
    assert lab.distill_view["state"] == "cold"


@pytest.mark.parametrize(("name", "value"), [("temperature", 20.0), ("soft_weight", 0.25)])
def test_shared_settings_in_both_directions(pair, name, value):
    lab, session = pair
    setattr(lab, name, value)
    assert getattr(session, name) == value
    setattr(session, name, 1.0)
    assert getattr(lab, name) == 1.0


@pytest.mark.parametrize(
    ("name", "value"),
    [("scenario", "unseen"), ("omitted", 7), ("width", 32), ("seeds", 4), ("prediction", -2.5),
     ("prediction", None)],
)  # fmt: skip
def test_own_settings_in_both_directions(pair, name, value):
    lab, session = pair
    before = getattr(session, name)
    lab.distill = lab.distill | {name: value}
    assert getattr(session, name) == value
    setattr(session, name, before)
    assert lab.distill[name] == before


def test_settings_written_together_arrive_together(pair):
    lab, _ = pair
    seen = []
    lab.observe(lambda change: seen.append(change.new), "distill")
    new = {"scenario": "unseen", "omitted": 5, "width": 16, "seeds": 3, "prediction": 50}
    lab.distill = new
    assert seen == [new]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"width": 0}, "width must lie in 1 to 2000, got 0"),
        ({"omitted": 12}, "omitted must lie in 0 to 9, got 12"),
        ({"lr": 5}, "distill must set scenario, omitted, width, seeds, prediction, got 'lr'"),
    ],
)
def test_a_bad_setting_from_the_page_becomes_a_message(pair, bad, message):
    lab, session = pair
    good = dict(lab.distill)
    lab.distill = good | bad
    assert message in lab.distill_view["message"]
    assert lab.distill == good
    assert session.lr != 5


def test_after_an_error_of_another_kind_the_page_is_still_kept_in_step(pair):
    lab, session = pair
    session.observe(lambda change: 1 / 0, "width")
    with pytest.raises(ZeroDivisionError):
        lab.distill = lab.distill | {"width": 16}
    session.seeds = 1
    assert lab.distill["seeds"] == 1


def test_the_button_trains_and_the_view_tells_what_came_of_it(pair):
    lab, session = pair
    session.scenario = "unseen"
    press(lab, "train")
    session.wait(60)
    view = lab.distill_view
    assert view["state"] == "done", view["message"]
    assert view["run"]["scenario"] == "unseen"
    assert view["progress"]["step"] == view["progress"]["steps"]
    outcome = view["outcome"]
    assert outcome["comparison"]["verdict"] == session.outcome.comparison.verdict
    assert outcome["found"] == session.outcome.found
    assert [len(row) for row in outcome["by_class"]] == [10, 10]
    assert outcome["costs"][0]["parameters"] > 100 * outcome["costs"][1]["parameters"]
    json.dumps(view, allow_nan=False)
    curves = np.frombuffer(lab.distill_curves, "<f4").reshape(-1, 7)
    np.testing.assert_allclose(curves, session.progress.curves, rtol=1e-6)
    logits = np.frombuffer(lab.distill_logits, "<f4").reshape(4, 797, 10)
    np.testing.assert_array_equal(logits, session.outcome.logits)


def test_what_was_set_right_before_the_button_counts_even_if_its_own_message_comes_later(pair):
    lab, session = pair
    press(lab, "train", temperature=20.0, distill=lab.distill | {"width": 4}, logits=b"1234")
    session.wait(60)
    assert (session.shown.temperature, session.shown.width) == (20.0, 4)
    assert (lab.temperature, lab.distill["width"]) == (20.0, 4)
    assert len(lab.logits) > 4  # a setting only


def test_without_a_bias_to_move_the_logits_of_one_pair_are_sent(pair):
    lab, session = pair
    press(lab, "train")
    session.wait(60)
    assert session.outcome
    logits = np.frombuffer(lab.distill_logits, "<f4").reshape(2, 797, 10)
    np.testing.assert_array_equal(logits, session.outcome.logits[[0, session.seeds]])


def test_a_run_without_an_outcome_is_still_json(pair):
    lab, session = pair
    session.lr = 1e20
    press(lab, "train")
    session.wait(60)
    assert lab.distill_view["message"][0].startswith("Diverged")
    json.dumps(lab.distill_view, allow_nan=False)


def test_stop_and_a_second_train(pair):
    lab, session = pair
    session.epochs = 1_000_000
    begun = threading.Event()
    session.observe(lambda change: begun.set(), "progress")
    press(lab, "train")
    assert begun.wait(60)
    press(lab, "train")
    assert "Training is under way" in session.message
    press(lab, "stop")
    session.wait(60)
    assert lab.distill_view["state"] == "stopped"


def test_opening_the_panel_warms_up(pair):
    lab, session = pair
    lab.panel = "distill"
    session.wait(60)
    assert session.state == "ready"
    assert lab.distill_view["device"] == session.device


def test_other_messages_are_ignored(pair):
    lab, session = pair
    for content in ({}, {"panel": "soft_targets", "action": "train"}, {"panel": "distill"}):
        lab._handle_custom_msg(content, [])
    assert session.state == "cold"


def test_after_a_cut_line_the_page_says_what_is_set_and_is_told_all_news(pair, monkeypatch):
    lab, session = pair
    told = []
    monkeypatch.setattr(lab, "send_state", told.append)
    state = {"temperature": 5.0, "distill": lab.distill | {"seeds": 3}, "logits_": 1}
    lab._handle_custom_msg({"action": "set", "state": state}, [])
    assert (session.temperature, session.seeds) == (5, 3)
    press(lab, "tell")
    assert {"distill_view", "distill_curves", "logits"} <= set(told[-1])


def test_closing_the_lab_ends_the_run(pair):
    lab, session = pair
    session.epochs = 1_000_000
    press(lab, "train")
    lab.close()
    assert not session._thread.is_alive()


def test_in_a_loop_news_of_the_thread_arrive_on_the_loop():
    threads = set()

    async def run():
        lab = build_app(panels=("distill",), seeds=1, width=4, where="kernel")
        lab.observe(lambda change: threads.add(threading.current_thread()), "distill_view")
        while lab.distill_view["state"] != "ready":
            await asyncio.sleep(0.01)
        lab.close()

    asyncio.run(asyncio.wait_for(run(), 60))
    assert threads == {threading.main_thread()}


def test_a_page_is_sent_what_it_can_train_on_and_its_kernel_stays_cold(digits):
    lab = build_app(panels=("distill",), where="page")
    pixels = np.frombuffer(lab.train_images, np.uint8).astype(np.float64)
    inputs = np.float32(np.round(pixels * lab.levels / 255)) / np.float32(lab.levels)
    np.testing.assert_array_equal(inputs, digits.train.inputs.ravel())
    np.testing.assert_array_equal(np.frombuffer(lab.train_labels, "<i4"), digits.train.labels)
    assert len(lab.train_logits) == 4 * 10 * len(digits.train)
    assert lab.distill_view["state"] == "cold"
    lab.where = "kernel"
    assert lab.distill_view["state"] != "cold"
    lab.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda images: images + np.float32(0.001),  # no steps of gray
        lambda images: np.tile(images, (20, 1, 1)),  # too many
        lambda images: images.reshape(len(images), 64),  # no images
    ],
)
def test_what_a_page_cannot_train_on_stays_with_the_kernel(digits, change):
    inputs = change(digits.train.inputs)
    train = Split(inputs, np.resize(digits.train.labels, len(inputs)))
    test = Split(change(digits.test.inputs)[:797], digits.test.labels)
    data = Dataset("mine", digits.classes, train, test)
    logits = np.zeros((len(inputs), 10), np.float32), np.zeros((797, 10), np.float32)
    teacher = replace(load_teacher("digits"), train_logits=logits[0], test_logits=logits[1])
    lab = build_app(dataset=data, teacher=teacher)
    assert (lab.train_images, lab.panels[0]) == (b"", "soft_targets")
    with pytest.raises(ValueError, match="panels must not have start on data that no page"):
        build_app(panels=("start",), dataset=data, teacher=teacher)
    lab.close()


def test_build_app_takes_settings_of_both_sides():
    lab = build_app(title="Ours", temperature=8, scenario="few-labels", width=32)
    assert (lab.title, lab.temperature, lab.panels[-1]) == ("Ours", 8, "specialists")
    assert (lab.distill["scenario"], lab.distill["width"]) == ("few-labels", 32)
    lab.close()
    explorers = build_app(panels=("soft_targets",))
    assert not explorers.live
    assert explorers.pictures["image_shape"] == [28, 28]
    assert not build_app(["soft_targets"], dataset="digits").pictures  # as was asked for
    with pytest.raises(TraitError, match="width must lie in 1 to 2000, got 0"):
        build_app(width=0)
    with pytest.raises(TraitError, match="panels must be one or more of"):
        build_app(panels=("bake",))


def test_build_app_on_data_and_a_teacher_of_your_own():
    rng = np.random.default_rng(0)
    inputs, labels = rng.normal(size=(300, 5)), rng.integers(0, 3, 300)
    splits = (Split(inputs[:200], labels[:200]), Split(inputs[200:], labels[200:]))
    ours = Dataset("ours", ("a", "b", "c"), *splits)
    teacher = Teacher.of(torch.nn.Linear(5, 3), ours)
    lab = build_app(dataset=ours, teacher=teacher, seeds=2, width=4, epochs=2)
    assert lab.panels == ["soft_targets", "loss", "distill"]
    assert lab.classes == ["a", "b", "c"]
    press(lab, "train")
    while lab.distill_view["state"] not in ("done", "failed"):
        time.sleep(0.01)
    outcome = lab.distill_view["outcome"]
    assert outcome["costs"][0]["parameters"] == 18
    assert lab.distill_view["epochs"] == 2
    lab.close()
    with pytest.raises(ValueError, match="teacher must be given for a dataset of your own, 'ours'"):
        build_app(dataset=ours)


def test_larger_data_get_fewer_passes():
    digits, teacher = load_dataset("digits"), load_teacher("digits")
    assert Session(Workspace(digits, teacher)).epochs == 60
    split = Split(np.zeros((60_000, 2)), np.zeros(60_000, int))
    large = Dataset("large", ("a", "b"), split, split)
    zeros = np.zeros((60_000, 2), np.float32)
    session = Session(Workspace(large, Teacher("large", zeros, zeros, 1.0, 1, (2, 2), {})))
    assert (session.epochs, session.lr) == (3, 3e-3)


def test_the_app_starts_without_torch():
    code = (
        "import sys, kdviz; kdviz.build_app();"
        "assert not {'torch', 'plotly', 'sklearn'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_new_teacher_reaches_every_panel(pair):
    lab, session = pair
    before = lab.logits
    press(lab, "teacher")
    session.wait(60)
    assert lab.logits != before
    np.testing.assert_array_equal(
        np.frombuffer(lab.logits, "<f4"), session.teacher.test_logits.ravel()
    )
    assert lab.teacher["members"] == 2
    assert lab.train_logits == b""  # this page has no images to train on


def test_a_small_teacher_comes_along_where_it_answers_for_the_teacher():
    lab = build_app(panels=("distill",))
    assert lab.small_teacher
    lab.close()
    lab = build_app(panels=("distill",), teacher=load_teacher("digits"))  # it might be any
    assert lab.train_images
    assert not lab.small_teacher
    lab.close()


def test_a_page_knows_its_computers_address_and_a_file_does_not(monkeypatch):
    monkeypatch.setenv("KDVIZ_NETWORK", "192.168.7.5")
    lab = build_app(("soft_targets",))
    assert lab.network == "192.168.7.5"
    assert standalone(lab)["network"] == ""
