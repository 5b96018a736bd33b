"""Small factories for teachers and students, and the logits of networks that others built."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from kdviz.checks import whole
from kdviz.data.own_logits import are_probabilities


def mlp(
    inputs: int,
    hidden: Sequence[int],
    classes: int,
    *,
    dropout: float = 0.0,
    input_dropout: float = 0.0,
) -> nn.Sequential:
    """Build a network of fully connected layers with rectified linear units, as in §3.

    Args:
        inputs: Numbers per example; examples of any shape are flattened.
        hidden: Units of each hidden layer, such as (1200, 1200).
        classes: Logits per example.
        dropout: Share of each hidden layer's units left out while training, in [0, 1).
        input_dropout: The same for the inputs.

    Returns:
        A network from (N, ...) inputs to (N, classes) logits.

    Raises:
        ValueError: If a size is below 1 or a rate is not in [0, 1).

    Example:
        >>> sum(p.numel() for p in mlp(784, (800, 800), 10).parameters())
        1276810
    """
    sizes = [("inputs", inputs), *(("hidden", width) for width in hidden), ("classes", classes)]
    for name, size in sizes:
        whole(name, size, 1)
    for name, rate in (("dropout", dropout), ("input_dropout", input_dropout)):
        if not 0 <= rate < 1:
            raise ValueError(f"{name} must lie in [0, 1), got {rate!r}")
    layers: list[nn.Module] = [nn.Flatten()]
    if input_dropout:
        layers.append(nn.Dropout(input_dropout))
    for fan_in, fan_out in zip((inputs, *hidden), hidden, strict=False):
        layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
        if dropout:
            layers.append(nn.Dropout(dropout))
    layers.append(nn.Linear(hidden[-1] if hidden else inputs, classes))
    return nn.Sequential(*layers)


class Ensemble(nn.Module):
    """Average the logits of several networks: the geometric mean of their distributions (§2).

    Args:
        members: Networks that map the same inputs to logits (N, C).
    """

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (N, ...) inputs to (N, C) logits."""
        return torch.stack([member(inputs) for member in self.members]).mean(0)


def teacher_logits(
    module: nn.Module,
    inputs: np.ndarray | Tensor,
    *,
    classes: int | None = None,
    batch_size: int = 1000,
) -> np.ndarray:
    """Compute the logits of a teacher of your own, for `kdviz.train` to use.

    The network runs in evaluation mode and without gradients, and is left as it was: dropout or
    batch normalization in training mode would make its soft targets noisy.

    Args:
        module: Maps (N, ...) inputs to (N, C) logits, before any softmax.
        inputs: (N, ...), a whole split in its order.
        classes: C, checked if given.
        batch_size: Examples at a time.

    Returns:
        (N, C) float32.

    Raises:
        ValueError: If what comes out is no such array, is not finite, or is probabilities.
    """
    whole("batch_size", batch_size, 1)
    like = next((p for p in module.parameters() if p.is_floating_point()), torch.zeros(0))
    training = {part: part.training for part in module.modules()}
    values = torch.as_tensor(inputs)
    try:
        module.eval()
        with torch.no_grad():
            kind = accepted_type(lambda x: module(x.to(like.device)), values, like.dtype)
            parts = [
                _checked(module(part.to(like.device, kind)), len(part), classes)
                for part in values.split(batch_size)
            ]
    finally:
        for part, mode in training.items():
            part.training = mode
    logits = torch.cat(parts).float().cpu().numpy()
    if are_probabilities(logits):
        raise ValueError(
            "module must return logits, got probabilities (each row sums to 1); "
            "leave out its softmax, or return the logarithm of its probabilities"
        )
    return logits


def accepted_type(
    forward: Callable[[Tensor], Any], inputs: Tensor, dtype: torch.dtype
) -> torch.dtype:
    """Choose the type in which a network takes (N, ...) inputs: integers stay so if it can.

    A network that embeds tokens takes int64 and no floats, one of linear layers the reverse.
    """
    if inputs.is_floating_point() or inputs.dtype == torch.bool:
        return dtype
    for kind in (torch.int64, dtype):
        with contextlib.suppress(RuntimeError, TypeError, ValueError, IndexError):
            forward(inputs[:1].to(kind))
            return kind
    return torch.int64  # whose error tells more


def _checked(logits: Any, count: int, classes: int | None) -> Tensor:
    shape = getattr(logits, "shape", None)
    expected = f"({count}, {'classes' if classes is None else classes})"
    if shape is None or len(shape) != 2 or shape[0] != count or classes not in (None, shape[1]):
        found = type(logits).__name__ if shape is None else f"shape {tuple(shape)}"
        raise ValueError(f"module must return logits of shape {expected}, got {found}")
    if not logits.isfinite().all():
        raise ValueError("module must return finite logits, got NaN or infinite values")
    return logits
