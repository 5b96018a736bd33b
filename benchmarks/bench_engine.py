"""Time the cohort against its peers: student-steps a second, the networks and batches alike.

All figures of a row come from one run, in which the peers take turns, so ratios hold on a noisy
machine. Each has a process of its own, as their threads would get in each other's way.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection

import numpy as np
import peers
import torch

from kdviz.recipe import device_name, pick_device

INPUTS, CLASSES = 784, 10
SHAPES = ["64-64-10", *(f"784-{width}-{width}-10" for width in (30, 100, 300, 800))]
ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
PEERS = ("cohort", "loader", "tensor", "functional", "jax")


def main() -> None:
    """Print one row for each network and number of members."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shapes", nargs="+", default=SHAPES)
    parser.add_argument("--members", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--device", default="auto")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--busy", action="store_true", help="processor time on one thread each: for busy machines"
    )
    options = parser.parse_args()
    if options.busy:  # what the peers' processes read as they start
        os.environ |= {"OMP_NUM_THREADS": "1", "XLA_FLAGS": ONE_THREAD}
    clock = time.process_time if options.busy else time.perf_counter
    device = pick_device(options.device)
    names = [name for name in PEERS if name != "jax" or find_spec("jax")]
    print(f"{device_name(device)}, torch {torch.__version__}, batch {peers.BATCH}, float32, SGD")
    print("student-steps a second: kdviz; one student at a time, from a DataLoader and from one")
    print("tensor; torch.func vmap(grad); JAX jit(vmap(grad)) with lax.scan. Last, kdviz to the")
    print("fastest of the others.")
    if "jax" not in names:
        print("JAX is not installed here, so it is left out: pip install jax adds it.")
    print(f"{'network':>15}{'members':>9}" + "".join(f"{n:>12}" for n in names) + f"{'ratio':>8}")
    for shape in options.shapes:
        for members in options.members:
            sizes = [int(size) for size in shape.split("-")]
            times = _measure(names, sizes, members, device, options.rounds, clock)
            ratio = statistics.median(min(row[1:]) / row[0] for row in times)
            rates = [1 / statistics.median(column) for column in zip(*times, strict=True)]
            row = "".join(f"{rate:>12,.0f}" for rate in rates)
            print(f"{shape:>15}{members:>9}{row}{ratio:>7.2f}x", flush=True)


def _measure(
    names: list[str],
    sizes: list[int],
    members: int,
    device: torch.device,
    rounds: int,
    clock: Callable[[], float],
) -> list[list[float]]:
    """Return for each round the seconds of a student-step of each peer."""
    context, workers = get_context("spawn"), []
    for name in names:
        here, there = context.Pipe()
        given = (name, sizes, members, device, clock, there)
        process = context.Process(target=_work, args=given, daemon=True)
        process.start()
        workers.append((process, here))
    for _, pipe in workers:
        pipe.recv()  # it is ready, and warm
    times = []
    for _ in range(rounds):
        row = []
        for _, pipe in workers:
            pipe.send("go")
            row.append(pipe.recv())
        times.append(row)
    for process, pipe in workers:
        pipe.send("stop")
        process.join()
    return times


def _work(
    name: str,
    sizes: list[int],
    members: int,
    device: torch.device,
    clock: Callable[[], float],
    pipe: Connection,
) -> None:
    numbers = sum(a * b for a, b in pairwise(sizes))
    steps = max(4, min(128, int(1e7 / (numbers * members))))
    take, students = getattr(peers, name)(sizes, members, random_data(sizes[0]), device, steps)
    take(steps)
    pipe.send("ready")
    while pipe.recv() == "go":
        begun = clock()
        take(steps)
        if device.type == "cuda":
            torch.cuda.synchronize()
        pipe.send((clock() - begun) / (steps * students))


def random_data(inputs: int = INPUTS) -> peers.Data:
    """Make 12,800 examples, as flat as the network takes them."""
    rng, examples = np.random.default_rng(0), 12_800
    labels = rng.integers(0, CLASSES, examples)
    teacher = rng.normal(0, 4, (examples, CLASSES)).astype(np.float32)
    return rng.random((examples, inputs), dtype=np.float32), labels, teacher


if __name__ == "__main__":
    main()
