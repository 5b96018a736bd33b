"""Three figures for notebooks, in plotly: the arguments and the numbers of those in print."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
from plotly.subplots import make_subplots

from kdviz.figures.numbers import Group, array, center_and_band, checked_groups, spread
from kdviz.figures.outcomes import (
    accuracy_limits,
    cell_text,
    checked_sweep,
    checked_widths,
    width_limits,
)
from kdviz.figures.style import COLORS, GAIN, HAIRLINE, INK, MUTED

LIGHT = {"paper": "#FCFBF8", "ink": INK, "muted": MUTED, "hairline": HAIRLINE, "gain": GAIN}
DARK = {"paper": "#15181C", "ink": "#E8E6E1", "muted": "#A3ABB5", "hairline": "#363B42"}
DARK["gain"] = ("#5A616C", "#2B3036", "#1A6496")
DARK_COLORS = {"teacher": "#56B4E9", "student": "#F0803C", "hard": "#A3ABB5", "good": "#2BBF94"}
_DASHES = ("solid", "dash", "dot", "dashdot")
_SERIF, _SANS = "Georgia, serif", "system-ui, -apple-system, Segoe UI, Roboto, sans-serif"


def template(dark: bool = False) -> go.layout.Template:
    """Return the look of every plotly figure, registered as "kdviz" and "kdviz-dark"."""
    look, colors = (DARK, DARK_COLORS) if dark else (LIGHT, COLORS)
    axis = {
        "gridcolor": look["hairline"],
        "linecolor": look["hairline"],
        "zeroline": False,
        "ticks": "",
        "tickfont": {"color": look["muted"]},
        "title": {"font": {"color": look["muted"], "size": 13}},
        "automargin": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": _SANS, "size": 13, "color": look["ink"]},
            "title": {"font": {"family": _SERIF, "size": 19}, "x": 0, "xref": "paper",
                      "subtitle": {"font": {"family": _SANS, "size": 13, "color": look["muted"]}}},
            "paper_bgcolor": look["paper"],
            "plot_bgcolor": look["paper"],
            "colorway": list(colors.values()),
            "colorscale": {"diverging": list(zip((0, 0.5, 1), look["gain"], strict=True))},
            "xaxis": axis | {"showgrid": False, "showline": True},
            "yaxis": axis,
            "hoverlabel": {"bgcolor": look["paper"], "bordercolor": look["hairline"],
                           "font": {"color": look["ink"]}},
            "margin": {"l": 60, "r": 30, "t": 90, "b": 50},
            "showlegend": False,
        }
    )  # fmt: skip


pio.templates["kdviz"] = template()
pio.templates["kdviz-dark"] = template(dark=True)


def _figure(figure: go.Figure, title: str, note: str, dark: bool) -> go.Figure:
    return figure.update_layout(
        template="kdviz-dark" if dark else "kdviz",
        title={"text": f"<b>{title}</b>", "subtitle": {"text": note}},
    )


def _plain(text: object) -> str:
    """Plotly reads tags in text: a name that holds some is shown as it is."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _faint(color: str, opacity: float) -> str:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def training_curves(
    epochs: np.ndarray, groups: Sequence[Group], *, dark: bool = False
) -> go.Figure:
    """Draw test accuracy while students train: mean over seeds, and a band with 8 in 10.

    Args:
        epochs: (R,) when it was measured.
        groups: Each (label, role, accuracy), accuracy (R, S) in [0, 1]; NaN is left out.
        dark: For a dark page.

    Raises:
        ValueError: If a shape or a role does not fit, or all members of a group diverged.
    """
    epochs, height = array(epochs, "epochs", None), 420
    groups = checked_groups(groups, len(epochs), None)
    curves = [center_and_band(group.accuracy) for group in groups]
    colors = DARK_COLORS if dark else COLORS
    limits = accuracy_limits(*(values for curve in curves for values in curve[1:3]))
    gap = 19 / (height - 140) * (limits[1] - limits[0])
    places = spread([curve[0][-1] for curve in curves], gap, *limits)
    figure = go.Figure()
    for index, (group, curve, place) in enumerate(zip(groups, curves, places, strict=True)):
        (mean, low, high, _), color = curve, colors[group.role]
        alike = [other.role for other in groups[:index]].count(group.role)
        figure.add_scatter(
            x=np.concatenate([epochs, epochs[::-1]]),
            hoverinfo="skip",
            y=np.concatenate([high, low[::-1]]),
            fill="toself",
            mode="none",
            fillcolor=_faint(color, 0.16),
            name=f"8 in 10, {_plain(group.label)}",
        )
        figure.add_scatter(
            x=epochs,
            y=mean,
            mode="lines",
            name=_plain(group.label),
            line={"color": color, "width": 2.5, "dash": _DASHES[alike % 4]},
        )
        figure.add_annotation(x=1, xref="paper", xanchor="left", xshift=8, y=place,
                              text=f"<b>{_plain(group.label)}: {100 * mean[-1]:.1f}%</b>",
                              font={"color": color}, showarrow=False)  # fmt: skip
    widest = max(len(group.label) for group in groups)
    figure.update_layout(height=height, margin={"r": 80 + 8 * widest}, hovermode="x unified")
    figure.update_xaxes(title_text="Epoch")
    figure.update_yaxes(range=limits, tickformat=".0%", hoverformat=".1%")
    return _figure(figure, "Test accuracy while they train",
                   "Lines: mean over seeds. Bands: 8 in 10 of them.", dark)  # fmt: skip


