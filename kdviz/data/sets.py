"""Splits, datasets and transfer sets: examples, their labels, and who learns from which."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class Split:
    """Examples and their labels; a label of -1 means unlabelled.

    Args:
        inputs: (N, ...) numbers, for images pixels in [0, 1]. They become float32; integers stay
            as they are: tokens, which float32 would change from 2**24 on.
        labels: (N,) class numbers of any integer type; they become int64.

    Raises:
        ValueError: If the lengths differ, an input is not finite, or a label is below -1.
    """

    inputs: np.ndarray
    labels: np.ndarray

    def __post_init__(self) -> None:
        inputs = np.ascontiguousarray(self.inputs)
        if inputs.dtype.kind not in "iufb":
            raise ValueError(f"inputs must be numbers, got an array of {inputs.dtype}")
        if inputs.dtype.kind not in "iu":
            inputs = inputs.astype(np.float32, copy=False)
        labels = np.asarray(self.labels)
        if not np.issubdtype(labels.dtype, np.integer) or labels.ndim != 1:
            raise ValueError(
                f"labels must be one whole number per example, got {labels.dtype} "
                f"of shape {labels.shape}"
            )
        if inputs.ndim < 2 or len(inputs) != len(labels):
            raise ValueError(
                f"inputs must have shape ({len(labels)}, ...), one entry per label, "
                f"got {inputs.shape}"
            )
        if not np.isfinite(inputs).all():
            raise ValueError("inputs must be finite, got NaN or infinite values")
        if len(labels) and labels.min() < -1:
            raise ValueError(f"labels must be class numbers or -1, got {labels.min()}")
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "labels", labels.astype(np.int64))

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def holds_images(self) -> bool:
        """Whether inputs look like images: (N, h, w) or (N, channels, h, w), pixels in [0, 1].

        Bytes are pixels too. Codes of one 1 a row, as of text, are not images.
        """
        shape, kind = self.inputs.shape, self.inputs.dtype
        if kind not in (np.float32, np.uint8) or not self.inputs.size:
            return False
        if len(shape) != 3 and not (len(shape) == 4 and shape[1] in (1, 3, 4)):
            return False
        if kind == np.float32 and not (self.inputs.min() >= 0 and self.inputs.max() <= 1):
            return False
        return not (self.inputs.sum(-1, dtype=np.float64) == 1).all()


@dataclass(frozen=True, eq=False)
class Dataset:
    """A named dataset with a fixed split; `classes` are the names of the class numbers.

    Raises:
        ValueError: If a label has no class name, or train and test inputs differ in shape.
    """

    name: str
    classes: tuple[str, ...]
    train: Split
    test: Split

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        if self.train.inputs.shape[1:] != self.test.inputs.shape[1:]:
            raise ValueError(
                f"test inputs must have the shape of train inputs "
                f"{self.train.inputs.shape[1:]}, got {self.test.inputs.shape[1:]}"
            )
        for split in (self.train, self.test):
            if len(split) and split.labels.max() >= len(self.classes):
                raise ValueError(
                    f"labels must be below the number of classes, {len(self.classes)}, "
                    f"got {split.labels.max()}"
                )


@dataclass(frozen=True, eq=False)
class TransferSet:
    """What students train on: examples of a split, with or without their labels.

    It carries indices into its split, so soft targets computed for the whole split always
    belong to their own examples, whatever was left out and in whatever order. Every maker
    returns a new set and leaves this one as it was.

    Args:
        split: The split that the examples come from.
        indices: (n,) int64 positions in the split; all of them by default.
        labels: (n,) int64 class numbers, -1 for unlabelled; the split's own by default.

    Example:
        >>> from kdviz.data.catalog import load_dataset
        >>> digits = load_dataset("digits")
        >>> len(TransferSet(digits.train).without_classes(3).keep_labels(50, seed=0).labelled())
        50
    """

    split: Split
    indices: np.ndarray = field(default=None)
    labels: np.ndarray = field(default=None)

    def __post_init__(self) -> None:
        indices = np.arange(len(self.split)) if self.indices is None else np.array(self.indices)
        if indices.ndim != 1 or not np.issubdtype(indices.dtype, np.integer):
            raise ValueError(f"indices must be one list of whole numbers, got {self.indices!r}")
        if not len(indices):
            raise ValueError("a transfer set without examples: nothing is left to train on")
        if indices.min() < 0 or indices.max() >= len(self.split):
            raise ValueError(
                f"indices must lie in 0 to {len(self.split) - 1}, "
                f"got {indices.min()} to {indices.max()}"
            )
        labels = self.split.labels[indices] if self.labels is None else np.array(self.labels)
        if labels.shape != indices.shape:
            raise ValueError(f"labels must have shape {indices.shape}, got {labels.shape}")
        own = self.split.labels[indices]
        if not ((labels == own) | (labels == -1)).all():
            raise ValueError("labels must be those of the split, or -1 for unlabelled")
        object.__setattr__(self, "indices", indices.astype(np.int64))
        object.__setattr__(self, "labels", labels.astype(np.int64))

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def inputs(self) -> np.ndarray:
        """The inputs (n, ...) of this set, in its order."""
        return self.split.inputs[self.indices]

    def without_classes(self, *classes: int) -> TransferSet:
        """Leave out every example whose true class is one of `classes`.

        Raises:
            ValueError: If a class does not exist, is given twice, or nothing is left.
        """
        return self._pick(~np.isin(self._true_labels(), self._checked(classes)))

    def only_classes(self, *classes: int) -> TransferSet:
        """Keep only the examples whose true class is one of `classes`.

        Raises:
            ValueError: If a class does not exist or is given twice.
        """
        return self._pick(np.isin(self._true_labels(), self._checked(classes)))

    def sample(self, fraction: float, seed: int) -> TransferSet:
        """Keep a random `fraction` in (0, 1] of the examples, at least one, in their order.

        Raises:
            ValueError: If the fraction is outside (0, 1].
        """
        if not 0 < fraction <= 1:
            raise ValueError(f"fraction must be above 0 and at most 1, got {fraction}")
        size = max(1, round(fraction * len(self)))
        chosen = np.random.default_rng(seed).permutation(len(self))[:size]
        return self._pick(np.sort(chosen))

    def keep_labels(self, n: int, seed: int) -> TransferSet:
        """Keep `n` labels and hide the others; every example stays.

        The labels are spread over the classes as evenly as the counts allow: classes take
        turns, in a random order, until `n` labels are given out.

        Raises:
            ValueError: If `n` is negative or above the number of labelled examples.
        """
        labelled = np.flatnonzero(self.labels >= 0)
        if isinstance(n, bool) or n != int(n) or not 0 <= n <= len(labelled):
            raise ValueError(
                f"n must be a whole number from 0 to {len(labelled)}, "
                f"the number of labelled examples, got {n}"
            )
        rng = np.random.default_rng(seed)
        shuffled = rng.permutation(labelled)
        classes = self.labels[shuffled]
        turn = np.empty(len(shuffled), dtype=np.int64)  # 0 for the first of its class, then 1...
        for c in np.unique(classes):
            turn[classes == c] = np.arange((classes == c).sum())
        class_order = rng.permutation(classes.max(initial=0) + 1)[classes]
        kept = shuffled[np.lexsort((class_order, turn))][: int(n)]
        labels = np.full(len(self), -1)
        labels[kept] = self.labels[kept]
        return replace(self, labels=labels)

    def unlabelled(self) -> TransferSet:
        """Hide every label: a set for soft targets alone."""
        return replace(self, labels=np.full(len(self), -1))

    def labelled(self) -> TransferSet:
        """Keep only the examples that still have a label.

        Raises:
            ValueError: If no example has one.
        """
        return self._pick(self.labels >= 0)

    def _pick(self, chosen: np.ndarray) -> TransferSet:
        return TransferSet(self.split, self.indices[chosen], self.labels[chosen])

    def _true_labels(self) -> np.ndarray:
        return self.split.labels[self.indices]

    def _checked(self, classes: tuple[int, ...]) -> tuple[int, ...]:
        known = np.unique(self.split.labels[self.split.labels >= 0]).tolist()
        if not classes:
            raise ValueError(f"classes must name at least one of {known}, got none")
        for c in classes:
            if c not in known:
                raise ValueError(f"classes must be among {known}, got {c!r}")
            if classes.count(c) > 1:
                raise ValueError(f"classes must differ from each other, got {c!r} twice")
        return classes
