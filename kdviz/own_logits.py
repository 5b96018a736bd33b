"""Logits that a practitioner brings: read, checked, and ready for the explorers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kdviz._tables import File, is_file, read_table, read_text

__all__ = ["FEWEST_CLASSES", "MOST_CLASSES", "OwnLogits", "read_logits"]

FEWEST_CLASSES, MOST_CLASSES = 2, 50_000
_SMALLEST = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True, eq=False)
class OwnLogits:
    """N examples as some model sees them, checked by `read_logits`.

    Args:
        name: What to call them, by default the name of the file.
        logits: (N, C) float32, all finite.
        labels: (N,) int64 class numbers, -1 for unlabelled; None without labels.
        classes: C different names, plain text.
        images: (N, h, w) uint8, 0 is black; None without images.
    """

    name: str
    logits: np.ndarray
    labels: np.ndarray | None
    classes: tuple[str, ...]
    images: np.ndarray | None


def read_logits(
    source: File | np.ndarray | Sequence[Sequence[float]],
    *,
    labels: File | np.ndarray | Sequence[int] | None = None,
    classes: File | Sequence[str] | None = None,
    images: File | np.ndarray | None = None,
    kind: str | None = None,
    name: str | None = None,
) -> OwnLogits:
    """Read logits of shape (examples, classes), with labels, class names and images if given.

    A file is a path, or a pair of its name and its bytes: .npy, .csv (a header row of class
    names and a column `label` are optional) or .safetensors (tensors logits, labels, images).

    Args:
        source: (N, C) logits, 2 to 50,000 classes; numbers of any kind become float32.
        labels: (N,) class numbers, -1 for unlabelled. As all that follows, in place of the file's.
        classes: C names, or a text file of one a line; by default "0", "1", ...
        images: (N, h, w) gray, 0 to 255, or fractions in [0, 1].
        kind: "logits", or "probabilities": their logarithm is taken, which is the logits up to
            a constant per example. By default logits, and what looks like probabilities is refused.
        name: What to call them.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: Naming the argument, what was found and what is allowed.
    """
    table = read_table(source, "logits") if is_file(source) else {"logits": source}
    logits = _as_logits(_array(table.get("logits", ()), "logits"), kind)
    rows, columns = logits.shape
    labels = table.get("labels") if labels is None else _array(labels, "labels")
    images = table.get("images") if images is None else _array(images, "images")
    names = table.get("classes", [str(number) for number in range(columns)])
    return OwnLogits(
        name or _name(source),
        logits,
        None if labels is None else _as_labels(labels, rows, columns),
        _as_classes(names if classes is None else classes, columns),
        None if images is None else _as_images(images, rows),
    )


def _name(source: object) -> str:
    if not is_file(source):
        return "Your logits"
    return Path(source[0] if isinstance(source, tuple) else source).stem


def _array(source: object, argument: str) -> np.ndarray:
    """Any source as an array of real numbers."""
    if is_file(source):
        table = read_table(source, argument)
        if argument not in table:
            raise ValueError(f"{argument} must be a column named 'label' or without a name")
        source = table[argument]
    try:
        values = np.asarray(source)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ValueError(f"{argument} must be an array, rows of one length: {error}") from None
    if values.dtype.kind not in "iufb":
        raise ValueError(f"{argument} must be real numbers, got an array of {values.dtype}")
    return values


def _as_logits(values: np.ndarray, kind: str | None) -> np.ndarray:
    """(N, C) float32 logits."""
    if kind not in (None, "logits", "probabilities"):
        raise ValueError(f"kind must be 'logits', 'probabilities' or None, got {kind!r}")
    if values.ndim != 2:
        raise ValueError(f"logits must have shape (examples, classes), got {values.shape}")
    if not len(values):
        raise ValueError("logits must have one row or more, one per example, got none")
    if not FEWEST_CLASSES <= values.shape[1] <= MOST_CLASSES:
        raise ValueError(
            f"logits must have {FEWEST_CLASSES} to {MOST_CLASSES:,} classes, one a column, "
            f"got {values.shape[1]:,}"
        )
    with np.errstate(over="ignore"):  # what float32 cannot hold is refused below
        logits = np.array(values, dtype=np.float32, order="C")
    wrong = ~np.isfinite(logits)
    if wrong.any():
        row, column = np.unravel_index(wrong.argmax(), wrong.shape)
        raise ValueError(
            f"logits must be finite and within ±3.4e38, got {values[row, column]} in row {row + 1},"
            f" column {column + 1} ({wrong.sum():,} such values in all)"
        )
    alike = are_probabilities(logits)
    if kind == "probabilities":
        if not alike:
            raise ValueError(
                "logits given as kind='probabilities' must be at least 0 and sum to 1 in each row"
            )
        return np.log(np.maximum(logits, _SMALLEST))
    if kind is None:
        remedy = "Give kind='probabilities' to take their logarithm, or kind='logits' if they are"
        refuse_probabilities("logits", logits, f"{remedy} logits all the same")
    return logits


def are_probabilities(values: np.ndarray) -> bool:
    """Tell whether (N, C) numbers look like distributions: none below 0, each row of sum 1."""
    sums = values.sum(1, dtype=np.float64)
    # Half precision may have rounded them.
    return bool((values >= 0).all() and (np.abs(sums - 1) <= 0.01).all())


def refuse_probabilities(
    name: str, values: np.ndarray, remedy: str = "Take their logarithm"
) -> None:
    """Raise ValueError if what should be (N, C) logits looks like probabilities."""
    if are_probabilities(values):
        raise ValueError(
            f"{name} look like probabilities: no value is below 0 and each row sums to 1. Softmax "
            f"would be taken twice. {remedy}"
        )


def _as_labels(values: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """(N,) int64 class numbers."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.shape != (rows,):
        raise ValueError(
            f"labels must be one per example, shape ({rows},), got shape {values.shape}"
        )
    if values.dtype.kind not in "iuf":
        raise ValueError(f"labels must be class numbers, got an array of {values.dtype}")
    wrong = ~((values >= -1) & (values <= columns - 1) & (values == np.floor(values)))
    if wrong.any():
        raise ValueError(
            f"labels must be whole numbers from 0 to {columns - 1}, or -1 for unlabelled, "
            f"got {values[wrong][0]} for example {wrong.argmax() + 1}"
        )
    return values.astype(np.int64)


