"""Grids of students: which points there are, what each one trains on, which train together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from itertools import pairwise, product

import numpy as np

from kdviz.checks import number, whole
from kdviz.data.catalog import DATASETS, Split, TransferSet

AXES = {  # what an axis that is not named has, and what its values must be
    "width": ((32,), partial(whole, low=1)),
    "temperature": ((4.0,), partial(number, low=0, above=True)),
    "soft_weight": ((0.0, 1.0), partial(number, low=0, high=1)),
    "label_fraction": ((1.0,), partial(number, low=0, high=1)),
    "seed": ((0, 1, 2), partial(whole, low=0)),
}


@dataclass(frozen=True)
class Point:
    """One student of a grid.

    Args:
        width: Units of each hidden layer.
        temperature: Of the soft targets; None for a student that learns from labels alone.
        soft_weight: Share of the soft targets in the loss, in [0, 1].
        label_fraction: Share of the examples whose label the student sees, in [0, 1].
        seed: Of the initial weights, and of which labels are kept.
    """

    width: int
    temperature: float | None
    soft_weight: float
    label_fraction: float
    seed: int


@dataclass(frozen=True, eq=False)
class Grid:
    """Every combination of the axes' values, and the settings that all students share.

    Students that would be the same are trained once: a baseline (soft weight 0) serves every
    temperature; one taught by soft targets alone (soft weight 1) serves every label fraction,
    unless `drop_unlabelled`. Every student takes the same number of steps. Students of equal
    seed keep the same labels; those with no use for unlabelled examples are not given any.

    Args:
        axes: Values of "width", "temperature", "soft_weight", "label_fraction" and "seed"; those
            not named take 32; 4; 0 and 1; 1; 0, 1 and 2.
        dataset: A name that `kdviz.load_dataset` knows.
        layers: Hidden layers of a student.
        epochs: Passes over the transfer set.
        without_classes: Classes left out of the transfer set.
        only_classes: Classes that the transfer set is cut down to.
        drop_unlabelled: Leave out examples without a label for everybody, as in §6.

    Raises:
        ValueError: If an axis or a value is wrong, or settings contradict each other.
    """

    axes: Mapping[str, Sequence[float]] = field(default_factory=dict)
    dataset: str = "digits"
    layers: int = 1
    epochs: float = 20
    batch_size: int = 128
    optimizer: str = "adam"
    lr: float | None = None
    jitter: float = 0
    batch_seed: int = 0
    without_classes: tuple[int, ...] = ()
    only_classes: tuple[int, ...] = ()
    drop_unlabelled: bool = False

    def __post_init__(self) -> None:
        for name in self.axes:
            if name not in AXES:
                raise ValueError(f"axes must be among {', '.join(AXES)}, got {name!r}")
        axes = {name: _values(name, self.axes.get(name, AXES[name][0])) for name in AXES}
        object.__setattr__(self, "axes", axes)
        for name in ("without_classes", "only_classes"):
            object.__setattr__(self, name, tuple(int(c) for c in getattr(self, name)))
        if self.dataset not in DATASETS:
            raise ValueError(f"dataset must be one of {', '.join(DATASETS)}, got {self.dataset!r}")
        for name in ("layers", "batch_size"):
            whole(name, getattr(self, name), 1)
        number("epochs", self.epochs, 0, above=True)
        self._check_contradictions()

    def points(self) -> tuple[Point, ...]:
        """List the students, each once, one seed after the other."""
        seeds, rest = self.axes["seed"], [name for name in AXES if name != "seed"]
        cells = list(product(*(self.axes[name] for name in rest)))
        all_points = (
            self.point(**dict(zip(rest, cell, strict=True)), seed=seed)
            for seed in seeds
            for cell in cells
        )
        return tuple(dict.fromkeys(all_points))

    def point(
        self,
        width: int,
        temperature: float | None,
        soft_weight: float,
        label_fraction: float,
        seed: int,
    ) -> Point:
        """Find the student at these coordinates, without what makes no difference to it."""
        if soft_weight == 0:
            temperature = None
        if soft_weight == 1 and not self.drop_unlabelled:
            label_fraction = 0.0
        return Point(width, temperature, soft_weight, label_fraction, seed)

    def examples(self, split: Split) -> TransferSet:
        """Choose the examples of the transfer set, all labelled."""
        chosen = TransferSet(split)
        if self.without_classes:
            chosen = chosen.without_classes(*self.without_classes)
        return chosen.only_classes(*self.only_classes) if self.only_classes else chosen

    def transfer_set(self, point: Point, split: Split) -> TransferSet:
        """Choose what a student trains on."""
        chosen = self.examples(split)
        # With soft weight 1 labels don't count: hiding none lets members share them.
        alone = point.soft_weight == 1 and not self.drop_unlabelled
        if point.label_fraction == 1 or alone:
            return chosen
        if point.label_fraction == 0:
            return chosen.unlabelled()
        kept = max(1, round(point.label_fraction * len(chosen)))
        few = chosen.keep_labels(kept, seed=point.seed)
        return few.labelled() if self.picks_examples(point) else few

    def picks_examples(self, point: Point) -> bool:
        """Whether a student has examples of its own, as it has no use for those unlabelled."""
        return 0 < point.label_fraction < 1 and (self.drop_unlabelled or point.soft_weight == 0)

    def steps(self, split: Split) -> int:
        """Count the mini-batches that every student takes."""
        return math.ceil(self.epochs * len(self.examples(split)) / self.batch_size)

    def settings(self) -> dict[str, object]:
        """Write down in JSON types what all students share."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "axes"}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in plain.items()}

    def cohorts(
        self,
        points: Sequence[Point],
        split: Split,
        classes: int,
        members_at_once: int,
        memory_gib: float,
    ) -> list[tuple[Point, ...]]:
        """Cut points into cohorts of one architecture that fit the memory.

        Students with examples of their own train apart, as sharing batches is faster.
        """
        groups: dict[tuple[int, bool], list[Point]] = {}
        for point in points:
            groups.setdefault((point.width, self.picks_examples(point)), []).append(point)
        cohorts = []
        for (width, own), group in groups.items():
            needed = self.member_bytes(width, own, math.prod(split.inputs.shape[1:]), classes)
            room = max(1, min(members_at_once, int(memory_gib * 2**30 / needed)))
            count = math.ceil(len(group) / room)
            bounds = [len(group) * i // count for i in range(count + 1)]
            cohorts += [tuple(group[a:b]) for a, b in pairwise(bounds)]
        return cohorts

    def member_bytes(self, width: int, own: bool, inputs: int, classes: int) -> int:
        """Estimate what a member adds: parameters, gradients, moments, and activations.

        A batch of 1,000 test examples passes through as well; no data is copied per member but
        the mini-batch of one that has examples of its own.
        """
        sizes = [inputs, *[width] * self.layers, classes]
        parameters = sum((a + 1) * b for a, b in pairwise(sizes))
        copies = 4 if self.optimizer == "adam" else 2
        batch = self.batch_size * (2 * sum(sizes[1:]) + 6 * classes + own * inputs)
        return 4 * (copies * parameters + max(batch, 1000 * sum(sizes[1:])))

    def _check_contradictions(self) -> None:
        weights, fractions = self.axes["soft_weight"], self.axes["label_fraction"]
        if self.without_classes and self.only_classes:
            raise ValueError("without_classes and only_classes contradict each other: give one")
        if 0 in fractions and (0 in weights or self.drop_unlabelled):
            reason = "drop_unlabelled" if self.drop_unlabelled else "soft_weight 0"
            raise ValueError(
                f"label_fraction 0 and {reason} contradict each other: nothing is left to learn "
                f"from; leave one of them out"
            )
        if weights == (0,) and len(self.axes["temperature"]) > 1:
            raise ValueError(
                "temperature has several values but soft_weight is only 0: students that learn "
                "from labels alone have no temperature; add a soft_weight above 0"
            )
        if weights == (1,) and len(fractions) > 1 and not self.drop_unlabelled:
            raise ValueError(
                "label_fraction has several values but soft_weight is only 1: soft targets alone "
                "use no label; add a soft_weight below 1, or set drop_unlabelled"
            )


def _values(name: str, given: Sequence[float]) -> tuple:
    if not isinstance(given, Sequence | np.ndarray | range) or isinstance(given, str):
        raise ValueError(f"{name} must be a list of values, got {given!r}")
    if not len(given):
        raise ValueError(f"{name} must have at least one value, got none")
    check = AXES[name][1]
    values = tuple(check(name, value) for value in given)
    for value in values:
        if values.count(value) > 1:
            raise ValueError(f"{name} must have values that differ, got {value} twice")
    return values
