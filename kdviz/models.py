"""Small factories for teachers and students; every network returns logits."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


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
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError(f"{name} must be a whole number of at least 1, got {size!r}")
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
