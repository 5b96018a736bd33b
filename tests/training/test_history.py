"""Histories survive the disk."""

import numpy as np
import pytest

from kdviz.teachers import load_teacher
from kdviz.training.history import History, Record


@pytest.fixture
def history():
    records = [
        Record(10, 30, 1.0, 0.25, np.array([2.0, np.nan]), np.array([0.4, np.nan]), (1,)),
        Record(20, 30, 2.0, 0.5, np.array([1.0, np.nan]), np.array([0.8, np.nan]), (1,), "halved"),
    ]
    return History({"seeds": [3, 4], "temperature": [1.0, 20.0]}, records)


def test_what_is_saved_comes_back(history, tmp_path):
    history.save(tmp_path / "run.npz")
    again = History.load(tmp_path / "run.npz")
    assert again.recipe == history.recipe
    assert again.diverged == (1,)
    assert again.records[1].notice == "halved"
    assert again.records[0].steps == 30
    assert not again.finished
    for name in ("steps", "epochs", "seconds", "loss", "accuracy"):
        np.testing.assert_array_equal(getattr(again, name), getattr(history, name))
    assert again.accuracy.shape == (2, 2)


def test_a_history_without_records_is_valid(tmp_path):
    History({"seeds": [0]}).save(tmp_path / "run.npz")
    again = History.load(tmp_path / "run.npz")
    assert len(again) == 0
    assert again.loss.shape == (0, 1)
    assert not again.finished


def test_a_file_of_another_kind_is_refused(tmp_path):
    load_teacher("digits").save(tmp_path / "teacher.npz")
    with pytest.raises(ValueError, match="path must name a history that kdviz saved"):
        History.load(tmp_path / "teacher.npz")
