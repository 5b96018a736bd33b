"""§5.2: a generalist's specialists, trained in parallel as one cohort."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from kdviz._heads import specialist_heads, with_head
from kdviz._pairs import special_sets
from kdviz.cohort import Run, train
from kdviz.data import Split, TransferSet
from kdviz.history import Record
from kdviz.models import teacher_logits
from kdviz.specialists import dustbin_correction


def train_specialists(
    generalist: nn.Module,
    transfer_set: TransferSet,
    special_classes: Sequence[Sequence[int]],
    *,
    full_softmax: bool = False,
    soft_weight: float = 0.5,
    test: Split | None = None,
    seed: int = 0,
    **settings: Any,
) -> Specialists:
    """Train a specialist for each set of special classes, all as one cohort; iterate for records.

    A specialist starts as the generalist, with one output a special class and a dustbin for all
    others. Half of its examples are of special classes, half random from the rest. With
    `full_softmax` it keeps all outputs and learns as §6.1 proposes: from the labels of special
    examples, and from the generalist's soft targets so as not to forget the other classes.

    Args:
        generalist: A trained network, (N, ...) to (N, C) logits; ends in an nn.Linear.
        transfer_set: Whose labelled examples to learn from.
        special_classes: M sets of class numbers; they may overlap.
        full_softmax: Keep all C outputs and use soft targets.
        soft_weight: Of the soft targets, in [0, 1], if `full_softmax`.
        test: Records tell each specialist's accuracy among its special classes on these.
        seed: Of examples, their order and dropout.
        **settings: Steps, lr and more, as `kdviz.train` takes them.

    Raises:
        ValueError: If a set is empty, out of range or without examples, or the network unfit.
    """
    labelled = transfer_set.labelled()
    logits = teacher_logits(generalist, labelled.split.inputs)
    sets = _checked_sets(special_classes, labelled, logits)
    shares = [float(np.isin(labelled.labels, special).mean()) for special in sets]
    rng = np.random.default_rng(seed)
    if full_softmax:
        heads = [None] * len(sets)
        splits = [_hide_others(labelled.split, special) for special in sets]
    else:
        heads = specialist_heads(generalist, sets, shares, logits[labelled.indices])
        splits = [_numbered(labelled.split, special, max(map(len, sets))) for special in sets]
    run = train(
        [partial(with_head, generalist, head) for head in heads],
        [_enriched(labelled, *pair, rng) for pair in zip(sets, splits, strict=True)],
        logits if full_softmax else None,
        seeds=range(seed, seed + len(sets)),
        soft_weight=soft_weight if full_softmax else 0.0,
        batch_seed=seed,
        **settings,
    )
    return Specialists(run, sets, shares, full_softmax, test)


class Specialists:
    """M specialists in training or trained; what they say is valid at any moment.

    Args:
        run: The cohort's run.
        special_classes: M tuples of class numbers.
        special_frequency: M shares of the examples that are of a specialist's classes.
        full_softmax: Whether its networks have an output for every class.
        test: Examples for the accuracy of records, or None.
    """

    def __init__(
        self,
        run: Run,
        special_classes: Sequence[tuple[int, ...]],
        special_frequency: Sequence[float],
        full_softmax: bool = False,
        test: Split | None = None,
    ) -> None:
        self.run, self.special_classes = run, tuple(special_classes)
        self.special_frequency, self.full_softmax = tuple(special_frequency), full_softmax
        self._test = test

    def __len__(self) -> int:
        return len(self.special_classes)

    def __iter__(self) -> Iterator[Record]:
        """Train; each record's accuracy is among the special classes, NaN without `test`."""
        for record in self.run:
            if self._test is not None:
                record = replace(record, accuracy=self.special_accuracy(self._test))
                self.run.history.records[-1] = record
            yield record

    def special_accuracy(self, split: Split) -> np.ndarray:
        """Measure how well each specialist tells its own classes apart.

        Returns:
            (M,) in [0, 1], on the examples of its special classes; NaN where there are none, or
            once it diverged.
        """
        accuracy = np.full(len(self), np.nan)
        ask = self.asker(split.inputs)
        for m, special in enumerate(self.special_classes):
            rows = np.flatnonzero(np.isin(split.labels, special))
            if len(rows) and m not in self.run.history.diverged:
                named = ask(m, torch.from_numpy(rows))[:, : len(special)].argmax(1).numpy()
                accuracy[m] = np.mean(np.array(special)[named] == split.labels[rows])
        return accuracy

    def asker(self, inputs: np.ndarray) -> Callable[[int, Tensor], Tensor]:
        """Let `combine_specialists` ask a specialist only about the examples that call for it.

        Args:
            inputs: (N, ...) examples.

        Returns:
            A function (m, rows) -> (R, W_m + 1) probabilities, dustbin last and corrected. It
            raises ValueError for a specialist whose training diverged.
        """

        @torch.no_grad()
        def ask(m: int, rows: Tensor) -> Tensor:
            if m in self.run.history.diverged:
                raise ValueError(f"specialist {m} diverged in training: use a lower lr")
            logits = self.run.cohort.member_logits(m, inputs[rows.cpu().numpy()])
            return self._told(m, logits.cpu())

        return ask

    def probabilities(self, inputs: np.ndarray) -> Tensor:
        """Tell what every specialist says about every example.

        Args:
            inputs: (N, ...).

        Returns:
            (M, N, W + 1), W the widest set; zeros before the dustbin where a set is narrower.

        Raises:
            ValueError: If a specialist's training diverged.
        """
        widest = max(map(len, self.special_classes))
        ask, rows = self.asker(inputs), torch.arange(len(inputs))
        told = []
        for m, special in enumerate(self.special_classes):
            inside, dustbin = ask(m, rows).split([len(special), 1], 1)
            padding = inside.new_zeros(len(inputs), widest - len(special))
            told.append(torch.cat([inside, padding, dustbin], 1))
        return torch.stack(told)

    def _told(self, m: int, logits: Tensor) -> Tensor:
        """Turn one member's logits into (R, W_m + 1) probabilities."""
        special = list(self.special_classes[m])
        if self.full_softmax:
            # Its soft targets are right whatever the sampling, so there is no odds to undo.
            p = logits.softmax(1)
            inside = p[:, special]
            rest = p.index_fill(1, torch.tensor(special), 0).sum(1, keepdim=True)
            return torch.cat([inside, rest], 1)
        logits = torch.cat([logits[:, : len(special)], logits[:, -1:]], 1)
        return dustbin_correction(logits, self.special_frequency[m]).softmax(1)


