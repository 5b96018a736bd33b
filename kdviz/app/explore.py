"""The explorers on anybody's logits: what `kdviz.explore` shows and `export` writes to a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kdviz.app.lab import Lab
from kdviz.data.catalog import load_dataset
from kdviz.data.own_logits import OwnLogits, read_logits
from kdviz.data.tables import File
from kdviz.teachers import load_student_logits, load_teacher
from kdviz.words import Said

EXPLORERS = ("soft_targets", "loss")


def explore(
    logits: File | np.ndarray | Sequence[Sequence[float]] | None = None,
    labels: File | np.ndarray | Sequence[int] | None = None,
    *,
    classes: File | Sequence[str] | None = None,
    images: File | np.ndarray | None = None,
    kind: str | None = None,
    rows: int | None = None,
    seed: int = 0,
    **traits: Any,
) -> Lab:
    """Open the explorers on your own logits, or on the embedded digits; no PyTorch is loaded.

    Args:
        logits: (N, C) array, or a .npy, .csv or .safetensors file; `read_logits` has the details.
        labels: (N,) class numbers, -1 for unlabelled, or a file.
        classes: C names, or a text file of one a line.
        images: (N, h, w) gray, or a file.
        kind: "logits" or "probabilities".
        rows: Keep this many examples, drawn at random; the page says so.
        seed: Of that draw.
        **traits: Any trait of a `Lab`, as `temperature=4` or `panels=["loss"]`.

    Raises:
        ValueError: If an array or `rows` does not fit.

    Example:
        >>> explore([[4.0, 1.0, -2.0], [0.0, 3.0, 1.0]], [0, 1], temperature=2).classes
        ['0', '1', '2']
    """
    traits = {"panels": EXPLORERS} | traits
    if logits is None:
        return _digits(rows, seed, traits)
    own = read_logits(logits, labels=labels, classes=classes, images=images, kind=kind)
    keep, traits["note"] = _sample(len(own.logits), rows, seed, own.name)
    return Lab.from_arrays(**_rows(own, keep), **traits)


def _digits(rows: int | None, seed: int, traits: dict[str, Any]) -> Lab:
    digits, teacher = load_dataset("digits"), load_teacher("digits")
    own = OwnLogits(
        "digits", teacher.test_logits, digits.test.labels, digits.classes, digits.test.inputs
    )
    keep, note = _sample(len(own.logits), rows, seed)
    student = load_student_logits("digits")[keep]
    return Lab.from_arrays(**_rows(own, keep), student_logits=student, **{"note": note} | traits)


def _sample(count: int, rows: int | None, seed: int, name: str = "") -> tuple[np.ndarray, str]:
    """Which rows to keep, and what to say of it on the page."""
    if rows is None or rows >= count:
        return np.arange(count), Said("{}: {} examples.", name, f"{count:,}") if name else ""
    if rows < 1:
        raise ValueError(f"rows must be 1 or more, got {rows}")
    keep = np.sort(np.random.default_rng(seed).choice(count, rows, replace=False))
    drawn = f"{rows:,}", f"{count:,}", seed
    if name:
        return keep, Said("{}: {} of {} examples, drawn at random with seed {}.", name, *drawn)
    return keep, Said("{} of {} examples, drawn at random with seed {}.", *drawn)


def _rows(own: OwnLogits, keep: np.ndarray) -> dict[str, Any]:
    return {
        "logits": own.logits[keep],
        "labels": None if own.labels is None else own.labels[keep],
        "images": None if own.images is None else own.images[keep],
        "classes": own.classes,
    }