def _as_classes(source: File | Sequence[str], columns: int) -> tuple[str, ...]:
    """C names, kept as they are: whoever shows them shows them as text."""
    if is_file(source):
        source = [line for line in read_text(source, "classes").splitlines() if line.strip()]
    names = tuple(str(name).strip() for name in source)
    if len(names) != columns:
        raise ValueError(f"classes must be {columns:,} names, one per column, got {len(names):,}")
    if "" in names:
        raise ValueError(f"classes must have names, class {names.index('')} has none")
    if len(set(names)) < len(names):
        seen: set[str] = set()
        twice = next(name for name in names if name in seen or seen.add(name))
        raise ValueError(f"classes must have different names, got {twice!r} twice")
    return names


def _as_images(values: np.ndarray, rows: int) -> np.ndarray:
    """(N, h, w) uint8 gray values."""
    if values.ndim != 3 or len(values) != rows or not values.size:
        raise ValueError(
            f"images must be gray, of shape ({rows}, height, width), one per example, "
            f"got {values.shape}"
        )
    fractions = values.dtype.kind in "fb" and values.max() <= 1
    whole = values == np.floor(values)
    if not ((values >= 0) & (values <= 255) & (whole | fractions)).all():
        raise ValueError(
            "images must be whole numbers from 0 to 255, or fractions from 0 to 1, "
            f"got {values.dtype} from {values.min()} to {values.max()}"
        )
    return np.round(values * np.float32(255 if fractions else 1)).astype(np.uint8)
