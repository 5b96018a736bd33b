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
from kdviz.words import Said

BASELINE = Said("labels alone")
DIVERGED = "diverged"
_TOLD = ("title", "note", "row_title", "column_title", "by", "columns", "places", "guess")
_TOLD += ("asks", "options", "floor", "span")


@dataclass(frozen=True)
class Row:
    """A row of the heat map: the students of one grid at these values of its axes."""

    label: Said
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
        axis: Of the grids, along the columns; `column_title` names it, and `by` within a sentence.
        columns: What stands over each column; `places`, what it is called in a sentence.
        guess: What the learner is asked to predict, one of `options`.
        asks: "best": which place in the first row does best, if it is not the baseline; or
            "enough": from which place on the baselines keep up with the last row.
        options: What can be predicted.
        floor: Lowest accuracy on the charts, in [0, 1].
        span: Difference at which a cell has its full color, in points.
    """

    title: Said
    note: Said
    grids: tuple[Grid, ...]
    rows: tuple[Row, ...]
    row_title: Said
    axis: str
    column_title: Said
    by: Said
    columns: tuple[str, ...]
    places: tuple[Said, ...]
    guess: Said
    asks: str
    options: tuple[Said, ...]
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
        the numbers of the two kinds that each cell compares. `said` has for each text its key and
        values, as `Said` has them: predictions are known by the English.
        """
        recipe = self.grids[0]
        told = {name: getattr(self, name) for name in _TOLD}
        columns, rows = range(len(self.columns)), [row.label for row in self.rows]
        texts = (self.title, self.note, self.row_title, self.column_title, self.by, self.guess)
        texts += (BASELINE, *self.places, *self.options, *rows)
        return {name: list(v) if isinstance(v, tuple) else v for name, v in told.items()} | {
            "rows": rows,
            "baseline": BASELINE,
            "recipe": {n: getattr(recipe, n) for n in ("epochs", "lr", "batch_size")},
            "kinds": [_describe(self.grids[number], point) for number, point in self.kinds],
            "cells": [[list(self.cell(r, c)) for c in columns] for r in range(len(rows))],
            "said": {str(text): text.plain for text in texts},
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
    places = tuple(Said("T = {}", T) for T in temperatures)
    return Question(
        Said("Which temperature for which size?"),
        Said("{} sizes, {} temperatures, soft targets alone.", len(widths), len(temperatures)),
        (Grid(axes | {"seed": range(seeds)}, **_recipe(data)),),
        tuple(
            Row(Said("{} units", width), 0, {"width": width, "soft_weight": 1.0})
            for width in widths
        ),
        Said("Hidden units"),
        "temperature",
        Said("Temperature"),
        Said("temperature"),
        tuple(map(str, temperatures)),
        places,
        Said("Students of {} units will be best at", widths[0]),
        "best",
        (*places, BASELINE),
        0.82,
        5.0,
    )


def _weight(seeds: int, data: str) -> Question:
    width = DATASETS[data].widths[0]
    temperatures, weights = (2, 4, 8, 20), (0.25, 0.5, 0.75, 0.9, 1)
    axes = {"width": (width,), "temperature": temperatures, "soft_weight": (0, *weights)}
    places = tuple(Said("soft weight {}", weight) for weight in weights)
    return Question(
        Said("How much should labels weigh?"),
        Said("{} units, from a quarter soft to all soft.", width),
        (Grid(axes | {"seed": range(seeds)}, **_recipe(data)),),
        tuple(Row(Said("T = {}", T), 0, {"temperature": T}) for T in reversed(temperatures)),
        Said("Temperature"),
        "soft_weight",
        Said("Soft weight"),
        Said("soft weight"),
        tuple(map(str, weights)),
        places,
        Said("At T = {}, students will be best with", temperatures[-1]),
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
    places = tuple(Said("{} labels", f"{count:,}") for count in counts)
    return Question(
        Said("How few labels are enough?"),
        Said("32 units, T = 4, soft targets of some or all."),
        (
            Grid(axes, **_recipe(data), drop_unlabelled=True),
            Grid(axes, **_recipe(data)),
        ),
        (
            Row(Said("Same images"), 0, {"soft_weight": 1.0}),
            Row(Said("All images"), 1, {"soft_weight": 1.0}),
        ),
        Said("Soft targets of"),
        "label_fraction",
        Said("Labelled images"),
        Said("labelled images"),
        tuple(f"{count:,}" for count in counts),
        places,
        Said("To keep up with soft targets of all images, hard labels will need"),
        "enough",
        (*places, Said("more than all")),
        0.5,
        30.0,
    )


QUESTIONS: dict[str, Callable[[int, str], Question]] = {
    "labels": _labels,
    "temperature": _temperature,
    "weight": _weight,
}
