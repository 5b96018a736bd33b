"""Random numbers as a function of their place: the same on every device and in any cohort.

Dropout and jitter draw from a hash of (seed, step, stream, position), so a member of a cohort
sees the noise that it would see alone, and a run can be repeated from any step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

# Odd constants with well-spread bits, as signed 32-bit integers (products wrap around).
_FACTORS = (0x7FEB352D, 0x846CA68B - 2**32)
_SPREAD = 0x9E3779B1 - 2**32


def mix(x: Tensor) -> Tensor:
    """Scramble int32 numbers: every bit of the input moves about half the bits of the output."""
    for factor in _FACTORS:
        x = (x ^ ((x >> 16) & 0xFFFF)) * factor
    return x ^ ((x >> 15) & 0x1FFFF)


def random_bits(seed: Tensor, step: Tensor, stream: int, shape: tuple[int, ...]) -> Tensor:
    """Draw int32 numbers, uniform over all 2³² values.

    Args:
        seed: (...) int32, one per member.
        step: int32 scalar, the training step.
        stream: Which of a step's draws this is, such as the number of the layer.
        shape: Of the draw of each member.

    Returns:
        (..., *shape) int32.
    """
    key = mix(mix(seed + stream * _SPREAD) + step)
    count = torch.Size(shape).numel()
    positions = mix(torch.arange(count, dtype=torch.int32, device=seed.device) * _SPREAD)
    return mix(key.unsqueeze(-1) + positions).unflatten(-1, shape)


def uniform(seed: Tensor, step: Tensor, stream: int, shape: tuple[int, ...]) -> Tensor:
    """Draw float32 numbers, uniform in [-1, 1); the arguments are those of `random_bits`."""
    return random_bits(seed, step, stream, shape) / 2**31


def keep(seed: Tensor, step: Tensor, stream: int, shape: tuple[int, ...], rate: float) -> Tensor:
    """Draw a dropout mask: True with probability 1 - `rate`."""
    return random_bits(seed, step, stream, shape) >= int(rate * 2**32) - 2**31


_DROPOUTS = {
    getattr(room, name): name
    for room in (functional, torch)
    for kind in ("dropout", "alpha_dropout", "feature_dropout", "feature_alpha_dropout")
    for name in (kind, f"{kind}_", f"{kind}1d", f"{kind}2d", f"{kind}3d")
    if hasattr(room, name)
}
_ALPHA = 1.7580993408473766  # of SELU: what it gives a unit that is far below zero


class Dropouts(TorchFunctionMode):
    """Let every dropout that PyTorch is asked for draw from a member's own seed.

    The draws of a pass are numbered in their order, as those of `MlpProgram` are.
    """

    def __init__(self, seed: Tensor, step: Tensor) -> None:
        super().__init__()
        self.seed, self.step, self.drawn = seed, step, 0

    def __torch_function__(
        self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        name = _DROPOUTS.get(func)
        if name is None:
            return func(*args, **kwargs or {})
        return self._drop(name, *args, **kwargs or {})

    def _drop(
        self,
        name: str,
        input: Tensor,
        p: float = 0.5,
        training: bool | None = None,
        inplace: bool = False,
        train: bool = True,
    ) -> Tensor:
        training = (train and "alpha" not in name) if training is None else training
        if not training or not p:
            return input
        if p == 1:
            dropped = input * 0
        else:
            shape = tuple(input.shape)
            if "feature" in name or name.endswith("d"):  # whole channels, with a batch or without
                lead = 1 if len(shape) == {"1d": 2, "3d": 4}.get(name[-2:]) else 2
                shape = shape[:lead] + (1,) * (len(shape) - lead)
            kept = keep(self.seed, self.step, self.drawn, shape, p)
            self.drawn += 1
            dropped = (
                _self_normalizing(input, kept, p) if "alpha" in name else input * kept / (1 - p)
            )
        return input.copy_(dropped) if inplace or name.endswith("_") else dropped


def _self_normalizing(x: Tensor, kept: Tensor, rate: float) -> Tensor:
    """Set dropped units to -alpha, then keep mean 0 and variance 1 (Klambauer et al. 2017)."""
    scale = ((_ALPHA**2 * rate + 1) * (1 - rate)) ** -0.5
    return scale * (torch.where(kept, x, -_ALPHA) + _ALPHA * rate)
