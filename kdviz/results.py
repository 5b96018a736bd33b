"""What a sweep has found so far, with intervals over seeds and paired differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from kdviz.evaluation.compare import Comparison, compare, judge
from kdviz.grid import AXES, Grid, Point
from kdviz.store import Result


@dataclass(frozen=True)
class Cell:
    """The students that differ by their seed alone.

    Args:
        accuracy: Their mean on the test split, in [0, 1]; NaN without any.
        low: Lower end of its 95% interval, minus infinity with one seed.
        high: Its upper end.
        errors: Their mean number of test errors.
        seeds: Students that were trained and did not diverge.
        diverged: Students that diverged.
        difference: To the baselines of the same seeds; None without any, and for baselines.
    """

    accuracy: float
    low: float
    high: float
    errors: float
    seeds: int
    diverged: int
    difference: Comparison | None


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Cells over two axes, as arrays of R rows and C columns; NaN where nothing is known yet.

    Args:
        rows: (R,) values of the first axis.
        columns: (C,) values of the second.
        accuracy: (R, C) means over seeds.
        low: (R, C) lower ends of the 95% intervals.
        high: (R, C) upper ends.
        difference: (R, C) mean paired differences to the baselines.
        difference_low: (R, C) lower ends of their 95% intervals.
        difference_high: (R, C) upper ends.
        seeds: (R, C) students trained, int64.
    """

    rows: tuple[float, ...]
    columns: tuple[float, ...]
    accuracy: np.ndarray
    low: np.ndarray
    high: np.ndarray
    difference: np.ndarray
    difference_low: np.ndarray
    difference_high: np.ndarray
    seeds: np.ndarray

    @property
    def verdicts(self) -> np.ndarray:
        """(R, C) "better" or "worse" than the baselines, or "inconclusive"."""
        return judge(self.difference_low, self.difference_high)


class Results:
    """The results of a grid's students, as many as there are; it grows while a sweep runs."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.found: dict[Point, Result] = {}

    def __len__(self) -> int:
        return len(self.found)

    def cell(self, **at: float) -> Cell:
        """Gather the students at these values of the axes, over all seeds.

        An axis with one value may be left out. If `soft_weight` is, it is the one above 0.

        Raises:
            ValueError: If an axis is unknown or left open, or has no such value.
        """
        at = self._resolve(at)
        results = self._over_seeds(at)
        baselines = self._over_seeds(at | {"soft_weight": 0.0}) if at["soft_weight"] > 0 else {}
        paired = [seed for seed in results if seed in baselines]
        difference = None
        if paired:
            these, those = (
                [group[seed].accuracy for seed in paired] for group in (results, baselines)
            )
            difference = compare(these, those)
        if not results:
            return Cell(math.nan, math.nan, math.nan, math.nan, 0, 0, difference)
        # The interval of a mean is that of its difference to nothing.
        mean = compare([r.accuracy for r in results.values()], np.zeros(len(results)))
        errors = [r.errors for r in results.values() if r.errors is not None]
        return Cell(
            mean.difference,
            mean.low if mean.pairs else math.nan,
            mean.high if mean.pairs else math.nan,
            float(np.mean(errors)) if errors else math.nan,
            mean.pairs,
            mean.left_out,
            difference,
        )

    def per_seed(self, **at: float) -> np.ndarray:
        """List (S,) accuracies in the order of the grid's seeds: NaN where one is missing.

        Raises:
            ValueError: As `cell`.
        """
        found = self._over_seeds(self._resolve(at))
        seeds = self.grid.axes["seed"]
        return np.array([found[seed].accuracy if seed in found else math.nan for seed in seeds])

    def table(self) -> list[dict[str, float | str | None]]:
        """List what is known, a row a cell: `pandas.DataFrame(results.table())` reads it.

        Baselines have the temperature None. A student of soft targets alone comes once for each
        label fraction, beside the baseline that had those labels.
        """
        names = [name for name in AXES if name != "seed"]
        rows = []
        for values in product(*(self.grid.axes[name] for name in names)):
            at = dict(zip(names, values, strict=True))
            if at["soft_weight"] == 0 and at["temperature"] != self.grid.axes["temperature"][0]:
                continue
            cell = self.cell(**at)
            if not cell.seeds and not cell.diverged:
                continue
            if at["soft_weight"] == 0:
                at["temperature"] = None
            gap = cell.difference or Comparison(math.nan, math.nan, math.nan, 0)
            rows.append(
                at
                | {n: getattr(cell, n) for n in Cell.__dataclass_fields__ if n != "difference"}
                | {"difference": gap.difference, "difference_low": gap.low}
                | {"difference_high": gap.high, "verdict": gap.verdict if gap.pairs else ""}
            )
        return rows

    def heat_map(self, rows: str, columns: str, **at: float) -> HeatMap:
        """Lay the cells out over two axes, the other axes at one value each.

        Raises:
            ValueError: As `cell`, or if `rows` and `columns` are the same, or are seeds.
        """
        for name in (rows, columns):
            if name not in AXES or name == "seed" or rows == columns:
                raise ValueError(
                    f"rows and columns must be two of {', '.join(n for n in AXES if n != 'seed')}, "
                    f"got {rows!r} and {columns!r}"
                )
        down, across = self.grid.axes[rows], self.grid.axes[columns]
        cells = [
            self.cell(**at | {rows: row, columns: column}) for row, column in product(down, across)
        ]

        def gather(values: Sequence[float]) -> np.ndarray:
            return np.array(values).reshape(len(down), len(across))

        gaps = [c.difference or Comparison(math.nan, math.nan, math.nan, 0) for c in cells]
        return HeatMap(
            down,
            across,
            *(gather([getattr(c, name) for c in cells]) for name in ("accuracy", "low", "high")),
            *(gather([getattr(g, name) for g in gaps]) for name in ("difference", "low", "high")),
            gather([c.seeds for c in cells]),
        )

    def _over_seeds(self, at: dict[str, float]) -> dict[int, Result]:
        points = {seed: self.grid.point(**at, seed=seed) for seed in self.grid.axes["seed"]}
        return {s: self.found[point] for s, point in points.items() if point in self.found}

    def _resolve(self, at: dict[str, float]) -> dict[str, float]:
        names = [name for name in AXES if name != "seed"]
        for name in at:
            if name not in names:
                raise ValueError(f"axes must be among {', '.join(names)}, got {name!r}")
        resolved = {}
        for name in names:
            values = self.grid.axes[name]
            if name == "soft_weight" and len(values) > 1:
                choices = tuple(value for value in values if value > 0)
            else:
                choices = values
            value = at.get(name, choices[0] if len(choices) == 1 else None)
            if value not in values:
                raise ValueError(f"{name} must be one of {values}, got {value}")
            resolved[name] = value
        return resolved
