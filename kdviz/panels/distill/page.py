"""What the page is told of a session, in JSON types and bytes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from kdviz.panels.distill.scenarios import Outcome
from kdviz.panels.distill.session import Progress, Session
from kdviz.panels.panel import describe_background


def describe(session: Session) -> dict[str, Any]:
    """Describe what runs and what came of it, by the lab's traits.

    `distill_curves` is float32 (records, 7): epoch; mean, lowest and highest test accuracy of
    students; the same of baselines. `distill_logits` is float32 (members, N, C): students, then
    baselines, on the test examples.
    """
    progress, outcome, teacher = session.progress, session.outcome, session.teacher
    # Only the scenario of the unseen class has a bias to move.
    unseen = outcome and outcome.settings.scenario == "unseen"
    return {
        "logits": _bytes(teacher.test_logits),  # a new teacher shows in every panel
        "distill_curves": _bytes(progress.curves if progress else ()),
        "distill_logits": _bytes(outcome.logits if unseen else ()),
        "distill_view": {
            **describe_background(session),
            "epochs": session.epochs,
            "teacher": {"members": teacher.members, "accuracy": _known(teacher.accuracy)},
            "progress": _progress(progress),
            "outcome": _outcome(outcome, teacher.members),
        },
    }


def _progress(progress: Progress | None) -> dict[str, float] | None:
    if progress is None:
        return None
    names = ("step", "steps", "epoch", "seconds", "seconds_left")
    return {name: getattr(progress, name) for name in names}


def _outcome(outcome: Outcome | None, members: int) -> dict[str, Any] | None:
    if outcome is None:
        return None
    comparison = outcome.comparison
    by_class = [[_known(float(v)) for v in row] for row in outcome.by_class]
    teacher, student = outcome.costs
    several = f", {members} networks" if members > 1 else ""
    return {
        "verdict": comparison.verdict,
        "sentence": outcome.sentence,
        "beside": outcome.beside_prediction(),
        "next": outcome.next_step(),
        "by_class": by_class,
        "diverged": list(outcome.diverged),
        "costs": [
            {"name": f"Teacher{several}", **asdict(teacher)},
            {"name": "One student", **asdict(student)},
        ],
    }


def _known(value: float) -> float | None:
    """Replace NaN, which JSON lacks."""
    return None if np.isnan(value) else value


def _bytes(values: np.ndarray | tuple) -> bytes:
    return np.asarray(values, dtype="<f4").tobytes()
