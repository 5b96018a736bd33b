"""§5: which classes a specialist learns, and how its dustbin is put right after training."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from kdviz.specialists.outputs import distributions


def dustbin_correction(special_logits: Tensor, special_frequency: Tensor | float) -> Tensor:
    """Undo the oversampling of the special classes: dustbin logit + log((1 - π) / π).

    Special classes are half of a specialist's examples but a share π of the data. Given x, the
    odds of class c against the dustbin are p(x|c) P(c) / (p(x|dustbin) P(dustbin)). Training
    has P(c) / 2π for P(c) and 1/2 for P(dustbin) = 1 - π: odds (1 - π) / π times too high.
    The paper's "log of the proportion oversampled", read as log(0.5 / π), is lower by
    log(2 - 2π), at most log 2, and would leave the dustbin too improbable.

    Args:
        special_logits: (..., W + 1), dustbin last.
        special_frequency: π in (0, 1], a number or broadcastable to the leading shape.
            At π = 1 nothing is left for the dustbin: its logit becomes minus infinity.

    Returns:
        (..., W + 1), a corrected copy.

    Raises:
        ValueError: If a frequency is out of range or the shapes do not fit.
    """
    frequency = torch.as_tensor(
        special_frequency, dtype=special_logits.dtype, device=special_logits.device
    )
    if not ((frequency > 0) & (frequency <= 1)).all():
        raise ValueError(
            f"special_frequency must be above 0 and at most 1, got {special_frequency}"
        )
    if special_logits.ndim < 1 or special_logits.shape[-1] < 2:
        raise ValueError(
            "special_logits must have one or more special classes and a dustbin, "
            f"got shape {tuple(special_logits.shape)}"
        )
    raised = special_logits[..., -1] + torch.log1p(-frequency) - torch.log(frequency)
    if raised.shape != special_logits.shape[:-1]:
        raise ValueError(
            f"special_frequency must fit the leading shape {tuple(special_logits.shape[:-1])}, "
            f"got {tuple(frequency.shape)}"
        )
    return torch.cat([special_logits[..., :-1], raised[..., None]], -1)


def prediction_covariance(
    probabilities: np.ndarray | Tensor, *, correlation: bool = False
) -> np.ndarray:
    """Compute the covariance of the generalist's predictions, high for classes it confuses.

    No labels are needed.

    Args:
        probabilities: (N, C), one distribution for each of two or more examples.
        correlation: Divide by both classes' standard deviations, so that a rare class counts
            as a frequent one; 0 for a class whose probability never changes.

    Returns:
        (C, C) float64, in squared probability, or in [-1, 1].

    Raises:
        ValueError: If `probabilities` has another shape, or a row is no distribution.
    """
    values = distributions("probabilities", probabilities).detach().double().cpu().numpy()
    if len(values) < 2:
        raise ValueError(f"probabilities must be of two or more examples, got {len(values)}")
    centered = values - values.mean(0)
    if correlation:
        length = np.linalg.norm(centered, axis=0)
        unit = centered / np.where(length > 0, length, 1)
        return unit.T @ unit
    return centered.T @ centered / (len(values) - 1)


def class_clusters(
    probabilities: np.ndarray | Tensor,
    clusters: int,
    *,
    overlap: int = 1,
    correlation: bool = False,
    mini_batch: bool = False,
    seed: int = 0,
) -> tuple[tuple[int, ...], ...]:
    """Group classes that the generalist often predicts together (§5.3), one per specialist.

    K-means on the columns of the covariance matrix of its predictions. A cluster may hold a
    single class: its specialist then tells that class from all others.

    Args:
        probabilities: (N, C) predictions of the generalist; no labels are needed.
        clusters: How many, 1 to C.
        overlap: Each class joins this many nearest clusters, 1 to `clusters`.
        correlation: Use the correlation matrix: with the covariance, classes of very unequal
            frequency fall into one large cluster and singles.
        mini_batch: Use mini-batches, which is close to the paper's on-line K-means.
        seed: Of the starting centers.

    Returns:
        Clusters of ascending class numbers, in the order of their first classes.

    Raises:
        ValueError: If a count is out of range, too few columns differ for so many clusters, or a
            row is no distribution.
    """
    columns = prediction_covariance(probabilities, correlation=correlation).T
    for name, value, limit in (
        ("clusters", clusters, len(columns)),
        ("overlap", overlap, clusters),
    ):
        if not 1 <= value <= limit:
            raise ValueError(f"{name} must be from 1 to {limit}, got {value}")
    distances = _distances(columns, clusters, mini_batch, seed)
    nearest = distances.argsort(1, kind="stable")[:, :overlap]
    found = [tuple(np.flatnonzero((nearest == k).any(1)).tolist()) for k in range(clusters)]
    if not all(found):
        raise ValueError(
            f"clusters must be at most {sum(map(bool, found))} for these predictions, whose "
            f"classes fall into no more groups, got {clusters}"
        )
    return tuple(sorted(found))


def _distances(columns: np.ndarray, clusters: int, mini_batch: bool, seed: int) -> np.ndarray:
    """Return the (C, clusters) distances to the centers that K-means finds."""
    # Imported here: training and combining specialists do without scikit-learn.
    from sklearn.cluster import KMeans, MiniBatchKMeans
    from sklearn.exceptions import ConvergenceWarning

    method = MiniBatchKMeans if mini_batch else KMeans
    # Unit scale: K-means' stopping rule should not depend on how sure the generalist is.
    scale = np.abs(columns).max() or 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # empty clusters: the caller's error
        model = method(clusters, n_init=10, random_state=seed).fit(columns / scale)
    return model.transform(columns / scale)


def equal_clusters(
    probabilities: np.ndarray | Tensor, clusters: Sequence[Sequence[int]], width: int
) -> tuple[tuple[int, ...], ...]:
    """Give each cluster `width` classes: those that correlate most with the classes it has.

    Narrow clusters take in neighbors and then overlap, wide ones keep their core. So a class may
    be in no cluster or in several, as with the paper's 61 specialists of 300 classes each.

    Args:
        probabilities: (N, C) predictions of the generalist.
        clusters: As from `class_clusters`.
        width: 1 to C.

    Returns:
        As many clusters of `width` ascending class numbers.

    Raises:
        ValueError: If a class or `width` is out of range, or a cluster is empty.
    """
    matrix = prediction_covariance(probabilities, correlation=True)
    if not 1 <= width <= len(matrix):
        raise ValueError(f"width must be from 1 to {len(matrix)}, got {width}")
    _check_clusters(clusters, len(matrix))
    if not all(len(cluster) for cluster in clusters):
        raise ValueError("clusters must hold at least one class each, got an empty one")
    closest = [matrix[list(c)].mean(0).argsort(kind="stable")[::-1][:width] for c in clusters]
    return tuple(tuple(sorted(chosen.tolist())) for chosen in closest)


def random_clusters(
    clusters: Sequence[Sequence[int]], classes: int, *, seed: int = 0
) -> tuple[tuple[int, ...], ...]:
    """Shuffle the classes of clusters: the same sizes and overlaps, for a fair comparison.

    Args:
        clusters: As from `class_clusters`; a class may be in none.
        classes: C, how many there are.
        seed: Of the shuffle.

    Returns:
        As many clusters of ascending class numbers.

    Raises:
        ValueError: If a class is out of range.

    Example:
        >>> sorted(sum(random_clusters([(0, 1, 2), (3,)], 4), ()))
        [0, 1, 2, 3]
    """
    _check_clusters(clusters, classes)
    renamed = np.random.default_rng(seed).permutation(classes).tolist()
    return tuple(tuple(sorted(renamed[c] for c in cluster)) for cluster in clusters)


def _check_clusters(clusters: Sequence[Sequence[int]], classes: int) -> None:
    for cluster in clusters:
        if len(cluster) and not 0 <= min(cluster) <= max(cluster) < classes:
            raise ValueError(f"clusters must hold classes 0 to {classes - 1}, got {cluster}")
