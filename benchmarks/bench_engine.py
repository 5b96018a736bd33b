"""Time the cohort engine against one student at a time, at MNIST shapes.

Every figure of a row comes from one run, its parts taken in turn, so ratios hold on a noisy
machine. The peak is that of a large float32 matrix product; the share counts only the
operations that the mathematics needs.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import kdviz
from kdviz.data.catalog import Split, TransferSet
from kdviz.models import mlp
from kdviz.training.recipe import device_name, pick_device

INPUTS, CLASSES, BATCH, EXAMPLES = 784, 10, 128, 12_800
TEMPERATURE, SOFT_WEIGHT = 4.0, 0.5


def main() -> None:
    """Print one row for each width and number of members."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--widths", type=int, nargs="+", default=[30, 100, 300, 800])
    parser.add_argument("--members", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--device", default="auto")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    device = pick_device(options.device)
    print(f"{device_name(device)}, torch {torch.__version__}, batch {BATCH}, float32, SGD, T = 4")
    print("student-steps a second: cohort, DataLoader loop; their ratio; share of the peak")
    print(f"{'width':>6}{'members':>9}{'cohort':>10}{'loop':>9}{'ratio':>8}{'share':>8}")
    data = random_data()
    for width in options.widths:
        loop = _Loop(width, data, device)
        for members in options.members:
            row = _measure(width, members, data, device, loop, options.rounds)
            print("{:>6}{:>9}{:>10.0f}{:>9.0f}{:>7.1f}x{:>8.0%}".format(width, members, *row))


def _measure(
    width: int, members: int, data: tuple, device: torch.device, loop: _Loop, rounds: int
) -> tuple[float, float, float, float]:
    inputs, labels, teacher = data
    run = kdviz.train(
        partial(mlp, INPUTS, (width, width), CLASSES), TransferSet(Split(inputs, labels)), teacher,
        seeds=range(members), temperature=TEMPERATURE, soft_weight=SOFT_WEIGHT, optimizer="sgd",
        schedule="constant", lr=0.01, steps=10**6, record_every=10**6, device=device,
    )  # fmt: skip
    step = _counter(run._stepper.take)
    product = _product(device)
    steps = max(3, min(100, 8000 // (members * width)))
    cohort_times, loop_times, ratios, shares = [], [], [], []
    for _ in range(rounds + 1):
        cohort = _seconds(lambda: [step() for _ in range(steps)], device) / (steps * members)
        one = _seconds(loop.advance, device) / loop.steps
        peak = 2 * 2048**3 * 3 / _seconds(lambda: [product() for _ in range(3)], device)
        cohort_times.append(cohort)
        loop_times.append(one)
        ratios.append(one / cohort)
        shares.append(_operations(width) / cohort / peak)
    middle = [statistics.median(values[1:]) for values in (cohort_times, loop_times)]
    # The first round warms up and is not counted.
    return (
        1 / middle[0],
        1 / middle[1],
        statistics.median(ratios[1:]),
        statistics.median(shares[1:]),
    )


class _Loop:
    """One student at a time: a DataLoader, autograd and torch.optim, as tutorials write it."""

    steps = 40

    def __init__(self, width: int, data: tuple, device: torch.device) -> None:
        self.device = device
        self.student = mlp(INPUTS, (width, width), CLASSES).to(device)
        self.teacher_logits = torch.from_numpy(data[2])
        tensors = [torch.from_numpy(part) for part in data]
        self.loader = DataLoader(TensorDataset(*tensors), batch_size=BATCH, shuffle=True)
        self.optimizer = torch.optim.SGD(self.student.parameters(), lr=0.01, momentum=0.9)
        self.batches = iter(self.loader)

    def advance(self) -> None:
        """Take `steps` training steps."""
        for _ in range(self.steps):
            batch = next(self.batches, None)
            if batch is None:
                self.batches = iter(self.loader)
                batch = next(self.batches)
            inputs, labels, teacher = (part.to(self.device) for part in batch)
            self.optimizer.zero_grad()
            logits = self.student(inputs)
            soft = nn.functional.kl_div(
                nn.functional.log_softmax(logits / TEMPERATURE, dim=1),
                nn.functional.softmax(teacher / TEMPERATURE, dim=1),
                reduction="batchmean",
            )
            hard = nn.functional.cross_entropy(logits, labels)
            loss = SOFT_WEIGHT * TEMPERATURE**2 * soft + (1 - SOFT_WEIGHT) * hard
            loss.backward()
            self.optimizer.step()


def random_data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    inputs = rng.random((EXAMPLES, 28, 28), dtype=np.float32)
    labels = rng.integers(0, CLASSES, EXAMPLES)
    return inputs, labels, rng.normal(0, 4, (EXAMPLES, CLASSES)).astype(np.float32)


def _operations(width: int) -> int:
    """Count the operations of a student-step: products forward, and back to weights and units."""
    first, others = INPUTS * width, width * width + width * CLASSES
    return 2 * BATCH * (2 * first + 3 * others)


def _product(device: torch.device) -> Callable[[], torch.Tensor]:
    left, right, out = (torch.randn(2048, 2048, device=device) for _ in range(3))
    return lambda: torch.mm(left, right, out=out)


def _counter(take: Callable[[int], None]) -> Callable[[], None]:
    number = 0

    def step() -> None:
        nonlocal number
        take(number)
        number += 1

    return step


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    begun = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
