"""Print what ensembles and specialists do to a dataset, with intervals over seeds.

Usage: python scripts/crowd_tables.py [digits | hierarchy | python-docs ...] [--seeds 5]

Sections 4 to 6.1 of the paper: ensembles and what their student keeps, clusters of confusable
classes, Tables 3 and 4, full-softmax specialists, and (beyond the paper) specialists distilled
back into one network.

Optimistic: widths, epochs, how much longer students train, temperature and the specialists' lr
were set while looking at accuracies on the same test examples and seeds. With students as short
as their teachers, a student kept nothing of the ensemble's gain. "hierarchy" itself was spread
so that its groups can be found; recovering all of them is no discovery.
"""

from __future__ import annotations

import argparse
import copy
import math
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

import kdviz
from kdviz.combine import active_specialists, combine_specialists
from kdviz.crowd import Specialists, train_specialists
from kdviz.data import Dataset, TransferSet, load_dataset
from kdviz.evaluation.compare import compare, interval
from kdviz.models import mlp
from kdviz.scores import (
    accuracy,
    calibration_error,
    carried_over,
    conditional_accuracy,
    coverage_table,
    mean_distribution,
    negative_log_likelihood,
)
from kdviz.specialists import class_clusters, equal_clusters, random_clusters


class Plan(NamedTuple):
    """What a dataset is measured with."""

    width: int  # hidden units of every network
    epochs: float  # of the generalists and students
    clusters: int  # and so specialists
    special: int  # classes of each specialist
    steps: int  # of the specialists, batches of 128
    lr: float  # their peak learning rate


