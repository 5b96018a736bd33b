"""§5.4: one distribution from a generalist and the specialists that an example calls for.

The paper minimizes Eq. 5 by gradient descent over all classes, anew for every image. Here each
example first shrinks, exactly, to a few masses (see `_cells.py`), which a few Newton steps find.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from kdviz.specialists.outputs import (
    Outputs,
    Pairs,
    asker,
    distributions,
    find_active,
    gather,
    special_sets,
)
from kdviz.specialists.solver import Cells
from kdviz.threads import one_thread


def active_specialists(
    generalist_probabilities: Tensor, special_classes: Sequence, top: int = 1
) -> Tensor:
    """Find the specialists that know one of the generalist's `top` most probable classes.

    The active set A_k of §5.4, for every example. It may be empty: then nobody is asked.

    Args:
        generalist_probabilities: (N, C).
        special_classes: M sequences of class numbers.
        top: n, how many of the generalist's classes are looked at, 1 to C.

    Returns:
        (N, M) bool.

    Raises:
        ValueError: If a class, a probability or `top` is out of range.

    Example:
        >>> p = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
        >>> active_specialists(p, [(0, 1), (1,)]).tolist()
        [[True, False], [False, False]]
    """
    generalist = distributions("generalist_probabilities", generalist_probabilities)
    return find_active(generalist, special_sets(special_classes, generalist), top)


@torch.no_grad()
def combine_specialists(
    generalist_probabilities: Tensor,
    specialist_probabilities: Outputs,
    special_classes: Sequence,
    *,
    top: int = 1,
) -> Tensor:
    """Minimize KL(p_g, q) + Σ_{m active} KL(p_m, q) over distributions q (Eq. 5).

    A dustbin is compared with all of q outside its specialist's classes. Without an active
    specialist q = p_g; with one, q is the mean of the two, class by class and for the rest.

    Args:
        generalist_probabilities: (N, C) float32 or float64, on the CPU or a CUDA device.
        specialist_probabilities: M arrays (N, W_m + 1) or one (M, N, W + 1), dustbin last and
            zeros before it where a set is narrower; or a function (m, rows) -> (R, W_m + 1),
            called once per specialist with the (R,) numbers of the examples that need it.
        special_classes: M sequences of W_m class numbers, in the order of the outputs.
        top: A specialist is active if it knows one of the generalist's `top` classes.

    Returns:
        (N, C) in the generalist's dtype; in float64 within 1e-9 nats of the minimum.

    Raises:
        ValueError: If a class or `top` is out of range, or a row is no distribution.
    """
    generalist = distributions("generalist_probabilities", generalist_probabilities)
    sets = special_sets(special_classes, generalist)
    active = find_active(generalist, sets, top)
    pairs = gather(generalist, specialist_probabilities, sets, active)
    return _merge(generalist, sets, active, pairs) if pairs else generalist.clone()


@torch.no_grad()
def combination_objective(
    probabilities: Tensor,
    generalist_probabilities: Tensor,
    specialist_probabilities: Outputs,
    special_classes: Sequence,
    *,
    top: int = 1,
) -> Tensor:
    """Compute Eq. 5 at the (N, C) `probabilities` q; the rest is as in `combine_specialists`.

    A specialist of all classes has nothing outside to compare its dustbin with, so its
    probabilities are taken given that the class is one of its own.

    Returns:
        (N,) float64, nats.

    Raises:
        ValueError: As `combine_specialists`, or if the shapes differ.
    """
    generalist = distributions("generalist_probabilities", generalist_probabilities)
    q = distributions("probabilities", probabilities).double()
    if q.shape != generalist.shape:
        raise ValueError(f"probabilities must be {tuple(generalist.shape)}, got {tuple(q.shape)}")
    sets = special_sets(special_classes, generalist)
    active = find_active(generalist, sets, top)
    return _value(
        q, generalist.double(), gather(generalist, specialist_probabilities, sets, active)
    )


@torch.no_grad()
def combine_by_gradient_descent(
    generalist_probabilities: Tensor,
    specialist_probabilities: Outputs,
    special_classes: Sequence,
    *,
    top: int = 1,
    steps: int = 10_000,
    goal: Tensor | None = None,
) -> Tensor:
    """Minimize Eq. 5 as the paper does: q = softmax(z), gradient descent on z, per example.

    The reference for `combine_specialists`, with the same first four arguments. It starts from
    the generalist and steps by 2 / (1 + |A|), the inverse of the gradient's Lipschitz constant.

    Args:
        generalist_probabilities: (N, C).
        specialist_probabilities: Of M specialists.
        special_classes: M sequences of class numbers.
        top: How many of the generalist's classes make a specialist active.
        steps: At most so many for each example.
        goal: (N,) values of Eq. 5, nats; an example stops when it has reached its own.

    Returns:
        (N, C) float64.

    Raises:
        ValueError: As `combine_specialists`.
    """
    generalist = distributions("generalist_probabilities", generalist_probabilities).double()
    sets = special_sets(special_classes, generalist)
    active = find_active(generalist, sets, top)
    result = generalist.clone()
    ask = asker(specialist_probabilities, len(sets), len(generalist))
    for i in active.any(1).nonzero()[:, 0].tolist():
        one = slice(i, i + 1)
        example = gather(generalist[one], lambda m, rows, i=i: ask(m, rows + i), sets, active[one])
        target = -torch.inf if goal is None else float(goal[i])
        result[i] = _descend(generalist[one], example, steps, target)[0]
    return result


def _merge(generalist: Tensor, sets: list[Tensor], active: Tensor, pairs: list[Pairs]) -> Tensor:
    """Solve Eq. 5 for (N, C) checked probabilities and at least one active pair."""
    # The smallest normal number keeps every class possible where a specialist is active: mass
    # that all models deny is spread evenly, and no proportion is 0/0.
    tiny = torch.finfo(generalist.dtype).tiny
    combined = generalist + tiny * active.any(1, keepdim=True).to(generalist.dtype)
    cells = Cells(sets, active)
    with one_thread():
        weights = [cells.weights(pair, combined) for pair in pairs]
    for pair in pairs:
        combined[pair.place] = 0
    rest = combined.sum(1)
    with one_thread():
        scales, rest_mass = cells.solve(pairs, weights, rest.double())
    combined *= torch.where(rest > 0, rest_mass / rest, 1)[:, None].to(combined.dtype)
    for pair, weight, scale in zip(pairs, weights, scales, strict=True):
        combined[pair.place] += (weight * scale).to(combined.dtype)
    return combined


def _descend(generalist: Tensor, pairs: list[Pairs], steps: int, goal: float) -> Tensor:
    """Gradient descent for one example, (1, C); the goal is looked at every 20 steps."""
    z = generalist.clamp_min(torch.finfo(generalist.dtype).tiny).log()
    for step in range(steps):
        q = torch.softmax(z, 1)
        if step % 20 == 0 and _value(q, generalist, pairs).item() <= goal:
            break
        gradient = (1 + len(pairs)) * q - generalist
        for pair in pairs:
            target = q.index_fill(1, pair.classes, 0)
            target *= pair.dustbin / target.sum().clamp_min(torch.finfo(z.dtype).tiny)
            target[:, pair.classes] = pair.special
            gradient -= target
        z -= 2 / (1 + len(pairs)) * gradient
    return torch.softmax(z, 1)


def _value(q: Tensor, generalist: Tensor, pairs: list[Pairs]) -> Tensor:
    """Eq. 5 at q, (N,), in nats."""
    value = _kl(generalist, q)
    for pair in pairs:
        ours = q[pair.rows]
        outside = ours.index_fill(1, pair.classes, 0).sum(1, keepdim=True)
        value[pair.rows] += _kl(pair.special, ours[:, pair.classes])
        value[pair.rows] += _kl(pair.dustbin[:, None], outside)
    return value


def _kl(p: Tensor, q: Tensor) -> Tensor:
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(1)
