"""What suits each dataset of the panel *Specialists*."""

from __future__ import annotations

from typing import NamedTuple

LR = 0.003  # peak learning rate of the specialists, and of generalists trained on


class Plan(NamedTuple):
    """What suits a dataset; steps measured to keep the default run within 20 s on two cores."""

    title: str
    note: str
    classes: int
    width: int  # hidden units of every network
    epochs: float  # of the generalists
    clusters: int  # at first, and so specialists
    steps: int  # of the specialists, batches of 128
    measure: str  # of what belongs together, at first


PLANS = {
    "hierarchy": Plan(
        "Made groups", "40 classes in 8 groups: A1 to A5 are alike.", 40, 30, 40, 8, 300,
        "covariance",
    ),
    "python-docs": Plan(
        "Next character", "97 characters of Python's reference text.", 97, 30, 4, 12, 200,
        "correlation",
    ),
    "digits": Plan("Digits", "Only 10 classes.", 10, 16, 60, 4, 200, "correlation"),
}  # fmt: skip
