"""What the panel *Specialists* is told: a `SpecialistsSession` in JSON types and bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kdviz.data.catalog import DATASETS
from kdviz.evaluation.compare import compare
from kdviz.panels.panel import describe_background, describe_comparison
from kdviz.panels.specialists.session import SEEDS, SpecialistsProgress, SpecialistsSession
from kdviz.specialists.plans import PLANS

if TYPE_CHECKING:
    from kdviz.specialists.experiment import Study, Trained


def describe(session: SpecialistsSession) -> dict[str, Any]:
    """Describe what is set, what runs and what came of it, by the lab's traits.

    `specialists_matrices` is float32 (3, C, C): covariance and correlation of the generalist's
    predictions, and its confusion matrix; `specialists_curves` float32 (records, 2 + M): step;
    points gained by all specialists, by each; `specialists_shares` float64 (K, C), then (M, K,
    W + 1): what generalist and specialists say of the examples that were picked.
    """
    study, trained, progress = session.study, session.trained, session.progress
    matrices = [study.covariance, study.correlation, study.confusion] if study else []
    told = [trained.generalist, trained.specialists] if trained else []
    curves = progress.curves if progress and progress.curves is not None else ()
    return {
        "specialists_matrices": np.asarray(matrices, dtype="<f4").tobytes(),
        "specialists_curves": np.asarray(curves, dtype="<f4").tobytes(),
        "specialists_shares": b"".join(values.astype("<f8").tobytes() for values in told),
        "specialists_view": {
            **describe_background(session),
            "datasets": {
                name: {"title": DATASETS[name].title, "note": plan.note, "count": plan.clusters,
                       "measure": plan.measure}
                for name, plan in PLANS.items()
            },
            "seeds": list(SEEDS),
            "steps": PLANS[session.data].steps,
            "names": study.names if study else [],
            "kind": session.asked.kind,
            "generalist": float(study.accuracy.mean()) if study else None,
            "picks": _picks(study, trained) if study and trained else None,
            "progress": _progress(progress),
            "outcome": _describe(session),
        },
    }  # fmt: skip


def _picks(study: Study, trained: Trained) -> dict[str, Any]:
    return {
        "clusters": [list(c) for c in trained.clusters],
        "examples": [
            {"kind": kind, **study.describe(int(example))}
            for kind, example in zip(trained.kinds, trained.examples, strict=True)
        ],
    }


def _progress(progress: SpecialistsProgress | None) -> dict[str, Any] | None:
    names = ("what", "share", "seconds_left")
    return {name: getattr(progress, name) for name in names} if progress else None


def _describe(session: SpecialistsSession) -> dict[str, Any] | None:
    """The numbers; the page has the words for them."""
    judged = session.judged
    if not judged:
        return None
    found = session.comparisons().items()
    return {
        "kind": session.trained_kind,
        "comparisons": {name: describe_comparison(each) for name, each in found},
        "predicted": session.predicted,
        "shuffles": len(session.shuffles),
        "rows": _rows(session),
        "clusters": len(judged.clusters),
        "longer_steps": judged.longer_steps,
        "parameters": list(judged.parameters),
    }


def _rows(session: SpecialistsSession) -> list[dict[str, Any]]:
    """Table 3, one row each: the generalist trained on, and each kind of clusters."""
    top, judged = session.top, session.judged
    plain = [(judged.longer, judged.before)]
    given = [(judged.conditional_longer, judged.conditional_before)]
    rows = [{"kind": "longer"} | _row(plain, given)]
    for kind, latest in sorted(session.latest.items()):
        some = [latest]
        if kind == "random":
            some = session.shuffles or some
        plain = [(each.after[top], each.before) for each in some]
        given = [(each.conditional[top], each.conditional_before) for each in some]
        row = {"kind": kind, "clusters": len(latest.clusters), "shuffles": len(some)}
        rows.append(row | _row(plain, given))
    return rows


def _row(plain: list, given: list) -> dict[str, Any]:
    """Accuracies in [0, 1], and gains in points with interval and verdict; None if unknown."""
    row = {}
    for measure, pairs in {"accuracy": plain, "conditional": given}.items():
        after, before = np.mean(pairs, 0)
        gain = compare(after, before)
        known = bool(gain.pairs)
        row[measure] = float(after.mean()) if known else None
        ends = (gain.difference, gain.low, gain.high)
        row[f"{measure}_gain"] = [100 * value for value in ends] if known else None
        row[f"{measure}_verdict"] = gain.verdict
    return row
