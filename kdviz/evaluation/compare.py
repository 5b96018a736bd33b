"""Paired differences over seeds, with an interval and a verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kdviz.words import say


@dataclass(frozen=True)
class Comparison:
    """By how much one way of training beats another, and whether the seeds bear it out.

    Args:
        difference: Mean of the paired differences; NaN without any pair.
        low: Lower end of the interval of the mean difference.
        high: Its upper end.
        pairs: Pairs that entered the comparison.
        confidence: Of the interval, in (0, 1).
        left_out: Pairs in which a value was NaN or infinite, as after divergence.
    """

    difference: float
    low: float
    high: float
    pairs: int
    confidence: float = 0.95
    left_out: int = 0

    @property
    def verdict(self) -> str:
        """Name the verdict: "better" or "worse" if the interval excludes 0, else "inconclusive"."""
        return str(judge(self.low, self.high))

    def sentence(self, this: str = "", that: str = "") -> str:
        """Say the comparison of two accuracies in words, in points of 100.

        Args:
            this: What was given first; "Soft targets" by default.
            that: What it was compared with; "hard labels" by default.
        """
        this, that = this or say("Soft targets"), that or say("hard labels")
        if self.pairs == 0:
            return say("Nothing to compare: all {} pairs diverged.", self.left_out)
        gap, low, high, gain = map(
            self.in_points, (self.difference, self.low, self.high, abs(self.difference))
        )
        if self.pairs == 1:
            text = say(
                "{} minus {}: {} points, from one pair of seeds. One pair cannot tell a "
                "difference from luck: train more seeds.",
                *(this, that, gap),
            )
        elif _unmeasured(self.low, self.high):
            text = say(
                "{} minus {}: {} points, in each of {} paired seeds. Equal differences leave an "
                "interval narrower than anything a test set can measure, so they cannot tell a "
                "difference from luck: train more seeds.",
                *(this, that, gap, self.pairs),
            )
        else:
            basis = say(
                "({} interval {} to {}, {} paired seeds)",
                *(f"{self.confidence:.0%}", low, high, self.pairs),
            )
            text = {
                "better": say("{} beat {} by {} points {}.", this, that, gain, basis),
                "worse": say("{} lose to {} by {} points {}.", this, that, gain, basis),
                "inconclusive": say(
                    "{} minus {}: {} points {}. That is not enough to tell them apart.",
                    *(this, that, gap, basis),
                ),
            }[self.verdict]
        if self.left_out == 1:
            text += " " + say("1 pair was left out because a member diverged.")
        elif self.left_out:
            text += " " + say("{} pairs were left out because a member diverged.", self.left_out)
        return text

    @property
    def decimals(self) -> int:
        """Count decimals of points: one, or more until nothing that is judged not 0 reads 0.0."""
        ends = (self.difference, self.low, self.high) if self.verdict != "inconclusive" else ()
        enough = (n for n in range(1, 9) if all(round(100 * end, n) for end in ends))
        return next(enough, 9)

    def in_points(self, value: float) -> str:
        """Write an accuracy difference in points of 100, with a true minus sign."""
        rounded = round(100 * value, self.decimals) + 0.0
        return f"{rounded:.{self.decimals}f}".replace("-", "−")


def judge(low: float | np.ndarray, high: float | np.ndarray) -> np.ndarray:
    """Name the verdict on a difference, or on many, from the ends of its interval.

    "better" or "worse" where the interval excludes 0. One without any width excludes nothing:
    the differences were equal as far as they were measured, so how they scatter is not known.
    """
    known = ~_unmeasured(low, high)
    better, worse = known & (np.asarray(low) > 0), known & (np.asarray(high) < 0)
    return np.select([better, worse], ["better", "worse"], "inconclusive")


def _unmeasured(low: float | np.ndarray, high: float | np.ndarray) -> np.ndarray:
    low, high = np.asarray(low), np.asarray(high)
    with np.errstate(invalid="ignore"):  # an endless interval
        return high - low <= 1e-9 * np.maximum(np.abs(low), np.abs(high))


def compare(
    these: Sequence[float] | np.ndarray,
    those: Sequence[float] | np.ndarray,
    *,
    confidence: float = 0.95,
) -> Comparison:
    """Compare two ways of training, seed by seed: the interval of the mean paired difference.

    Student's t over the differences d_i: mean(d) ± t(n - 1)·sd(d)/√n. Pairs share seed and
    batches, so what both have in common cancels. A single pair is inconclusive, whatever it says,
    and so are pairs whose differences are all equal.

    Args:
        these: (n,) one value per seed, such as accuracies in [0, 1].
        those: (n,) values of the other way, the same seeds in the same order. A pair with a
            NaN or infinite value is left out and counted.
        confidence: Of the interval, in (0, 1).

    Raises:
        ValueError: If lengths differ, nothing is given, or `confidence` is outside (0, 1).

    Example:
        >>> compare([0.95, 0.97, 0.96], [0.90, 0.91, 0.92]).verdict
        'better'
    """
    these, those = np.asarray(these, dtype=np.float64), np.asarray(those, dtype=np.float64)
    if these.ndim != 1 or these.shape != those.shape or not len(these):
        raise ValueError(
            "these and those must be two lists of one length, at least 1, one value per seed, "
            f"got shapes {these.shape} and {those.shape}"
        )
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    finite = np.isfinite(these) & np.isfinite(those)
    differences = these[finite] - those[finite]
    mean = float(differences.mean()) if len(differences) else math.nan
    low, high = interval(differences, confidence=confidence)
    return Comparison(mean, low, high, len(differences), confidence, int((~finite).sum()))


def interval(
    values: Sequence[float] | np.ndarray, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Return Student's t interval of a mean, one value per seed; endless with fewer than two.

    Example:
        >>> low, high = interval([146, 150, 142])
        >>> round(low), round(high)
        (136, 156)
    """
    from scipy.special import stdtrit  # an app that only explores does without SciPy

    values = np.asarray(values, dtype=np.float64)
    count = len(values)
    if count < 2:
        return -math.inf, math.inf
    mean, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(count)
    half = float(stdtrit(count - 1, (1 + confidence) / 2)) * error
    return mean - half, mean + half


def early_stopped(validation: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Return the test accuracy of the moment at which the validation accuracy was best.

    Early stopping, fairly measured: the moment is chosen on other examples than those that judge
    it. The best of the test curve itself would be optimistic.

    Args:
        validation: (R, ...) accuracy at R records; of equal ones the first counts.
        test: (R, ...) on other examples, at the same records.

    Raises:
        ValueError: If the shapes differ or there is no record.

    Example:
        >>> early_stopped([0.6, 0.8, 0.7], [0.5, 0.6, 0.9]).item()
        0.6
    """
    validation, test = np.asarray(validation), np.asarray(test)
    if validation.shape != test.shape or not validation.size:
        raise ValueError(
            f"validation and test must be curves of one shape, with at least one record, "
            f"got shapes {validation.shape} and {test.shape}"
        )
    best = validation.argmax(0)[None]
    return np.take_along_axis(test, best, axis=0)[0]