def sweep_map(
    differences: np.ndarray,
    verdicts: np.ndarray,
    rows: Sequence[object],
    columns: Sequence[object],
    *,
    row_label: str = "Width",
    column_label: str = "Temperature",
    dark: bool = False,
) -> go.Figure:
    """Draw a sweep as a map: by how much soft targets beat hard labels, and whether surely.

    Args:
        differences: (R, K) mean paired differences of accuracy; NaN where nothing ran.
        verdicts: (R, K) "better", "worse" or "inconclusive"; ignored where nothing ran.
        rows: R values of one setting.
        columns: K values of the other.
        row_label: Its name.
        column_label: Its name.
        dark: For a dark page.

    Raises:
        ValueError: If a shape does not fit, or a verdict is none of the three.
    """
    values, marks = checked_sweep(differences, verdicts, rows, columns)
    reach = np.nanmax(np.abs(values), initial=1e-6)
    texts = np.full(values.shape, "–", dtype=object)
    for place in zip(*np.nonzero(np.isfinite(values)), strict=True):
        text = cell_text(values[place], marks[place])
        texts[place] = text if marks[place] == "inconclusive" else f"<b>{text}</b>"
    hover = f"{_plain(row_label)} %{{y}}, {_plain(column_label)} %{{x}}<br>%{{text}} points"
    figure = go.Figure(go.Heatmap(
        z=100 * values, x=[_plain(column) for column in columns], y=[_plain(row) for row in rows],
        text=texts, texttemplate="%{text}", hovertemplate=f"{hover}<extra></extra>",
        zmin=-100 * reach, zmax=100 * reach, xgap=2, ygap=2, showscale=False,
    ))  # fmt: skip
    look = DARK if dark else LIGHT
    figure.update_traces(colorscale=template(dark).layout.colorscale.diverging,
                         textfont={"color": look["ink"]})  # fmt: skip
    figure.update_layout(height=140 + 42 * len(values))
    figure.update_xaxes(title_text=_plain(column_label), type="category", showline=False)
    figure.update_yaxes(
        title_text=_plain(row_label), type="category", autorange="reversed", showgrid=False
    )
    note = "Difference in points of accuracy. ▲ better, ▼ worse, ○ inconclusive (95% interval)."
    return _figure(figure, "Where soft targets win", note, dark)


def accuracy_by_width(
    temperatures: np.ndarray,
    widths: Sequence[int],
    accuracy: np.ndarray,
    baseline: np.ndarray,
    *,
    dark: bool = False,
) -> go.Figure:
    """Draw accuracy against temperature, a panel a width, with the hard-label baseline as a band.

    Args:
        temperatures: (K,).
        widths: W numbers of hidden units.
        accuracy: (W, K, S) of S seeds, in [0, 1]; NaN where a member diverged.
        baseline: (W, S) of students trained on hard labels.
        dark: For a dark page.

    Raises:
        ValueError: If a shape or a value does not fit.
    """
    T, soft, hard = checked_widths(temperatures, widths, accuracy, baseline)
    colors = DARK_COLORS if dark else COLORS
    lines = -(-len(widths) // 4)
    columns = -(-len(widths) // lines)
    figure = make_subplots(
        lines, columns, shared_yaxes="all", horizontal_spacing=0.02,
        vertical_spacing=min(0.18, 0.5 / lines),
        subplot_titles=[f"<b>{width} units</b>" for width in widths],
    )  # fmt: skip
    for panel in range(len(widths)):
        place = {"row": panel // columns + 1, "col": panel % columns + 1}
        _width_panel(figure, place, T, [each[panel] for each in (*soft, *hard)], colors)
    ticks = [0.5, 1, 2, 5, 10, 20, 50]
    figure.update_xaxes(type="log", tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])
    figure.update_yaxes(tickformat=".0%", range=width_limits(soft, hard))
    figure.update_xaxes(title_text="Temperature", row=lines, col=1)
    figure.update_annotations(font={"size": 13})
    figure.update_layout(height=160 + 230 * lines, margin={"t": 115})
    note = "Points: mean and 95% interval over seeds. Gray: the same for hard labels."
    return _figure(figure, "Which temperature, for which width?", note, dark)


def _width_panel(
    figure: go.Figure, place: dict[str, int], T: np.ndarray, found: list, colors: dict[str, str]
) -> None:
    """Points with intervals over the baseline's band; `found` holds means and half intervals."""
    mean, half, center, reach = found
    half, reach = np.nan_to_num(half), np.nan_to_num(reach)
    figure.add_scatter(
        x=T,
        y=mean,
        mode="lines+markers",
        name="soft targets",
        error_y={"array": half, "width": 0},
        hovertemplate="T = %{x}: %{y:.1%}<extra></extra>",
        line={"color": colors["teacher"], "width": 2},
        **place,
    )
    figure.add_hrect(
        y0=center - reach,
        y1=center + reach,
        line_width=0,
        layer="below",
        fillcolor=_faint(colors["hard"], 0.22),
        **place,
    )
    figure.add_hline(y=center, line={"color": colors["hard"], "width": 1.5}, layer="below",
                     **place)  # fmt: skip
