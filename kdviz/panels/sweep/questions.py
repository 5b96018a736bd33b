"""What a learner can ask of many students at once: grids that answer it, laid out in a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from kdviz.data.catalog import DATASETS
from kdviz.sweeps.grid import Grid, Point
from kdviz.sweeps.results import Results

BASELINE = "labels alone"
DIVERGED = "diverged"
_TOLD = ("title", "note", "row_title", "column_title", "columns", "places", "guess", "asks")
_TOLD += ("options", "floor", "span")


@dataclass(frozen=True)
class Row:
    """A row of the heat map: the students of one grid at these values of its axes."""

    label: str
    grid: int
    at: dict[str, float]


@dataclass(frozen=True, eq=False)
class Question:
    """A question, the grids that answer it, and the table of cells to lay them out in.

    A *kind* is the students of a grid that differ by their seed alone.

    Args:
        title: The question.
        note: What is trained to answer it.
        grids: Their students, with hard-label baselines.
        rows: Of the table; `row_title` is what differs between them.
        axis: Of the grids, along the columns; `column_title` names it.
        columns: What stands over each column; `places`, what it is called in a sentence.
        guess: What the learner is asked to predict, one of `options`.
        asks: "best": which place in the first row does best, if it is not the baseline; or
            "enough": from which place on the baselines keep up with the last row.
        options: What can be predicted.
        floor: Lowest accuracy on the charts, in [0, 1].
        span: Difference at which a cell has its full color, in points.
    """

    title: str
    note: str
    grids: tuple[Grid, ...]
    rows: tuple[Row, ...]
    row_title: str
    axis: str
    column_title: str
    columns: tuple[str, ...]
    places: tuple[str, ...]
    guess: str
    asks: str
    options: tuple[str, ...]
    floor: float
    span: float

    @property
    def values(self) -> tuple[float, ...]:
        """Values of the axis along the columns."""
        taught = self.axis == "soft_weight"  # then 0 is the baseline, and no column
        return tuple(v for v in self.grids[0].axes[self.axis] if v or not taught)

    @property
    def students(self) -> int:
        """How many are trained in all."""
        return sum(len(grid.points()) for grid in self.grids)

    @cached_property
    def kinds(self) -> tuple[tuple[int, Point], ...]:
        """The number of each kind's grid, and its student of seed 0."""
        return tuple(
            (number, point)
            for number, grid in enumerate(self.grids)
            for point in grid.points()
            if point.seed == 0
        )

    def cell(self, row: int, column: int) -> tuple[int, int]:
        """Find the numbers of the two kinds that a cell compares: its students, their baselines."""
        chosen, value = self.rows[row], self.values[column]
        grid = self.grids[chosen.grid]
        first = {name: values[0] for name, values in grid.axes.items()}
        at = first | chosen.at | {self.axis: value, "seed": 0}
        points = (grid.point(**at), grid.point(**at | {"soft_weight": 0.0}))
        return tuple(self.kinds.index((chosen.grid, point)) for point in points)

    def accuracies(self, results: Sequence[Results]) -> list[list[float | str | None]]:
        """List what is known by kind and seed, in JSON types.

        Args:
            results: Of each grid.

        Returns:
            Test accuracies in [0, 1]; `DIVERGED` for a student that did, None for one that is not
            trained yet.
        """
        return [
            [
                _accuracy(results[number], replace(point, seed=seed))
                for seed in self.grids[number].axes["seed"]
            ]
            for number, point in self.kinds
        ]

    def plain(self) -> dict[str, Any]:
        """Write down in JSON types what the page must know, whatever the seeds.

        `kinds` says how students are trained; those with labels None see all of them. `cells` has
        the numbers of the two kinds that each cell compares.
        """
        recipe = self.grids[0]
        told = {name: getattr(self, name) for name in _TOLD}
        columns = range(len(self.columns))
        return {name: list(v) if isinstance(v, tuple) else v for name, v in told.items()} | {
            "rows": [row.label for row in self.rows],
            "baseline": BASELINE,
            "recipe": {n: getattr(recipe, n) for n in ("epochs", "lr", "batch_size")},
            "kinds": [_describe(self.grids[number], point) for number, point in self.kinds],
            "cells": [[list(self.cell(r, c)) for c in columns] for r in range(len(self.rows))],
        }


