"""Eq. 5 reduced to a few masses per example, and the solver that finds them.

Classes that belong to exactly the same specialists form a *cell*. At the minimum of Eq. 5 the
classes of a cell keep the proportions of their weights, where the weight of a class is the sum
of the probabilities that the models give it; so do all classes outside every active special
set, which form the remainder. What is left to find is the mass Q of each cell:

    minimize  -Σ_a weight_a log Q_a - Σ_m dustbin_m log R_m + total Σ_a Q_a,
    where R_m is the mass of the cells outside specialist m and total = Σ weight + Σ dustbin.

Setting the gradient to zero, with a price y_m per specialist and a slack s_a per cell, gives

    Q_a s_a = weight_a,   R_m y_m = dustbin_m,   s_a = total - Σ_{m: a outside m} y_m.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from kdviz.specialists.outputs import Pairs

_TOLERANCE = 1e-11  # nats: |Q s - weight| + |R y - dustbin|, summed, when the solver stops
_FLOOR = 1e-12  # nats: how much weight, summed, the solver may add to empty cells
_CHUNK = 2**21  # numbers in the solver's largest array


class Cells:
    """The cells of M special sets (tensors of class numbers) and the solver for (N, M) active."""

    def __init__(self, sets: list[Tensor], active: Tensor) -> None:
        classes = max(int(special.max()) for special in sets) + 1
        member = torch.zeros(classes, len(sets), dtype=torch.bool, device=active.device)
        for m, special in enumerate(sets):
            member[special, m] = True
        # (cells, M): the specialists that know a cell; then the cells of each specialist
        self.member, cell = torch.unique(member, dim=0, return_inverse=True)
        own = [torch.unique(cell[special], return_inverse=True) for special in sets]
        self.own, self.local = [cells for cells, _ in own], [local for _, local in own]
        self.active = active

    def weights(self, pair: Pairs, generalist: Tensor) -> Tensor:
        """(R, W) weights of a specialist's classes; the generalist's share is counted once.

        A class of several active sets gets the generalist's probability in the first of them.
        """
        m = pair.specialist
        earlier = self.member[self.own[m], :m].float()
        first = self.active[pair.rows, :m].float() @ earlier.T == 0
        share = generalist[pair.place] * first[:, self.local[m]]
        return pair.special + share + torch.finfo(torch.float64).tiny

    def solve(
        self, pairs: list[Pairs], weights: list[Tensor], rest: Tensor
    ) -> tuple[list[Tensor], Tensor]:
        """What to multiply weights with, and the mass of each example's remainder.

        Args:
            pairs: In the order of the specialists.
            weights: (R, W) for each of `pairs`, all above 0.
            rest: (N,) weight of the remainder; 0 only if it has no class.

        Returns:
            Factors shaped as `weights`, and (N,) masses.
        """
        local = [self.local[pair.specialist] for pair in pairs]
        own = [self.own[pair.specialist] for pair in pairs]
        width = max(map(len, own))
        total = torch.cat(
            [
                w.new_zeros(len(w), width).index_add_(1, at, w)
                for at, w in zip(local, weights, strict=True)
            ]
        )
        table = rest.new_full((self.active.shape[1], width), -1, dtype=torch.int64)
        for pair, cells in zip(pairs, own, strict=True):
            table[pair.specialist, : len(cells)] = cells
        dustbins = torch.cat([pair.dustbin for pair in pairs])
        mass, rest_mass = self._masses(table, total, dustbins, rest)
        parts = (mass / total).split([len(w) for w in weights])
        return [part[:, at] for part, at in zip(parts, local, strict=True)], rest_mass

    def _masses(
        self, table: Tensor, total: Tensor, dustbins: Tensor, rest: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Masses (pairs, T) for weights (pairs, T), and (N,); `table` (M, T) lists the cells."""
        specialist, row = self.active.T.nonzero().unbind(1)
        mass, rest_mass = torch.empty_like(total), rest.clone()
        for rows, which in _alike(self.active, row, table.shape[1]):
            m = specialist[which]  # (B, K)
            cells = table[m]  # (B, K, T)
            outside = ~self.member[cells.clamp_min(0)[..., None], m[:, None, None, :]]
            outside &= (cells >= 0)[..., None]
            beyond = (rest[rows] > 0)[:, None, None].expand(-1, 1, m.shape[1])
            found = _minimize(
                torch.cat([total[which].flatten(1), rest[rows, None]], 1),
                dustbins[which],
                torch.cat([outside.flatten(1, 2), beyond], 1).to(rest.dtype),
            )
            mass[which] = found[:, :-1].unflatten(1, cells.shape[1:])
            rest_mass[rows] = found[:, -1]
        return mass, rest_mass


