"""Composes the app: the page's widget, the data, and the session that trains."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import asdict
from typing import Any

import numpy as np
from traitlets import TraitError

from kdviz.data import load_dataset
from kdviz.session import EPOCHS, Progress, Session
from kdviz.stories import Outcome
from kdviz.teachers import load_student_logits, load_teacher
from kdviz.widgets import Lab

SHARED = ("temperature", "soft_weight")  # one of each on the page, whatever the panel
OWN = ("story", "omitted", "width", "seeds", "prediction")


def build_app(panels: tuple[str, ...] = ("soften", "weigh", "distill"), **settings: Any) -> Lab:
    """Build the app on the embedded digits and the teacher that comes with them.

    PyTorch is loaded once the panel *Distill* is opened, in the background.

    Args:
        panels: Those on the page, in order; the first is open.
        **settings: Any setting of a `Session`, as `width=32`, or trait of a `Lab`, as
            `title="Soft targets"`.

    Raises:
        TraitError: If a panel or a setting is out of its range.
    """
    digits, teacher = load_dataset("digits"), load_teacher("digits")
    ours = {name: settings.pop(name) for name in OWN if name in settings}
    lab = Lab.from_arrays(
        teacher.test_logits,
        digits.test.labels,
        digits.test.inputs,
        digits.classes,
        load_student_logits("digits"),
        **{"soft_weight": 1.0, "panels": list(panels), "panel": panels[0]} | settings,
    )
    if "distill" in panels:
        shared = {name: getattr(lab, name) for name in SHARED}
        Link(lab, Session(digits, teacher, **shared, **ours))
    return lab


class Link:
    """Keeps a lab and a session in step; connects them, then brings the lab up to date.

    The session's news come from its training thread. Where an event loop runs, as in a kernel,
    the lab is changed on that loop, once for all that is new by then.
    """

    def __init__(self, lab: Lab, session: Session) -> None:
        self.lab, self.session, self._teacher = lab, session, session.teacher
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        self._due = threading.Event()
        # A kernel may handle the page's messages in threads of their own.
        self._turn, self._taking = threading.RLock(), False
        lab.observe(self._take_shared, SHARED)
        lab.observe(self._take_own, "distill")
        lab.observe(self._warm, "panel")
        lab.observe(self._close, "comm")
        lab.on_msg(self._obey)
        news = ("state", "starts", "message", "shown", "progress", "outcome", "teacher")
        session.observe(self._notice, news)
        session.observe(self._give, (*SHARED, *OWN))
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
        with self._turn, self.lab.hold_sync():
            for name in SHARED:
                setattr(self.lab, name, getattr(self.session, name))
            self.lab.distill = {name: getattr(self.session, name) for name in OWN}

    def _show(self) -> None:
        """Put the session's news into the lab."""
        self._due.clear()
        lab, session = self.lab, self.session
        with self._turn, lab.hold_sync():
            progress, outcome = session.progress, session.outcome
            if session.teacher is not self._teacher:  # every panel shows the new one
                self._teacher = session.teacher
                lab.logits = _bytes(self._teacher.test_logits)
            lab.distill_curves = _bytes(progress.curves if progress else ())
            # Only the story of the unseen class has a bias to move.
            unseen = outcome and outcome.settings.story == "unseen"
            lab.distill_logits = _bytes(outcome.logits if unseen else ())
            lab.distill_view = _view(session)

    def _take_shared(self, change) -> None:
        self._take({change.name: change.new})

    def _take_own(self, change) -> None:
        self._take(change.new)
        self._give()  # brings back the last good value where one was refused

    def _take(self, values: dict[str, Any]) -> None:
        with self._turn:
            self._taking = True
            for name, value in values.items():
                try:
                    if name not in (*SHARED, *OWN):
                        raise TraitError(f"distill must set {', '.join(OWN)}, got {name!r}")
                    setattr(self.session, name, value)
                except TraitError as error:
                    self.session.message = f"{error}. The last good value is kept."
            self._taking = False

    def _obey(self, lab: Lab, content: dict, buffers: list) -> None:
        if content.get("panel") != "distill":
            return
        if content.get("action") == "train":
            self.session.start()
        elif content.get("action") == "teacher":
            self.session.start_teacher()
        elif content.get("action") == "stop":
            self.session.stop()

    def _warm(self, change=None) -> None:
        if self.lab.panel == "distill":
            self.session.warm()

    def _close(self, change) -> None:
        if change.new is None:
            self.session.close()

    def _notice(self, change) -> None:
        if threading.current_thread() is threading.main_thread() or self._loop is None:
            self._show()
        elif not self._due.is_set() and not self._loop.is_closed():
            self._due.set()
            self._loop.call_soon_threadsafe(self._show)


def _view(session: Session) -> dict[str, Any]:
    """Describe a session to the page, in JSON types."""
    teacher = session.teacher
    return {
        "state": session.state,
        "waiting": session.waiting,
        "message": session.message,
        "device": session.device,
        "epochs": EPOCHS,
        "teacher": {"members": teacher.members, "accuracy": teacher.accuracy},
        "run": asdict(session.shown) if session.shown else None,
        "progress": _describe_progress(session.progress),
        "outcome": _describe_outcome(session.outcome, teacher.members),
    }


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
