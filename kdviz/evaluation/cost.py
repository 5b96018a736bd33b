"""What a model costs to run: a teacher may be cumbersome, what is deployed may not."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from kdviz.checks import whole
from kdviz.threads import one_thread


@dataclass(frozen=True)
class Cost:
    """What one model needs.

    Args:
        parameters: Numbers that were learned.
        multiply_adds: Multiplications, each with its addition, for one example.
        bytes: Memory of parameters and buffers.
        latency_ms: Median time for one example on one CPU thread, in milliseconds.
    """

    parameters: int
    multiply_adds: int
    bytes: int
    latency_ms: float


def cost(network: nn.Module, example_shape: Sequence[int], *, repeats: int = 200) -> Cost:
    """Count and measure what a network needs for one example.

    Multiply-adds are those of matrix products and convolutions, which PyTorch counts while the
    network runs once. The time is measured on this machine, so it differs from run to run.

    Args:
        network: Any module from (N, ...) inputs to logits; it is left as it was found.
        example_shape: Shape of one example, such as (8, 8).
        repeats: Timed runs, after a tenth as many to warm up; the median counts.

    Raises:
        ValueError: If `repeats` is below 1 or a size in `example_shape` is.

    Example:
        >>> from kdviz.models import mlp
        >>> cost(mlp(64, (32,), 10), (8, 8), repeats=3).multiply_adds
        2368
    """
    whole("repeats", repeats, 1)
    if any(size < 1 for size in example_shape):
        raise ValueError(f"example_shape must hold sizes of at least 1, got {example_shape}")
    state = [*network.parameters(), *network.buffers()]
    first = next((value for value in state if value.is_floating_point()), torch.zeros(()))
    example = torch.zeros((1, *example_shape), dtype=first.dtype, device=first.device)
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        with torch.no_grad(), one_thread():
            try:
                network(example)
            except (RuntimeError, IndexError):  # it embeds tokens
                example = example.long()
            counter = FlopCounterMode(display=False)
            with counter:
                network(example)
            latency_ms = _median_ms(network, example, repeats)
    finally:
        for module, training in modes:
            module.training = training
    return Cost(
        parameters=sum(value.numel() for value in network.parameters()),
        multiply_adds=counter.get_total_flops() // 2,
        bytes=sum(value.numel() * value.element_size() for value in state),
        latency_ms=latency_ms,
    )


def _median_ms(network: nn.Module, example: torch.Tensor, repeats: int) -> float:
    for _ in range(math.ceil(repeats / 10)):
        network(example)
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        network(example)
        if example.is_cuda:
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begun)
    return 1000 * statistics.median(times)
