"""What the panel *Crowd* is told: a `Crowding` in JSON types and bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdviz.compare import Comparison, compare
from kdviz.crowding import PLANS, SEEDS, Crowding, CrowdProgress

# What the page may set, and what it may ask for by which method.
CROWD_OWN = ("data", "seeds", "measure", "count", "clusters", "top")
CROWD_OWN += ("prediction", "weight", "example")
CROWD_ACTIONS = {"train": "start", "stop": "stop"}
CROWD_ACTIONS |= {name: f"start_{name}" for name in ("generalists", "kmeans", "random")}
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
            "outcome": _describe(crowding),
        },
    }  # fmt: skip


def _progress(progress: CrowdProgress | None) -> dict[str, Any] | None:
    names = ("what", "share", "seconds_left")
    return {name: getattr(progress, name) for name in names} if progress else None


def _describe(crowding: Crowding) -> dict[str, Any] | None:
    if not crowding.trained:
        return None
    found, kind = crowding.comparisons(), crowding.trained_kind
    asked = found.get("random", found["generalist"])
    this = {"kmeans": "Specialists of K-means clusters", "random": "Specialists of random clusters",
            "yours": "Specialists of your clusters"}[kind]  # fmt: skip
    sentences = [found["generalist"].sentence(this, "the generalist alone")]
    if "random" in found:
        pair = ("K-means clusters", "random clusters")
        sentences.insert(0, found["random"].sentence(*pair))
    return {
        "verdict": asked.verdict,
        "about": "K-means against random" if "random" in found else "against the generalist",
        "sentences": sentences,
        "beside": _beside(crowding.prediction, found.get("random")),
        "next": _next(crowding, found),
        "rows": [_row(NAMES[kind], trained, crowding.top)
                 for kind, trained in sorted(crowding.latest.items())],
    }  # fmt: skip


def _row(name: str, trained, top: int) -> dict[str, Any]:
    """One row of Table 3: accuracies in [0, 1], differences in points with their intervals."""
    pairs = {
        "accuracy": (trained.after[top], trained.before),
        "conditional": (trained.conditional[top], trained.conditional_before),
    }
    row = {"name": name, "specialists": len(trained.clusters)}
    for measure, (after, before) in pairs.items():
        gain = compare(after, before)
        row[measure] = float(np.mean(after))
        row[f"{measure}_before"] = float(np.mean(before))
        row[f"{measure}_gain"] = [100 * v for v in (gain.difference, gain.low, gain.high)]
    return row


def _beside(prediction: float | None, found: Comparison | None) -> str:
    if prediction is None or found is None:
        return ""
    said, was = (f"{v:.1f}".replace("-", "−") for v in (prediction, 100 * found.difference))
    return f"You predicted {said} points; it was {was}."


def _next(crowding: Crowding, found: dict[str, Comparison]) -> str:
    if "random" not in found:
        other = {"kmeans": "Random clusters"}.get(crowding.trained_kind, "K-means clusters")
        return f"Was it the choice of classes, or just more training? Press “{other}”, then Train."
    if found["random"].verdict == "inconclusive":
        return "Both have trained equally long: the choice of classes made no clear difference."
    return "Both have trained equally long, on as many classes: only their choice differs."
