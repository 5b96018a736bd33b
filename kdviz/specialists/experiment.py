"""Generalists of several seeds, what they confuse, and what specialists make of it (§5).

`run_experiment` does the whole; the panel takes its steps one by one, as a learner asks for them.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from kdviz.data.catalog import Plan, TransferSet, load_dataset
from kdviz.data.python_docs import CHARACTERS, character_codes
from kdviz.evaluation.compare import Comparison, compare
from kdviz.evaluation.metrics import accuracy, conditional_accuracy
from kdviz.models import mlp
from kdviz.specialists.clusters import class_clusters, prediction_covariance, random_clusters
from kdviz.specialists.combine import combine_specialists
from kdviz.specialists.plans import LR, PLANS
from kdviz.specialists.training import Specialists, train_specialists
from kdviz.training.cohort import Run, train
from kdviz.training.history import Record

TOPS = (1, 2, 3)
RECORDS = 15  # of each seed's curves
_EACH = 20  # examples of each kind for the page
_NAMES = {" ": "␣", "\n": "↵"}


def run_experiment(
    data: str, *, seeds: int = 5, plan: Plan | None = None, shuffles: int = 1
) -> tuple[Study, Trained, list[Trained]]:
    """Train generalists, specialists of K-means clusters, and of random ones of their sizes.

    Args:
        data: Name of the dataset.
        seeds: Generalists, each with specialists of its own.
        plan: Sizes and steps; unless given, those that the panel *Specialists* uses.
        shuffles: How many random clusterings.

    Returns:
        The study, what specialists of K-means clusters changed, and those of each shuffle.

    Raises:
        ValueError: If there is no plan for the data and none is given.
    """
    if plan is None and data not in PLANS:
        raise ValueError(f"data must be one of {', '.join(PLANS)}, or have a plan, got {data!r}")
    study = Study(data, plan or PLANS[data], seeds)
    for _ in study.train():
        pass
    found = study.kmeans(study.plan.clusters, study.plan.measure == "correlation")
    trained = []
    for clusters in (found, *(study.shuffled(found, s + 1) for s in range(shuffles))):
        for _ in study.specialists(clusters):
            pass
        trained.append(study.outcome)
    return study, trained[0], trained[1:]


@dataclass(frozen=True, eq=False)
class Trained:
    """What specialists changed, for S seeds; accuracies in [0, 1] on the test examples.

    Args:
        clusters: The special classes of the M specialists.
        before: (S,) accuracy of the generalists.
        longer: (S,) of the generalists trained on, for `longer_steps` more batches: as many as
            all specialists of one had.
        after: By n, the generalist's classes that are asked about: (S,) with specialists.
        conditional_before: (S,) accuracy given the special classes.
        conditional_longer: (S,) the same of the generalists trained on.
        conditional: By n: (S,) the same with specialists.
        parameters: Of one generalist, and of all its specialists.
        examples: (K,) numbers of test examples worth a look, of the first seed.
        kinds: (K,) what specialists changed there, for n = 1: "right", "wrong" or "same".
        generalist: (K, C) float64 probabilities.
        specialists: (M, K, W + 1) float64, dustbin last and corrected.
    """

    clusters: tuple[tuple[int, ...], ...]
    before: np.ndarray
    longer: np.ndarray
    longer_steps: int
    after: dict[int, np.ndarray]
    conditional_before: np.ndarray
    conditional_longer: np.ndarray
    conditional: dict[int, np.ndarray]
    parameters: tuple[int, int]
    examples: np.ndarray
    kinds: list[str]
    generalist: np.ndarray
    specialists: np.ndarray

    def comparisons(self, shuffles: Sequence[Trained] = (), top: int = 1) -> dict[str, Comparison]:
        """Compare test accuracies over seeds, with the generalist's `top` classes asked about.

        Returns:
            "generalist": with specialists against without; "longer": against the generalist
            trained on with as many examples; "random": against the mean of `shuffles`, if any.
        """
        against = {"generalist": self.before, "longer": self.longer}
        if shuffles:
            against["random"] = np.mean([each.after[top] for each in shuffles], 0)
        return {name: compare(self.after[top], base) for name, base in against.items()}


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
        self._longer = (0,)  # trained on: steps, (S,) accuracies, (S, N, C) on the test examples
        self.names = [_NAMES.get(name, name) for name in self.dataset.classes]

    def train(self) -> Iterator[Record]:
        """Train the generalists; after the last record what they predict is taken down."""
        train_split = self.dataset.train
        inputs, classes = math.prod(train_split.inputs.shape[1:]), len(self.dataset.classes)
        self._run = train(
            partial(mlp, inputs, (self.plan.width,), classes), TransferSet(train_split),
            soft_weight=0, seeds=range(self.seeds), epochs=self.plan.epochs,
        )  # fmt: skip
        yield from self._run
        self._take_down()

    def _take_down(self) -> None:
        """Keep what the trained generalists predict; the first shows what it confuses."""
        splits = self.dataset.train, self.dataset.test
        on_train, on_test = (torch.from_numpy(self._run.cohort.logits(s.inputs)) for s in splits)
        self._predictions = on_train[0].double().softmax(1)
        self.before = on_test.double().softmax(2)
        labels = self.dataset.test.labels
        self.accuracy = np.array([accuracy(p, labels) for p in self.before])
        self.covariance = prediction_covariance(self._predictions)
        self.correlation = prediction_covariance(self._predictions, correlation=True)
        named = self.before[0].argmax(1).numpy()
        self.confusion = np.zeros_like(self.covariance)  # row: true class; column: the answer
        np.add.at(self.confusion, (labels, named), 1)

    @property
    def most(self) -> int:
        """Count the classes that are ever predicted in their own way."""
        return len(np.unique(self.correlation.round(12), axis=1).T)

    def kmeans(self, count: int, correlation: bool) -> tuple[tuple[int, ...], ...]:
        """Cluster the classes that the first generalist confuses: `count`, if so many differ."""
        count = min(count, self.most)
        return class_clusters(self._predictions, count, correlation=correlation)

    def shuffled(self, clusters: Sequence, seed: int) -> tuple[tuple[int, ...], ...]:
        """Shuffle the classes of clusters, which keep their sizes."""
        shuffled = random_clusters(clusters, len(self.dataset.classes), seed=seed)
        return tuple(sorted(shuffled))

    def specialists(
        self, clusters: tuple[tuple[int, ...], ...]
    ) -> Iterator[tuple[str, float, np.ndarray]]:
        """Train M specialists as one cohort for each generalist, then the generalists longer.

        `outcome` then holds the result. A generalist is trained on with as many examples as all
        of its specialists had; that is done once for each M.

        Yields:
            What trains, the share of the work done, and (R, 2 + M) curves: step; points gained by
            all, by each.
        """
        known = set(self.dataset.train.labels.tolist())
        clusters = tuple(c for c in clusters if known.intersection(c))
        steps = self.plan.steps * len(clusters)
        half = 1 if self._longer[0] == steps else 0.5
        curves, told = _Curves(self, clusters), []
        for seed in range(self.seeds):
            specialists = train_specialists(
                self._run.cohort.member(seed), TransferSet(self.dataset.train), clusters,
                test=self.dataset.test, seed=seed, steps=self.plan.steps, lr=LR,
                record_every=curves.every,
            )  # fmt: skip
            curves.begin(seed)
            for record in specialists:
                curves.add(record)
                share = half * (seed + record.step / record.steps) / self.seeds
                # The last word comes when all is measured.
                yield "specialists", min(share, 0.99), curves.mean()
            told.append(self._measure(specialists, seed))
            if seed == 0:
                pictures = self._pick(specialists)
        if half < 1:
            for share in self._train_on(steps):
                yield "longer", min(half + half * share, 0.99), curves.mean()
        after, conditional = ({n: np.array([t[k][n] for t in told]) for n in TOPS} for k in (0, 1))
        parameters = _count(self._run) // self.seeds, _count(specialists.run)
        self.outcome = Trained(
            clusters, self.accuracy, self._longer[1], steps, after,
            self._given(self.before, clusters), self._given(self._longer[2], clusters),
            conditional, parameters, *pictures,
        )  # fmt: skip
        yield "longer", 1.0, curves.mean()

    def _train_on(self, steps: int) -> Iterator[float]:
        """Train the generalists for more steps, as one cohort; yields the share done."""
        run = train(
            [partial(copy.deepcopy, self._run.cohort.member(s)) for s in range(self.seeds)],
            TransferSet(self.dataset.train), soft_weight=0, seeds=range(self.seeds), steps=steps,
            lr=LR, record_every=max(1, steps // 100),
        )  # fmt: skip
        for record in run:
            yield record.step / record.steps
        told = torch.from_numpy(run.cohort.logits(self.dataset.test.inputs)).softmax(2)
        right = np.array([accuracy(p, self.dataset.test.labels) for p in told])
        self._longer = steps, right, told

    def _given(self, told: Sequence[torch.Tensor], clusters: Sequence) -> np.ndarray:
        """Measure (S,) accuracies given the special classes."""
        labels = self.dataset.test.labels
        return np.array([conditional_accuracy(p, labels, clusters) for p in told])

    def _measure(self, some: Specialists, seed: int) -> tuple[dict[int, float], ...]:
        """Measure by n what specialists make of a generalist: accuracy, plain and given."""
        labels, ask = self.dataset.test.labels, some.asker(self.dataset.test.inputs)
        after, conditional = {}, {}
        for n in TOPS:
            p = combine_specialists(self.before[seed], ask, some.special_classes, top=n)
            after[n] = accuracy(p, labels)
            conditional[n] = conditional_accuracy(p, labels, some.special_classes)
        return after, conditional

    def _pick(self, some: Specialists) -> tuple[np.ndarray, list[str], np.ndarray, np.ndarray]:
        """Pick examples that the first seed's specialists put right, put wrong, or leave."""
        test, before = self.dataset.test, self.before[0]
        after = combine_specialists(before, some.asker(test.inputs), some.special_classes)
        was, now = (p.argmax(1).numpy() == test.labels for p in (before, after))
        moved = (after - before).abs().sum(1).numpy()
        groups = {"right": ~was & now, "wrong": was & ~now, "same": was == now}
        examples, kinds = [], []
        for kind, chosen in groups.items():
            rows = np.flatnonzero(chosen)
            rows = rows[np.argsort(-moved[rows], kind="stable")][:_EACH]
            examples, kinds = [*examples, *rows.tolist()], kinds + [kind] * len(rows)
        told = some.probabilities(test.inputs[examples]).double().numpy()
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


