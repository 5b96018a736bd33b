"""The three stories that a learner can train: who is taught what, and what came of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from kdviz.data import Dataset, TransferSet
from kdviz.evaluation.compare import Comparison, compare

if TYPE_CHECKING:  # sessions are set up without torch
    from kdviz.shrink import Cost

STORIES = ("unseen", "few-labels", "all-labels")
FEW = 50  # labelled images in "few-labels"


@dataclass(frozen=True)
class Settings:
    """What the learner had set when training began.

    Args:
        story: One of `STORIES`.
        omitted: Class left out of the transfer set, in "unseen".
        width: Units in the one hidden layer.
        temperature: T of the soft targets.
        soft_weight: Share of the soft targets in the students' loss, in [0, 1].
        seeds: Pairs of a student and its baseline.
        prediction: Before training; percent of the omitted class recognized in "unseen", points
            of accuracy gained in the others. None if the learner did not say.
    """

    story: str
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
    if settings.story == "unseen":
        left = whole.without_classes(settings.omitted)
        return [left] * settings.seeds, [left] * settings.seeds
    if settings.story == "few-labels":
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
    def sentence(self) -> str:
        """Say the comparison in words."""
        if (self.labels < 0).all():
            return "Nothing to compare: no test example has a label."
        return self.comparison.sentence()

    @property
    def by_class(self) -> np.ndarray:
        """(2, C): mean recall of students and of baselines, NaN if all of them diverged."""
        groups = self.recall.reshape(2, self.settings.seeds, -1)
        return np.stack([mean_of_finite(group) for group in groups])

    @property
    def found(self) -> float:
        """What the learner was asked to predict: percent recognized, or points gained."""
        if self.settings.story == "unseen":
            return 100 * float(self.by_class[0, self.settings.omitted])
        return 100 * self.comparison.difference

    def beside_prediction(self) -> str:
        """Put the outcome beside the prediction, in a sentence."""
        settings, found = self.settings, self.found
        if not math.isfinite(found):
            return "So nothing can be held against your prediction."
        if settings.story == "unseen":
            name = self.classes[settings.omitted]
            asked, was = f"{{}}% of the {name}s", f"{found:.0f}%"
            known = f"The students recognize {was} of the {name}s."
        else:
            asked, was = "a gain of {} points", _number(round(found, self.comparison.decimals))
            known = f"Soft targets gained {was} points."
        if settings.prediction is None:
            return f"{known} You made no prediction: make one for the next run."
        return f"You predicted {asked.format(_number(settings.prediction))}; it was {was}."

    def next_step(self) -> str:
        """Say what to look at next."""
        settings, verdict = self.settings, self.comparison.verdict
        if settings.soft_weight == 0:
            return "At soft weight 0 the students see no soft targets: raise it."
        if settings.story == "unseen":
            name = self.classes[settings.omitted]
            return f"Raise the bias of class {name} and see how many more they knew."
        if verdict == "better":
            return "Would a smaller student gain more? Change the width."
        return "It does not always win. Try another temperature, width or story: when does it?"


def mean_of_finite(values: np.ndarray) -> np.ndarray:
    """Average over the first axis, leaving NaN out; NaN where nothing is left."""
    count = np.isfinite(values).sum(0)
    total = np.where(np.isfinite(values), values, 0).sum(0)
    return np.where(count, total / np.maximum(count, 1), np.nan)


def name_diverged(diverged: tuple[int, ...], seeds: int) -> str:
    """Name the members that diverged; empty if none did."""
    if not diverged:
        return ""
    names = [f"{'student' if i < seeds else 'baseline'} {i % seeds + 1}" for i in diverged]
    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return (
        f"Diverged, as the loss was no longer a finite number: {listed}. The others went on. "
        "A lower learning rate helps."
    )


def _number(value: float) -> str:
    return f"{value + 0.0:g}".replace("-", "−")
