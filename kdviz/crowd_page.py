"""What the panel *Crowd* is told: a `Crowding` in JSON types and bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdviz.compare import Comparison, compare
from kdviz.crowd_plans import PLANS
from kdviz.crowding import SEEDS, Crowding, CrowdProgress

# What the page may set, and what it may ask for by which method.
CROWD_OWN = ("data", "seeds", "measure", "count", "clusters", "top")
CROWD_OWN += ("prediction", "weight", "example")
CROWD_ACTIONS = {"train": "start", "stop": "stop"}
CROWD_ACTIONS |= {name: f"start_{name}" for name in ("kmeans", "random")}
NAMES = {"kmeans": "K-means", "random": "Random", "yours": "Yours"}


def show_crowd(crowding: Crowding, background: dict[str, Any]) -> dict[str, Any]:
    """Describe what is set, what runs and what came of it, by the lab's traits.

    Args:
        crowding: Of the page.
        background: The same of anything that trains: state, message and so on.
    """
    study, trained, progress = crowding.study, crowding.trained, crowding.progress
    matrices = [study.covariance, study.correlation, study.confusion] if study else []
    told = [trained.generalist, trained.specialists] if trained else []
    curves = progress.curves if progress and progress.curves is not None else ()
    return {
        "crowd_matrices": np.asarray(matrices, dtype="<f4").tobytes(),
        "crowd_curves": np.asarray(curves, dtype="<f4").tobytes(),
        "crowd_shares": b"".join(values.astype("<f8").tobytes() for values in told),
        "crowd_picks": {
            "clusters": [list(c) for c in trained.clusters],
            "examples": [
                {"kind": kind, **study.describe(int(example))}
                for kind, example in zip(trained.kinds, trained.examples, strict=True)
            ],
        }
        if study and trained
        else {},
        "crowd_view": {
            **background,
            "datasets": {
                name: {"title": plan.title, "note": plan.note, "count": plan.clusters,
                       "measure": plan.measure}
                for name, plan in PLANS.items()
            },
            "seeds": list(SEEDS),
            "steps": PLANS[crowding.data].steps,
            "names": study.names if study else [],
            "kind": crowding.asked.kind,
            "generalist": float(study.accuracy.mean()) if study else None,
            "progress": _progress(progress),
            "seen": crowding.seen,
            "outcome": _describe(crowding),
        },
    }  # fmt: skip


def _progress(progress: CrowdProgress | None) -> dict[str, Any] | None:
    names = ("what", "share", "seconds_left")
    return {name: getattr(progress, name) for name in names} if progress else None


def _describe(crowding: Crowding) -> dict[str, Any] | None:
    judged = crowding.judged
    if not judged:
        return None
    found, kind = crowding.comparisons(), crowding.trained_kind
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
        "beside": _beside(crowding.foretold, found.get("random")),
        "next": _next(crowding, found),
        "rows": _rows(crowding),
        "cost": f"Trained on: the generalist alone, for {judged.longer_steps:,} more batches, as "
                f"many as its {len(judged.clusters)} specialists had together. So much training "
                f"can overfit. Specialists add {theirs:,} parameters to its {own:,}.",
    }  # fmt: skip


def _rows(crowding: Crowding) -> list[dict[str, Any]]:
    """Table 3, one row each: the generalist trained on, and each kind of clusters."""
    top, judged = crowding.top, crowding.judged
    plain = [(judged.longer, judged.before)]
    given = [(judged.conditional_longer, judged.conditional_before)]
    rows = [_row("Trained on", plain, given)]
    for kind, latest in sorted(crowding.latest.items()):
        some = [latest]
        if kind == "random":
            some = crowding.shuffles or some
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
    said, was = (f"{v:.1f}".replace("-", "−") for v in (prediction, 100 * found.difference))
    return f"You predicted {said} points; it was {was}."


def _next(crowding: Crowding, found: dict[str, Comparison]) -> str:
    if "random" not in found:
        other = {"kmeans": "Random clusters"}.get(crowding.trained_kind, "K-means clusters")
        return f"Does the choice of classes matter? Press “{other}”, then Train."
    count = len(crowding.shuffles)
    shuffles = "One shuffle is" if count == 1 else f"{count} shuffles are"
    return (
        f"Both trained equally long, on as many classes. {shuffles} no sample of all: the interval "
        "is over seeds alone. For one more press “Random clusters”, then Train."
    )
