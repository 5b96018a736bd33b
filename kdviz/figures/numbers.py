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


class Curve(NamedTuple):
    """A group over time: mean and central 80% over members, and how many diverged."""

    label: str
    role: str
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    lost: int


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


def curves(groups: Sequence[Group], records: int) -> list[Curve]:
    """Average each group's accuracies (R, S) over its members; those with a NaN are left out.

    Raises:
        ValueError: If there is none, a role is unknown, an array has another shape, or all
            members of a group diverged.
    """
    if not groups:
        raise ValueError("groups must hold one or more (label, role, accuracy), got none")
    found = []
    for label, role, accuracy in groups:
        if role not in ROLES:
            raise ValueError(f"role must be one of {', '.join(ROLES)}, got {role!r}")
        values = np.asarray(accuracy, dtype=np.float64)
        array(np.where(np.isfinite(values), values, 0), f"accuracy of {label!r}", records, None)
        whole = values[:, np.isfinite(values).all(0)]
        if not whole.size:
            raise ValueError(f"accuracy of {label!r} must have one member or more without NaN")
        low, high = np.quantile(whole, [0.1, 0.9], axis=1)
        lost = values.shape[1] - whole.shape[1]
        found.append(Curve(str(label), role, whole.mean(1), low, high, lost))
    return found


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


def matching_error(z: np.ndarray, v: np.ndarray, temperatures: np.ndarray) -> np.ndarray:
    """Tell how far the exact gradient (Eq. 2) is from that of logit matching (Eq. 4).

    ‖(q - p)/T - (z - v)/(C·T²)‖ / ‖(z - v)/(C·T²)‖, with logits of mean zero per example.

    Returns:
        (K, N) of the examples in which student and teacher differ.

    Raises:
        ValueError: If they differ in none.
    """
    z, v = z - z.mean(1, keepdims=True), v - v.mean(1, keepdims=True)
    differ = (z != v).any(1)
    if not differ.any():
        raise ValueError("student_logits must differ from teacher_logits in one example or more")
    z, v, errors = z[differ], v[differ], []
    for T in temperatures:
        limit = (z - v) / (z.shape[1] * T**2)
        exact = (_softmax(z / T) - _softmax(v / T)) / T
        errors.append(np.linalg.norm(limit - exact, axis=1) / np.linalg.norm(limit, axis=1))
    return np.array(errors)


def _softmax(logits: np.ndarray) -> np.ndarray:
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def limits(*accuracies: np.ndarray) -> tuple[float, float]:
    """Return limits of an axis that holds all accuracies, with some air and at most 100%."""
    values = np.concatenate([np.ravel(each) for each in accuracies])
    low, high = np.nanmin(values), np.nanmax(values)
    air = max(0.06 * (high - low), 0.005)
    return max(0.0, low - air), min(1.0, high + air) if high <= 1 else high + air
