"""Soft targets in print: their bars, their entropy over temperature, and their confidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kdviz.figures.numbers import (
    TEMPERATURES,
    array,
    class_names,
    class_numbers,
    entropy_bits,
    positive,
    softmax,
)
from kdviz.figures.style import (
    COLORS,
    INK,
    MUTED,
    WRONG,
    PrintFigure,
    decade_axis,
    percent,
    percent_axis,
    print_style,
    sheet,
    shorten,
    temperature_axis,
    text_inches,
)

_MOST_BARS = 20
_PALE = "#6BAED6"  # the teacher's blue, for the classes that are not the label


@print_style
def soft_targets(
    logits: np.ndarray,
    temperature: float,
    *,
    label: int | None = None,
    classes: Sequence[str] | None = None,
    scale: str = "log",
) -> PrintFigure:
    """Draw the soft targets of one example as bars, with ticks where they stand at T = 1.

    Above 20 classes the most probable are shown and the rest are summed.

    Args:
        logits: (C,) the teacher's.
        temperature: Above 0.
        label: The right class, drawn darker.
        classes: C names.
        scale: "log" or "linear".

    Raises:
        ValueError: If a shape, a value or the scale does not fit.
    """
    logits = array(logits, "logits", None)
    T = float(positive([temperature], "temperature")[0])
    if scale not in ("log", "linear"):
        raise ValueError(f"scale must be 'log' or 'linear', got {scale!r}")
    if label is not None:
        label = int(class_numbers([label], "label", 1, len(logits))[0])
    names, soft, hard, marked = _bars(logits, T, class_names(classes, len(logits)), label)
    smallest = np.floor(np.log10(max(min(soft.min(), hard.min()), 1e-12)))
    floor = 10 ** min(smallest, -2) if scale == "log" else 0.0
    note = f"Ticks: at T = 1. {'Logarithmic' if scale == 'log' else 'Linear'} axis."
    figure, axes = sheet(f"Soft targets at T = {T:g}", note, 0.215 * len(soft),
                         left=0.3 + text_inches(names), right=0.75, bottom=0.32)  # fmt: skip
    axes = axes[0, 0]
    rows = np.arange(len(soft))
    colors = [COLORS["teacher"] if row == marked else _PALE for row in rows]
    axes.barh(rows, np.maximum(soft - floor, 0), 0.7, floor, color=colors)
    axes.vlines(np.maximum(hard, floor), rows - 0.44, rows + 0.44, INK, lw=1.1)
    axes.set(xlim=(floor, 1), ylim=(len(soft) - 0.4, -0.6), xscale=scale)
    axes.set_yticks(rows, names)
    (decade_axis if scale == "log" else percent_axis)(axes.xaxis, floor, 1)
    axes.grid(axis="x")
    for row in rows:
        bold = {"weight": "bold"} if row == marked else {}
        axes.get_yticklabels()[row].set(color=INK, **bold)
        axes.annotate(percent(soft[row]), (1, row), (8, 0), textcoords="offset points",
                      va="center_baseline", annotation_clip=False, **bold)  # fmt: skip
    return figure


def _bars(
    logits: np.ndarray, temperature: float, names: list[str], label: int | None
) -> tuple[list[str], np.ndarray, np.ndarray, int]:
    """Names, soft targets and those at T = 1 of each bar, and the row of the label or -1."""
    soft, hard = softmax(logits, temperature), softmax(logits, 1.0)
    if len(soft) <= _MOST_BARS:
        return [shorten(name) for name in names], soft, hard, -1 if label is None else label
    kept = np.argsort(-soft, kind="stable")[: _MOST_BARS - 1]
    shown = [shorten(names[number]) for number in kept] + [f"{len(soft) - len(kept):,} others"]
    found = np.flatnonzero(kept == label)
    rest = [np.delete(values, kept).sum() for values in (soft, hard)]
    row = int(found[0]) if len(found) else -1
    return shown, np.append(soft[kept], rest[0]), np.append(hard[kept], rest[1]), row


@print_style
def entropy_curve(
    logits: np.ndarray, example: int, *, temperature: float | None = None
) -> PrintFigure:
    """Draw the entropy of soft targets over temperature: one example, and 8 in 10 of all.

    Args:
        logits: (N, C) the teacher's.
        example: Which of the N is the line.
        temperature: Where to mark a point on it.

    Raises:
        ValueError: If a shape or a value does not fit.
    """
    logits = array(logits, "logits", None, None)
    class_numbers([example], "example", 1, len(logits))
    entropy = np.array([entropy_bits(logits, T) for T in TEMPERATURES])
    low, high = np.quantile(entropy, [0.1, 0.9], axis=1)
    most = np.log2(logits.shape[1])
    note = f"Line: example {example}. Band: 8 in 10 of {len(logits):,} examples."
    figure, axes = sheet("Entropy of the soft targets, in bits", note, 2.4, width=4.6)
    axes = axes[0, 0]
    axes.fill_between(TEMPERATURES, low, high, color=COLORS["teacher"], alpha=0.15, lw=0)
    axes.plot(TEMPERATURES, entropy[:, example], color=COLORS["teacher"])
    axes.axhline(most, color=MUTED, lw=0.8, ls=(0, (3, 3)))
    alike = f"log₂ {logits.shape[1]} = {most:.2f}: every class alike"
    axes.annotate(alike, (TEMPERATURES[0], most), (0, 3), textcoords="offset points", color=MUTED)
    temperature_axis(axes, TEMPERATURES)
    axes.set_ylim(0, 1.04 * most)
    axes.grid(axis="y")
    if temperature is not None:
        T = float(positive([temperature], "temperature")[0])
        bits = float(entropy_bits(logits[example], T))
        axes.plot([T], [bits], "o", ms=7, mfc="white", mec=INK, mew=1.6, clip_on=False)
        axes.annotate(f"{bits:.2f} bits", (T, bits), (8, -9), textcoords="offset points",
                      weight="bold")  # fmt: skip
    return figure


@print_style
def confidence(
    logits: np.ndarray, labels: np.ndarray | None = None, *, temperature: float = 1.0
) -> PrintFigure:
    """Draw each example as a point: entropy of its soft targets against their largest.

    Args:
        logits: (N, C) the teacher's.
        labels: (N,) class numbers; mistakes become crosses.
        temperature: Above 0.

    Raises:
        ValueError: If a shape or a value does not fit.
    """
    logits = array(logits, "logits", None, None)
    T = float(positive([temperature], "temperature")[0])
    count, number = logits.shape
    surest, bits = softmax(logits, T).max(1), entropy_bits(logits, T)
    wrong = np.zeros(count, dtype=bool)
    if labels is not None:
        wrong = class_numbers(labels, "labels", count, number) != logits.argmax(1)
    note = f"{count:,} examples. Lines: the rest spread evenly (upper) or on few classes (lower)."
    if wrong.any():
        note += f"\nCrosses: the {wrong.sum():,} that the teacher gets wrong."
    figure, axes = sheet(f"Sure, or not so sure, at T = {T:g}", note, 2.8, width=4.8)
    axes = axes[0, 0]
    for line in _entropy_limits(number):
        axes.plot(*line, color="#B9BDC2", lw=0.9)
    axes.plot(surest[~wrong], bits[~wrong], "o", ms=3, mew=0, alpha=0.45, color=COLORS["teacher"])
    axes.plot(surest[wrong], bits[wrong], "x", ms=5, mew=1.3, color=WRONG)
    axes.set(xlim=(1 / number, 1.01), ylim=(-0.02, 1.04 * np.log2(number)))
    axes.set(xlabel="Largest soft target", ylabel="Entropy, in bits")
    percent_axis(axes.xaxis, 1 / number, 1)
    axes.grid(axis="y")
    return figure


def _entropy_limits(classes: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Largest probabilities with the most and with the least entropy that they allow, in bits."""
    p = np.linspace(1 / classes, 1, 402)[1:-1]
    rest = (1 - p) / (classes - 1)
    most = -p * np.log2(p) - (1 - p) * np.log2(rest)
    alike = np.floor(1 / p)  # as many classes as can have p, and one that takes the rest
    rest = np.maximum(1 - alike * p, 1e-300)
    return [(p, most), (p, -alike * p * np.log2(p) - rest * np.log2(rest))]
