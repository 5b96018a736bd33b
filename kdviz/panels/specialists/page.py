"""What the panel *Specialists* is told: a `SpecialistsSession` in JSON types and bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kdviz.data.catalog import DATASETS
from kdviz.evaluation.compare import Comparison, compare
from kdviz.panels.panel import describe_background
from kdviz.panels.specialists.session import SEEDS, SpecialistsProgress, SpecialistsSession
from kdviz.specialists.plans import PLANS

if TYPE_CHECKING:
    from kdviz.specialists.experiment import Study, Trained

NAMES = {"kmeans": "K-means", "random": "Random", "yours": "Yours"}


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
    judged = session.judged
    if not judged:
        return None
    found, kind = session.comparisons(), session.trained_kind
    this = {"kmeans": "Specialists of K-means clusters", "random": "Specialists of random clusters",
            "yours": "Specialists of your clusters"}[kind]  # fmt: skip
    if "random" in found:
        asked, this = "random", "K-means clusters"
        first = found["random"].sentence(this, "random clusters")
    else:
        asked, first = "longer", found["generalist"].sentence(this, "the generalist alone")
    longer = found["longer"].sentence(this, "the generalist trained on for as many examples")
    own, theirs = judged.parameters
    return {
        "verdict": found[asked].verdict,
        "about": {"random": "K-means against random",
                  "longer": "against the generalist trained on"}[asked],
        "sentences": [first, longer],
        "beside": _beside(session.predicted, found.get("random")),
        "next": _next(session, found),
        "rows": _rows(session),
        "cost": f"Trained on: the generalist alone, for {judged.longer_steps:,} more batches, as "
                f"many as its {len(judged.clusters)} specialists had together. So much training "
                f"can overfit. Specialists add {theirs:,} parameters to its {own:,}.",
    }  # fmt: skip


def _rows(session: SpecialistsSession) -> list[dict[str, Any]]:
    """Table 3, one row each: the generalist trained on, and each kind of clusters."""
    top, judged = session.top, session.judged
    plain = [(judged.longer, judged.before)]
    given = [(judged.conditional_longer, judged.conditional_before)]
    rows = [_row("Trained on", plain, given)]
    for kind, latest in sorted(session.latest.items()):
        some = [latest]
        if kind == "random":
            some = session.shuffles or some
        name = f"{NAMES[kind]}, {len(latest.clusters)}"
        rows.append(
            _row(
                f"{name} ({len(some)} shuffles)" if len(some) > 1 else name,
                [(each.after[top], each.before) for each in some],
                [(each.conditional[top], each.conditional_before) for each in some],
            )
        )
    return rows


def _row(name: str, plain: list, given: list) -> dict[str, Any]:
    """Accuracies in [0, 1], and gains in points with interval and verdict; None if unknown."""
    row = {"name": name}
    for measure, pairs in {"accuracy": plain, "conditional": given}.items():
        after, before = np.mean(pairs, 0)
        gain = compare(after, before)
        known = bool(gain.pairs)
        row[measure] = float(after.mean()) if known else None
        ends = (gain.difference, gain.low, gain.high)
        row[f"{measure}_gain"] = [100 * value for value in ends] if known else None
        row[f"{measure}_verdict"] = gain.verdict
    return row


def _beside(prediction: float | None, found: Comparison | None) -> str:
    if prediction is None or found is None:
        return ""
    said, was = (found.in_points(value) for value in (prediction / 100, found.difference))
    return f"You predicted {said} points; it was {was}."


def _next(session: SpecialistsSession, found: dict[str, Comparison]) -> str:
    if "random" not in found:
        other = {"kmeans": "Random clusters"}.get(session.trained_kind, "K-means clusters")
        return f"Does the choice of classes matter? Press “{other}”, then Train."
    count = len(session.shuffles)
    shuffles = "One shuffle is" if count == 1 else f"{count} shuffles are"
    return (
        f"Both trained equally long, on as many classes. {shuffles} no sample of all: the interval "
        "is over seeds alone. For one more press “Random clusters”, then Train."
    )
