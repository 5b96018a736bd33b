"""How good predictions are: calibration, and the measures of the paper's Tables 3 and 4.

Labels are class numbers of any integer type. Unlabelled examples (-1) are left out; a measure of
which nothing is left is NaN. A label beyond the classes raises ValueError.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from kdviz.checks import whole
from kdviz.evaluation.compare import compare, interval


def mean_distribution(logits: Tensor, mean: str = "geometric") -> Tensor:
    """Combine the soft targets of an ensemble's members, as §2 allows, at T = 1.

    The geometric mean, normalized, is the softmax of the mean logits. It is at most as spread
    out as its members agree; the arithmetic mean keeps what any of them holds possible.

    Args:
        logits: (S, N, C) of S members.
        mean: "geometric" or "arithmetic".

    Returns:
        (N, C) probabilities.

    Raises:
        ValueError: If `mean` is unknown.
    """
    if mean == "geometric":
        return logits.mean(0).softmax(-1)
    if mean == "arithmetic":
        return logits.softmax(-1).mean(0)
    raise ValueError(f"mean must be 'geometric' or 'arithmetic', got {mean!r}")


def accuracy(probabilities: Tensor, labels: np.ndarray) -> float:
    """Measure the share of (N, C) predictions whose largest is the label's, in [0, 1]."""
    p, labels = _labelled(probabilities, labels)
    return float(np.mean(_best(p) == labels)) if len(labels) else float("nan")


def negative_log_likelihood(probabilities: Tensor, labels: np.ndarray) -> float:
    """Average -log p(label) over (N, C) predictions, in nats; a p of 0 as the least float."""
    p, labels = _labelled(probabilities, labels)
    p = p[torch.arange(len(labels)), torch.from_numpy(labels)]
    return float(-p.clamp_min(torch.finfo(p.dtype).tiny).log().mean())


def calibration_error(probabilities: Tensor, labels: np.ndarray, bins: int = 15) -> float:
    """Average |accuracy - confidence| over bins of equal width of the largest probability.

    The expected calibration error: 0 if, of all predictions made with 80% confidence, 80% are
    right. Bins count by their examples.

    Args:
        probabilities: (N, C).
        labels: (N,) class numbers, -1 for unlabelled.
        bins: How many, at least 1.

    Returns:
        In [0, 1]; NaN if no example has a label.

    Raises:
        ValueError: If `bins` is below 1, or a label does not fit.
    """
    whole("bins", bins, 1)
    p, labels = _labelled(probabilities, labels)
    if not len(labels):
        return float("nan")
    confidence = p.max(1).values.double().numpy()
    excess = (_best(p) == labels) - confidence
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(np.abs(np.bincount(place, excess)).sum() / len(labels))


def conditional_accuracy(
    probabilities: Tensor, labels: np.ndarray, special_classes: Sequence[Sequence[int]]
) -> float:
    """Measure accuracy among special classes alone: the first column of Table 3.

    For each specialist, the examples of its classes, with predictions restricted to these;
    averaged over all such pairs. (Restricting to the classes of all specialists together would
    restrict nothing where each class has a specialist.)

    Args:
        probabilities: (N, C).
        labels: (N,).
        special_classes: M sets of class numbers.

    Returns:
        In [0, 1]; NaN if no example is of a special class.
    """
    probabilities, labels = _labelled(probabilities, labels)
    right = examples = 0
    for special in special_classes:
        rows = np.flatnonzero(np.isin(labels, special))
        named = np.array(special)[_best(probabilities[rows][:, list(special)])]
        right += int((named == labels[rows]).sum())
        examples += len(rows)
    return right / examples if examples else float("nan")


class Coverage(NamedTuple):
    """One row of Table 4: the examples whose class is covered by so many specialists."""

    specialists: int
    examples: int
    right_before: int
    change: int  # of the examples that are classified correctly


def coverage_table(
    before: Tensor, after: Tensor, labels: np.ndarray, special_classes: Sequence[Sequence[int]]
) -> list[Coverage]:
    """Count what specialists change, by how many of them cover the correct class (Table 4).

    Args:
        before: (N, C) probabilities of the generalist.
        after: (N, C) with specialists.
        labels: (N,).
        special_classes: M sets of class numbers.

    Returns:
        A row for each number of specialists that occurs, in ascending order.
    """
    (before, labels), (after, _) = _labelled(before, labels), _labelled(after, labels)
    covering = sum(
        (np.isin(labels, special).astype(int) for special in special_classes), 0 * labels
    )
    right = [_best(probabilities) == labels for probabilities in (before, after)]
    change = right[1].astype(int) - right[0]
    return [
        Coverage(int(n), int(rows.sum()), int(right[0][rows].sum()), int(change[rows].sum()))
        for n in np.unique(covering)
        for rows in [covering == n]
    ]


def carried_over(
    students: Sequence[float], singles: Sequence[float], ensembles: Sequence[float]
) -> tuple[float, float, float]:
    """Tell how much of an ensemble's gain its student keeps (§4: more than 80%).

    The ratio r of the mean gains over a single network, Σ(student - single) / Σ(ensemble -
    single), with Student's interval of the deviations (student - single) - r·(ensemble -
    single). Where the ensemble's own gain may be 0, so may the divisor: then all three are NaN.

    Args:
        students: (n,) accuracies, one per seed.
        singles: (n,), of one network of the student's kind.
        ensembles: (n,), of the teachers.

    Returns:
        The ratio and the ends of its 95% interval.
    """
    base = np.asarray(singles, dtype=np.float64)
    kept, gain = np.asarray(students) - base, np.asarray(ensembles) - base
    if compare(ensembles, singles).verdict != "better":
        return (float("nan"),) * 3
    ratio = float(kept.mean() / gain.mean())
    low, high = interval(kept - ratio * gain)
    return ratio, ratio + low / gain.mean(), ratio + high / gain.mean()


def _labelled(probabilities: Tensor, labels: np.ndarray) -> tuple[Tensor, np.ndarray]:
    """Keep the examples that have a label."""
    labels = np.asarray(labels)
    rows, classes = probabilities.shape
    if labels.shape != (rows,) or labels.dtype.kind not in "iu":
        raise ValueError(
            f"labels must be {rows} class numbers, one an example, got {labels.dtype} of shape "
            f"{labels.shape}"
        )
    wrong = (labels < -1) | (labels >= classes)
    if wrong.any():
        raise ValueError(
            f"labels must lie in 0 to {classes - 1}, or be -1 for unlabelled, "
            f"got {labels[wrong][0]}"
        )
    labels = labels.astype(np.int64)
    known = labels >= 0
    return probabilities[torch.from_numpy(known)], labels[known]


def _best(probabilities: Tensor) -> np.ndarray:
    return probabilities.argmax(1).numpy()
