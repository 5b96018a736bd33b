"""What a learner can ask of many students at once: grids known to answer it, and how they do."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kdviz.compare import compare
from kdviz.grid import Grid
from kdviz.results import Cell, Results
from kdviz.session import EPOCHS, LR

BASELINE = "labels alone"
VERDICTS = ("better", "worse", "inconclusive")
PLACES = {
    "digits": {"epochs": EPOCHS, "lr": LR},
    "mnist": {"dataset": "mnist", "epochs": 3},  # minutes, not seconds, on a laptop
}


@dataclass(frozen=True)
class Row:
    """A row of the heat map: the students of one grid at these values of its axes."""

    label: str
    grid: int
    at: dict[str, float]


@dataclass(frozen=True, eq=False)
class Question:
    """A question, the grids that answer it, and the table of cells to lay them out in.

    Args:
        title: The question.
        note: What is trained to answer it.
        grids: Their students, with hard-label baselines.
        rows: Of the table; `row_title` is what differs between them.
        axis: Of the grids, along the columns; `column_title` names it.
        columns: What stands over each column.
        guess: What the learner is asked to predict.
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
    guess: str
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

    def cell(self, results: list[Results], row: int, column: int) -> tuple[Cell, Cell]:
        """Find the students of a cell and their baselines."""
        chosen = self.rows[row]
        at = chosen.at | {self.axis: self.values[column]}
        found = results[chosen.grid]
        return found.cell(**at), found.cell(**at | {"soft_weight": 0.0})


def _temperature(seeds: int, data: str) -> Question:
    widths = {"digits": (8, 16, 32, 64), "mnist": (10, 30, 100)}[data]
    temperatures = (1, 2, 3, 4, 6, 8, 12, 20)
    axes = {"width": widths, "temperature": temperatures, "soft_weight": (0, 1)}
    return Question(
        "Which temperature for which size?",
        f"{len(widths)} sizes, {len(temperatures)} temperatures, soft targets alone.",
        (Grid(axes | {"seed": range(seeds)}, **PLACES[data]),),
        tuple(Row(f"{width} units", 0, {"width": width, "soft_weight": 1.0}) for width in widths),
        "Hidden units",
        "temperature",
        "Temperature",
        tuple(map(str, temperatures)),
        f"Students of {widths[0]} units will be best at",
        (*(f"T = {T}" for T in temperatures), BASELINE),
        0.82,
        5.0,
    )


def _weight(seeds: int, data: str) -> Question:
    width = {"digits": 8, "mnist": 10}[data]
    temperatures, weights = (2, 4, 8, 20), (0.25, 0.5, 0.75, 0.9, 1)
    axes = {"width": (width,), "temperature": temperatures, "soft_weight": (0, *weights)}
    return Question(
        "How much should labels weigh?",
        f"{width} units, from a quarter soft to all soft.",
        (Grid(axes | {"seed": range(seeds)}, **PLACES[data]),),
        tuple(Row(f"T = {T}", 0, {"temperature": T}) for T in reversed(temperatures)),
        "Temperature",
        "soft_weight",
        "Soft weight",
        tuple(map(str, weights)),
        "At T = 20, students will be best with",
        (BASELINE, *(f"soft weight {weight}" for weight in weights)),
        0.82,
        5.0,
    )


def _labels(seeds: int, data: str) -> Question:
    examples = {"digits": 1000, "mnist": 60_000}[data]
    counts = (10, 20, 50, 100, 200, 500, examples)
    axes = {"temperature": (4,), "soft_weight": (0, 1), "seed": range(seeds)}
    axes["label_fraction"] = [count / examples for count in counts]
    return Question(
        "How few labels are enough?",
        "32 units, T = 4, soft targets of some or all.",
        (
            Grid(axes, **PLACES[data], drop_unlabelled=True),
            Grid(axes, **PLACES[data]),
        ),
        (
            Row("Same images", 0, {"soft_weight": 1.0}),
            Row("All images", 1, {"soft_weight": 1.0}),
        ),
        "Soft targets of",
        "label_fraction",
        "Labelled images",
        tuple(f"{count:,}" for count in counts),
        "To keep up with soft targets of all images, hard labels will need",
        (*(f"{count:,} labels" for count in counts), "more than all"),
        0.5,
        30.0,
    )


QUESTIONS: dict[str, Callable[[int, str], Question]] = {
    "temperature": _temperature,
    "weight": _weight,
    "labels": _labels,
}


