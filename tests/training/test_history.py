"""Histories survive the disk, and damaged files are refused with advice."""

import json
import zipfile

import numpy as np
import pytest

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


def test_damaged_files_are_refused_with_advice(history, tmp_path):
    path = tmp_path / "run.npz"
    history.save(path)
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"not a history", whole[:-40] + b"\0" * 40):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="path must name a history that kdviz saved"):
            History.load(path)


def test_files_of_another_kind_or_format_are_refused(history, tmp_path):
    path = tmp_path / "run.npz"
    np.savez(path, loss=np.zeros(3))
    with pytest.raises(ValueError, match="path must name a history"):
        History.load(path)
    extra = np.frombuffer(json.dumps({"format": 99}).encode(), dtype=np.uint8)
    np.savez(path, json=extra)
    with pytest.raises(ValueError, match="it has format 99, and this kdviz reads 1"):
        History.load(path)
    np.savez(path, json=np.array([{"pickled": True}], dtype=object))
    with pytest.raises(ValueError, match="path must name a history"):
        History.load(path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("note.txt", "hello")
    with pytest.raises(ValueError, match="path must name a history"):
        History.load(path)
    with pytest.raises(FileNotFoundError):
        History.load(tmp_path / "nothing.npz")
