"""One look for every figure, on screen and in print: a color for each role, hairlines, a serif."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Print

# Soft targets, and what was taught by them, are the teacher's.
COLORS = {"teacher": "#0072B2", "student": "#D55E00", "hard": "#6B7280", "good": "#009E73"}
COLORS["wrong"] = "#B3261E"
INK, MUTED, HAIRLINE, PAPER = "#1F2933", "#5A6472", "#DEDCD5", "#FCFBF8"
# From hard labels ahead to soft targets ahead, pale enough for ink upon it.
GAIN = ("#AEB4BE", "#F4F2EC", "#6FB1D8")
_SANS, _SERIF = "system-ui, -apple-system, Segoe UI, Roboto, sans-serif", "Georgia, serif"


@dataclass(frozen=True)
class Figure:
    """A figure that a notebook shows live, and that can be printed.

    Args:
        live: Makes it in plotly.
        still: Makes it in matplotlib.
    """

    live: Callable[[], go.Figure]
    still: Callable[[], Print]

    def savefig(self, path: Any, **options: Any) -> None:
        """Save it as SVG, PDF or PNG, for paper."""
        import matplotlib as mpl

        with mpl.rc_context(print_style()):
            self.still().savefig(path, **options)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """What a notebook shows: live where it can, and still where it can't."""
        text = io.StringIO()
        self.savefig(text, format="svg")
        live = self.live().to_plotly_json()
        return {"application/vnd.plotly.v1+json": live, "image/svg+xml": text.getvalue()}


def screen(title: str, note: str, **layout: Any) -> go.Figure:
    """Begin a plotly figure in the look of the lab."""
    import plotly.graph_objects as go

    axis = {
        "gridcolor": HAIRLINE, "linecolor": HAIRLINE, "zeroline": False, "ticks": "",
        "tickfont": {"color": MUTED}, "title": {"font": {"color": MUTED}}, "automargin": True,
    }  # fmt: skip
    heading = {
        "text": f"<b>{plain(title)}</b>", "x": 0, "xref": "paper",
        "font": {"family": _SERIF, "size": 19},
        "subtitle": {"text": plain(note), "font": {"size": 13, "color": MUTED}},
    }  # fmt: skip
    template = {"layout": {"xaxis": axis | {"showgrid": False, "showline": True}, "yaxis": axis}}
    return go.Figure(
        layout={
            "template": template, "title": heading, "showlegend": False,
            "font": {"family": _SANS, "size": 13, "color": INK},
            "paper_bgcolor": PAPER, "plot_bgcolor": PAPER,
            "margin": {"l": 60, "r": 175, "t": 90, "b": 50}, "height": 360,
            "hoverlabel": {"bgcolor": PAPER, "bordercolor": HAIRLINE, "font": {"color": INK}},
        } | layout
    )  # fmt: skip


def plain(text: object) -> str:
    """Plotly reads tags in text: a name that holds some is shown as it is."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def faint(role: str, opacity: float = 0.18) -> str:
    """A role's color, for bands."""
    red, green, blue = (int(COLORS[role][at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def print_style() -> dict[str, Any]:
    """What matplotlib is to draw with; the reader's own settings stay as they are."""
    return {
        "font.family": ["DejaVu Sans"],  # comes with matplotlib, and has tabular figures
        "font.size": 8.0,
        "text.color": INK,
        "text.parse_math": False,  # a class may be called $x$
        "pdf.fonttype": 42,  # journals refuse Type 3
        "axes.edgecolor": HAIRLINE,
        "axes.labelcolor": MUTED,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.axisbelow": True,
        "grid.color": HAIRLINE,
        "xtick.color": HAIRLINE,
        "ytick.color": HAIRLINE,
        "xtick.labelcolor": MUTED,
        "ytick.labelcolor": MUTED,
        "ytick.major.size": 0,
        "savefig.dpi": 300,
    }


def sheet(
    title: str, note: str, size: tuple[float, float], grid: tuple[int, int] = (1, 1), **options: Any
) -> tuple[Print, np.ndarray]:
    """Begin a matplotlib figure: a title in a serif, a note that explains every mark, the axes.

    Args:
        title: One short line.
        note: One line, above the first axes.
        size: Width and height in inches.
        grid: Rows and columns of axes.
        **options: Of `Figure.subplots`.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure as Print

    with mpl.rc_context(print_style()):
        figure = Print(figsize=size, layout="constrained")
        figure.suptitle(title, x=0.01, ha="left", family="DejaVu Serif", size=12, weight="bold")
        axes = figure.subplots(*grid, squeeze=False, **options)
        if note:
            axes[0, 0].set_title(note, loc="left", size=8, color=MUTED)
    return figure, axes


def apart(wanted: Sequence[float], gap: float) -> list[float]:
    """Places as near as wanted from below, but no nearer to each other than a gap."""
    places, place = [0.0] * len(wanted), -np.inf
    for at in np.argsort(wanted):
        places[at] = place = max(wanted[at], place + gap)
    return places


def end_labels(axes: Axes, heights: Sequence[float], texts: Sequence[str], roles: Sequence[str],
               gap: float = 0.06) -> None:  # fmt: skip
    """Label lines at their right ends, in their colors, so that no label covers another."""
    to_share = axes.transData + axes.transAxes.inverted()
    wanted = [to_share.transform((0, height))[1] for height in heights]
    for place, text, role in zip(apart(wanted, gap), texts, roles, strict=True):
        axes.annotate(text, (1, place), xycoords="axes fraction", xytext=(6, 0),
                      textcoords="offset points", va="center", color=COLORS.get(role, MUTED),
                      weight="bold", annotation_clip=False)  # fmt: skip
