"""Sweeps that a learner starts from a page: a question, a background thread, what is found."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from traitlets import Any, Instance, Int, TraitError, Unicode, observe, validate

from kdviz.background import Background, Place
from kdviz.data import DataError, dataset_location
from kdviz.grid import Grid
from kdviz.questions import PLACES, QUESTIONS, Findings
from kdviz.sweep import sweep
from kdviz.teachers import TEACHERS

SEEDS = (3, 5, 8)
# Measured on "digits": more members at once are a little faster, but fill the table in lumps.
_MEMBERS_AT_ONCE = 16
_REDRAW_SECONDS = 0.15


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


class Sweeping(Background):
    """One learner's questions, and at most one sweep in a background thread.

    Whatever was trained once is kept while this lives: a sweep that was stopped goes on where it
    was, and more seeds add to those that are there.

    Args:
        place: Shared with what else trains on the page.
        **settings: Initial values of the settings.

    Raises:
        TraitError: If a setting is out of its range.
    """

    question = Unicode("temperature")
    seeds = Int(5)
    data = Unicode("digits")
    prediction = Unicode(None, allow_none=True)

    teacher = Any()  # of "digits"; None for the one that comes with kdviz
    shown = Instance(Asked, allow_none=True)  # of the sweep that progress belongs to
    progress = Instance(SweepProgress, allow_none=True)
    news = Int(0)  # grows with what is known

    def __init__(self, place: Place | None = None, **settings) -> None:
        self._findings: dict[Asked, Findings] = {}
        self._foretold: dict[tuple[str, str], str | None] = {}  # by question and data
        self._folder: TemporaryDirectory | None = None
        super().__init__("A sweep", "Sweep", place, **settings)

    @property
    def asked(self) -> Asked:
        """What is set now."""
        return Asked(self.question, self.data, self.seeds)

    @property
    def findings(self) -> Findings:
        """What is known of the question that is set now."""
        return self._find(self.asked)

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

    def _prepare(self) -> Callable[[int], None]:
        if not self.seen:
            self._foretold[self.question, self.data] = self.prediction
        self.progress, self.shown = None, self.asked
        return partial(self._sweep, self.asked)

    def _withdraw(self) -> None:
        self.shown = None

    def _rehearse(self) -> None:
        for _ in sweep(Grid({"width": [4], "seed": [0]}, epochs=0.2)):
            pass

    def _sweep(self, asked: Asked, ticket: int) -> None:
        findings, begun = self._find(asked), time.perf_counter()
        teacher = self.teacher if asked.data == "digits" else None
        total, first, drawn = findings.question.students, None, 0.0
        for number, grid in enumerate(findings.question.grids):
            run = sweep(grid, self._store(), teacher=teacher, members_at_once=_MEMBERS_AT_ONCE)
            findings.results[number] = run.results  # with what the store had
            first = len(findings) if first is None else first
            self.news += 1
            for update in run:
                now = time.perf_counter()
                self.news += len(update.results)
                self.message = update.notice or self.message
                if update.results or now - drawn >= _REDRAW_SECONDS:
                    drawn, part = now, update.share * update.total - update.done
                    self.progress = _progress(len(findings), part, first, total, now - begun)
                if ticket != self._ticket:
                    run.close()
                    kept = f"{len(findings)} of {total} students are trained and kept"
                    self.message = f"Stopped: {kept}. Go on when you like."
                    self.state = "stopped"
                    return
        seconds = time.perf_counter() - begun
        self.progress = _progress(total, 0, first, total, seconds)
        self.state = "done"

    def _store(self) -> Path:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="kdviz-")
        return Path(self._folder.name, "sweeps.jsonl")

    @observe("teacher")
    def _forget(self, change) -> None:
        """What another teacher taught is in the store, should that one come back."""
        self._findings.clear()
        self.news += 1

    @validate("question", "seeds", "data")
    def _check_choice(self, proposal):
        name = proposal.trait.name
        allowed = {"question": tuple(QUESTIONS), "seeds": SEEDS, "data": datasets()}[name]
        if proposal.value not in allowed:
            listed = ", ".join(map(str, allowed))
            raise TraitError(f"{name} must be one of {listed}, got {proposal.value!r}")
        return proposal.value

    @validate("prediction")
    def _check_prediction(self, proposal):
        # Which question it is about may be set right after it.
        options = [o for make in QUESTIONS.values() for d in PLACES for o in make(1, d).options]
        if proposal.value is not None and proposal.value not in options:
            raise TraitError(
                f"prediction must be None or an option of its question, got {proposal.value!r}"
            )
        return proposal.value


def datasets() -> tuple[str, ...]:
    """Name the datasets that have a teacher and need no download."""
    return tuple(name for name in PLACES if name in TEACHERS and _is_here(name))


def _is_here(name: str) -> bool:
    try:
        return dataset_location(name) is not None
    except DataError:
        return False


def _progress(done: int, part: float, first: int, total: int, seconds: float) -> SweepProgress:
    """Tell the time left from the pace so far."""
    gained = done + part - first
    left = seconds / gained * (total - done - part) if gained else 0.0
    return SweepProgress(done, total, (done + part) / total, seconds, left)