PLANS = {
    "digits": Plan(16, 150, 4, 3, 300, 0.003),
    "hierarchy": Plan(100, 60, 8, 5, 800, 0.003),
    "python-docs": Plan(30, 30, 12, 10, 800, 0.003),
    "mnist": Plan(30, 5, 4, 3, 800, 0.003),
    "fashion-mnist": Plan(30, 5, 4, 3, 800, 0.003),
}
TEMPERATURE, SOFT_WEIGHT = 2.0, 0.5  # of every distillation here, as in §4
LONGER = 3  # students train so many times longer: soft targets take more passes
SIZES = (1, 2, 4, 8)  # of ensembles
AGAINST = (  # Table 3 compares with the generalist alone; these tell where a gain comes from
    ("+ specialists", "trained on for as long"),
    ("+ specialists", "trained on as much as all of them"),
    ("+ specialists", "+ specialists, random sets"),
    ("distilled from + specialists", "distilled from generalist"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="*", default=["digits", "hierarchy", "python-docs"])
    parser.add_argument("--seeds", type=int, default=5)
    for name, kind in Plan.__annotations__.items():
        parser.add_argument(f"--{name}", type=float if kind == "float" else int)
    options = parser.parse_args()
    for name in options.datasets:
        if name not in PLANS:
            parser.error(f"datasets must be among {', '.join(PLANS)}, got {name}")
        given = {k: v for k in Plan._fields if (v := getattr(options, k)) is not None}
        report(load_dataset(name), PLANS[name]._replace(**given), options.seeds)


def report(dataset: Dataset, plan: Plan, seeds: int) -> None:
    print(f"\n# {dataset.name}: {seeds} seeds, mean and 95% interval, in points of 100")
    print(", ".join(f"{name} {value:g}" for name, value in plan._asdict().items()))
    networks = partial(
        mlp, math.prod(dataset.train.inputs.shape[1:]), (plan.width,), len(dataset.classes)
    )
    # Ensembles of different seeds share no member; the first member of each is the generalist.
    everyone = range(seeds * SIZES[-1])
    whole = TransferSet(dataset.train)
    run = kdviz.train(networks, whole, soft_weight=0, seeds=everyone, epochs=plan.epochs)
    finish(run, "networks")
    logits = [
        torch.from_numpy(run.cohort.logits(split.inputs)).unflatten(0, (seeds, SIZES[-1]))
        for split in (dataset.train, dataset.test)
    ]
    ensembles(dataset, plan, networks, *logits)
    results, tables = defaultdict(list), []
    for seed in range(seeds):
        generalist = run.cohort.member(seed * SIZES[-1])
        crowd = Crowd(dataset, plan, networks, generalist, *(z[seed] for z in logits), seed)
        crowd.measure(results)
        tables.append(crowd.coverage)
    table_3(results)
    table_4(tables)


def ensembles(
    dataset: Dataset, plan: Plan, networks: partial, on_train: Tensor, on_test: Tensor
) -> None:
    """§4: accuracy and calibration by size, and what one student keeps."""
    labels = dataset.test.labels
    print(f"\n{'ensemble of':<26}{'accuracy':>22}{'calibration error':>22}{'NLL, nats × 100':>24}")
    for size in SIZES:
        for mean in ("geometric", "arithmetic")[: 1 + (size > 1)]:
            told = [mean_distribution(z[:size], mean) for z in on_test]
            measures = (accuracy, calibration_error, negative_log_likelihood)
            cells = [spread([measure(p, labels) for p in told]) for measure in measures]
            print(
                f"{size:>2} {mean if size > 1 else '':<23}"
                + "".join(f"{c:>22}" for c in cells[:2])
                + f"{cells[2]:>24}"
            )
    singles = [np.mean([accuracy(p, labels) for p in z.softmax(-1)]) for z in on_test]
    teachers = [accuracy(mean_distribution(z), labels) for z in on_test]
    students, alone = (
        [
            accuracy(distilled(dataset, plan, networks, z.mean(0), s * SIZES[-1], weight), labels)
            for s, z in enumerate(on_train)
        ]
        for weight in (SOFT_WEIGHT, 0.0)
    )
    print(f"{f'one student of {SIZES[-1]}':<26}{spread(students):>22}")
    print(f"{'labels for as long':<26}{spread(alone):>22}")
    # Two baselines: training on can overfit, and a worse baseline flatters the student.
    for base, name in ((singles, "one network"), (alone, "labels for as long")):
        ratio, low, high = (100 * value for value in carried_over(students, base, teachers))
        kept = "no gain to keep" if math.isnan(ratio) else f"{ratio:.0f}% ({low:.0f} to {high:.0f})"
        print(f"student against {name}: {difference(students, base)}; of the gain it keeps: {kept}")


class Crowd:
    """A generalist of one seed and all that is made of it."""

    def __init__(
        self, dataset: Dataset, plan: Plan, networks: partial, generalist: torch.nn.Module,
        on_train: Tensor, on_test: Tensor, seed: int,
    ) -> None:  # fmt: skip
        self.dataset, self.plan, self.networks, self.seed = dataset, plan, networks, seed
        self.generalist, self.on_train = generalist, on_train[0]
        self.pair = mean_distribution(on_test[:2])
        self.before = on_test[0].softmax(1)
        predictions = self.on_train.softmax(1)
        self.found = class_clusters(predictions, plan.clusters, correlation=True, seed=seed)
        self.sets = equal_clusters(predictions, self.found, plan.special)
        if seed == 0:
            names = [" ".join(repr(dataset.classes[c])[1:-1] for c in s) for s in self.sets]
            print(f"\nspecial classes of seed 0: {' | '.join(names)}")

    def measure(self, results: dict[str, list]) -> None:
        """Train everything and append (accuracy, conditional accuracy) to each row's list."""
        crowd = self.specialists(self.sets)
        after = self.combined(crowd)
        shuffled = random_clusters(self.sets, len(self.dataset.classes), seed=self.seed)
        rows = {
            "generalist": self.before,
            "trained on for as long": self.trained_on(self.plan.steps),
            "trained on as much as all of them": self.trained_on(self.plan.steps * len(self.sets)),
            "ensemble of 2 generalists": self.pair,
            "+ specialists": after,
            "+ specialists, random sets": self.combined(self.specialists(shuffled)),
            "+ full-softmax specialists": self.combined(self.specialists(self.sets, True)),
            "distilled from generalist": self.distilled(self.on_train),
            "distilled from + specialists": self.distilled(self.all_of(crowd).log()),
        }
        labels = self.dataset.test.labels
        for name, p in rows.items():
            scores = accuracy(p, labels), conditional_accuracy(p, labels, self.sets)
            results[name].append(scores)
        asked = active_specialists(self.before, self.sets).any(1).float().mean().item()
        results["(examples that ask a specialist)"].append((asked, math.nan))
        if self.dataset.name == "hierarchy":
            results["(adjusted Rand index × 100)"].append((self.recovery(self.found), math.nan))
        self.coverage = coverage_table(self.before, after, labels, self.sets)

    def specialists(self, sets: tuple, full_softmax: bool = False) -> Specialists:
        crowd = train_specialists(
            self.generalist, TransferSet(self.dataset.train), sets, full_softmax=full_softmax,
            soft_weight=SOFT_WEIGHT, seed=self.seed, steps=self.plan.steps, lr=self.plan.lr,
        )  # fmt: skip
        finish(crowd, f"seed {self.seed}: {len(sets)} specialists", crowd.run.steps)
        return crowd

    def combined(self, crowd: Specialists) -> Tensor:
        ask = crowd.asker(self.dataset.test.inputs)
        return combine_specialists(self.before, ask, crowd.special_classes)

    def all_of(self, crowd: Specialists) -> Tensor:
        """Combine on the training examples, for a student; no probability is 0."""
        ask = crowd.asker(self.dataset.train.inputs)
        p = combine_specialists(self.on_train.softmax(1), ask, crowd.special_classes)
        return p.clamp_min(1e-12)

    def distilled(self, teacher_logits: Tensor) -> Tensor:
        seed = self.seed * SIZES[-1]  # the generalist's own first weights
        return distilled(self.dataset, self.plan, self.networks, teacher_logits, seed)

    def trained_on(self, steps: int) -> Tensor:
        """Train the generalist for more steps."""
        run = kdviz.train(
            partial(copy.deepcopy, self.generalist), TransferSet(self.dataset.train), soft_weight=0,
            seeds=self.seed, batch_seed=self.seed, steps=steps, lr=self.plan.lr,
        )  # fmt: skip
        finish(run, f"seed {self.seed}: trained on")
        return torch.from_numpy(run.cohort.logits(self.dataset.test.inputs)[0]).softmax(1)

    def recovery(self, clusters: tuple) -> float:
        """Score clusters against the true groups: 1 if they agree, 0 as by chance."""
        from sklearn.metrics import adjusted_rand_score

        place = {c: k for k, cluster in enumerate(clusters) for c in cluster}
        groups = [name[0] for name in self.dataset.classes]
        return adjusted_rand_score(groups, [place[c] for c in range(len(groups))])


def distilled(
    dataset: Dataset, plan: Plan, networks: partial, teacher_logits: Tensor, seed: int,
    soft_weight: float = SOFT_WEIGHT,
) -> Tensor:  # fmt: skip
    """Teach a new network of the same size; return its (N, C) test probabilities."""
    run = kdviz.train(
        networks, TransferSet(dataset.train), teacher_logits, seeds=seed,
        epochs=LONGER * plan.epochs, temperature=TEMPERATURE, soft_weight=soft_weight,
    )  # fmt: skip
    finish(run, "student")
    return torch.from_numpy(run.cohort.logits(dataset.test.inputs)[0]).softmax(1)


def table_3(results: dict[str, list]) -> None:
    print(f"\n{'Table 3':<34}{'conditional':>20}{'accuracy':>20}   accuracy against the generalist")
    accuracies = {name: [score[0] for score in scores] for name, scores in results.items()}
    for name, scores in results.items():
        plain, conditional = zip(*scores, strict=True)
        if name.startswith("("):
            print(f"{name:<54}{100 * np.mean(plain):>20.1f}")
            continue
        text = "" if name == "generalist" else difference(plain, accuracies["generalist"])
        print(f"{name:<34}{spread(conditional):>20}{spread(plain):>20}   {text}")
    for name, other in AGAINST:
        print(f"{name}, against {other}: {difference(accuracies[name], accuracies[other])}")


def table_4(tables: list[list]) -> None:
    """Print changes by coverage, each a share of the examples; a seed may lack a row."""
    print("\nTable 4: specialists that cover the correct class")
    print(f"{'covering':>9}{'examples':>10}{'change, points':>26}{'relative change':>18}")
    rows = defaultdict(list)
    for row in (row for table in tables for row in table):
        rows[row.specialists].append(row)
    for covering, some in sorted(rows.items()):
        examples = np.mean([row.examples for row in some])
        change = spread([row.change / row.examples for row in some])
        relative = sum(row.change for row in some) / max(1, sum(row.right_before for row in some))
        print(f"{covering:>9}{examples:>10.0f}{change:>26}{relative:>+18.1%}")


def spread(values: Iterable[float]) -> str:
    """Write a mean and its 95% interval, in points."""
    values = 100 * np.asarray(list(values))
    if len(values) == 1:
        return f"{values[0]:.1f} (one seed)"
    low, high = interval(values)
    return f"{values.mean():.1f} ({low:.1f} to {high:.1f})"


def difference(these: Iterable[float], those: Iterable[float]) -> str:
    """Write a paired difference in points, its interval and its verdict."""
    found = compare(list(these), list(those))
    values = (100 * value for value in (found.difference, found.low, found.high))
    return "{:+.1f} ({:+.1f} to {:+.1f}) ".format(*values) + found.verdict


def finish(run: Iterable, text: str, steps: int | None = None) -> None:
    with tqdm(total=steps or run.steps, desc=text, leave=False, unit="step") as bar:
        for record in run:
            bar.update(record.step - bar.n)


if __name__ == "__main__":
    main()
