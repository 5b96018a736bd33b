"""Sweeps that a learner starts from a page: a question, a background thread, what is found."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from traitlets import Any as AnyTrait
from traitlets import Instance, Int, dlink, observe

from kdviz.data.catalog import DATASETS, DataError, dataset_location, is_built_in
from kdviz.panels.background import Background, Workspace
from kdviz.panels.settings import Setting, settings_traits
from kdviz.panels.sweep.questions import QUESTIONS, Question
from kdviz.sweeps.grid import Grid
from kdviz.sweeps.results import Results
from kdviz.sweeps.run import sweep
from kdviz.words import Said

SEEDS = (3, 5, 8)
# Measured on "digits": more members at once are a little faster, but fill the table in lumps.
_MEMBERS_AT_ONCE = 16
_REDRAW_SECONDS = 0.15


_ASKABLE = tuple(name for name, source in DATASETS.items() if source.widths)


def datasets() -> tuple[str, ...]:
    """Name the datasets that have a teacher and need no download."""
    return tuple(name for name, source in DATASETS.items() if source.widths and _is_here(name))


def _is_here(name: str) -> bool:
    try:
        return dataset_location(name) is not None
    except DataError:
        return False


def _predictions() -> tuple[str, ...]:
    """All that can be predicted: which question it is about may be set right after it."""
    made = (make(1, place) for make in QUESTIONS.values() for place in _ASKABLE)
    return tuple(dict.fromkeys(option for question in made for option in question.options))


SETTINGS = (
    Setting("question", "choice", "labels", choices=tuple(QUESTIONS), title="Question in Sweep"),
    Setting("data", "choice", "digits", choices=datasets),
    Setting("seeds", "choice", 5, choices=SEEDS, link="sweep_seeds"),
    Setting(
        "prediction",
        "choice",
        None,
        choices=_predictions,
        link="sweep_prediction",
        optional=True,
        predicted=True,
    ),
)


@dataclass(frozen=True)
class Asked:
    """What the learner had set when a sweep began.

    Args:
        question: One of `QUESTIONS`.
        data: What students are trained and tested on.
        seeds: Of each cell, and of its baseline.
    """

    question: str
    data: str
    seeds: int


class Findings:
    """What is known of a question's students, by grid; it grows while they train."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.results = [Results(grid) for grid in question.grids]

    def __len__(self) -> int:
        return sum(map(len, self.results))


@dataclass(frozen=True)
class SweepProgress:
    """How far a sweep is.

    Args:
        done: Students trained, of `total`.
        share: Of the work done, in [0, 1].
        seconds: Since it began.
        seconds_left: As far as can be told.
    """

    done: int
    total: int
    share: float
    seconds: float
    seconds_left: float


