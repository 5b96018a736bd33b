"""Time training M specialists as one cohort against one after another.

Usage: python benchmarks/bench_specialists.py [--specialists 8 32] [--widths 30 100] [--steps N]

"hierarchy" data; random special sets of 5 of its 40 classes. Two baselines: each specialist as a
cohort of one by the same engine, and each by a PyTorch loop (DataLoader, autograd, torch.optim)
on the same examples. Rounds take turns and the median ratio is printed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from kdviz.data.catalog import TransferSet, load_dataset
from kdviz.models import mlp
from kdviz.specialists.training import train_specialists
from kdviz.training.cohort import Run

BATCH, SPECIAL = 128, 5


def main() -> None:
    """Print one row for each width and number of specialists."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--specialists", type=int, nargs="+", default=[8, 32])
    parser.add_argument("--widths", type=int, nargs="+", default=[30, 100])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1, help="small work is fastest on one")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"torch {torch.__version__}, {options.threads} threads, batch {BATCH}, Adam, float32")
    print("milliseconds a step of all specialists; ratios to the cohort")
    print(f"{'width':>6}{'members':>9}{'cohort':>9}{'singly':>9}{'loop':>9}{'ratios':>18}")
    for width in options.widths:
        for members in options.specialists:
            cohort, singly, loop = times = _measure(width, members, options.steps, options.rounds)
            text = "".join(f"{1000 * seconds / options.steps:>9.2f}" for seconds in times)
            print(f"{width:>6}{members:>9}{text}{singly / cohort:>9.1f}x{loop / cohort:>8.1f}x")


def _measure(width: int, members: int, steps: int, rounds: int) -> tuple[float, float, float]:
    dataset = load_dataset("hierarchy")
    rng = np.random.default_rng(0)
    classes = len(dataset.classes)
    sets = [rng.permutation(classes)[:SPECIAL].tolist() for _ in range(members)]
    generalist = mlp(dataset.train.inputs.shape[1], (width,), classes)
    make = partial(
        train_specialists, generalist, TransferSet(dataset.train),
        steps=steps, record_every=steps, batch_size=BATCH, device="cpu",
    )  # fmt: skip

    times = []
    for _ in range(rounds + 1):  # the first warms up and is not counted
        # What is timed is training: setting up is the same for all.
        runs = [make([special]).run for special in sets]
        whole = make(sets).run
        loop = sum(_loop(run, steps) for run in runs)
        singly = sum(_seconds(lambda run=run: list(run)) for run in runs)
        times.append((_seconds(lambda whole=whole: list(whole)), singly, loop))
    return tuple(statistics.median(column) for column in zip(*times[1:], strict=True))


def _loop(run: Run, steps: int) -> float:
    """Train one specialist as tutorials do, from the same start on the same examples."""
    source, student = run._recipe.sets[0], run.cohort.member(0).train()
    data = TensorDataset(torch.from_numpy(source.inputs), torch.from_numpy(source.labels))
    loader = DataLoader(data, batch_size=BATCH, shuffle=True)
    optimizer = torch.optim.Adam(student.parameters(), lr=0.003)

    def train() -> None:
        batches = iter(loader)
        for step in range(steps):
            if step and step % len(loader) == 0:
                batches = iter(loader)
            inputs, labels = next(batches)
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(student(inputs), labels).backward()
            optimizer.step()

    return _seconds(train)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
