"""The datasets that kdviz knows: one entry each, with all that the rest of the house asks of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, ref

import numpy as np

from kdviz.data.downloads import DataError, cache_folder, data_folder
from kdviz.data.hierarchy import make_hierarchy
from kdviz.data.mnist import HASHES, read_images
from kdviz.data.python_docs import CHARACTERS, read_python_docs
from kdviz.data.sets import Dataset, Split, TransferSet
from kdviz.data.spoken_digits import ARCHIVE, OTHER_NAMES, read_spoken_digits

__all__ = [
    "DATASETS",
    "DataError",
    "Dataset",
    "Plan",
    "Split",
    "TransferSet",
    "dataset_location",
    "is_built_in",
    "load_dataset",
]

_DIGITS = tuple("0123456789")
_CLOTHES = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker")
_CLOTHES += ("Bag", "Ankle boot")
_BUILT_IN = WeakKeyDictionary()  # training splits of datasets loaded here: name and test split


class Plan(NamedTuple):
    """What suits a dataset's specialists; steps keep the default run within 20 s on two cores."""

    note: str
    classes: int
    width: int  # hidden units of every network
    epochs: float  # of the generalists
    clusters: int  # at first, and so specialists
    steps: int  # of the specialists, batches of 128
    measure: str  # of what belongs together, at first


@dataclass(frozen=True)
class Source:
    """A dataset that kdviz knows.

    Args:
        title: What to call it.
        read: Returns class names, training split and test split.
        files: What it needs on disk, each by its possible names; nothing for what comes along.
        teacher: Whether a teacher comes along.
        student: Whether a half-taught student comes along.
        widths: Hidden units that *Sweep* asks about, the smallest first; none if it does not.
        examples: To train on.
        sweep: How a student of *Sweep* is trained, as `Grid` takes it.
        takes: How long a sweep takes, on a laptop.
        plan: Of its specialists, if the panel offers them.
    """

    title: str
    read: Callable[[], tuple[tuple[str, ...], Split, Split]]
    files: tuple[tuple[str, ...], ...] = ()
    teacher: bool = False
    student: bool = False
    widths: tuple[int, ...] = ()
    examples: int = 0
    sweep: dict[str, Any] = field(default_factory=dict)
    takes: str = "seconds"
    plan: Plan | None = None


def _read_digits() -> tuple[tuple[str, ...], Split, Split]:
    with (files("kdviz") / "assets" / "digits.npz").open("rb") as file, np.load(file) as stored:
        inputs, labels = stored["images"] / np.float32(16), stored["labels"]
        rows = stored["train"], stored["test"]
    return _DIGITS, *(Split(inputs[each], labels[each]) for each in rows)


def _read_images(name: str, classes: tuple[str, ...]) -> tuple[tuple[str, ...], Split, Split]:
    return classes, *(Split(*read_images(name, part)) for part in ("train", "t10k"))


def _read_spoken() -> tuple[tuple[str, ...], Split, Split]:
    inputs, labels, test = read_spoken_digits()
    return _DIGITS, Split(inputs[~test], labels[~test]), Split(inputs[test], labels[test])


def _read_docs() -> tuple[tuple[str, ...], Split, Split]:
    return tuple(CHARACTERS), *(Split(*part) for part in read_python_docs())


def _read_hierarchy() -> tuple[tuple[str, ...], Split, Split]:
    classes, *parts = make_hierarchy()
    return classes, *(Split(*part) for part in parts)


DATASETS = {
    "digits": Source(
        "Digits", _read_digits, teacher=True, student=True, widths=(8, 16, 32, 64), examples=1000,
        sweep={"epochs": 60, "lr": 1e-2},
        plan=Plan("Only 10 classes.", 10, 16, 60, 4, 200, "correlation"),
    ),
    "mnist": Source(
        "MNIST", partial(_read_images, "mnist", _DIGITS),
        tuple((file,) for file in HASHES["mnist"]), teacher=True, widths=(10, 30, 100),
        examples=60_000, sweep={"epochs": 3}, takes="minutes",
    ),
    "fashion-mnist": Source(
        "Fashion-MNIST", partial(_read_images, "fashion-mnist", _CLOTHES),
        tuple((file,) for file in HASHES["fashion-mnist"]),
    ),
    "spoken-digits": Source("Spoken digits", _read_spoken, ((ARCHIVE, *OTHER_NAMES),)),
    "python-docs": Source(
        "Next character", _read_docs,
        plan=Plan("97 characters of Python's reference text.", 97, 30, 4, 12, 200, "correlation"),
    ),
    "hierarchy": Source(
        "Made groups", _read_hierarchy,
        plan=Plan("40 classes in 8 groups: A1 to A5 are alike.", 40, 30, 40, 8, 300, "covariance"),
    ),
}  # fmt: skip


def load_dataset(name: str) -> Dataset:
    """Load a dataset by name, with its fixed split.

    - "digits": scikit-learn's 8x8 images, inside the package; 1,000 train and 797 test, drawn
      once so that every class keeps its share.
    - "mnist", "fashion-mnist": 28x28 images; the makers' 60,000 train and 10,000 test.
    - "spoken-digits": 3,000 recordings as 64 frames x 40 mel bands; test: takes 0 to 4.
    - "python-docs": the next character after 8 of Python's reference text, split by topic;
      inputs 8 x 24, a code of -1 and 1 a character. The text differs between Python versions.
    - "hierarchy": made, 40 classes in 8 groups that a name's letter tells; 100 train and 100
      test a class, of 16 features. The groups are the true clusters of confusable classes.

    Images and mel pictures lie in [0, 1]. Files are looked for in the folder that KDVIZ_DATA
    names, then in the user's cache, then downloaded; all are checked.

    Raises:
        ValueError: If there is no such dataset.
        DataError: If its files cannot be had, or those in KDVIZ_DATA are damaged.
    """
    if name not in DATASETS:
        raise ValueError(f"name must be one of {', '.join(DATASETS)}, got {name!r}")
    data = Dataset(name, *DATASETS[name].read())
    _BUILT_IN[data.train] = name, ref(data.test)
    return data


def is_built_in(data: Dataset) -> bool:
    """Tell whether a dataset is what `load_dataset` gives by its name, and not one of yours."""
    name, test = _BUILT_IN.get(data.train, (None, lambda: None))
    return name == data.name and test() is data.test


def dataset_location(name: str) -> Path | str | None:
    """Where `load_dataset` finds a dataset without a network; None if it has to download it.

    Raises:
        DataError: If KDVIZ_DATA is set to something that is not a folder.
    """
    needed = DATASETS[name].files
    if not needed:
        return "embedded"
    for folder in (data_folder(name), cache_folder(name)):
        if folder and all(any((folder / file).exists() for file in names) for names in needed):
            return folder
    return None
