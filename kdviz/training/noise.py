"""Random numbers as a function of their place: the same on every device and in any cohort.

Dropout and jitter draw from a hash of (seed, step, stream, position), so a member of a cohort
sees the noise that it would see alone, and a run can be repeated from any step.
"""

from __future__ import annotations

import torch
from torch import Tensor

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
