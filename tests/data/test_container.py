"""What kdviz saved comes back, and any other file is refused with advice."""

import json
import zipfile

import numpy as np
import pytest

from kdviz.data import container


def load(path):
    return container.load(path, "thing", lambda arrays, extra: (arrays["a"], extra["b"]))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "thing.npz"
    container.save(path, {"a": np.arange(1000)}, {"b": [1, None]})
    return path


def test_what_is_saved_comes_back(path):
    array, extra = load(path)
    np.testing.assert_array_equal(array, np.arange(1000))
    assert extra == [1, None]


def test_damaged_files_are_refused_with_advice(path):
    whole = path.read_bytes()
    middle = len(whole) // 2
    spoilt = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for damaged in (whole[:middle], b"", b"no thing", whole[:-40] + b"\0" * 40, spoilt):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"path must name a thing that kdviz saved, .* anew"):
            load(path)


def test_files_of_another_kind_or_format_are_refused(path):
    np.savez(path, a=np.zeros(3))
    with pytest.raises(ValueError, match="path must name a thing"):
        load(path)
    container.save(path, {}, {"b": 1})
    with pytest.raises(ValueError, match="path must name a thing"):
        load(path)
    np.savez(path, json=np.frombuffer(json.dumps({"format": 99}).encode(), dtype=np.uint8))
    with pytest.raises(ValueError, match="it has format 99, and this kdviz reads 1"):
        load(path)
    np.savez(path, json=np.array([{"pickled": True}], dtype=object))
    with pytest.raises(ValueError, match="path must name a thing"):
        load(path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("note.txt", "hello")
    with pytest.raises(ValueError, match="path must name a thing"):
        load(path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        load(path)
