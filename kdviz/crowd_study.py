"""Generalists of several seeds, what they confuse, and what specialists make of it (§5)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch

from kdviz._text import CHARACTERS, character_codes
from kdviz.cohort import Run, train
from kdviz.combine import combine_specialists
from kdviz.crowd import train_specialists
from kdviz.data import TransferSet, load_dataset
from kdviz.models import mlp
from kdviz.scores import accuracy, conditional_accuracy
from kdviz.specialists import class_clusters, prediction_covariance, random_clusters

if TYPE_CHECKING:
    from kdviz.crowding import Plan

TOPS = (1, 2, 3)
RECORDS = 15  # of each seed's curves
_EACH = 20  # examples of each kind for the page
_NAMES = {" ": "␣", "\n": "↵"}


@dataclass(frozen=True, eq=False)
class Trained:
    """What specialists changed, for S seeds; accuracies in [0, 1] on the test examples.

    Args:
        clusters: The special classes of the M specialists.
        before: (S,) accuracy of the generalists.
        after: By n, the generalist's classes that are asked about: (S,) with specialists.
        conditional_before: (S,) accuracy given the special classes.
        conditional: By n: (S,) the same with specialists.
        examples: (K,) numbers of test examples worth a look, of the first seed.
        kinds: (K,) what specialists changed there, for n = 1: "right", "wrong" or "same".
        generalist: (K, C) float64 probabilities.
        specialists: (M, K, W + 1) float64, dustbin last and corrected.
    """

    clusters: tuple[tuple[int, ...], ...]
    before: np.ndarray
    after: dict[int, np.ndarray]
    conditional_before: np.ndarray
    conditional: dict[int, np.ndarray]
    examples: np.ndarray
    kinds: list[str]
    generalist: np.ndarray
    specialists: np.ndarray


class Study:
    """A dataset and S generalists, trained as one cohort.

    Args:
        data: Name of the dataset.
        plan: What suits it.
        seeds: S.
    """

    def __init__(self, data: str, plan: Plan, seeds: int) -> None:
        self.dataset, self.plan, self.seeds = load_dataset(data), plan, seeds
        self.outcome: Trained | None = None
        self.names = [_NAMES.get(name, name) for name in self.dataset.classes]

    def train(self) -> Run:
        """Return the run of the generalists, to be iterated."""
        train_split = self.dataset.train
        inputs, classes = math.prod(train_split.inputs.shape[1:]), len(self.dataset.classes)
        self._run = train(
            partial(mlp, inputs, (self.plan.width,), classes), TransferSet(train_split),
            soft_weight=0, seeds=range(self.seeds), epochs=self.plan.epochs,
        )  # fmt: skip
        return self._run

    def finish(self) -> None:
        """Take down what the trained generalists predict; the first shows what it confuses."""
        splits = self.dataset.train, self.dataset.test
        on_train, on_test = (torch.from_numpy(self._run.cohort.logits(s.inputs)) for s in splits)
        self._predictions = on_train[0].double().softmax(1)
        self._before = on_test.double().softmax(2)
        labels = self.dataset.test.labels
        self.accuracy = np.array([accuracy(p, labels) for p in self._before])
        self.covariance = prediction_covariance(self._predictions)
        self.correlation = prediction_covariance(self._predictions, correlation=True)
        named = self._before[0].argmax(1).numpy()
        self.confusion = np.zeros_like(self.covariance)  # row: true class; column: the answer
        np.add.at(self.confusion, (labels, named), 1)

    @property
    def most(self) -> int:
        """Count the classes that are ever predicted in their own way."""
        return len(np.unique(self.correlation.round(12), axis=1).T)

    def kmeans(self, count: int, correlation: bool) -> tuple[tuple[int, ...], ...]:
        """Cluster the classes that the first generalist confuses."""
        return class_clusters(self._predictions, count, correlation=correlation)

    def shuffled(self, clusters: Sequence, seed: int) -> tuple[tuple[int, ...], ...]:
        """Shuffle the classes of clusters, which keep their sizes."""
        shuffled = random_clusters(clusters, len(self.dataset.classes), seed=seed)
        return tuple(sorted(shuffled))

    def specialists(
        self, clusters: tuple[tuple[int, ...], ...], lr: float
    ) -> Iterator[tuple[float, np.ndarray]]:
        """Train M specialists as one cohort for each generalist; `outcome` then holds the result.

        Yields:
            The share of the work done, and curves as in `CrowdProgress`.
        """
        known = set(self.dataset.train.labels.tolist())
        clusters = tuple(c for c in clusters if known.intersection(c))
        every = max(1, self.plan.steps // RECORDS)
        most = self.plan.steps // every + 3  # the start, the first step and the last besides
        gained = np.full((self.seeds, most, 1 + len(clusters)), np.nan)
        # The first column is for all of them, each by its number of test examples.
        sizes = [np.isin(self.dataset.test.labels, special).sum() for special in clusters]
        steps = np.zeros(most)
        after, conditional = ({n: np.zeros(self.seeds) for n in TOPS} for _ in range(2))
        for seed in range(self.seeds):
            crowd = train_specialists(
                self._run.cohort.member(seed), TransferSet(self.dataset.train), clusters,
                test=self.dataset.test, seed=seed, steps=self.plan.steps, lr=lr,
                record_every=every,
            )  # fmt: skip
            start = self._alone(seed, clusters)
            gained[seed, 0] = 0
            for number, record in enumerate(crowd, 1):
                steps[number] = record.step
                change = 100 * (record.accuracy - start)
                gained[seed, number] = [np.average(np.nan_to_num(change), weights=sizes), *change]
                share = (seed + record.step / record.steps) / self.seeds
                # The last word comes when all is measured.
                yield min(share, 0.99), _mean_curves(steps, gained)
            self._measure(crowd, seed, after, conditional)
            if seed == 0:
                pictures = self._pick(crowd)
        before = [conditional_accuracy(p, self.dataset.test.labels, clusters) for p in self._before]
        self.outcome = Trained(
            clusters, self.accuracy, after, np.array(before), conditional, *pictures
        )
        yield 1.0, _mean_curves(steps, gained)

    def _alone(self, seed: int, clusters: Sequence) -> np.ndarray:
        """Measure the generalist as its specialists are: among each one's classes."""
        labels, p = self.dataset.test.labels, self._before[seed]
        return np.array([conditional_accuracy(p, labels, [special]) for special in clusters])

    def _measure(self, crowd, seed: int, after: dict, conditional: dict) -> None:
        labels, ask = self.dataset.test.labels, crowd.asker(self.dataset.test.inputs)
        for n in TOPS:
            top = min(n, len(self.names))
            p = combine_specialists(self._before[seed], ask, crowd.special_classes, top=top)
            after[n][seed] = accuracy(p, labels)
            conditional[n][seed] = conditional_accuracy(p, labels, crowd.special_classes)

    def _pick(self, crowd) -> tuple[np.ndarray, list[str], np.ndarray, np.ndarray]:
        """Pick examples that the first seed's specialists put right, put wrong, or leave."""
        test, before = self.dataset.test, self._before[0]
        after = combine_specialists(before, crowd.asker(test.inputs), crowd.special_classes)
        was, now = (p.argmax(1).numpy() == test.labels for p in (before, after))
        moved = (after - before).abs().sum(1).numpy()
        groups = {"right": ~was & now, "wrong": was & ~now, "same": was == now}
        examples, kinds = [], []
        for kind, chosen in groups.items():
            rows = np.flatnonzero(chosen)
            rows = rows[np.argsort(-moved[rows], kind="stable")][:_EACH]
            examples, kinds = [*examples, *rows.tolist()], kinds + [kind] * len(rows)
        told = crowd.probabilities(test.inputs[examples]).double().numpy()
        told /= told.sum(2, keepdims=True)
        return np.array(examples), kinds, before[examples].numpy(), told

    def describe(self, example: int) -> dict:
        """Tell the page what a test example is: its pixels, its text, or neither."""
        split = self.dataset.test
        label, values = int(split.labels[example]), split.inputs[example]
        found = {"number": example, "label": label}
        if self.dataset.name == "python-docs":
            codes = values @ character_codes().T
            found["text"] = "".join(CHARACTERS[c] for c in codes.argmax(1))
        elif values.ndim == 2:
            found["pixels"] = np.round(values * 255).astype(int).tolist()
        return found


def _mean_curves(steps: np.ndarray, gained: np.ndarray) -> np.ndarray:
    """Average (S, R, M) over the seeds that got so far; leave out what none has reached."""
    reached = np.isfinite(gained).any((0, 2))
    some = gained[:, reached]
    count = np.isfinite(some).sum(0)
    mean = np.nansum(some, 0) / np.where(count, count, np.nan)
    return np.column_stack([steps[reached], np.nan_to_num(mean)])
