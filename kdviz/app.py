"""Composes the app: the page's widget, the data, and the session that trains."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from traitlets import TraitError, dlink

from kdviz.background import Background, Place
from kdviz.crowd_page import CROWD_ACTIONS, CROWD_OWN, show_crowd
from kdviz.crowding import Crowding
from kdviz.data import load_dataset
from kdviz.questions import QUESTIONS
from kdviz.session import EPOCHS, Progress, Session
from kdviz.stories import Outcome
from kdviz.sweeping import SEEDS, Sweeping, datasets
from kdviz.teachers import load_student_logits, load_teacher
from kdviz.widgets import Lab

SHARED = ("temperature", "soft_weight")  # one of each on the page, whatever the panel
PANELS = ("soften", "weigh", "distill", "sweep", "crowd")


def build_app(panels: tuple[str, ...] = PANELS, **settings: Any) -> Lab:
    """Build the app on the embedded digits and the teacher that comes with them.

    PyTorch is loaded once a panel that trains is opened, in the background.

    Args:
        panels: Those on the page, in order; the first is open.
        **settings: Any setting of a `Session`, as `width=32`, or trait of a `Lab`, as
            `title="Soft targets"`.

    Raises:
        TraitError: If a panel or a setting is out of its range.
    """
    digits, teacher = load_dataset("digits"), load_teacher("digits")
    ours = {name: settings.pop(name) for name in DISTILL.own if name in settings}
    lab = Lab.from_arrays(
        teacher.test_logits,
        digits.test.labels,
        digits.test.inputs,
        digits.classes,
        load_student_logits("digits"),
        **{"soft_weight": 1.0, "panels": list(panels), "panel": panels[0]} | settings,
    )
    place = Place()
    shared = {name: getattr(lab, name) for name in SHARED}
    session = Session(digits, teacher, place, **shared, **ours)
    if "distill" in panels:
        Link(lab, session, DISTILL)
    if "sweep" in panels:
        sweeping = Sweeping(place)
        dlink((session, "teacher"), (sweeping, "teacher"))
        Link(lab, sweeping, SWEEP)
    if "crowd" in panels:
        Link(lab, Crowding(place), CROWD)
    return lab


@dataclass(frozen=True)
class Panel:
    """What a panel that trains shares with the model behind it.

    Args:
        name: Of the panel, and of the lab's trait that holds the learner's settings.
        shared: Settings that are traits of the lab.
        own: Settings within the panel's trait.
        news: The model's traits of which the page is told.
        describe: From the model to the lab's traits that show it.
        actions: What a button's message asks for, and the model's method that does it.
    """

    name: str
    shared: tuple[str, ...]
    own: tuple[str, ...]
    news: tuple[str, ...]
    describe: Callable[[Any], dict[str, Any]]
    actions: dict[str, str]


class Link:
    """Keeps a lab and what trains in step; connects them, then brings the lab up to date.

    News come from the training thread. Where an event loop runs, as in a kernel, the lab is
    changed on that loop, once for all that is new by then.
    """

    def __init__(self, lab: Lab, session: Background, panel: Panel) -> None:
        self.lab, self.session, self.panel = lab, session, panel
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        self._due = threading.Event()
        # A kernel may handle the page's messages in threads of their own.
        self._turn, self._taking = threading.RLock(), False
        if panel.shared:
            lab.observe(self._take_shared, panel.shared)
        lab.observe(self._take_own, panel.name)
        lab.observe(self._warm, "panel")
        lab.observe(self._close, "comm")
        lab.on_msg(self._obey)
        session.observe(self._notice, (*panel.news, *panel.own))
        session.observe(self._return, (*panel.shared, *panel.own))
        self.synchronize()
        lab.live = True
        self._warm()

    def synchronize(self) -> None:
        """Show in the lab what the session holds."""
        self._give()
        self._show()

    def _give(self, change=None) -> None:
        """Put the session's settings into the lab, unless that is where they come from."""
        if self._taking:
            return
        panel = self.panel
        with self._turn, self.lab.hold_sync():
            for name in panel.shared:
                setattr(self.lab, name, getattr(self.session, name))
            own = {name: getattr(self.session, name) for name in panel.own}
            setattr(self.lab, panel.name, own)

    def _show(self) -> None:
        """Put the session's news into the lab."""
        self._due.clear()
        with self._turn, self.lab.hold_sync():
            for name, value in self.panel.describe(self.session).items():
                setattr(self.lab, name, value)

    def _take_shared(self, change) -> None:
        self._take({change.name: change.new})

    def _take_own(self, change) -> None:
        self._take(change.new)
        self._give()  # brings back the last good value where one was refused

    def _take(self, values: dict[str, Any]) -> None:
        panel = self.panel
        with self._turn:
            self._taking = True
            for name, value in values.items():
                try:
                    if name not in (*panel.shared, *panel.own):
                        raise TraitError(
                            f"{panel.name} must set {', '.join(panel.own)}, got {name!r}"
                        )
                    setattr(self.session, name, value)
                except TraitError as error:
                    self.session.message = f"{error}. The last good value is kept."
            self._taking = False

    def _obey(self, lab: Lab, content: dict, buffers: list) -> None:
        method = self.panel.actions.get(content.get("action"))
        if method and content.get("panel") == self.panel.name:
            getattr(self.session, method)()

    def _warm(self, change=None) -> None:
        if self.lab.panel == self.panel.name:
            self.session.warm()

    def _close(self, change) -> None:
        if change.new is None:
            self.session.close()

    def _return(self, change) -> None:
        if threading.current_thread() is threading.main_thread() or self._loop is None:
            self._give()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._give)

    def _notice(self, change) -> None:
        if threading.current_thread() is threading.main_thread() or self._loop is None:
            self._show()
        elif not self._due.is_set() and not self._loop.is_closed():
            self._due.set()
            self._loop.call_soon_threadsafe(self._show)


