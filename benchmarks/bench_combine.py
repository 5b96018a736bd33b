"""Times the combination of a generalist and its specialists at the paper's shape.

Usage: python benchmarks/bench_combine.py [--examples N] [--reference N]

15,000 classes, 61 specialists of 300 random classes, top = 1, synthetic logits. Prints the time
of `combine_specialists` for all examples, and that of the paper's gradient descent, example by
example until it has reached the same objective within 1e-9 nats, for a few of the examples that
have an active specialist; its time for all of them is extrapolated from these.
"""

import argparse
import time

import torch

from kdviz.combine import (
    active_specialists,
    combination_objective,
    combine_by_gradient_descent,
    combine_specialists,
)

CLASSES, SPECIALISTS, WIDTH, BANK = 15_000, 61, 300, 97


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--reference", type=int, default=20, help="examples by gradient descent")
    arguments = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    generalist, ask, sets = synthetic(arguments.examples, device)
    combine_specialists(generalist[:64], ask, sets)  # warm up
    seconds, combined = min(
        (timed(lambda: combine_specialists(generalist, ask, sets)) for _ in range(3)),
        key=lambda run: run[0],
    )
    active = active_specialists(generalist, sets)
    print(f"device {device}, {torch.get_num_threads()} threads; {CLASSES:,} classes, {SPECIALISTS}")
    print(f"specialists of {WIDTH}; {arguments.examples:,} examples, {int(active.sum()):,} active")
    print(f"pairs, at most {int(active.sum(1).max())} an example")
    print(f"combine_specialists: {seconds:.2f} s (best of 3)")

    rows = active.any(1).nonzero()[: arguments.reference, 0]
    few, told = generalist[rows].double(), lambda m, some: ask(m, rows[some]).double()
    exact = combine_specialists(few, told, sets)
    goal = combination_objective(exact, few, told, sets) + 1e-9
    slow, reached = timed(
        lambda: combine_by_gradient_descent(few, told, sets, goal=goal, steps=200_000)
    )
    short = (combination_objective(reached, few, told, sets) - goal).clamp_min(0).max()
    whole = slow / len(rows) * int(active.any(1).sum())
    print(f"gradient descent: {slow / len(rows):.2f} s an example over {len(rows)} examples,")
    print(f"at most {short:.0e} nats above the goal; extrapolated to all: {whole:,.0f} s")
    print(f"ratio: {whole / seconds:,.0f}")
    wide = (combined[rows].double() / combined[rows].double().sum(1, keepdim=True) - exact).abs()
    print(f"float32 against float64: {wide.max():.1e}")


if __name__ == "__main__":
    main()
