"""What the page is told of sweeps, in JSON types."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kdviz.data.catalog import DATASETS
from kdviz.panels.panel import describe_background
from kdviz.panels.sweep.questions import QUESTIONS
from kdviz.panels.sweep.session import SEEDS, SweepSession, datasets

_TABLE = ("title", "row_title", "column_title", "columns", "guess", "options", "floor", "span")


def describe(session: SweepSession) -> dict[str, Any]:
    """Describe what runs and what is known; `sweep_table` is the heat map."""
    findings, progress = session.findings, session.progress
    question = findings.question
    quiet = session.state not in ("training", "stopping") or session.shown != session.asked
    table = {name: getattr(question, name) for name in _TABLE}
    return {
        "sweep_view": {
            **describe_background(session),
            "table": {
                "rows": [row.label for row in question.rows],
                **{name: list(v) if isinstance(v, tuple) else v for name, v in table.items()},
                "cells": findings.cells(),
            },
            "questions": [
                [name, made.title, made.note]
                for name, made in ((n, make(3, session.data)) for n, make in QUESTIONS.items())
            ],
            "datasets": [
                [name, f"{DATASETS[name].title}, {DATASETS[name].takes}"] for name in datasets()
            ],
            "seeds": list(SEEDS),
            "progress": asdict(progress) if progress else None,
            "known": len(findings),
            "students": question.students,
            "summary": [list(p) if isinstance(p, tuple) else p for p in findings.summary()]
            if quiet
            else [],
            "best": findings.best() if quiet else "",
            "warning": findings.warning() if quiet else "",
            "beside": findings.beside(session.foretold) if quiet else "",
            "seen": session.seen,
        },
    }