def _accuracy(results: Results, point: Point) -> float | str | None:
    result = results.found.get(point)
    if result is None:
        return None
    return DIVERGED if math.isnan(result.accuracy) else result.accuracy


def _describe(grid: Grid, point: Point) -> dict[str, Any]:
    """Describe a student but for its seed."""
    some = 0 < point.label_fraction < 1
    return {
        "width": point.width,
        "temperature": point.temperature,
        "soft_weight": point.soft_weight,
        "labels": round(point.label_fraction * DATASETS[grid.dataset].examples) if some else None,
        "drop_unlabelled": grid.picks_examples(point),
    }


def _recipe(data: str) -> dict[str, Any]:
    return {"dataset": data} | DATASETS[data].sweep


def _temperature(seeds: int, data: str) -> Question:
    widths = DATASETS[data].widths
    temperatures = (1, 2, 3, 4, 6, 8, 12, 20)
    axes = {"width": widths, "temperature": temperatures, "soft_weight": (0, 1)}
    places = tuple(f"T = {T}" for T in temperatures)
    return Question(
        "Which temperature for which size?",
        f"{len(widths)} sizes, {len(temperatures)} temperatures, soft targets alone.",
        (Grid(axes | {"seed": range(seeds)}, **_recipe(data)),),
        tuple(Row(f"{width} units", 0, {"width": width, "soft_weight": 1.0}) for width in widths),
        "Hidden units",
        "temperature",
        "Temperature",
        tuple(map(str, temperatures)),
        places,
        f"Students of {widths[0]} units will be best at",
        "best",
        (*places, BASELINE),
        0.82,
        5.0,
    )


def _weight(seeds: int, data: str) -> Question:
    width = DATASETS[data].widths[0]
    temperatures, weights = (2, 4, 8, 20), (0.25, 0.5, 0.75, 0.9, 1)
    axes = {"width": (width,), "temperature": temperatures, "soft_weight": (0, *weights)}
    places = tuple(f"soft weight {weight}" for weight in weights)
    return Question(
        "How much should labels weigh?",
        f"{width} units, from a quarter soft to all soft.",
        (Grid(axes | {"seed": range(seeds)}, **_recipe(data)),),
        tuple(Row(f"T = {T}", 0, {"temperature": T}) for T in reversed(temperatures)),
        "Temperature",
        "soft_weight",
        "Soft weight",
        tuple(map(str, weights)),
        places,
        "At T = 20, students will be best with",
        "best",
        (BASELINE, *places),
        0.82,
        5.0,
    )


def _labels(seeds: int, data: str) -> Question:
    examples = DATASETS[data].examples
    counts = (10, 20, 50, 100, 200, 500, examples)
    axes = {"temperature": (4,), "soft_weight": (0, 1), "seed": range(seeds)}
    axes["label_fraction"] = [count / examples for count in counts]
    places = tuple(f"{count:,} labels" for count in counts)
    return Question(
        "How few labels are enough?",
        "32 units, T = 4, soft targets of some or all.",
        (
            Grid(axes, **_recipe(data), drop_unlabelled=True),
            Grid(axes, **_recipe(data)),
        ),
        (
            Row("Same images", 0, {"soft_weight": 1.0}),
            Row("All images", 1, {"soft_weight": 1.0}),
        ),
        "Soft targets of",
        "label_fraction",
        "Labelled images",
        tuple(f"{count:,}" for count in counts),
        places,
        "To keep up with soft targets of all images, hard labels will need",
        "enough",
        (*places, "more than all"),
        0.5,
        30.0,
    )


QUESTIONS: dict[str, Callable[[int, str], Question]] = {
    "labels": _labels,
    "temperature": _temperature,
    "weight": _weight,
}
