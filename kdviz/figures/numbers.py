"""What the figures compute: in float64 and NumPy, so that drawing needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kdviz.evaluation.compare import interval

ROLES = ("teacher", "student", "hard", "good")
TEMPERATURES = np.geomspace(0.5, 50, 81)


class Group(NamedTuple):
    """What one way of training reached: a label to show, a role for its color, its accuracies."""

    label: str
    role: str
    accuracy: np.ndarray


def array(value: object, argument: str, *shape: int | None) -> np.ndarray:
    """Return finite float64 numbers of a shape, in which None is any length from 1.

    Raises:
        ValueError: If the shape or a value does not fit.
    """
    values = np.asarray(value, dtype=np.float64)
    fits = values.ndim == len(shape) and values.size
    if not fits or any(n not in (None, m) for n, m in zip(shape, values.shape, strict=True)):
        wanted = ", ".join("any" if length is None else str(length) for length in shape)
        raise ValueError(f"{argument} must have shape ({wanted}), got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"{argument} must be finite, got NaN or infinite values")
    return values


def class_numbers(value: object, argument: str, examples: int, classes: int) -> np.ndarray:
    """Return (N,) int64 labels.

    Raises:
        ValueError: If there are not N of them, or one is no class.
    """
    labels = array(value, argument, examples)
    if not np.isin(labels, np.arange(classes)).all():
        raise ValueError(f"{argument} must be whole numbers from 0 to {classes - 1}")
    return labels.astype(np.int64)


def class_names(names: Sequence[str] | None, classes: int) -> list[str]:
    """Return C names; by default the numbers from 0.

    Raises:
        ValueError: If there are not C of them.
    """
    names = [str(name) for name in (range(classes) if names is None else names)]
    if len(names) != classes:
        raise ValueError(f"classes must be {classes} names, got {len(names)}")
    return names


def positive(value: object, argument: str = "temperatures") -> np.ndarray:
    """Return (K,) ascending temperatures.

    Raises:
        ValueError: If one is not above 0.
    """
    values = np.sort(array(value, argument, None))
    if values[0] <= 0:
        raise ValueError(f"{argument} must be above 0, got {values[0]:g}")
    return values


def log_softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Return the logarithm of Eq. 1 over the last axis, in nats."""
    scaled = (logits - logits.max(-1, keepdims=True)) / temperature
    return scaled - np.log(np.exp(scaled).sum(-1, keepdims=True))


def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Return Eq. 1 over the last axis."""
    return np.exp(log_softmax(logits, temperature))


def kl(log_p: np.ndarray, log_q: np.ndarray) -> np.ndarray:
    """Return KL(p ‖ q) over the last axis, in nats: a sum of terms that are not negative."""
    p, c = np.exp(log_p), log_q - log_p
    near = np.where(np.abs(c) < 0.5, c, 0)
    far = np.exp(log_q) - p - p * c
    return np.maximum(np.where(near == c, p * (np.expm1(near) - near), far), 0).sum(-1)


def entropy_bits(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Return the entropy of the soft targets over the last axis, in bits."""
    log_p = log_softmax(logits, temperature)
    return -(np.exp(log_p) * log_p).sum(-1) / np.log(2)


def checked_groups(groups: Sequence[Group], *shape: int | None) -> list[Group]:
    """Return the groups with their accuracies as float64 arrays; NaN is allowed.

    Raises:
        ValueError: If there is none, a role is unknown, or an array has another shape.
    """
    if not groups:
        raise ValueError("groups must hold one or more (label, role, accuracy), got none")
    checked = []
    for label, role, accuracy in groups:
        if role not in ROLES:
            raise ValueError(f"role must be one of {', '.join(ROLES)}, got {role!r}")
        values = np.asarray(accuracy, dtype=np.float64)
        array(np.where(np.isfinite(values), values, 0), f"accuracy of {label!r}", *shape)
        checked.append(Group(str(label), role, values))
    return checked


def center_and_band(accuracy: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return mean and central 80% over members (R,), and how many members diverged.

    Args:
        accuracy: (R, S); a member with a NaN is left out.

    Raises:
        ValueError: If every member diverged.
    """
    whole = np.isfinite(accuracy).all(0)
    if not whole.any():
        raise ValueError("accuracy must have one member or more without NaN, got none")
    low, high = np.quantile(accuracy[:, whole], [0.1, 0.9], axis=1)
    return accuracy[:, whole].mean(1), low, high, int((~whole).sum())


def mean_and_interval(accuracy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean over seeds (last axis) and half of its 95% interval; NaN is left out.

    One seed has an interval of no known width, and none has no mean: both are NaN.
    """
    mean, half = np.full((2, *accuracy.shape[:-1]), np.nan)
    for place in np.ndindex(mean.shape):
        values = accuracy[place][np.isfinite(accuracy[place])]
        if len(values):
            mean[place] = values.mean()
        if len(values) > 1:
            half[place] = np.diff(interval(values))[0] / 2
    return mean, half


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> np.ndarray:
    """Move labels apart as little as can be: order kept, `gap` between them, inside the limits.

    The least sum of squared moves, by pooling neighbors that overlap. Where there is no room,
    the gap shrinks until they fit.

    Args:
        positions: (n,) where the labels would like to be, in any order.
        gap: Least distance of two labels, in the same unit.
        low: Lower limit of a position.
        high: Upper limit.
    """
    positions = np.asarray(positions, dtype=np.float64)
    order = np.argsort(positions, kind="stable")
    gap = min(gap, (high - low) / max(len(positions) - 1, 1))
    offsets = gap * np.arange(len(positions))
    pools: list[list[float]] = []  # mean and size of each pool of touching labels
    for wanted in positions[order] - offsets:
        pools.append([wanted, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, size = pools.pop()
            pools[-1][0] += (mean - pools[-1][0]) * size / (pools[-1][1] + size)
            pools[-1][1] += size
    moved = np.concatenate([[mean] * int(size) for mean, size in pools]) if pools else positions
    moved = np.clip(moved, low, high - (offsets[-1] if len(offsets) else 0)) + offsets
    return moved[np.argsort(order, kind="stable")]