def _checked_sets(
    special_classes: Sequence[Sequence[int]], labelled: TransferSet, logits: np.ndarray
) -> list[tuple[int, ...]]:
    """Return the sets as tuples, each with examples, of classes that the generalist knows."""
    sets = [
        tuple(special.tolist())
        for special in special_sets(special_classes, torch.from_numpy(logits[:1]))
    ]
    if not sets:
        raise ValueError("special_classes must hold at least one set of classes, got none")
    if labelled.labels.max() >= logits.shape[1]:
        raise ValueError(
            f"generalist must have an output for every class, up to {labelled.labels.max()}, "
            f"got {logits.shape[1]} outputs"
        )
    for m, special in enumerate(sets):
        if not np.isin(labelled.labels, special).any():
            raise ValueError(
                f"special_classes of specialist {m} must have labelled examples in transfer_set, "
                f"got {special} without any"
            )
    return sets


def _numbered(split: Split, special: tuple[int, ...], dustbin: int) -> Split:
    """Number the special classes from 0; all others are `dustbin`."""
    labels = np.where(split.labels < 0, -1, dustbin)
    for number, c in enumerate(special):
        labels[split.labels == c] = number
    return Split(split.inputs, labels)


def _hide_others(split: Split, special: tuple[int, ...]) -> Split:
    """Keep the labels of special classes only."""
    return Split(split.inputs, np.where(np.isin(split.labels, special), split.labels, -1))


def _enriched(
    labelled: TransferSet, special: tuple[int, ...], split: Split, rng: np.random.Generator
) -> TransferSet:
    """Mix special examples and random others half and half; the fewer take turns again.

    Every other example has its turn in a pass, so a specialist of few examples still sees all
    of what belongs in its dustbin. Without any others the special examples are all there is.
    """
    of_special = np.isin(labelled.labels, special)
    halves = [rng.permutation(labelled.indices[chosen]) for chosen in (of_special, ~of_special)]
    count = max(map(len, halves))
    return TransferSet(split, np.concatenate([np.resize(h, count) for h in halves if len(h)]))
