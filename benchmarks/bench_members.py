"""One step of a cohort of 1 to 256 members: its time against members, and its memory.

The time is given as a share of what it would be if it grew in proportion from one member: 100%
is linear, and 1/members is flat. The memory is the growth of the process (of the GPU's, where
there is one) over the smallest cohort, a member, beside the weights and momentum of a student.
"""

import argparse
import resource
import statistics
import sys
import time
from functools import partial
from multiprocessing import get_context

import torch
from bench_engine import CLASSES, INPUTS, random_data

import kdviz
from kdviz.data.catalog import Split, TransferSet
from kdviz.models import mlp
from kdviz.training.recipe import device_name, pick_device


def main() -> None:
    """Print one row for each width and number of members."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--widths", type=int, nargs="+", default=[30, 100, 300, 800])
    parser.add_argument("--members", type=int, nargs="+", default=[1, 4, 16, 64, 256])
    parser.add_argument("--device", default="auto")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    device = pick_device(options.device)
    print(f"{device_name(device)}, torch {torch.__version__}, batch 128, float32, SGD")
    print(f"{'width':>6}{'members':>9}{'step':>12}{'of linear':>11}{'MB a member':>14}{'state':>8}")
    for width in options.widths:
        first = None
        for members in sorted(options.members):
            # A process of its own, as the most memory ever held is what can be asked for.
            with get_context("spawn").Pool(1) as pool:
                given = (width, members, device, options.rounds)
                seconds, held, state = pool.apply(measure, given)
            first = first or (members, seconds, held)
            linear = seconds / (first[1] * members / first[0])
            more = (held - first[2]) / (members - first[0]) if members > first[0] else float("nan")
            print(f"{width:>6}{members:>9}{1e3 * seconds:>9.2f} ms{linear:>11.0%}"
                  f"{more / 1e6:>14.2f}{state / 1e6:>8.2f}")  # fmt: skip


def measure(width: int, members: int, device: torch.device, rounds: int) -> tuple:
    """Return seconds a step, bytes held at the peak, and bytes of one student's state."""
    inputs, labels, teacher = random_data()
    every = max(2, 50_000 // (members * width))
    run = kdviz.train(
        partial(mlp, INPUTS, (width, width), CLASSES), TransferSet(Split(inputs, labels)), teacher,
        seeds=range(members), temperature=4, optimizer="sgd", schedule="constant", lr=0.01,
        steps=10**6, record_every=every, device=device,
    )  # fmt: skip
    next(run)
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        next(run)
        times.append((time.perf_counter() - begun) / every)
    parameters = sum(value[0].numel() for value in run.cohort.params.values())
    return statistics.median(times), peak(device), 2 * 4 * parameters


def peak(device: torch.device) -> int:
    """Return the most bytes that were held so far."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
