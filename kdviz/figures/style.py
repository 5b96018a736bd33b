"""One look for every figure in print: paper and ink, hairlines, a color for each role."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.textpath import TextPath
from matplotlib.ticker import NullLocator

from kdviz.figures.numbers import spread

# Soft targets, and what was taught by them, are the teacher's.
COLORS = {"teacher": "#0072B2", "student": "#D55E00", "hard": "#6B7280", "good": "#009E73"}
INK, MUTED, HAIRLINE, PAPER = "#1F2933", "#5A6472", "#DEDCD5", "#FFFFFF"
# From hard labels ahead to soft targets ahead: the two roles, pale enough for ink upon them.
GAIN = ("#AEB4BE", "#F4F2EC", "#6FB1D8")
WRONG = "#B3261E"
DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
WIDE, SMALL, TITLE = 6.8, 8.0, 12.0  # inches, points, points


def _first_font(*names: str) -> str:
    """The first that is installed: matplotlib would warn of each that is not."""
    installed = set(font_manager.get_font_names())
    return next(name for name in names if name in installed)


SERIF = _first_font("Georgia", "Gelasio", "DejaVu Serif")
# DejaVu Sans comes with matplotlib: its figures are tabular, and it has ⁻⁶ and ₂.
SANS = [_first_font("Helvetica Neue", "Arial", "Liberation Sans", "DejaVu Sans"), "DejaVu Sans"]

STYLE = {
    "font.family": list(dict.fromkeys(SANS)),
    "font.size": SMALL,
    "text.color": INK,
    "text.parse_math": False,  # a class may be called $x$
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "savefig.dpi": 300,
    "pdf.fonttype": 42,  # journals refuse Type 3
    "axes.facecolor": "none",
    "axes.edgecolor": HAIRLINE,
    "axes.linewidth": 0.6,
    "axes.labelcolor": MUTED,
    "axes.labelsize": SMALL,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.unicode_minus": True,
    "axes.axisbelow": True,
    "grid.color": HAIRLINE,
    "grid.linewidth": 0.6,
    "xtick.color": HAIRLINE,
    "ytick.color": HAIRLINE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.major.width": 0.6,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "hatch.linewidth": 0.6,
}


class PrintFigure(Figure):
    """A figure that keeps its style when it is drawn and saved, and shows itself in a notebook."""

    def draw(self, renderer: Any) -> None:
        """Draw in the print style, whatever the reader's own settings are."""
        with mpl.rc_context(STYLE):
            super().draw(renderer)

    def savefig(self, *arguments: Any, **options: Any) -> None:
        """Save as SVG, PDF or PNG in the print style."""
        with mpl.rc_context(STYLE):
            super().savefig(*arguments, **options)

    def _repr_svg_(self) -> str:
        text = io.StringIO()
        self.savefig(text, format="svg")
        return text.getvalue()


def print_style(draw: Callable[..., PrintFigure]) -> Callable[..., PrintFigure]:
    """Draw in the print style; the reader's own settings stay as they are."""
    return mpl.rc_context(STYLE)(draw)


def sheet(
    title: str,
    note: str,
    height: float,
    *,
    width: float = WIDE,
    left: float = 0.5,
    right: float = 0.25,
    bottom: float = 0.5,
    grid: tuple[int, int] = (1, 1),
    gap: tuple[float, float] = (0.0, 0.0),
) -> tuple[PrintFigure, np.ndarray]:
    """Lay out a figure: a title in a serif, a note that explains every mark, then the axes.

    Args:
        title: One short line.
        note: One or more lines.
        height: Of all axes together, in inches, as every length here.
        width: Of the whole figure.
        left: Room for the labels of the vertical axis.
        right: Room for direct labels.
        bottom: Room for the labels of the horizontal axis.
        grid: Rows and columns of axes.
        gap: Between rows and between columns.

    Returns:
        The figure, and its axes, shaped as `grid`.
    """
    lines = note.count("\n") + 1
    top = 0.58 + 0.155 * lines
    total = top + height + bottom
    figure = PrintFigure(figsize=(width, total))
    figure.text(0.12 / width, 1 - 0.14 / total, title, family=SERIF, size=TITLE, weight="bold",
                va="top")  # fmt: skip
    figure.text(0.12 / width, 1 - 0.42 / total, note, color=MUTED, va="top", linespacing=1.35)
    rows, columns = grid
    one_high = (height - gap[0] * (rows - 1)) / rows
    one_wide = (width - left - right - gap[1] * (columns - 1)) / columns
    axes = figure.subplots(
        rows,
        columns,
        squeeze=False,
        gridspec_kw={
            "left": left / width,
            "right": 1 - right / width,
            "bottom": bottom / total,
            "top": 1 - top / total,
            "hspace": gap[0] / one_high,
            "wspace": gap[1] / one_wide,
        },
    )
    return figure, axes


