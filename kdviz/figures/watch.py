"""A training run, watched live in a notebook."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kdviz.evaluation.compare import compare
from kdviz.figures.numbers import Curve, Group, curves
from kdviz.figures.results import curve_labels, curve_traces, span, training_curves
from kdviz.figures.style import Figure, screen
from kdviz.words import say

if TYPE_CHECKING:
    from kdviz.training.cohort import Run
    from kdviz.training.history import History, Record

REDRAW_SECONDS = 0.2
_ROLES = ("teacher", "hard", "student", "good")

Groups = Mapping[str, Sequence[int]]


def watch(run: Run, groups: Groups | None = None) -> Figure | None:
    """Train a run to its end and watch it: curves with a band over seeds, time left, *Stop*.

    When it ends, the verdict stands below: the first group against the second, over their seeds.
    Interrupting the kernel stops a run as well. Without a notebook the verdict is printed.

    Args:
        run: As `kdviz.train` gives it, with a test split.
        groups: Numbers of members, by what to call them; the first are drawn as taught by
            soft targets, the second as baselines. By default those with and those without them.

    Returns:
        None in a notebook, where it is shown already; elsewhere the curves as a figure.

    Raises:
        ValueError: If the run has no test split, or a group names a member that it does not have.
    """
    groups = _by_weight(run) if groups is None else groups
    members = len(run.history.recipe["seeds"])
    for name, numbers in groups.items():
        if not len(numbers) or not set(numbers) <= set(range(members)):
            raise ValueError(f"group {name!r} must hold members 0 to {members - 1}, got {numbers}")
    screen_ = _Screen() if _in_notebook() else None
    drawn = 0.0
    try:
        for record in run:
            if not record.diverged and np.isnan(record.accuracy).all():
                raise ValueError("run must have a test split: kdviz.train(..., test=...)")
            last = record.step == record.steps
            if screen_ and (last or time.perf_counter() - drawn > REDRAW_SECONDS):
                drawn = time.perf_counter()
                left = _groups(run.history, groups)
                found = curves(left, len(run.history)) if left else []
                screen_.draw(record, run.history.epochs, found)
            if screen_ and screen_.stop_asked and not last:
                break
    except KeyboardInterrupt:
        pass
    finally:
        run.close()
    said = _verdict(run.history, groups)
    if screen_:
        return screen_.end(said)
    print(said)
    return training_curves(run.history.epochs, _groups(run.history, groups))


class _Screen:
    """The widgets beneath the cell."""

    def __init__(self) -> None:
        import ipywidgets
        import plotly.graph_objects as go
        from IPython.display import display

        self.stop_asked = False
        self._bar = ipywidgets.FloatProgress(max=1.0, description=say("Training"))
        self._stop = ipywidgets.Button(description=say("Stop"))
        self._stop.on_click(self._ask)
        self._left, self._verdict = ipywidgets.Label(), ipywidgets.HTML()
        title = say("Test accuracy while they train")
        self._figure = go.FigureWidget(screen(title, "", height=320))
        self._figure.update_yaxes(tickformat=".0%").update_xaxes(title_text=say("Epoch"))
        row = ipywidgets.HBox([self._bar, self._stop, self._left])
        display(ipywidgets.VBox([row, self._figure, self._verdict]))

    def _ask(self, button: object) -> None:
        self.stop_asked = True

    def draw(self, record: Record, epochs: np.ndarray, found: list[Curve]) -> None:
        """Show how far the run is."""
        self._bar.value = record.step / record.steps
        seconds = record.seconds / record.step * (record.steps - record.step)
        self._left.value = (
            say("{} s left", f"{seconds:.0f}") if seconds else f"{record.seconds:.1f} s"
        )
        traces = [trace for curve in found for trace in curve_traces(epochs, curve)]
        low, high = span(found) if found else (0, 1)
        with self._figure.batch_update():
            self._figure.layout.xaxis.range = [0, epochs[-1]]
            self._figure.layout.yaxis.range = [low, high]
            self._figure.layout.annotations = curve_labels(found, low, high)
            if len(self._figure.data) != len(traces):
                self._figure.data = ()
                self._figure.add_traces(traces)
            for shown, trace in zip(self._figure.data, traces, strict=True):
                shown.x, shown.y = trace["x"], trace["y"]

    def end(self, said: str) -> None:
        """Show the verdict; there is nothing left to stop."""
        self._stop.disabled, self._verdict.value = True, said


def _in_notebook() -> bool:
    """Whether a kernel runs this, which can show widgets."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")


def _by_weight(run: Run) -> dict[str, list[int]]:
    weights = np.broadcast_to(run.history.recipe["soft_weight"], len(run.history.recipe["seeds"]))
    soft, hard = np.flatnonzero(weights).tolist(), np.flatnonzero(weights == 0).tolist()
    names = say("Soft targets"), say("Hard labels")
    return {name: who for name, who in zip(names, (soft, hard), strict=True) if who}


def _groups(history: History, groups: Groups) -> list[Group]:
    """The groups of which anyone is left, each with its role."""
    accuracy = history.accuracy
    return [
        Group(name, role, accuracy[:, list(numbers)])
        for (name, numbers), role in zip(groups.items(), _ROLES, strict=False)
        if np.isfinite(accuracy[:, list(numbers)]).all(0).any()
    ]


def _verdict(history: History, groups: Groups) -> str:
    if not history.finished:
        reached = history.epochs[-1] if len(history) else 0
        return say("Stopped at epoch {}: no verdict on half a run.", f"{reached:.0f}")
    final = history.accuracy[-1]
    if len(groups) < 2:
        mean = f"{np.nanmean(final):.1%}"
        return say("{}: {} right on average.", next(iter(groups)), mean)
    (this, these), (that, those), *_ = groups.items()
    if len(these) != len(those):
        return say("No verdict: the groups are not of one size, so they have no pairs.")
    within = that[:1].lower() + that[1:]  # a German noun in it keeps its capital
    return compare(final[list(these)], final[list(those)]).sentence(this, within)
