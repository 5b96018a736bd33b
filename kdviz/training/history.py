"""What a run recorded, and its exact recipe; saved and loaded without pickle."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kdviz.data import container

_ARRAYS = ("steps", "epochs", "seconds", "loss", "accuracy")


@dataclass(frozen=True, eq=False)
class Record:
    """What a cohort of S members had reached at one step.

    Args:
        step: Mini-batches taken so far, of `steps` in all.
        epoch: Passes over the transfer set so far.
        seconds: Since training began, without the time its reader took.
        loss: (S,) mean training loss since the last record, in nats.
        accuracy: (S,) on the test examples, in [0, 1]; NaN without any, or once diverged.
        diverged: Numbers of the members whose loss is no longer finite.
        notice: What the reader should know, such as a lack of memory; usually empty.
    """

    step: int
    steps: int
    epoch: float
    seconds: float
    loss: np.ndarray
    accuracy: np.ndarray
    diverged: tuple[int, ...] = ()
    notice: str = ""


@dataclass(eq=False)
class History:
    """The records of a run, as arrays over R records and S members, and its recipe.

    Args:
        recipe: Everything needed to repeat the run, versions and device included (JSON types).
        records: In the order in which they came.
    """

    recipe: dict[str, Any]
    records: list[Record] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.records)

    @property
    def steps(self) -> np.ndarray:
        """(R,) int64: the step of each record."""
        return np.array([record.step for record in self.records], dtype=np.int64)

    @property
    def epochs(self) -> np.ndarray:
        """(R,) float64: passes over the transfer set at each record."""
        return np.array([record.epoch for record in self.records], dtype=np.float64)

    @property
    def seconds(self) -> np.ndarray:
        """(R,) float64: training time up to each record."""
        return np.array([record.seconds for record in self.records], dtype=np.float64)

    @property
    def loss(self) -> np.ndarray:
        """(R, S) float64: training losses in nats."""
        return self._stack("loss")

    @property
    def accuracy(self) -> np.ndarray:
        """(R, S) float64: test accuracies in [0, 1]."""
        return self._stack("accuracy")

    @property
    def diverged(self) -> tuple[int, ...]:
        """Numbers of the members that diverged."""
        return self.records[-1].diverged if self.records else ()

    @property
    def finished(self) -> bool:
        """Whether the run came to its last step."""
        return bool(self.records) and self.records[-1].step == self.records[-1].steps

    def _stack(self, name: str) -> np.ndarray:
        members = len(self.recipe["seeds"])
        rows = [getattr(record, name) for record in self.records]
        return np.array(rows, dtype=np.float64).reshape(len(rows), members)

    def save(self, path: str | Path) -> None:
        """Write a .npz file: arrays, and the rest as JSON text."""
        extra = {
            "recipe": self.recipe,
            "total": self.records[-1].steps if self.records else 0,
            "diverged": [list(record.diverged) for record in self.records],
            "notices": [record.notice for record in self.records],
        }
        container.save(path, {name: getattr(self, name) for name in _ARRAYS}, extra)

    @classmethod
    def load(cls, path: str | Path) -> History:
        """Read what `save` wrote.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If the file is damaged, is no history, or is of another format.
        """
        return container.load(path, "history", cls._of)

    @classmethod
    def _of(cls, arrays: container.Arrays, extra: dict[str, Any]) -> History:
        rows = zip(
            *(arrays[name] for name in _ARRAYS), extra["diverged"], extra["notices"], strict=True
        )
        records = [
            Record(
                int(step), extra["total"], float(epoch), float(seconds), loss, accuracy,
                tuple(diverged), notice,
            )
            for step, epoch, seconds, loss, accuracy, diverged, notice in rows
        ]  # fmt: skip
        return cls(extra["recipe"], records)
