"""Raising the bias of classes that a student was never shown (§3): with and without labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit, logsumexp


def mean_probability(logits: np.ndarray, classes: int | Sequence[int], bias: float = 0.0) -> float:
    """Average the probability of `classes` together over N examples, their logits raised by `bias`.

    It grows with the bias, from 0 to 1. T is 1.

    Args:
        logits: (N, C).
        classes: One class, or several that share the bias.
        bias: Added to their logits.

    Raises:
        ValueError: If the logits are no such array or not finite, or `classes` are not some of
            the C, but not all.

    Example:
        >>> mean_probability([[0.0, 0.0], [0.0, 0.0]], 1)
        0.5
    """
    return float(expit(_lead(logits, classes) + bias).mean())


def bias_for_frequency(logits: np.ndarray, classes: int | Sequence[int], frequency: float) -> float:
    """Find the bias at which the mean probability of `classes` is their known frequency.

    A student that never saw a class says too rarely that it is there. How often a class occurs is
    often known when no label is; the paper chose its biases on the test set instead (§3).

    Args:
        logits: (N, C) on examples, labelled or not, in which the classes have that frequency.
        classes: One class, or several that share the bias.
        frequency: Of the classes together, in (0, 1).

    Returns:
        What to add to the logits of `classes`; negative if they are predicted too often.

    Raises:
        ValueError: As `mean_probability`, or if the frequency is outside (0, 1).

    Example:
        >>> round(bias_for_frequency([[0.0, 0.0, 0.0]], 2, 0.5), 4)  # log 2
        0.6931
    """
    if not 0 < frequency < 1:
        raise ValueError(f"frequency must lie between 0 and 1, got {frequency}")
    lead = _lead(logits, classes)
    # At the ends every single example has at most, or at least, the frequency.
    low, high = logit(frequency) - lead.max() - 1e-6, logit(frequency) - lead.min() + 1e-6
    return float(brentq(lambda bias: expit(lead + bias).mean() - frequency, low, high))


def best_bias(logits: np.ndarray, labels: np.ndarray, classes: int | Sequence[int]) -> float:
    """Find the bias of `classes` that gets most of these labels right, as in the paper's tests.

    Measured on the same examples, its accuracy is optimistic: part of it is luck. Of the biases
    that get equally many right it is in the middle of the first stretch.

    Args:
        logits: (N, C).
        labels: (N,) in 0 to C - 1; examples with -1, unlabelled, are left out.
        classes: One class, or several that share the bias.

    Raises:
        ValueError: As `mean_probability`, or if the labels don't fit.

    Example:
        >>> best_bias([[2.0, 0.0], [5.0, 0.0]], [1, 0], 1)
        3.5
    """
    logits, inside = _checked(logits, classes)
    labels = np.asarray(labels)
    if labels.shape != logits.shape[:1] or not np.isin(labels, np.arange(-1, len(inside))).all():
        raise ValueError(
            f"labels must be {len(logits)} class numbers from 0 to {len(inside) - 1}, or -1 for "
            f"unlabelled, one an example, got {labels.dtype} of shape {labels.shape}"
        )
    logits, labels = logits[labels >= 0], labels[labels >= 0]
    if not len(labels):
        raise ValueError("labels must name the class of at least one example, got only -1")
    group, rest = np.where(inside, logits, -np.inf), np.where(inside, -np.inf, logits)
    needed = rest.max(1) - group.max(1)  # above it, the group wins the example
    gained = np.sort(needed[group.argmax(1) == labels])
    lost = np.sort(needed[rest.argmax(1) == labels])
    steps = np.unique(np.concatenate([gained, lost, [0.0]]))
    biases = np.concatenate([[steps[0] - 1], (steps[1:] + steps[:-1]) / 2, [steps[-1] + 1]])
    right = np.searchsorted(gained, biases) - np.searchsorted(lost, biases)
    stretch = np.flatnonzero(right == right.max())
    first = stretch[stretch - np.arange(len(stretch)) == stretch[0]]  # without those after a gap
    return float((biases[first[0]] + biases[first[-1]]) / 2)


def _lead(logits: np.ndarray, classes: int | Sequence[int]) -> np.ndarray:
    """(N,) log-odds of the classes together."""
    logits, inside = _checked(logits, classes)
    return logsumexp(logits[:, inside], axis=1) - logsumexp(logits[:, ~inside], axis=1)


def _checked(logits: np.ndarray, classes: int | Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the logits in float64, and (C,) which of the classes are meant."""
    logits = np.asarray(logits, dtype=np.float64)
    if logits.ndim != 2 or not logits.size:
        raise ValueError(f"logits must have shape (examples, classes), got {logits.shape}")
    if not np.isfinite(logits).all():
        raise ValueError("logits must be finite, got NaN or infinite values")
    inside = np.isin(np.arange(logits.shape[1]), classes)
    if inside.sum() != np.size(classes) or inside.all() or not inside.any():
        raise ValueError(
            f"classes must be some of 0 to {logits.shape[1] - 1}, each once and not all of them, "
            f"got {classes!r}"
        )
    return logits, inside