def text_inches(texts: Sequence[str], size: float = SMALL) -> float:
    """Return the width of the widest text, in inches."""
    font = font_manager.FontProperties(family=SANS, size=size)
    return max(TextPath((0, 0), text, prop=font).get_extents().x1 for text in texts) / 72


def shorten(text: str, longest: int = 28) -> str:
    """Return one line of at most `longest` characters."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def end_labels(axes: Axes, x: float, heights: Sequence[float], texts: Sequence[str],
               colors: Sequence[str]) -> None:  # fmt: skip
    """Label lines at their ends, in their colors, so that no label covers another."""
    figure = axes.figure
    inches = axes.get_position().height * figure.get_figheight()
    to_inches = axes.transData + axes.transAxes.inverted()
    wanted = [to_inches.transform((x, height))[1] * inches for height in heights]
    places = spread(wanted, 1.3 * SMALL / 72, 0, inches)
    across = to_inches.transform((x, heights[0]))[0]
    for place, text, color in zip(places, texts, colors, strict=True):
        axes.annotate(text, (across, place / inches), xycoords="axes fraction", xytext=(6, 0),
                      textcoords="offset points", va="center", color=color, weight="bold",
                      annotation_clip=False, gid="end-label")  # fmt: skip


def color_key(figure: PrintFigure, axes: Axes, entries: Sequence[tuple[str, str]]) -> None:
    """Name colors in a row above the axes, where bars leave no room for direct labels."""
    box, x = axes.get_position(), 0.0
    for text, color in entries:
        axes.annotate(f"■ {text}", (box.x0, box.y1), xycoords="figure fraction", xytext=(x, 5),
                      textcoords="offset points", color=color, weight="bold", va="bottom",
                      annotation_clip=False, gid="key")  # fmt: skip
        x += 72 * text_inches([f"■ {text}"]) * 1.08 + 14


def temperature_axis(axes: Axes, temperatures: np.ndarray, *, label: str = "Temperature") -> None:
    """Make the horizontal axis logarithmic, with the ticks of the ruler."""
    low, high = temperatures.min(), temperatures.max()
    axes.set_xscale("log")
    axes.set_xlim((low, high) if low < high else (low / 2, high * 2))
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
             if 0.999 * low <= tick <= 1.001 * high]  # fmt: skip
    axes.set_xticks(ticks or [low], [f"{tick:g}" for tick in (ticks or [low])])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(label)


def decade_axis(axis: Any, low: float, high: float) -> None:
    """Label decades as 1, 10⁻², ..., at most six of them."""
    first, last = int(np.ceil(np.log10(low) - 1e-9)), int(np.floor(np.log10(high) + 1e-9))
    decades = range(first, last + 1, max(1, -(-(last - first) // 6)))
    axis.set_ticks([10.0**decade for decade in decades], [power(decade) for decade in decades])
    axis.set_minor_locator(NullLocator())


def power(decade: int) -> str:
    """Return a power of ten as text: 1, 10, 10⁻⁶."""
    raised = str(decade).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return {0: "1", 1: "10"}.get(decade, f"10{raised}")


def percent_axis(axis: Any, low: float, high: float) -> None:
    """Label fractions as percent, at round steps."""
    steps = np.array([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2])
    step = steps[np.searchsorted(steps, (high - low) / 6).clip(max=len(steps) - 1)]
    ticks = step * np.arange(round(np.ceil(low / step - 1e-9)), np.floor(high / step + 1e-9) + 1)
    axis.set_ticks(ticks, [f"{100 * tick:.3g}%" for tick in ticks])


def percent(value: float) -> str:
    """Return a probability in at most two figures of percent, or a power of ten."""
    if value >= 0.0995:
        return f"{100 * value:.0f}%"
    if value >= 0.001:
        return f"{100 * value:.1f}%"
    return (
        "0%"
        if value < 1e-99
        else f"{value:.0e}".replace("e-0", "e-").split("e")[0]
        + ("·" + power(int(f"{value:.0e}".split("e")[1])))
    )
