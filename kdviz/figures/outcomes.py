"""What students reached, in print: over time, over a sweep, over temperature and width."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from kdviz.figures.numbers import (
    Group,
    array,
    center_and_band,
    checked_groups,
    mean_and_interval,
    positive,
)
from kdviz.figures.style import (
    COLORS,
    DASHES,
    GAIN,
    MUTED,
    PrintFigure,
    end_labels,
    percent_axis,
    print_style,
    sheet,
    shorten,
    temperature_axis,
    text_inches,
)

MARKS = {"better": "▲", "worse": "▼", "inconclusive": "○"}


@print_style
def training_curves(epochs: np.ndarray, groups: Sequence[Group]) -> PrintFigure:
    """Draw test accuracy while students train: mean over seeds, and a band with 8 in 10.

    Args:
        epochs: (R,) when it was measured.
        groups: Each (label, role, accuracy), accuracy (R, S) in [0, 1]. A member that diverged
            (NaN) is left out. Groups of one role differ in their dashes.

    Raises:
        ValueError: If a shape or a role does not fit, or all members of a group diverged.
    """
    epochs = array(epochs, "epochs", None)
    groups = checked_groups(groups, len(epochs), None)
    curves = [center_and_band(group.accuracy) for group in groups]
    texts = [f"{shorten(group.label)}: {100 * curve[0][-1]:.1f}%"
             for group, curve in zip(groups, curves, strict=True)]  # fmt: skip
    seeds = sorted({group.accuracy.shape[1] for group in groups})
    note = f"Lines: mean of {' or '.join(map(str, seeds))} seeds. Bands: 8 in 10 of them."
    lost = sum(curve[3] for curve in curves)
    if lost:
        note += f" Left out: {lost} that diverged."
    figure, axes = sheet("Test accuracy while they train", note, 2.7,
                         right=0.25 + 1.12 * text_inches(texts))  # fmt: skip
    axes = axes[0, 0]
    for index, (group, (mean, low, high, _)) in enumerate(zip(groups, curves, strict=True)):
        color = COLORS[group.role]
        alike = [other.role for other in groups[:index]].count(group.role)
        axes.fill_between(epochs, low, high, color=color, alpha=0.16, lw=0)
        axes.plot(epochs, mean, color=color, ls=DASHES[alike % len(DASHES)])
    bottom, top = accuracy_limits(*(values for curve in curves for values in curve[1:3]))
    axes.set(xlabel="Epoch", ylim=(bottom, top))
    axes.set_xlim(epochs.min(), max(epochs.max(), epochs.min() + 1e-9))
    percent_axis(axes.yaxis, bottom, top)
    axes.grid(axis="y")
    end_labels(axes, epochs.max(), [curve[0][-1] for curve in curves], texts,
               [COLORS[group.role] for group in groups])  # fmt: skip
    return figure


def accuracy_limits(*accuracies: np.ndarray) -> tuple[float, float]:
    """Return limits of an axis that holds all accuracies, with some air and at most 100%."""
    values = np.concatenate([np.ravel(each) for each in accuracies])
    low, high = np.nanmin(values), np.nanmax(values)
    air = max(0.06 * (high - low), 0.005)
    return max(0.0, low - air), min(1.0, high + air) if high <= 1 else high + air


@print_style
def sweep_map(
    differences: np.ndarray,
    verdicts: np.ndarray,
    rows: Sequence[object],
    columns: Sequence[object],
    *,
    row_label: str = "Width",
    column_label: str = "Temperature",
) -> PrintFigure:
    """Draw a sweep as a map: by how much soft targets beat hard labels, and whether surely.

    Args:
        differences: (R, K) mean paired differences of accuracy; NaN where nothing ran.
        verdicts: (R, K) "better", "worse" or "inconclusive"; ignored where nothing ran.
        rows: R values of one setting.
        columns: K values of the other.
        row_label: Its name.
        column_label: Its name.

    Raises:
        ValueError: If a shape does not fit, or a verdict is none of the three.
    """
    values, marks = checked_sweep(differences, verdicts, rows, columns)
    names = [shorten(str(row)) for row in rows]
    note = "Difference in points of accuracy. ▲ better, ▼ worse, ○ inconclusive (95% interval)."
    height, count = 0.36 * len(names), values.shape[1]
    left = 0.65 + text_inches(names)
    width = min(9.0, max(5.4, left + 0.3 + 0.62 * count))
    figure, axes = sheet("Where soft targets win", note, height, width=width, left=left)
    axes = axes[0, 0]
    reach = np.nanmax(np.abs(values), initial=1e-6)
    gain = LinearSegmentedColormap.from_list("gain", GAIN)
    axes.pcolormesh(np.ma.masked_invalid(values), cmap=gain, vmin=-reach, vmax=reach,
                    edgecolors="white", linewidth=1.5)  # fmt: skip
    for (row, column), value in np.ndenumerate(values):
        if not np.isfinite(value):
            axes.text(column + 0.5, row + 0.5, "–", ha="center", va="center", color=MUTED)
            continue
        sure = marks[row, column] != "inconclusive"
        axes.text(column + 0.5, row + 0.5, cell_text(value, marks[row, column]), ha="center",
                  va="center", weight="bold" if sure else "normal")  # fmt: skip
    axes.set_xticks(np.arange(count) + 0.5, [shorten(str(column), 9) for column in columns])
    axes.set_yticks(np.arange(len(names)) + 0.5, names)
    axes.set(xlabel=column_label, ylabel=row_label, ylim=(len(names), 0))
    axes.tick_params(length=0)
    axes.spines["bottom"].set_visible(False)
    return figure


def checked_sweep(
    differences: np.ndarray, verdicts: np.ndarray, rows: Sequence, columns: Sequence
) -> tuple[np.ndarray, np.ndarray]:
    """Return both as (R, K) arrays, or say what does not fit."""
    shape = (len(rows), len(columns))
    values, marks = np.asarray(differences, dtype=np.float64), np.asarray(verdicts, dtype=object)
    for found, argument in ((values, "differences"), (marks, "verdicts")):
        if found.shape != shape or not found.size:
            raise ValueError(f"{argument} must have shape {shape}, got {found.shape}")
    unknown = {str(mark) for mark in marks[np.isfinite(values)]} - set(MARKS)
    if unknown:
        raise ValueError(f"verdicts must be one of {', '.join(MARKS)}, got {min(unknown)!r}")
    return values, marks


def cell_text(difference: float, verdict: str) -> str:
    """Return points of accuracy with a true minus sign, and the mark of the verdict."""
    points = f"{100 * difference:+.1f}".replace("-", "−")
    return f"{points.replace('−0.0', '0.0').replace('+0.0', '0.0')} {MARKS[verdict]}"


@print_style
def accuracy_by_width(
    temperatures: np.ndarray,
    widths: Sequence[int],
    accuracy: np.ndarray,
    baseline: np.ndarray,
) -> PrintFigure:
    """Draw accuracy against temperature, a panel a width, with the hard-label baseline as a band.

    Args:
        temperatures: (K,).
        widths: W numbers of hidden units.
        accuracy: (W, K, S) of S seeds, in [0, 1]; NaN where a member diverged.
        baseline: (W, S) of students trained on hard labels.

    Raises:
        ValueError: If a shape or a value does not fit.
    """
    T, soft, hard = checked_widths(temperatures, widths, accuracy, baseline)
    count = len(widths)
    lines = -(-count // 4)
    columns = -(-count // lines)
    note = "Points: mean and 95% interval over seeds. Gray: the same for hard labels.\n"
    figure, grid = sheet("Which temperature, for which width?", note, 1.75 * lines + 0.55 *
                         (lines - 1), left=0.55, grid=(lines, columns), gap=(0.55, 0.2),
                         width=max(5.0, 0.8 + 1.6 * columns))  # fmt: skip
    bottom, top = width_limits(soft, hard)
    for panel, axes in enumerate(grid.flat):
        if panel >= count:
            axes.remove()
            continue
        center, half = hard[0][panel], np.nan_to_num(hard[1][panel])
        axes.axhspan(center - half, center + half, color=COLORS["hard"], alpha=0.22, lw=0)
        axes.axhline(center, color=COLORS["hard"], lw=1)
        axes.errorbar(T, soft[0][panel], np.nan_to_num(soft[1][panel]), fmt="o-", ms=3.5, lw=1.2,
                      elinewidth=1, color=COLORS["teacher"])  # fmt: skip
        temperature_axis(axes, np.array([T[0] / 1.25, T[-1] * 1.25]), label="")
        axes.set_title(f"{widths[panel]} units", loc="left", size=8.5, weight="bold", pad=4)
        axes.set_ylim(bottom, top)
        percent_axis(axes.yaxis, bottom, top)
        axes.tick_params(labelleft=panel % columns == 0)
        axes.grid(axis="y")
    grid[-1, 0].set_xlabel("Temperature", loc="left")
    return figure


def checked_widths(
    temperatures: np.ndarray, widths: Sequence[int], accuracy: np.ndarray, baseline: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return temperatures, and mean and half interval of soft targets (W, K) and baseline (W,)."""
    given = array(temperatures, "temperatures", None)
    T, order = positive(given), np.argsort(given)
    accuracy = checked_groups([Group("soft targets", "teacher", accuracy)], len(widths), len(T),
                              None)[0].accuracy[:, order]  # fmt: skip
    baseline = checked_groups([Group("baseline", "hard", baseline)], len(widths), None)[0].accuracy
    return T, mean_and_interval(accuracy), mean_and_interval(baseline)


def width_limits(*found: tuple[np.ndarray, np.ndarray]) -> tuple[float, float]:
    """Return limits of an axis that holds all means with their intervals."""
    ends = [mean + sign * np.nan_to_num(half) for mean, half in found for sign in (-1, 1)]
    return accuracy_limits(*ends)
