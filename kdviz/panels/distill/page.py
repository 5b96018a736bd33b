"""What the page is told of a session, in JSON types and bytes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from kdviz.panels.distill.scenarios import FEW, Outcome
from kdviz.panels.distill.session import BATCH_SIZE, Progress, Session
from kdviz.panels.panel import describe_background, describe_comparison, known


def describe(session: Session) -> dict[str, Any]:
    """Describe what runs and what came of it, by the lab's traits.

    `distill_curves` is float32 (records, 7): epoch; mean, lowest and highest test accuracy of
    students; the same of baselines. `distill_logits` is float32 (members, N, C): students, then
    baselines, on the test examples; of all of them where a bias can be moved, else of the first
    pair that did not diverge, if any.
    """
    progress, outcome, teacher = session.progress, session.outcome, session.teacher
    return {
        # A new teacher shows in every panel, and teaches in the page too.
        "logits": _bytes(teacher.test_logits),
        "train_logits": _bytes(teacher.train_logits if session.workspace.in_page else ()),
        "teacher": teacher.about,
        "distill_curves": _bytes(progress.curves if progress else ()),
        "distill_logits": _bytes(_logits(outcome) if outcome else ()),
        "distill_view": {
            **describe_background(session),
            "epochs": session.epochs,
            "recipe": {
                "lr": session.lr,
                "batch_size": BATCH_SIZE,
                "record_every": session.record_every,
                "few": FEW,
            },
            "progress": _progress(progress),
            "outcome": describe_outcome(outcome),
        },
    }


def _logits(outcome: Outcome) -> np.ndarray:
    if outcome.settings.scenario == "unseen":
        return outcome.logits
    students, baselines = np.split(outcome.logits, 2)
    pairs = np.stack([students, baselines], axis=1)
    return next((pair for pair in pairs if np.isfinite(pair).all()), pairs[:0])


def _progress(progress: Progress | None) -> dict[str, float] | None:
    if progress is None:
        return None
    names = ("step", "steps", "epoch", "seconds", "seconds_left")
    return {name: getattr(progress, name) for name in names}


def describe_outcome(outcome: Outcome | None) -> dict[str, Any] | None:
    """The numbers; the page has the words for them."""
    if outcome is None:
        return None
    return {
        "comparison": describe_comparison(outcome.comparison),
        "found": known(outcome.found),
        "by_class": [[known(float(v)) for v in row] for row in outcome.by_class],
        "diverged": list(outcome.diverged),
        "costs": [asdict(each) for each in outcome.costs or ()],
    }


def _bytes(values: np.ndarray | tuple) -> bytes:
    return np.asarray(values, dtype="<f4").tobytes()
