"""What goes into Eq. 5: checked probabilities, active specialists, and what these say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

Outputs = Sequence | Tensor | Callable[[int, Tensor], Tensor]

_SUM_TOLERANCE = 1e-3  # how far from one a distribution may sum: float32 and many classes


@dataclass(frozen=True, eq=False)
class Pairs:
    """The examples (rows) that call for one specialist, and what it says about them."""

    specialist: int
    rows: Tensor  # (R,)
    classes: Tensor  # (W,)
    special: Tensor  # (R, W) float64
    dustbin: Tensor  # (R,) float64

    @property
    def place(self) -> tuple[Tensor, Tensor]:
        """Indexes the (R, W) entries of an (N, C) tensor."""
        return self.rows[:, None], self.classes


def distributions(name: str, value: Tensor) -> Tensor:
    """Checks that `value` is (N, C) probabilities and returns it as a tensor."""
    value = torch.as_tensor(value)
    if value.ndim != 2 or not value.shape[1] or value.dtype not in (torch.float32, torch.float64):
        raise ValueError(
            f"{name} must be float32 or float64 of shape (examples, classes), "
            f"got {value.dtype} of shape {tuple(value.shape)}"
        )
    if not len(value):
        return value
    lowest, sums = value.amin().item(), value.sum(1)
    if not lowest >= 0:
        raise ValueError(f"{name} must not be negative or NaN, got {lowest}")
    worst = sums[(sums - 1).abs().argmax()].item()
    if not abs(worst - 1) <= _SUM_TOLERANCE:
        raise ValueError(f"{name} must sum to 1 for each example, got a sum of {worst:.6g}")
    return value


def special_sets(special_classes: Sequence, generalist: Tensor) -> list[Tensor]:
    """Checks the special classes and returns them as tensors beside the generalist."""
    sets = []
    for m, special in enumerate(special_classes):
        numbers = [int(c) for c in special]
        if not numbers or len(set(numbers)) < len(numbers):
            raise ValueError(
                f"special_classes of specialist {m} must be one or more different classes, "
                f"got {numbers}"
            )
        if min(numbers) < 0 or max(numbers) >= generalist.shape[1]:
            raise ValueError(
                f"special_classes of specialist {m} must be 0 to {generalist.shape[1] - 1}, "
                f"got {numbers}"
            )
        sets.append(torch.tensor(numbers, device=generalist.device))
    return sets


def find_active(generalist: Tensor, sets: list[Tensor], top: int) -> Tensor:
    """(N, M) bool: which special sets hold one of each example's `top` classes."""
    classes = generalist.shape[1]
    if not 1 <= top <= classes:
        raise ValueError(f"top must be from 1 to the number of classes, {classes}, got {top}")
    # argmax is much faster than topk
    best = generalist.argmax(1)[:, None] if top == 1 else generalist.topk(top).indices
    active = torch.zeros(len(generalist), len(sets), dtype=torch.bool, device=generalist.device)
    for m, special in enumerate(sets):
        member = torch.zeros(classes, dtype=torch.bool, device=generalist.device)
        member[special] = True
        active[:, m] = member[best].any(1)
    return active


def asker(outputs: Outputs, specialists: int, examples: int) -> Callable[[int, Tensor], Tensor]:
    """Returns a function (m, rows) -> what specialist m says about these examples."""
    if callable(outputs):
        return outputs
    if len(outputs) != specialists:
        raise ValueError(
            f"specialist_probabilities must be {specialists}, one for each of special_classes, "
            f"got {len(outputs)}"
        )
    tables = [torch.as_tensor(table) for table in outputs]
    for m, table in enumerate(tables):
        if table.ndim != 2 or len(table) != examples:
            raise ValueError(
                f"specialist_probabilities of specialist {m} must have shape ({examples}, "
                f"special classes + 1), got {tuple(table.shape)}"
            )
    return lambda m, rows: tables[m][rows.to(tables[m].device)]


def gather(generalist: Tensor, outputs: Outputs, sets: list[Tensor], active: Tensor) -> list[Pairs]:
    """Asks every specialist about the examples that it is active for, and checks the answers."""
    ask = asker(outputs, len(sets), len(generalist))
    rows_of = active.T.nonzero()[:, 1].split(active.sum(0).tolist())
    pairs = []
    for m, (special, rows) in enumerate(zip(sets, rows_of, strict=True)):
        if not len(rows):
            continue
        name = f"specialist_probabilities of specialist {m}"
        told = torch.as_tensor(ask(m, rows))
        if told.ndim != 2 or len(told) != len(rows) or told.shape[1] <= len(special):
            raise ValueError(
                f"{name} must have shape ({len(rows)}, {len(special)} special classes and a "
                f"dustbin), got {tuple(told.shape)}"
            )
        told = torch.cat([told[:, : len(special)], told[:, -1:]], 1).to(generalist.device)
        inside, dustbin = distributions(name, told).double().split([len(special), 1], 1)
        if len(special) == generalist.shape[1]:
            # Nothing is left for the dustbin to mean: condition on a class of its own.
            if not (inside.sum(1) > 0).all():
                raise ValueError(f"{name}, which knows all classes, must not be all dustbin")
            inside, dustbin = inside / inside.sum(1, keepdim=True), torch.zeros_like(dustbin)
        pairs.append(Pairs(m, rows, special, inside, dustbin[:, 0]))
    return pairs