class SweepSession(Background, settings_traits(SETTINGS)):
    """One learner's questions, and at most one sweep in a background thread.

    Whatever was trained once is kept while this lives: a sweep that was stopped goes on where it
    was, and more seeds add to those that are there.

    Args:
        workspace: Of the page.
        **settings: Initial values of the settings.

    Raises:
        TraitError: If a setting is out of its range.
    """

    title, panel = "A sweep", "Sweep"

    teacher = AnyTrait()  # of "digits"; None for the one that comes with kdviz
    shown = Instance(Asked, allow_none=True)  # of the sweep that progress belongs to
    progress = Instance(SweepProgress, allow_none=True)
    news = Int(0)  # grows with what is known

    def __init__(self, workspace: Workspace, **settings) -> None:
        self._findings: dict[Asked, Findings] = {}
        self._foretold: dict[tuple[str, str], str | None] = {}  # by question and data
        self._tables: dict[str, dict[str, dict[str, Any]]] = {}  # by data and question
        self._folder: TemporaryDirectory | None = None
        if workspace.dataset.name in datasets():
            settings = {"data": workspace.dataset.name} | settings
        super().__init__(workspace, **settings)
        if workspace.dataset.name == "digits":
            dlink((workspace, "teacher"), (self, "teacher"))

    @property
    def asked(self) -> Asked:
        """What is set now."""
        return Asked(self.question, self.data, self.seeds)

    @property
    def findings(self) -> Findings:
        """What is known of the question that is set now."""
        return self._find(self.asked)

    @property
    def accuracies(self) -> list[list[float | str | None]]:
        """What is known of them as numbers, as `Question.accuracies` lists it."""
        return self.findings.question.accuracies(self.findings.results)

    @property
    def tables(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The table of every question to every dataset that is offered, in JSON types."""
        offered = datasets()
        for data in offered:
            if data not in self._tables:
                made = {name: make(1, data) for name, make in QUESTIONS.items()}
                self._tables[data] = {name: question.plain() for name, question in made.items()}
        return {data: self._tables[data] for data in offered}

    @property
    def own(self) -> str | None:
        """The dataset that the page can train on too, if it is one of those offered."""
        workspace = self.workspace
        known = workspace.in_page and is_built_in(workspace.dataset)
        return workspace.dataset.name if known and workspace.dataset.name in datasets() else None

    @property
    def seen(self) -> bool:
        """Whether any result of this question is known, whatever the seeds."""
        mine = (self.question, self.data)
        return any(len(f) and (a.question, a.data) == mine for a, f in self._findings.items())

    @property
    def foretold(self) -> str | None:
        """The prediction that was made before there was a result."""
        return self._foretold.get((self.question, self.data))

    def close(self) -> None:
        """Stop, and leave no thread and no file behind."""
        super().close()
        if self._folder is not None:
            self._folder.cleanup()

    def _find(self, asked: Asked) -> Findings:
        if asked not in self._findings:
            question = QUESTIONS[asked.question](asked.seeds, asked.data)
            self._findings[asked] = Findings(question)
        return self._findings[asked]

    def prepare(self) -> Callable[[], None]:
        """Take down the question; return what to run."""
        if not self.seen:
            self._foretold[self.question, self.data] = self.prediction
        self.progress, self.shown = None, self.asked
        return partial(self._sweep, self.asked)

    def warm_up(self) -> None:
        """Train one tiny student."""
        for _ in sweep(Grid({"width": [4], "seed": [0]}, epochs=0.2)):
            pass

    def _sweep(self, asked: Asked) -> None:
        findings, begun = self._find(asked), time.perf_counter()
        teacher = self.teacher if asked.data == "digits" else None
        total, first, drawn = findings.question.students, None, 0.0
        for number, grid in enumerate(findings.question.grids):
            run = sweep(grid, self._store(), teacher=teacher, members_at_once=_MEMBERS_AT_ONCE)
            findings.results[number] = run.results  # with what the store had
            first = len(findings) if first is None else first
            self.news += 1
            for update in self.until_stopped(run, last=lambda _: False):
                now = time.perf_counter()
                self.news += len(update.results)
                self.message = update.notice or self.message
                if update.results or now - drawn >= _REDRAW_SECONDS:
                    drawn, part = now, update.share * update.total - update.done
                    self.progress = _progress(len(findings), part, first, total, now - begun)
        seconds = time.perf_counter() - begun
        self.progress = _progress(total, 0, first, total, seconds)
        self.state = "done"

    def say_stopped(self) -> str:
        """Say what is left of a sweep that was stopped."""
        known, total = len(self._find(self.shown)), self._find(self.shown).question.students
        return Said(
            "Stopped: {} of {} students are trained and kept. Go on when you like.", known, total
        )

    def _store(self) -> Path:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="kdviz-")
        return Path(self._folder.name, "sweeps.jsonl")

    @observe("teacher")
    def _forget(self, change) -> None:
        """What another teacher taught is in the store, should that one come back."""
        self._findings.clear()
        self.news += 1


def _progress(done: int, part: float, first: int, total: int, seconds: float) -> SweepProgress:
    """Tell the time left from the pace so far."""
    gained = done + part - first
    left = seconds / gained * (total - done - part) if gained else 0.0
    return SweepProgress(done, total, (done + part) / total, seconds, left)
