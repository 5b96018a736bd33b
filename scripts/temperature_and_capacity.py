"""Temperature against capacity (§3): which temperature suits a student of which width?

By default the whole study on MNIST: students with two hidden layers of 30, 100, 300 and 800
units, taught by soft targets alone at 13 temperatures from 1 to 50, and baselines from hard
labels, with 3 seeds: 168 students of 20 epochs. Finished ones are kept in a store: stop it at any
moment, and start it again to go on.
"""

import argparse

import numpy as np

from kdviz.evaluation.compare import compare
from kdviz.figures import accuracy_by_width, sweep_map
from kdviz.recipe import device_name, pick_device
from kdviz.sweeps.run import Grid, Results, sweep
from kdviz.teachers import Teacher

WIDTHS = (30, 100, 300, 800)
TEMPERATURES = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 12, 20, 30, 50)
NARROW, WIDE = 30, 300  # the paper: T from 2.5 to 4 best; all T above 8 about the same


def main() -> None:
    options = parse()
    grid = Grid(
        {"width": options.widths, "temperature": options.temperatures,
         "seed": range(options.seeds)},
        dataset=options.dataset,
        layers=options.layers,
        epochs=options.epochs,
        optimizer=options.optimizer,
        lr=options.lr,
    )  # fmt: skip
    teacher = Teacher.load(options.teacher) if options.teacher else None
    run = sweep(
        grid, options.store, teacher=teacher, members_at_once=options.members,
        memory_gib=options.memory_gib, device=options.device,
    )  # fmt: skip
    print(f"{len(grid.points())} students on {device_name(pick_device(options.device))},", end=" ")
    print(f"{len(run.results)} of them found in {options.store}")
    try:
        results = run.finish()
    except KeyboardInterrupt:
        run.close()
        print_table(run.results)
        print(f"\nInterrupted. What is finished is in {options.store}: start again to go on.")
        return
    print_table(results)
    print_claims(results)
    for path in draw(results, options.figure):
        print(f"Wrote {path}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="mnist")
    parser.add_argument("--teacher", help="a file that Teacher.save wrote; else that of kdviz")
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS)
    parser.add_argument("--temperatures", type=float, nargs="+", default=TEMPERATURES)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=float, default=20)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--optimizer", default="sgd")
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--members", type=int, default=64, help="students in a cohort at most")
    parser.add_argument("--memory-gib", type=float, default=8.0)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--store", default="temperature_and_capacity.jsonl")
    parser.add_argument("--figure", default="temperature_and_capacity.pdf",
                        help="its ending decides the format")  # fmt: skip
    return parser.parse_args()


def print_table(results: Results) -> None:
    """Print test errors in percent with their 95% intervals, and the difference to baselines."""
    print(f"\n{'width':>5} {'T':>6}  {'errors':>7} {'95% interval':>17}  {'gain in points':>24}")
    for row in results.table():
        name = "labels" if row["temperature"] is None else f"{row['temperature']:g}"
        span = interval_text(100 * (1 - row["high"]), 100 * (1 - row["low"]), ".2f")
        text = f"{row['width']:>5} {name:>6}  {100 * (1 - row['accuracy']):6.2f}% {span:>17}"
        if row["temperature"] is not None:
            ends = interval_text(100 * row["difference_low"], 100 * row["difference_high"], "+.2f")
            text += f"  {100 * row['difference']:+.2f} {ends:>18} {row['verdict']}"
        print(text)


def interval_text(low: float, high: float, form: str) -> str:
    return f"{low:{form}} to {high:{form}}" if np.isfinite([low, high]).all() else "unknown"


def print_claims(results: Results) -> None:
    """Hold the paper's two claims against what was found, where the grid has their students."""
    axes = results.grid.axes
    for width in axes["width"]:
        temperatures = [T for T in axes["temperature"] if T > 8 or width <= NARROW]
        if NARROW < width < WIDE or len(temperatures) < 2:
            continue
        found = {T: results.per_seed(width=width, temperature=T) for T in temperatures}
        best = max(found, key=lambda T: np.nan_to_num(np.mean(found[T])))
        print(f"\n{width} units: the best mean is at T = {best:g}, chosen on these very seeds.")
        for T in temperatures:
            if best != T:
                gap = compare(found[best], found[T])
                print(f"  {gap.sentence(f'Students at T = {best:g}', f'those at T = {T:g}')}")


def draw(results: Results, figure: str) -> list[str]:
    """Save accuracy by width, and the map of verdicts beside it."""
    widths, temperatures = (results.grid.axes[name] for name in ("width", "temperature"))
    soft = [[results.per_seed(width=w, temperature=T) for T in temperatures] for w in widths]
    hard = [results.per_seed(width=w, temperature=temperatures[0], soft_weight=0) for w in widths]
    heat = results.heat_map("width", "temperature")
    stem, dot, ending = figure.rpartition(".")
    names = [figure, f"{stem}_map{dot}{ending}"]
    columns = [f"{T:g}" for T in temperatures]
    accuracy_by_width(temperatures, widths, soft, hard).savefig(names[0])
    sweep_map(heat.difference, heat.verdicts, widths, columns).savefig(names[1])
    return names


if __name__ == "__main__":
    main()
