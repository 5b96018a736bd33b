"""Times the combination of a generalist and its specialists at the paper's shape.

Usage: python benchmarks/bench_combine.py [--examples N] [--reference N] [--threads N]

15,000 classes, 61 specialists of 300 random classes, top = 1, synthetic logits. Prints the time
of `combine_specialists` for all examples, and that of the paper's gradient descent, example by
example until it has reached the same objective within 1e-9 nats, for a few of the examples that
have an active specialist; its time for all of them is extrapolated from these.
"""

import argparse
import resource
import time

import torch

from kdviz.specialists.combine import (
    active_specialists,
    combination_objective,
    combine_by_gradient_descent,
    combine_specialists,
)

CLASSES, SPECIALISTS, WIDTH, BANK, STEPS = 15_000, 61, 300, 97, 20_000


def synthetic(examples: int, device: str):
    rng = torch.Generator().manual_seed(0)
    logits = torch.randn(examples, CLASSES, generator=rng).mul_(2.0)
    true = torch.randint(CLASSES, (examples,), generator=rng)
    logits[torch.arange(examples), true] += 11.0
    generalist = torch.softmax(logits.to(device), 1)
    sets = [torch.randperm(CLASSES, generator=rng)[:WIDTH].tolist() for _ in range(SPECIALISTS)]
    bank = torch.randn(SPECIALISTS, BANK, WIDTH + 1, generator=rng).mul_(2.0)
    bank = torch.softmax(bank, 2).to(device)
    return generalist, lambda m, rows: bank[m, rows % BANK], sets


def timed(function):
    start = time.perf_counter()
    result = function()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start, result


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--reference", type=int, default=5, help="examples by gradient descent")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    generalist, ask, sets = synthetic(arguments.examples, device)
    combine_specialists(generalist[:64], ask, sets)  # warm up
    print(f"memory with the generalist's probabilities: {peak_mb():,.0f} MB")
    times = []
    for _ in range(5):
        combined = None  # frees the last one
        seconds, combined = timed(lambda: combine_specialists(generalist, ask, sets))
        times.append(seconds)
    seconds = min(times)
    active = active_specialists(generalist, sets)
    print(f"device {device}, {torch.get_num_threads()} threads; {arguments.examples:,} examples,")
    print(f"{CLASSES:,} classes, {SPECIALISTS} specialists of {WIDTH} random classes, top = 1")
    print(f"active pairs: {int(active.sum()):,}, at most {int(active.sum(1).max())} an example")
    print(f"combine_specialists: {seconds:.2f} s (best of 5), peak memory {peak_mb():,.0f} MB")
    rows = active.any(1).nonzero()[: arguments.reference, 0]
    few, told = generalist[rows].double(), lambda m, some: ask(m, rows[some]).double()
    exact = combine_specialists(few, told, sets)
    best = combination_objective(exact, few, told, sets)
    slow, reached = timed(
        lambda: combine_by_gradient_descent(few, told, sets, goal=best + 1e-9, steps=STEPS)
    )
    short = (combination_objective(reached, few, told, sets) - best).max()
    whole = slow / len(rows) * int(active.any(1).sum())
    print(f"gradient descent, at most {STEPS:,} steps: {slow / len(rows):.2f} s an example over")
    print(f"{len(rows)} examples, and then still up to {short:.0e} nats above the minimum")
    print(f"extrapolated to all examples: {whole:,.0f} s; ratio at least {whole / seconds:,.0f}")
    mass = combined[rows].double()
    wide = (mass / mass.sum(1, keepdim=True) - exact).abs().max()
    print(f"float32 result against float64: {wide:.0e}")


if __name__ == "__main__":
    main()
