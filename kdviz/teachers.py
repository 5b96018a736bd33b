"""Cumbersome models: an ensemble with its logits at hand, or a teacher that the user brings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kdviz.checks import whole
from kdviz.data import container
from kdviz.data.catalog import DATASETS, Dataset, TransferSet, is_built_in

if TYPE_CHECKING:  # the shipped logits are read without torch
    from torch import nn

    from kdviz.training.cohort import Run

# That come with kdviz.
TEACHERS = tuple(name for name, source in DATASETS.items() if source.teacher)
SMALL_TEACHERS = ("digits",)
STUDENTS = tuple(name for name, source in DATASETS.items() if source.student)
_LOGITS = ("train_logits", "test_logits")
_MANY = 10_000  # examples above which logits are stored in half precision
_ENSEMBLE = {
    "members": 12,
    "hidden": (256, 256),
    "dropout": 0.5,
    "epochs": 90,
    "batch_size": 100,
    "lr": 0.005,
    "jitter": 0.5,
    "affine": 0.1,
}
# The paper's own, §3: one network of 1200-1200 units, images shifted by up to two pixels.
_LARGE_NETWORK = {
    "members": 1,
    "hidden": (1200, 1200),
    "dropout": 0.4,
    "epochs": 60,
    "optimizer": "sgd",
    "lr": 0.05,
    "jitter": 2,
}


@dataclass(frozen=True, eq=False)
class Teacher:
    """A cumbersome model, known by its logits on a dataset: an ensemble, or a network of yours.

    Args:
        name: The dataset that it was trained on.
        train_logits: (N, C) float32, in the order of the dataset's training split.
        test_logits: (M, C) float32, in the order of its test split.
        accuracy: On the labelled examples of the test split, in [0, 1]; NaN without any.
        members: How many networks the ensemble has.
        sizes: Units of each layer of one multilayer perceptron, from inputs to classes.
        recipe: How it was trained, versions included (JSON types).
        network: The network itself, if it is one of yours.
    """

    name: str
    train_logits: np.ndarray
    test_logits: np.ndarray
    accuracy: float
    members: int
    sizes: tuple[int, ...]
    recipe: dict[str, Any]
    network: nn.Module | None = None

    @classmethod
    def of(cls, network: nn.Module, dataset: Dataset) -> Teacher:
        """Make a teacher of a network of your own, already trained; it is left as it was.

        Args:
            network: Maps inputs as `dataset` has them to logits (N, C).
            dataset: What it knows. Its test labels measure the accuracy.

        Raises:
            ValueError: If what the network returns are not finite logits for these classes.
        """
        from kdviz.models import teacher_logits

        train, test = (
            teacher_logits(network, split.inputs, classes=len(dataset.classes))
            for split in (dataset.train, dataset.test)
        )
        accuracy = _accuracy(test, dataset)
        return cls(dataset.name, train, test, accuracy, 1, (), {"network": repr(network)}, network)

    @property
    def about(self) -> dict[str, Any]:
        """What it is, in JSON types: members, sizes, and accuracy, None if not known."""
        known = None if math.isnan(self.accuracy) else self.accuracy
        return {"members": self.members, "sizes": list(self.sizes), "accuracy": known}

    def build(self) -> nn.Module:
        """Return a network of this architecture, to measure what it costs: untrained, or yours."""
        from kdviz.models import Ensemble, mlp

        if self.network is not None:
            return self.network
        inputs, *hidden, classes = self.sizes
        return Ensemble([mlp(inputs, hidden, classes) for _ in range(self.members)]).eval()

    def save(self, path: str | Path) -> None:
        """Write a .npz file: the logits in half precision if they are many, the rest as JSON.

        Raises:
            ValueError: If it is a network of yours, which no such file can hold.
        """
        if self.network is not None:
            raise ValueError(
                "network must be an ensemble that kdviz trained, to be saved in its format; save "
                "yours with torch.save, and its logits with numpy.save"
            )
        extra = {
            "name": self.name,
            "accuracy": self.accuracy,
            "members": self.members,
            "sizes": list(self.sizes),
            "recipe": self.recipe,
        }
        kind = np.float16 if len(self.train_logits) > _MANY else np.float32
        container.save(path, {name: getattr(self, name).astype(kind) for name in _LOGITS}, extra)

    @classmethod
    def load(cls, path: str | Path) -> Teacher:
        """Read what `save` wrote.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If the file is damaged, is no teacher, or is of another format.
        """
        return container.load(path, "teacher", cls._of)

    @classmethod
    def _of(cls, arrays: container.Arrays, extra: dict[str, Any]) -> Teacher:
        logits = {name: arrays[name].astype(np.float32) for name in _LOGITS}
        return cls(**logits, **extra | {"sizes": tuple(extra["sizes"])})


def load_teacher(name: str) -> Teacher:
    """Load the teacher that comes with kdviz; its logits are ready, no training needed.

    Raises:
        ValueError: If there is no such teacher.

    Example:
        >>> load_teacher("digits").test_logits.shape
        (797, 10)
    """
    if name not in TEACHERS:
        raise ValueError(
            f"name must be one of {', '.join(TEACHERS)}, got {name!r}; "
            f"train_ensemble trains a teacher on any dataset"
        )
    with as_file(files("kdviz") / "assets" / f"{name}_teacher.npz") as path:
        return Teacher.load(path)


def load_small_teacher(name: str) -> bytes:
    """Load a teacher small enough for a page: a .safetensors file of a network's weights.

    It was distilled from the teacher that comes with kdviz, and answers for images that have no
    logits yet. Weights are in half precision, by their names in `kdviz.mlp`; the metadata tell
    its `accuracy` on test, and `mnist_accuracy` on other people's digits.

    Raises:
        ValueError: If there is no such teacher.

    Example:
        >>> from safetensors.numpy import load
        >>> load(load_small_teacher("digits"))["1.weight"].shape
        (128, 64)
    """
    if name not in SMALL_TEACHERS:
        raise ValueError(f"name must be one of {', '.join(SMALL_TEACHERS)}, got {name!r}")
    return (files("kdviz") / "assets" / f"{name}_small_teacher.safetensors").read_bytes()


def load_student_logits(name: str) -> np.ndarray:
    """Load the logits of a half-taught student, to weigh its loss: (M, C) float32, on test.

    It has 32 units and was stopped at a third of its training on labels alone.

    Raises:
        ValueError: If there is no such student.

    Example:
        >>> load_student_logits("digits").shape
        (797, 10)
    """
    if name not in STUDENTS:
        raise ValueError(f"name must be one of {', '.join(STUDENTS)}, got {name!r}")
    with as_file(files("kdviz") / "assets" / f"{name}_student.npz") as path:
        return container.load(path, "student", lambda arrays, _: arrays["test_logits"])


def load_pictures() -> dict[str, Any]:
    """Load 16 test images of MNIST that a person can read, and what its teacher says of each.

    `scripts/build_pictures.py` says by which rule they were chosen, and whose they are.

    Returns:
        By the names that a `Lab` has for them: `images`, uint8 (16, 28, 28), `labels` and
        `logits`, int32 (16,) and float32 (16, C), as little-endian bytes; `classes`, `image_shape`.

    Example:
        >>> load_pictures()["image_shape"]
        [28, 28]
    """
    with as_file(files("kdviz") / "assets" / "pictures.npz") as path:
        return container.load(path, "set of pictures", _pictures)


def _pictures(arrays: container.Arrays, extra: dict[str, Any]) -> dict[str, Any]:
    kinds = {"images": np.uint8, "labels": "<i4", "logits": "<f4"}
    return {name: arrays[name].astype(kind).tobytes() for name, kind in kinds.items()} | {
        "classes": extra["classes"],
        "image_shape": list(arrays["images"].shape[1:]),
    }


def train_ensemble(dataset: Dataset, *, seed: int = 0, **settings: Any) -> Run:
    """Train an ensemble as one cohort: equal networks that differ by their seed, as in §4.

    Dropout, and small shifts of images, keep the members from overfitting. What is not set is as
    for the teacher that comes with kdviz: on "mnist" one network of 1200-1200 units, on any other
    dataset twelve of 256-256. What is not an image is not moved.

    Args:
        dataset: What to learn; all of its labels are used.
        seed: Of the first member; the others count on from it.
        **settings: `members`; `hidden`, units of each hidden layer; `dropout`, the share of them
            left out at random, in [0, 1); and what `kdviz.train` takes.

    Returns:
        A run to iterate over for records; `ensemble_teacher` makes a teacher of it at any moment.

    Raises:
        ValueError: If an argument is out of range.
    """
    from kdviz.models import mlp
    from kdviz.training.cohort import train
    from kdviz.training.recipe import MOST_SEED

    large = dataset.name == "mnist" and is_built_in(dataset)
    defaults = dict(_LARGE_NETWORK if large else _ENSEMBLE)
    if not dataset.train.holds_images:
        defaults |= {"jitter": 0, "affine": 0}
    settings = defaults | settings
    members, hidden, dropout = (settings.pop(name) for name in ("members", "hidden", "dropout"))
    whole("members", members, 1)
    whole("seed", seed, 0, MOST_SEED - members)
    inputs = int(np.prod(dataset.train.inputs.shape[1:]))
    return train(
        partial(mlp, inputs, tuple(hidden), len(dataset.classes), dropout=dropout),
        TransferSet(dataset.train),
        seeds=range(seed, seed + members),
        soft_weight=0.0,
        test=dataset.test,
        batch_seed=seed,
        **settings,
    )


def ensemble_teacher(run: Run, dataset: Dataset) -> Teacher:
    """Make a teacher of a run of `train_ensemble`, finished or stopped.

    Its logits are the mean of the members' logits, so its soft targets are the geometric mean
    of the members' distributions; the paper allows this and the arithmetic mean (§2). Members
    that diverged are left out.

    Raises:
        ValueError: If every member diverged.
    """
    lost = run.history.diverged
    kept = [m for m in range(len(run.cohort)) if m not in lost]
    if not kept:
        raise ValueError("run must have a member that did not diverge; try a lower lr")
    train_logits, test_logits = (
        run.cohort.logits(split.inputs)[kept].mean(0, dtype=np.float64).astype(np.float32)
        for split in (dataset.train, dataset.test)
    )
    trained = int(run.history.steps[-1]) if len(run.history) else 0
    weights = [p for p in run.cohort.member(kept[0]).parameters() if p.ndim == 2]
    return Teacher(
        name=dataset.name,
        train_logits=train_logits,
        test_logits=test_logits,
        accuracy=_accuracy(test_logits, dataset),
        members=len(kept),
        sizes=(weights[0].shape[1], *(len(weight) for weight in weights)),
        recipe=run.history.recipe | {"trained_steps": trained, "combined": "mean of logits"},
    )


def _accuracy(test_logits: np.ndarray, dataset: Dataset) -> float:
    known = dataset.test.labels >= 0
    right = (test_logits.argmax(-1) == dataset.test.labels)[known]
    return float(right.mean()) if known.any() else math.nan
