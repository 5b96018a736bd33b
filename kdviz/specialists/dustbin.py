"""Last layers for specialists: special classes, padding to one width, and a dustbin (§5.2)."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

_NEVER = -1e4  # the logit of an output that pads a narrow head: its probability is exactly 0
_FITTED = 4000  # about so many examples fit the first dustbin


def specialist_heads(
    generalist: nn.Module,
    special_classes: Sequence[tuple[int, ...]],
    special_frequency: Sequence[float],
    logits: np.ndarray,
) -> list[nn.Linear]:
    """Make the last layers of M specialists, all W + 1 wide, W the widest set; dustbin last.

    Special outputs are the generalist's own. Outputs that only pad have weight 0 and bias -1e4:
    probability and gradient are exactly 0, so they stay. The dustbin starts near
    log Σ exp(z_c) over the other classes, less log((1 - π) / π) for the oversampling to come, so
    that once corrected the specialist nearly says what the generalist says before any training.
    That is no linear function of the last hidden layer; the closest in least squares serves.

    Args:
        generalist: Ends in an nn.Linear of C outputs.
        special_classes: M tuples of class numbers.
        special_frequency: M shares π in (0, 1] of the examples that are of special classes.
        logits: (N, C) of the generalist on the examples.

    Raises:
        ValueError: If the network does not end in such a layer.
    """
    last = generalist.get_submodule(_last_layer(generalist, logits.shape[1]))
    weight = last.weight.detach().cpu()
    bias = torch.zeros(len(weight)) if last.bias is None else last.bias.detach().cpu()
    slopes, offsets = _fit_dustbins(special_classes, logits[:: max(1, len(logits) // _FITTED)])
    widest = max(map(len, special_classes))
    heads = []
    for m, special in enumerate(special_classes):
        slope, share = slopes[m].to(weight), special_frequency[m]
        oversampled = math.log((1 - share) / share) if share < 1 else 0.0
        head = nn.Linear(last.in_features, widest + 1, dtype=weight.dtype)
        with torch.no_grad():
            head.weight.zero_()
            head.bias.fill_(_NEVER)
            head.weight[: len(special)] = weight[list(special)]
            head.bias[: len(special)] = bias[list(special)]
            head.weight[-1] = slope @ weight
            head.bias[-1] = slope @ bias + offsets[m] - oversampled
        heads.append(head)
    return heads


def with_head(generalist: nn.Module, head: nn.Linear | None) -> nn.Module:
    """Copy the generalist, with another last layer if one is given."""
    network = copy.deepcopy(generalist).cpu()
    if head is None:
        return network
    linear = [name for name, part in network.named_modules() if isinstance(part, nn.Linear)]
    if not linear[-1]:  # the network is that layer
        return copy.deepcopy(head)
    network.set_submodule(linear[-1], copy.deepcopy(head))
    return network


def _last_layer(generalist: nn.Module, classes: int) -> str:
    linear = [name for name, part in generalist.named_modules() if isinstance(part, nn.Linear)]
    if not linear or generalist.get_submodule(linear[-1]).out_features != classes:
        raise ValueError(
            f"generalist must end in an nn.Linear with {classes} outputs, which a specialist's "
            f"own layer replaces, got {generalist}"
        )
    return linear[-1]


def _fit_dustbins(
    special_classes: Sequence[tuple[int, ...]], logits: np.ndarray
) -> tuple[Tensor, Tensor]:
    """Fit log Σ exp over the other classes by a linear function of all logits.

    Returns:
        (M, C) slopes and (M,) offsets, float64.
    """
    z = torch.from_numpy(logits).double()
    others = torch.stack(
        [z.index_fill(1, torch.tensor(s), -torch.inf).logsumexp(1) for s in special_classes], 1
    ).nan_to_num(neginf=_NEVER)  # without other classes the dustbin is one more padding
    known = torch.cat([z, torch.ones(len(z), 1, dtype=z.dtype)], 1)
    # gelsd: logits of more classes than hidden units depend on each other
    fitted = torch.linalg.lstsq(known, others, driver="gelsd").solution
    return fitted[:-1].T, fitted[-1]
