"""Functions that a learner writes about judging and repairing students; with those on losses."""

from __future__ import annotations

import math

import torch
from scipy.special import stdtrit
from torch import Tensor

from kdviz.bias import mean_probability
from kdviz.distill import logit_matching_gradient
from kdviz.evaluation.compare import compare, early_stopped
from kdviz.slips import TASKS as LOSS_TASKS
from kdviz.slips import Arguments, Property, Task
from kdviz.specialists import dustbin_correction


def _normal(rng: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(shape, generator=rng, dtype=torch.float64).round(decimals=1) + 0.0


def _seeds(rng, luck=0.0, noise=1.0) -> list[Arguments]:
    """(these, those): shared luck of each seed, and noise of their own."""
    cases = []
    for pairs in (3, 4, 6):
        shared = luck * _normal(rng, pairs)
        cases.append(
            (shared + 1 + noise * _normal(rng, pairs), shared + noise * _normal(rng, pairs))
        )
    return cases


def _alike(rng) -> list[Arguments]:
    return [(these, these - 0.5) for these, _ in _seeds(rng)]


def _interval(these: Tensor, those: Tensor) -> Tensor:
    found = compare(these, those)
    return torch.tensor([found.low, found.high], dtype=torch.float64)


def _around(gaps: Tensor, error: Tensor, times: float | None = None) -> Tensor:
    half = (float(stdtrit(len(gaps) - 1, 0.975)) if times is None else times) * error
    return torch.stack([gaps.mean() - half, gaps.mean() + half])


def _unpaired(these: Tensor, those: Tensor) -> Tensor:
    error = (these.var() / len(these) + those.var() / len(those)).sqrt()
    return _around(these - those, error)


INTERVAL = Task(
    ("these", "those"),
    _interval,
    (
        Property("The same gap for every seed leaves no doubt: an interval of no width.", _alike),
        Property("Luck that both sides share cancels.", lambda g: _seeds(g, luck=5.0, noise=0.3)),
        Property("It is Student's 95% interval of the mean gap.", _seeds),
    ),
    {
        "It looks as if the seeds were not paired: take the spread of the differences.": _unpaired,
        "This is the spread of single pairs; that of their mean is √n times smaller.": (
            lambda a, b: _around(a - b, (a - b).std())
        ),
        "The standard deviation divides by n - 1; here it divides by n.": (
            lambda a, b: _around(a - b, (a - b).std(correction=0) / len(a) ** 0.5)
        ),
        "1.96 holds for very many seeds; for few, Student's t is larger.": (
            lambda a, b: _around(a - b, (a - b).std() / len(a) ** 0.5, 1.96)
        ),
        "These and those have changed places.": lambda a, b: _interval(b, a),
    },
)


def _logits(rng: torch.Generator, *shape: int) -> Tensor:
    return (3 * _normal(rng, *shape)).round(decimals=1)


def _centered(rng) -> list[Arguments]:
    """Logits of mean 0: two free, the third makes up for them."""
    cases = []
    for T in (2.0, 4.0):
        z, v = (_logits(rng, 2, 2) for _ in range(2))
        cases.append((*(torch.cat([x, -x.sum(-1, keepdim=True)], -1) for x in (z, v)), T))
    return cases


def _shifted(rng) -> list[Arguments]:
    return [(_logits(rng, 2, 3) + 10, _logits(rng, 2, 3), T) for T in (2.0, 4.0)]


MATCHING = Task(
    ("student_logits", "teacher_logits", "temperature"),
    logit_matching_gradient,
    (
        Property("With logits of mean 0 it is (z - v)/(N·T²), as Equation 4 says.", _centered),
        Property("10 more on every student logit changes nothing.", _shifted),
    ),
    {
        "It looks as if T were not squared.": lambda z, v, T: T * logit_matching_gradient(z, v, T),
        "It is not divided by the number of classes.": (
            lambda z, v, T: z.shape[-1] * logit_matching_gradient(z, v, T)
        ),
        "The sign is the other way round.": lambda z, v, T: logit_matching_gradient(v, z, T),
        "Equation 4 needs logits of mean 0 for each image: take off their means first.": (
            lambda z, v, T: (z - v) / (z.shape[-1] * T**2)
        ),
    },
)


def _raised(rng, biases=(2.0, -1.5)) -> list[Arguments]:
    return [(_logits(rng, 3, 3), index, bias) for index, bias in zip((2, 0), biases, strict=True)]


def _share(logits: Tensor, index: int, bias: float) -> Tensor:
    return torch.tensor(mean_probability(logits, index, bias), dtype=torch.float64)


SHARE = Task(
    ("logits", "index", "bias"),
    _share,
    (
        Property("With a bias of 0 it is the mean probability.", lambda g: _raised(g, (0.0, 0.0))),
        Property("The bias raises one logit, before the softmax.", _raised),
    ),
    {
        "The bias is added to probabilities; it belongs to the logit, before the softmax.": (
            lambda z, c, b: z.softmax(-1)[:, c].mean() + b
        ),
        "The bias is added to every logit, and changes nothing.": lambda z, c, b: _share(z, c, 0),
        "This is a sum over the examples; the mean is asked for.": (
            lambda z, c, b: len(z) * _share(z, c, b)
        ),
        "The bias is taken off; it should be added.": lambda z, c, b: _share(z, c, -b),
        "This is the bias's share in the odds, e to its power; the other logits count too.": (
            lambda z, c, b: z.softmax(-1)[:, c].mean() * math.exp(b)
        ),
    },
)


def _curves(rng, order=(0, 1)) -> list[Arguments]:
    """Accuracies that all differ; with `order` (0, 0) validation and test are the same curve."""
    cases = []
    for records in (4, 5, 6):
        drawn = [torch.randperm(40, generator=rng)[:records] / 100 + 0.55 for _ in range(2)]
        peak, end = 1 + len(cases) % 2, records - 1
        drawn[0][peak], drawn[1][0], drawn[1][end] = 0.97, 0.99, 0.5
        cases.append(tuple(drawn[side].double() for side in order))
    return cases


STOPPING = Task(
    ("validation", "test"),
    lambda validation, test: torch.as_tensor(early_stopped(validation, test)),
    (
        Property("If both curves are the same, it is their best.", lambda g: _curves(g, (0, 0))),
        Property("The validation curve chooses the moment, the test curve judges.", _curves),
    ),
    {
        "This is the best of the test curve: the moment was chosen on the test set.": (
            lambda validation, test: test.max()
        ),
        "This is the end of the test curve: nothing was stopped early.": (
            lambda validation, test: test[-1]
        ),
        "This is the best validation accuracy: the examples that chose may not judge.": (
            lambda validation, test: validation.max()
        ),
    },
)


def _trained(rng, shares=(0.1, 0.25, 0.02)) -> list[Arguments]:
    return [(_logits(rng, 3), share) for share in shares]


DUSTBIN = Task(
    ("special_logits", "special_frequency"),
    dustbin_correction,
    (
        Property(
            "If half of all examples are special, nothing was oversampled: nothing changes.",
            lambda g: _trained(g, (0.5, 0.5)),
        ),
        Property("It raises the dustbin's logit, the last, by log((1 - π)/π).", _trained),
    ),
    {
        "This is log(0.5/π): the dustbin's own share, 1 - π, was changed as well.": (
            lambda z, share: _bin(z, math.log(0.5 / share))
        ),
        "The sign is the other way round: special classes were shown too often.": (
            lambda z, share: _bin(z, -math.log((1 - share) / share))
        ),
        "These are odds; a logit takes their logarithm.": (
            lambda z, share: _bin(z, (1 - share) / share)
        ),
        "Every logit is raised, and the softmax stays as it was.": (
            lambda z, share: z + math.log((1 - share) / share)
        ),
        "The logits are not changed at all.": lambda z, share: z,
    },
)


def _bin(special_logits: Tensor, by: float) -> Tensor:
    return torch.cat([special_logits[:-1], special_logits[-1:] + by])


TASKS = LOSS_TASKS | {
    "dustbin_correction": DUSTBIN,
    "compare": INTERVAL,
    "logit_matching_gradient": MATCHING,
    "mean_probability": SHARE,
    "early_stopped": STOPPING,
}
