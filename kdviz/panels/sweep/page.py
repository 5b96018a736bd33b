"""What the page is told of sweeps, in JSON types: numbers, for which findings.js has the words."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kdviz.data.catalog import DATASETS
from kdviz.panels.panel import describe_background
from kdviz.panels.sweep.session import SEEDS, SweepSession


def describe(session: SweepSession) -> dict[str, Any]:
    """Describe what runs and what is known: `accuracies`, of what `chosen` says.

    `tables` has every question, by dataset and name; `own` is the dataset that the page has too.
    """
    progress, tables = session.progress, session.tables
    return {
        "sweep_view": {
            **describe_background(session),
            "tables": tables,
            "datasets": [[n, DATASETS[n].title, DATASETS[n].takes] for n in tables],
            "own": session.own,
            "seeds": list(SEEDS),
            "chosen": asdict(session.asked),
            "accuracies": session.accuracies,
            "progress": asdict(progress) if progress else None,
            "foretold": session.foretold,
            "seen": session.seen,
        },
    }