def _alike(active: Tensor, row: Tensor, width: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yields (B,) examples with equally many active specialists, and their (B, K) pairs."""
    order, counts = row.argsort(stable=True), active.sum(1)
    start = counts.cumsum(0) - counts
    for k in counts.unique().tolist():
        if k:
            for rows in (counts == k).nonzero()[:, 0].split(max(1, _CHUNK // (k * k * width))):
                pairs = torch.arange(k, device=row.device) + start[rows, None]
                yield rows, order[pairs]


def _minimize(weight: Tensor, dustbin: Tensor, outside: Tensor) -> Tensor:
    """Masses (B, P) that minimize the reduced Eq. 5.

    Args:
        weight: (B, P), the remainder last; 0 for padding.
        dustbin: (B, K).
        outside: (B, P, K), 1 where a cell lies outside a specialist, 0 elsewhere.
    """
    total = (weight.sum(1) + dustbin.sum(1))[:, None]
    mass = (weight / total + 1 / weight.shape[1]) / 2
    # A specialist that knows all classes has nothing outside; its dustbin is 0 and R is moot.
    moot = 1 - outside.amax(1)
    if dustbin.shape[1] > 1:
        mass = _follow(weight, dustbin, outside, total, mass, moot)
    # The fixed-point map of Eq. 5: exact at once for one specialist, sums to one for any.
    claims = dustbin / (_over(mass, outside) + moot)
    return (weight + mass * _under(outside, claims)) / total


def _follow(
    weight: Tensor, dustbin: Tensor, outside: Tensor, total: Tensor, mass: Tensor, moot: Tensor
) -> Tensor:
    """Newton's method on the products, from equal ones to the wanted ones, all kept positive.

    A primal-dual interior-point method. `level` is the least product aimed at; it falls to
    nothing, 30 times a step, and then convergence is quadratic.
    """
    pieces = weight.shape[1] + dustbin.shape[1]
    weight, dustbin = weight.clamp_min(_FLOOR / pieces), dustbin.clamp_min(_FLOOR / pieces)
    price = (total / (2 * dustbin.shape[1])).expand_as(dustbin)
    slack = total - _under(outside, price)
    rest = _over(mass, outside) + moot
    level = total / pieces
    for _ in range(100):
        error = (mass * slack - weight).abs().sum(1) + (rest * price - dustbin).abs().sum(1)
        going = (error > _TOLERANCE)[:, None]
        if not going.any():
            return mass
        gain = weight.clamp_min(level) - mass * slack
        need = dustbin.clamp_min(level) - rest * price
        matrix = outside.mT @ (outside * (mass / slack)[..., None])
        matrix.diagonal(dim1=1, dim2=2).add_(rest / price)
        d_price = torch.linalg.solve_ex(matrix, need / price - _over(gain / slack, outside))[0]
        d_slack = -_under(outside, d_price)
        d_mass = (gain - mass * d_slack) / slack
        d_rest = _over(d_mass, outside)
        fastest = torch.cat(
            [d_mass / mass, d_slack / slack, d_price / price, d_rest / rest], 1
        ).amin(1, keepdim=True)
        step = torch.where(fastest < -0.95, -0.95 / fastest, 1) * going
        mass, slack = mass + step * d_mass, slack + step * d_slack
        price, rest = price + step * d_price, rest + step * d_rest
        level = level * (1 - 0.97 * step)
    raise RuntimeError(f"Eq. 5 was not solved within 100 steps: gradient {error.max():.1e} nats")


def _over(mass: Tensor, outside: Tensor) -> Tensor:
    """(B, P) per cell to (B, K): summed over the cells outside each specialist."""
    return (mass[:, None] @ outside)[:, 0]


def _under(outside: Tensor, price: Tensor) -> Tensor:
    """(B, K) per specialist to (B, P): summed over the specialists that a cell is outside of."""
    return (outside @ price[..., None])[..., 0]
