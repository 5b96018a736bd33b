"""The functions that a learner writes: their properties, and the mistakes that people make."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from kdviz.distill import (
    distillation_loss,
    entropy,
    hard_target_loss,
    soft_target_gradient,
    soft_target_loss,
    tempered_softmax,
)
from kdviz.words import say

Function = Callable[..., Any]
Arguments = tuple[Any, ...]


@dataclass(frozen=True)
class Property:
    """A property, the arguments to try, and what is wrong with a result (None: compare it)."""

    name: str
    cases: Callable[[torch.Generator], list[Arguments]]
    judge: Callable[[Tensor], str | None] | None = None


@dataclass(frozen=True)
class Task:
    """A function to write: its arguments, the right one, its properties, and known mistakes."""

    arguments: tuple[str, ...]
    right: Function
    properties: tuple[Property, ...]
    mistakes: dict[str, Function]


# Random arguments, rounded so that a counterexample can be followed by hand


def _logits(rng: torch.Generator, *shape: int) -> Tensor:
    return (3 * torch.randn(shape, generator=rng, dtype=torch.float64)).round(decimals=1) + 0.0


def _single(rng, temperatures=(2.0, 4.0, 0.5), shift=0.0) -> list[Arguments]:
    return [(_logits(rng, 3) + shift, T) for T in temperatures]


def _pairs(rng, temperatures=(2.0, 4.0, 0.5), shift=0.0) -> list[Arguments]:
    return [(_logits(rng, 2, 3) + shift, _logits(rng, 2, 3), T) for T in temperatures]


def _twins(rng) -> list[Arguments]:
    return [(z, z.clone(), T) for z, _, T in _pairs(rng)]


def _mixed(rng, weights=(0.9, 0.25), temperatures=(2.0, 4.0)) -> list[Arguments]:
    labels = torch.tensor([2, 0])
    return [(z, v, labels, T, w) for w in weights for z, v, T in _pairs(rng, temperatures)]


def _shares(rng) -> list[Arguments]:
    counts = [torch.randint(1, 6, (4,), generator=rng).double() for _ in range(3)]
    return [(each / each.sum(),) for each in counts]


def _known(*rows: list[float]) -> Callable[[torch.Generator], list[Arguments]]:
    return lambda rng: [(torch.tensor(row, dtype=torch.float64),) for row in rows]


def _sums_to(total: int) -> Callable[[Tensor], str | None]:
    def judge(result: Tensor) -> str | None:
        sums = result.sum(-1).flatten()
        off = sums[~torch.isclose(sums, torch.full_like(sums, total), atol=1e-6)]
        return say("They sum to {}, not to {}.", f"{off[0]:.4g}", total) if len(off) else None

    return judge


def _kl(p: Tensor, log_q: Tensor) -> Tensor:
    return (torch.special.xlogy(p, p) - p * log_q).sum(-1)


def _soften(logits: Tensor, T: float) -> tuple[Tensor, Tensor]:
    return (logits / T).softmax(-1), (logits / T).log_softmax(-1)


SOFTMAX = Task(
    ("logits", "temperature"),
    tempered_softmax,
    (
        Property("The probabilities sum to 1.", _single, _sums_to(1)),
        Property("At T = 1 it is the ordinary softmax.", lambda rng: _single(rng, (1.0,))),
        Property("At T above 1 it is softer (Equation 1).", lambda g: _single(g, (2.0, 8.0))),
        Property("At T below 1 it is sharper.", lambda rng: _single(rng, (0.5,))),
        Property("1000 more on every logit changes nothing.", lambda rng: _single(rng, shift=1000)),
    ),
    {
        "It looks as if T were not used.": lambda z, T: z.softmax(-1),
        "The softmax is taken twice.": lambda z, T: (z / T).softmax(-1).softmax(-1),
        "T divides the logits, before the softmax; here it divides the probabilities, after it.": (
            lambda z, T: z.softmax(-1) / T
        ),
        "It looks as if the logits were multiplied by T; T divides them.": (
            lambda z, T: (z * T).softmax(-1)
        ),
        "These are logarithms: softmax, not log_softmax.": lambda z, T: (z / T).log_softmax(-1),
    },
)

ENTROPY = Task(
    ("probabilities",),
    entropy,
    (
        Property("Two classes alike: 1 bit. Four: 2 bits.", _known([0.5, 0.5], [0.25] * 4)),
        Property("It sums -p·log₂(p) over the classes.", _shares),
        Property("Certainty has 0 bits: 0·log 0 counts as 0.", _known([1.0, 0.0, 0.0])),
    ),
    {
        "These are nats, from the natural logarithm; bits need the logarithm to base 2.": (
            lambda p: entropy(p, base=math.e)
        ),
        "This is the logarithm to base 10; bits need base 2.": lambda p: entropy(p, base=10),
        "It looks like the mean over the classes; entropy is the sum.": (
            lambda p: entropy(p) / p.shape[-1]
        ),
        "The minus sign is missing.": lambda p: -entropy(p),
    },
)

SOFT_LOSS = Task(
    ("student_logits", "teacher_logits", "temperature"),
    soft_target_loss,
    (
        Property("A student equal to its teacher has loss 0.", _twins),
        Property("At T = 1 it is the KL divergence.", lambda rng: _pairs(rng, (1.0,))),
        Property("At any T it is T² times the KL divergence.", _pairs),
        Property(
            "1000 more on each student logit changes nothing.", lambda g: _pairs(g, shift=1000)
        ),
    ),
    {
        "The factor T² is missing.": lambda z, v, T: soft_target_loss(z, v, T) / T**2,
        "It looks like the mean over the classes; the KL divergence is their sum. In PyTorch's "
        "kl_div that is reduction='batchmean'.": (
            lambda z, v, T: soft_target_loss(z, v, T) / z.shape[-1]
        ),
        "It is a sum over the batch; use the mean over the examples.": (
            lambda z, v, T: soft_target_loss(z, v, T).sum()
        ),
        "The softmax is taken twice on the teacher's side.": (
            lambda z, v, T: T**2 * _kl(_soften(_soften(v, T)[0], 1)[0], _soften(z, T)[1])
        ),
        "The softmax is taken twice on the teacher's side: T divides its probabilities.": (
            lambda z, v, T: T**2 * _kl(_soften(_soften(v, 1)[0], T)[0], _soften(z, T)[1])
        ),
        "The softmax is taken twice on the student's side.": (
            lambda z, v, T: T**2 * _kl(_soften(v, T)[0], _soften(_soften(z, T)[0], 1)[1])
        ),
        "The student's side needs log-probabilities: log_softmax, not softmax.": (
            lambda z, v, T: T**2 * _kl(_soften(v, T)[0], _soften(z, T)[0])
        ),
        "Teacher and student have changed places.": lambda z, v, T: soft_target_loss(v, z, T),
        "It looks as if T did not divide the logits.": (
            lambda z, v, T: T**2 * soft_target_loss(z, v, 1)
        ),
        "These are bits; the loss is in nats, from the natural logarithm.": (
            lambda z, v, T: soft_target_loss(z, v, T) / math.log(2)
        ),
    },
)

GRADIENT = Task(
    ("student_logits", "teacher_logits", "temperature"),
    soft_target_gradient,
    (
        Property("A student equal to its teacher has gradient 0.", _twins),
        Property("The gradient sums to 0 over the classes.", _pairs, _sums_to(0)),
        Property("It is (q - p)/T, as Equation 2 says.", _pairs),
    ),
    {
        "The factor 1/T is missing.": lambda z, v, T: T * soft_target_gradient(z, v, T),
        "This one has the factor T² in it; Equation 2 has not.": (
            lambda z, v, T: T**2 * soft_target_gradient(z, v, T)
        ),
        "The sign is the other way round.": lambda z, v, T: -soft_target_gradient(z, v, T),
        "It looks as if T did not divide the logits.": (
            lambda z, v, T: soft_target_gradient(z, v, 1) / T
        ),
    },
)


def _weigh(soft: Function, hard: Function) -> Function:
    return lambda z, v, y, T, w: w * soft(z, v, T) + (1 - w) * hard(z, y, T)


def _hard(z: Tensor, labels: Tensor, T: float) -> Tensor:
    return hard_target_loss(z, labels)


LOSS = Task(
    ("student_logits", "teacher_logits", "labels", "temperature", "soft_weight"),
    lambda z, v, y, T, w: distillation_loss(z, v, y, temperature=T, soft_weight=w),
    (
        Property("Soft weight 0 leaves the labels alone, at T = 1.", lambda g: _mixed(g, (0.0,))),
        Property("Soft weight 1 leaves the soft targets alone.", lambda rng: _mixed(rng, (1.0,))),
        Property("In between it is the weighted average.", _mixed),
    ),
    {
        "The two weights have changed places.": (
            lambda z, v, y, T, w: distillation_loss(z, v, y, temperature=T, soft_weight=1 - w)
        ),
        "The labels' term is taken at T; it belongs at T = 1.": _weigh(
            soft_target_loss, lambda z, y, T: F.cross_entropy(z / T, y, reduction="none")
        ),
        "The softmax is taken twice in the labels' term: cross_entropy takes logits.": _weigh(
            soft_target_loss, lambda z, y, T: F.cross_entropy(z.softmax(-1), y, reduction="none")
        ),
        "The factor T² is missing.": _weigh(
            lambda z, v, T: soft_target_loss(z, v, T) / T**2, _hard
        ),
        "T² belongs to the soft term alone.": _weigh(
            soft_target_loss, lambda z, y, T: T**2 * hard_target_loss(z, y)
        ),
        "The soft term is a mean over the classes; it is their sum.": _weigh(
            lambda z, v, T: soft_target_loss(z, v, T) / z.shape[-1], _hard
        ),
    },
)

TASKS = {
    "tempered_softmax": SOFTMAX,
    "entropy": ENTROPY,
    "soft_target_loss": SOFT_LOSS,
    "soft_target_gradient": GRADIENT,
    "distillation_loss": LOSS,
}
