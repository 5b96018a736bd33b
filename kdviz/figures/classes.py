"""Classes in print: how well each is recognized, and which ones are mistaken together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from kdviz.figures.numbers import Group, array, checked_groups, class_names, class_numbers
from kdviz.figures.style import (
    COLORS,
    INK,
    PAPER,
    PrintFigure,
    color_key,
    percent_axis,
    print_style,
    sheet,
    shorten,
    text_inches,
)

_MOST_CLASSES = 40
_COVARIANCE = LinearSegmentedColormap.from_list("covariance", ["#D55E00", PAPER, "#0072B2"])
_MISTAKES = LinearSegmentedColormap.from_list("mistakes", [PAPER, "#F0B48A", "#D55E00", "#7A3500"])


@print_style
def accuracy_by_class(
    groups: Sequence[Group],
    *,
    classes: Sequence[str] | None = None,
    unseen: Sequence[int] = (),
) -> PrintFigure:
    """Draw the share of each class that is recognized, a bar a group.

    Args:
        groups: Each (label, role, accuracy), accuracy (C,) in [0, 1], or (S, C) over seeds,
            of which the mean is drawn; NaN is left out.
        classes: C names.
        unseen: Classes that were not in the transfer set.

    Raises:
        ValueError: If a shape or a value does not fit, or there are more than 40 classes.
    """
    groups = [Group(label, role, np.atleast_2d(accuracy)) for label, role, accuracy in groups]
    count = groups[0].accuracy.shape[1] if groups else 0
    groups = checked_groups(groups, None, count)
    if count > _MOST_CLASSES:
        raise ValueError(f"accuracy must have at most {_MOST_CLASSES} classes, got {count}")
    names = [shorten(name, 14) for name in class_names(classes, count)]
    unseen = class_numbers(unseen, "unseen", len(unseen), count) if len(unseen) else ()
    note = "Share of the test examples of each class."
    note += " Bold: not in the transfer set.\n" if len(unseen) else "\n"
    room = text_inches(names) > 0.8 * 6 / count
    figure, axes = sheet("What each student recognizes", note, 1.8, left=0.55,
                         bottom=0.25 + (text_inches(names) if room else 0.1))  # fmt: skip
    axes = axes[0, 0]
    each = 0.84 / len(groups)
    for index, group in enumerate(groups):
        at = np.arange(count) + (index - (len(groups) - 1) / 2) * each
        heights = _mean(group.accuracy)
        axes.bar(at, heights, 0.9 * each, color=COLORS[group.role])
        for number in np.flatnonzero(heights < 0.005):  # a bar that would not be seen
            axes.text(at[number], 0.015, "0%", ha="center", color=COLORS[group.role])
    axes.set(ylim=(0, 1), xlim=(-0.6, count - 0.4))
    axes.set_xticks(range(count), names, rotation=90 if room else 0, color=INK)
    for number in unseen:
        axes.get_xticklabels()[number].set_weight("bold")
    axes.tick_params(axis="x", length=0)
    percent_axis(axes.yaxis, 0, 1)
    axes.grid(axis="y")
    color_key(figure, axes, [(shorten(group.label), COLORS[group.role]) for group in groups])
    return figure


def _mean(accuracy: np.ndarray) -> np.ndarray:
    """(S, C) to (C,), without NaN; NaN where nothing is left."""
    found = np.isfinite(accuracy)
    total, count = np.where(found, accuracy, 0).sum(0), found.sum(0)
    return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)


@print_style
def covariance_and_confusion(
    probabilities: np.ndarray,
    labels: np.ndarray,
    clusters: Sequence[Sequence[int]],
    *,
    classes: Sequence[str] | None = None,
) -> PrintFigure:
    """Draw which classes the generalist predicts together (§5.3), beside what it mistakes.

    Args:
        probabilities: (N, C) its predictions.
        labels: (N,) class numbers, which the covariance does without.
        clusters: Of classes; they stand together and are framed. A class in several stands in
            its first, and one in none stands at the end.
        classes: C names.

    Raises:
        ValueError: If a shape or a value does not fit.
    """
    p = array(probabilities, "probabilities", None, None)
    count = p.shape[1]
    labels = class_numbers(labels, "labels", len(p), count)
    blocks = _blocks(clusters, count)
    order = [number for block in blocks for number in block]
    names = [shorten(name, 14) for name in class_names(classes, count)]
    centered = p - p.mean(0)
    covariance = (centered.T @ centered / max(len(p) - 1, 1))[np.ix_(order, order)]
    confusion = np.zeros((count, count))
    np.add.at(confusion, (labels, p.argmax(1)), 1)
    confusion = confusion[np.ix_(order, order)]
    for matrix in (covariance, confusion):
        np.fill_diagonal(matrix, np.nan)
    left = 0.35 + text_inches(names) if count <= _MOST_CLASSES else 0.3
    figure, axes = sheet("Predicted together, mistaken together",
                         "Left: covariance of predictions, no labels needed. Blue: together "
                         "more than most pairs.\nRight: mistakes, true class by predicted class. "
                         "Frames: clusters. Diagonals are left out.\n", (6.6 - 2 * left) / 2,
                         left=left, right=0.2, bottom=left - 0.1, grid=(1, 2),
                         gap=(0, left))  # fmt: skip
    usual = np.nanmedian(covariance)
    reach = np.nanmax(np.abs(covariance - usual)) or 1.0
    axes[0, 0].imshow(covariance, cmap=_COVARIANCE, vmin=usual - reach, vmax=usual + reach)
    axes[0, 1].imshow(confusion, cmap=_MISTAKES, vmin=0, vmax=np.nanmax(confusion, initial=1))
    sizes = [len(block) for block in blocks[: len(clusters)]]
    for panel, title in zip(axes.flat, ("Covariance", "Mistakes"), strict=True):
        panel.set_title(title, loc="left", size=8.5, weight="bold", pad=4)
        _frame(panel, sizes, [names[number] for number in order])
    _write_counts(axes[0, 1], confusion)
    return figure


def _blocks(clusters: Sequence[Sequence[int]], classes: int) -> list[list[int]]:
    """Classes of each cluster, each class once, and at the end those in none."""
    blocks, placed = [], set()
    for cluster in clusters:
        numbers = class_numbers(cluster, "clusters", len(cluster), classes)
        blocks.append([int(number) for number in numbers if number not in placed])
        placed.update(blocks[-1])
    return [*blocks, [number for number in range(classes) if number not in placed]]


def _frame(axes: Axes, sizes: Sequence[int], names: Sequence[str]) -> None:
    """Frame the clusters and name the classes, unless there are too many to read."""
    start = -0.5
    for size in sizes:
        axes.add_patch(
            Rectangle((start, start), size, size, fill=False, ec=INK, lw=0.9, clip_on=False)
        )
        start += size
    shown = range(len(names)) if len(names) <= _MOST_CLASSES else ()
    axes.set_xticks(
        shown, [names[at] for at in shown], rotation=90 if max(map(len, names)) > 2 else 0
    )
    axes.set_yticks(shown, [names[at] for at in shown])
    axes.tick_params(length=0, labelsize=8 if len(names) <= 20 else 5.5)
    for spine in axes.spines.values():
        spine.set_visible(True)


def _write_counts(axes: Axes, confusion: np.ndarray) -> None:
    """Write the number of mistakes into its cell, where it can be read."""
    if len(confusion) > 12:
        return
    most = np.nanmax(confusion, initial=1)
    for (row, column), value in np.ndenumerate(confusion):
        if value > 0:
            axes.text(column, row, f"{value:.0f}", ha="center", va="center",
                      color="white" if value > 0.6 * most else INK)  # fmt: skip
