"""The three scenarios that a learner can train: who is taught what, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial, reduce
from typing import TYPE_CHECKING

import numpy as np

from kdviz.data.catalog import Dataset, TransferSet
from kdviz.evaluation.compare import Comparison, compare
from kdviz.words import Said

if TYPE_CHECKING:  # sessions are set up without torch
    from kdviz.evaluation.cost import Cost

SCENARIOS = ("unseen", "few-labels", "all-labels")
FEW = 50  # labelled images in "few-labels"


@dataclass(frozen=True)
class Settings:
    """What the learner had set when training began.

    Args:
        scenario: One of `SCENARIOS`.
        omitted: Class left out of the transfer set, in "unseen".
        width: Units in the one hidden layer.
        temperature: T of the soft targets.
        soft_weight: Share of the soft targets in the students' loss, in [0, 1].
        seeds: Pairs of a student and its baseline.
        prediction: Before training; percent of the omitted class recognized in "unseen", points
            of accuracy gained in the others. None if the learner did not say.
    """

    scenario: str
    omitted: int
    width: int
    temperature: float
    soft_weight: float
    seeds: int
    prediction: float | None


def transfer_sets(settings: Settings, dataset: Dataset) -> tuple[list, list]:
    """Choose what each student and each baseline trains on: two lists, one set per seed.

    - "unseen": both without a single example of the omitted class.
    - "few-labels": the whole training split with 50 labels, other ones for each seed; baselines
      get only the 50 labelled images.
    - "all-labels": everything for both.
    """
    whole = TransferSet(dataset.train)
    if settings.scenario == "unseen":
        left = whole.without_classes(settings.omitted)
        return [left] * settings.seeds, [left] * settings.seeds
    if settings.scenario == "few-labels":
        few = [whole.keep_labels(FEW, seed) for seed in range(settings.seeds)]
        return few, [one.labelled() for one in few]
    return [whole] * settings.seeds, [whole] * settings.seeds


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a finished run: first all students, then their baselines, S of each.

    Args:
        settings: What it was trained with.
        classes: Names of the C classes.
        labels: (N,) of the test examples; those that are -1 count nowhere.
        logits: (2S, N, C) of every member on the test examples.
        diverged: Numbers of the members that diverged, in 0 to 2S - 1.
        costs: What the teacher and one student need to run.
    """

    settings: Settings
    classes: tuple[str, ...]
    labels: np.ndarray
    logits: np.ndarray
    diverged: tuple[int, ...] = ()
    costs: tuple[Cost, Cost] | None = None
    recall: np.ndarray = field(init=False)  # (2S, C): share of each class recognized, in [0, 1]
    accuracy: np.ndarray = field(init=False)  # (2S,): NaN for members that diverged

    def __post_init__(self) -> None:
        right = (self.logits.argmax(-1) == self.labels).astype(np.float64)
        right[:, self.labels < 0] = np.nan
        right[list(self.diverged)] = np.nan
        recall = [mean_of_finite(right[:, self.labels == c].T) for c in range(len(self.classes))]
        object.__setattr__(self, "recall", np.stack(recall, axis=1))
        object.__setattr__(self, "accuracy", mean_of_finite(right.T))

    @property
    def comparison(self) -> Comparison:
        """Students against their own baselines, over all test examples."""
        seeds = self.settings.seeds
        return compare(self.accuracy[:seeds], self.accuracy[seeds:])

    @property
    def by_class(self) -> np.ndarray:
        """(2, C): mean recall of students and of baselines, NaN if all of them diverged."""
        groups = self.recall.reshape(2, self.settings.seeds, -1)
        return np.stack([mean_of_finite(group) for group in groups])

    @property
    def found(self) -> float:
        """What the learner was asked to predict: percent recognized, or points gained."""
        if self.settings.scenario == "unseen":
            return 100 * float(self.by_class[0, self.settings.omitted])
        return 100 * self.comparison.difference


def mean_of_finite(values: np.ndarray) -> np.ndarray:
    """Average over the first axis, leaving NaN out; NaN where nothing is left."""
    count = np.isfinite(values).sum(0)
    total = np.where(np.isfinite(values), values, 0).sum(0)
    return np.where(count, total / np.maximum(count, 1), np.nan)


def name_diverged(diverged: tuple[int, ...], seeds: int) -> str:
    """Name the members that diverged; empty if none did."""
    if not diverged:
        return ""
    *names, last = (_name(member, seeds) for member in diverged)
    return Said(
        "Diverged, as the loss was no longer a finite number: {}. The others went on. A lower "
        "learning rate helps.",
        Said("{} and {}", reduce(partial(Said, "{}, {}"), names), last) if names else last,
    )


def _name(member: int, seeds: int) -> Said:
    """Name a student or its baseline; without students, one of a teacher's networks."""
    if not seeds:
        return Said("network {}", member + 1)
    if member < seeds:
        return Said("student {}", member + 1)
    return Said("baseline {}", member - seeds + 1)
