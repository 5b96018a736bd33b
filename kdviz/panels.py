"""The panels that train: what each shares with the model behind it, and what its page is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from kdviz.background import Background
from kdviz.crowd_page import CROWD_ACTIONS, CROWD_OWN, show_crowd
from kdviz.questions import QUESTIONS
from kdviz.session import Progress, Session
from kdviz.stories import Outcome
from kdviz.sweeping import SEEDS, Sweeping, datasets


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
            "epochs": session.epochs,
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
            "beside": findings.beside(sweeping.foretold) if quiet else "",
            "seen": sweeping.seen,
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
    several = f", {members} networks" if members > 1 else ""
    return {
        "verdict": comparison.verdict,
        "sentence": comparison.sentence(),
        "beside": outcome.beside_prediction(),
        "next": outcome.next_step(),
        "by_class": by_class,
        "diverged": list(outcome.diverged),
        "costs": [
            {"name": f"Teacher{several}", **asdict(teacher)},
            {"name": "One student", **asdict(student)},
        ],
    }


def _bytes(values: np.ndarray | tuple) -> bytes:
    return np.asarray(values, dtype="<f4").tobytes()


_TABLE = ("title", "row_title", "column_title", "columns", "guess", "options", "floor", "span")
_NEWS = ("state", "message", "device", "starts", "shown", "progress")
DISTILL = Panel(
    "distill",
    ("temperature", "soft_weight"),  # one of each on the page, whatever the panel
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