class _Curves:
    """What M specialists gain over their generalists while they train, in points."""

    def __init__(self, study: Study, clusters: Sequence) -> None:
        self._study, self._clusters = study, clusters
        self.every = max(1, study.plan.steps // RECORDS)
        most = study.plan.steps // self.every + 3  # the start, the first step and the last besides
        self._gained = np.full((study.seeds, most, 1 + len(clusters)), np.nan)
        self._steps = np.zeros(most)
        # The first column is for all of them, each by its number of test examples.
        labels = study.dataset.test.labels
        self._sizes = [np.isin(labels, special).sum() for special in clusters]

    def begin(self, seed: int) -> None:
        """Start from a generalist, measured as its specialists are: among each one's classes."""
        told = [self._study.before[seed]]
        self._start = np.array([self._study._given(told, [c])[0] for c in self._clusters])
        self._now, self._number = self._gained[seed], 0
        self._now[0] = 0

    def add(self, record: Record) -> None:
        """Take down a record."""
        self._number += 1
        self._steps[self._number] = record.step
        change = 100 * (record.accuracy - self._start)
        whole = np.average(np.nan_to_num(change), weights=np.maximum(self._sizes, 1e-9))
        self._now[self._number] = [whole, *change]

    def mean(self) -> np.ndarray:
        """Average over the seeds that got so far: (R, 2 + M), the step first."""
        reached = np.isfinite(self._gained).any((0, 2))
        some = self._gained[:, reached]
        count = np.isfinite(some).sum(0)
        mean = np.nansum(some, 0) / np.where(count, count, np.nan)
        return np.column_stack([self._steps[reached], np.nan_to_num(mean)])


def _count(run: Run) -> int:
    """Count the parameters of all members."""
    return sum(value.numel() for value in run.cohort.params.values())