def _show_distill(session: Session) -> dict[str, Any]:
    """Describe a session to the page, in JSON types and bytes."""
    progress, outcome, teacher = session.progress, session.outcome, session.teacher
    # Only the story of the unseen class has a bias to move.
    unseen = outcome and outcome.settings.story == "unseen"
    return {
        "logits": _bytes(teacher.test_logits),  # a new teacher shows in every panel
        "distill_curves": _bytes(progress.curves if progress else ()),
        "distill_logits": _bytes(outcome.logits if unseen else ()),
        "distill_view": {
            **_describe_background(session),
            "epochs": EPOCHS,
            "teacher": {"members": teacher.members, "accuracy": teacher.accuracy},
            "progress": _describe_progress(progress),
            "outcome": _describe_outcome(outcome, teacher.members),
        },
    }


def _show_sweep(sweeping: Sweeping) -> dict[str, Any]:
    """Describe sweeps to the page, in JSON types."""
    findings, progress = sweeping.findings, sweeping.progress
    question = findings.question
    quiet = sweeping.state not in ("training", "stopping") or sweeping.shown != sweeping.asked
    table = {name: getattr(question, name) for name in _TABLE}
    return {
        "sweep_table": {
            "rows": [row.label for row in question.rows],
            **{name: list(v) if isinstance(v, tuple) else v for name, v in table.items()},
            "cells": findings.cells(),
        },
        "sweep_view": {
            **_describe_background(sweeping),
            "questions": [
                [name, made.title, made.note]
                for name, made in ((n, make(3, sweeping.data)) for n, make in QUESTIONS.items())
            ],
            "datasets": list(datasets()),
            "seeds": list(SEEDS),
            "progress": asdict(progress) if progress else None,
            "known": len(findings),
            "students": question.students,
            "summary": [list(p) if isinstance(p, tuple) else p for p in findings.summary()]
            if quiet
            else [],
            "best": findings.best() if quiet else "",
            "warning": findings.warning() if quiet else "",
            "beside": findings.beside(sweeping.prediction) if quiet else "",
        },
    }


def _describe_background(session: Background) -> dict[str, Any]:
    names = ("state", "waiting", "message", "device", "starts")
    run = asdict(session.shown) if session.shown else None
    return {name: getattr(session, name) for name in names} | {"run": run}


def _describe_progress(progress: Progress | None) -> dict[str, float] | None:
    if progress is None:
        return None
    names = ("step", "steps", "epoch", "seconds", "seconds_left")
    return {name: getattr(progress, name) for name in names}


def _describe_outcome(outcome: Outcome | None, members: int) -> dict[str, Any] | None:
    if outcome is None:
        return None
    comparison = outcome.comparison
    by_class = [[None if np.isnan(v) else float(v) for v in row] for row in outcome.by_class]
    teacher, student = outcome.costs
    return {
        "verdict": comparison.verdict,
        "sentence": comparison.sentence(),
        "beside": outcome.beside_prediction(),
        "next": outcome.next_step(),
        "by_class": by_class,
        "diverged": list(outcome.diverged),
        "costs": [
            {"name": f"Teacher, {members} networks", **asdict(teacher)},
            {"name": "One student", **asdict(student)},
        ],
    }


def _bytes(values: np.ndarray | tuple) -> bytes:
    return np.asarray(values, dtype="<f4").tobytes()


_TABLE = ("title", "row_title", "column_title", "columns", "guess", "options", "floor", "span")
_NEWS = ("state", "message", "device", "starts", "shown", "progress")
DISTILL = Panel(
    "distill",
    SHARED,
    ("story", "omitted", "width", "seeds", "prediction"),
    (*_NEWS, "outcome", "teacher"),
    _show_distill,
    {"train": "start", "teacher": "start_teacher", "stop": "stop"},
)
SWEEP = Panel(
    "sweep",
    (),
    ("question", "data", "seeds", "prediction"),
    (*_NEWS, "news"),
    _show_sweep,
    {"train": "start", "stop": "stop"},
)
_crowd = (CROWD_OWN, (*_NEWS, "news"), lambda c: show_crowd(c, _describe_background(c)))
CROWD = Panel("crowd", (), *_crowd, CROWD_ACTIONS)