class Findings:
    """What is known of a question's students; it grows while they train."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.results = [Results(grid) for grid in question.grids]
        self._cells: tuple[int, list[list[dict[str, Any]]]] = (-1, [])

    def __len__(self) -> int:
        return sum(map(len, self.results))

    def cells(self) -> list[list[dict[str, Any]]]:
        """Describe each row's cells in JSON types; computed once for all that is known."""
        count = len(self)
        if self._cells[0] != count:
            rows, columns = range(len(self.question.rows)), range(len(self.question.columns))
            self._cells = (count, [[self._describe(r, c) for c in columns] for r in rows])
        return self._cells[1]

    def summary(self) -> list[str | tuple[str, str]]:
        """Count the verdicts, as parts of a sentence with the role that colors each."""
        cells = [cell for row in self.cells() for cell in row]
        whole = [cell for cell in cells if cell["verdict"]]
        if not whole:
            return []
        count = {v: sum(cell["verdict"] == v for cell in whole) for v in VERDICTS}
        said = {v: f"{n} {'is' if n == 1 else 'are'} {v}" for v, n in count.items()}
        rest = f"So far {len(whole)} of {len(cells)} cells are complete: "
        return [
            f"Of {len(cells)} cells, " if len(whole) == len(cells) else rest,
            (said["better"], "teacher"),
            f" than {BASELINE}, ",
            (said["worse"], "hard"),
            f", and {said['inconclusive']}.",
        ]

    def best(self) -> str:
        """Name the cell that gains most, in a sentence."""
        whole = [cell for row in self.cells() for cell in row if cell["verdict"]]
        if not whole:
            return ""
        return "Best cell: " + max(whole, key=lambda cell: cell["difference"])["sentence"]

    def warning(self) -> str:
        """Say what choosing the best of many cells does to it."""
        count = sum(bool(cell["verdict"]) for row in self.cells() for cell in row)
        if not count:
            return ""
        lucky = max(1, round(0.05 * count))
        return (
            f"The best of {count} cells, chosen on the test images that also score it, is "
            f"optimistic: on new images expect a little less. And luck alone would call about "
            f"{lucky} of {count} better or worse: a 95% interval misses one time in 20."
        )

    def beside(self, prediction: str | None) -> str:
        """Put the outcome beside the prediction."""
        if any(not cell["verdict"] for row in self.cells() for cell in row):
            return ""
        if prediction not in self.question.options:
            return "You made no prediction: make one for the next question."
        return (self._keeps_up if len(self.question.grids) > 1 else self._beats)(prediction)

    def _beats(self, prediction: str) -> str:
        """Hold the predicted cell of the row asked about against the best one."""
        options, found = self.question.options, self._accuracies()
        best = max(options, key=lambda option: sum(found[option]))
        mean = sum(found[best]) / len(found[best])
        if prediction == best:
            return f"You predicted {prediction}, and it was: {mean:.1%}."
        gap = compare(found[best], found[prediction])
        lead = f"You predicted {prediction}; the best mean was {mean:.1%}, with {best}."
        return f"{lead} {gap.sentence(_as_subject(best), prediction)}"

    def _accuracies(self) -> dict[str, list[float]]:
        """Accuracies of the row asked about, by option, seed by seed; 0 where one diverged."""
        question = self.question
        row = question.rows[0]
        found, seeds = self.results[row.grid], question.grids[row.grid].axes["seed"]

        def gather(at: dict[str, float]) -> list[float]:
            values = [found.found[found.grid.point(**at, seed=seed)].accuracy for seed in seeds]
            return [0.0 if math.isnan(value) else value for value in values]

        axes = found.grid.axes
        default = {name: axes[name][0] for name in axes if name != "seed"} | row.at
        taught = [option for option in question.options if option != BASELINE]
        rows = zip(taught, question.values, strict=True)
        accuracies = {option: gather(default | {question.axis: value}) for option, value in rows}
        return accuracies | {BASELINE: gather(default | {"soft_weight": 0.0})}

    def _keeps_up(self, prediction: str) -> str:
        """Find how many labels it takes until soft targets of all images are no longer better."""
        cells = self.cells()[-1]
        behind = [c for c, cell in enumerate(cells) if cell["verdict"] == "better"]
        found = self.question.options[behind[-1] + 1 if behind else 0]
        if prediction == found:
            return f"You predicted {prediction}, and so it was."
        return f"You predicted {prediction}; it was {found}."

    def _describe(self, row: int, column: int) -> dict[str, Any]:
        question = self.question
        cell, base = question.cell(self.results, row, column)
        needed = len(question.grids[question.rows[row].grid].axes["seed"])
        gap = cell.difference
        whole = min(cell.seeds + cell.diverged, base.seeds + base.diverged) == needed
        where = f"{question.rows[row].label}, {_place(question, column)}"
        share = "no student left" if math.isnan(cell.accuracy) else f"{cell.accuracy:.1%} right"
        if not cell.seeds + cell.diverged:
            text = f"{where}: not trained yet."
        elif whole and gap is not None:
            text = f"{where}: {share}. {gap.sentence('Soft targets', BASELINE)}"
        else:
            text = f"{where}: {share}, with {cell.seeds} of {needed} seeds so far."
        plain = {n: _plain(getattr(cell, n)) for n in ("accuracy", "low", "high", "seeds")}
        plain |= {f"base_{n}": _plain(getattr(base, n)) for n in ("accuracy", "low", "high")}
        return plain | {
            "difference": _plain(100 * gap.difference) if gap else None,
            "verdict": gap.verdict if whole and gap and gap.pairs else "",
            "where": where,
            "sentence": text,
        }


def _place(question: Question, column: int) -> str:
    name = question.columns[column]
    forms = {
        "temperature": "T = {}",
        "soft_weight": "soft weight {}",
        "label_fraction": "{} labels",
    }
    return forms[question.axis].format(name)


def _as_subject(option: str) -> str:
    return option[0].upper() + option[1:]


def _plain(value: float) -> float | int | None:
    """Replace what JSON lacks: nothing known, or an endless interval."""
    return value if math.isfinite(value) else None
