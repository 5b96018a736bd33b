"""The figures: what students reached over time, over a sweep, and against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kdviz.evaluation.compare import Comparison
from kdviz.figures.numbers import (
    TEMPERATURES,
    Curve,
    Group,
    array,
    curves,
    limits,
    matching_error,
    mean_and_interval,
)
from kdviz.figures.style import (
    COLORS,
    GAIN,
    MUTED,
    Figure,
    apart,
    end_labels,
    faint,
    plain,
    screen,
    sheet,
)
from kdviz.words import say

MARKS = {"better": "▲", "worse": "▼", "inconclusive": "○"}
_ROLE = {"better": "good", "worse": "wrong", "inconclusive": "hard"}


def training_curves(epochs: np.ndarray, groups: Sequence[Group]) -> Figure:
    """Draw test accuracy while students train: mean over seeds, and a band with 8 in 10.

    Args:
        epochs: (R,) when it was measured.
        groups: Each (label, role, accuracy), accuracy (R, S) in [0, 1]. A member that diverged
            (NaN) is left out.

    Raises:
        ValueError: If a shape or a role does not fit, or all members of a group diverged.
    """
    epochs = array(epochs, "epochs", None)
    found = curves(groups, len(epochs))
    title = say("Test accuracy while they train")
    lost = sum(curve.lost for curve in found)
    note = say("Lines: mean over seeds. Bands: 8 in 10 of them.")
    note += " " + say("Left out: {} that diverged.", lost) if lost else ""
    epoch = say("Epoch")
    low, high = span(found)

    def live():
        figure = screen(title, note)
        for curve in found:
            figure.add_traces(curve_traces(epochs, curve))
        figure.update_layout(annotations=curve_labels(found, low, high))
        figure.update_xaxes(title_text=epoch, range=[0, epochs[-1]])
        return figure.update_yaxes(tickformat=".0%", range=[low, high])

    def still():
        figure, ((axes,),) = sheet(title, note, (6.8, 3.6))
        for curve in found:
            color = COLORS[curve.role]
            axes.fill_between(epochs, curve.low, curve.high, color=color, alpha=0.16, lw=0)
            axes.plot(epochs, curve.mean, color=color)
        axes.set(xlabel=epoch, ylim=(low, high), xlim=(0, epochs[-1]))
        axes.yaxis.set_major_formatter("{x:.0%}")
        axes.grid(axis="y")
        end_labels(axes, [c.mean[-1] for c in found], [_said(c) for c in found],
                   [c.role for c in found])  # fmt: skip
        return figure

    return Figure(live, still)


def _said(curve: Curve) -> str:
    return f"{curve.label}: {curve.mean[-1]:.1%}"


def span(found: Sequence[Curve]) -> tuple[float, float]:
    """The accuracies between which curves and their bands lie."""
    return limits(*(end for curve in found for end in (curve.low, curve.high)))


def curve_labels(found: Sequence[Curve], low: float, high: float) -> list[dict]:
    """What plotly writes at the right end of each curve, none over another."""
    wanted = [float((curve.mean[-1] - low) / (high - low)) for curve in found]
    return [
        {"text": f"<b>{plain(_said(curve))}</b>", "xref": "paper", "x": 1, "xanchor": "left",
         "xshift": 8, "yref": "paper", "y": place, "yanchor": "middle", "showarrow": False,
         "font": {"color": COLORS[curve.role]}}
        for curve, place in zip(found, apart(wanted, 0.09), strict=True)
    ]  # fmt: skip


def curve_traces(epochs: np.ndarray, curve: Curve) -> list[dict]:
    """The band of a curve and its line, as plotly's traces."""
    both = {"x": [*epochs, *epochs[::-1]], "y": [*curve.high, *curve.low[::-1]]}
    return [
        {"type": "scatter", **both, "mode": "lines", "hoverinfo": "skip", "line": {"width": 0},
         "fill": "toself", "fillcolor": faint(curve.role)},
        {"type": "scatter", "x": epochs, "y": curve.mean, "name": plain(curve.label),
         "mode": "lines", "line": {"color": COLORS[curve.role], "width": 3},
         "hovertemplate": say("epoch {}", "%{x:.0f}") + ": %{y:.1%}"},
    ]  # fmt: skip


def sweep_map(
    differences: np.ndarray,
    verdicts: np.ndarray,
    rows: Sequence[object],
    columns: Sequence[object],
    *,
    row_label: str = "Hidden units",
    column_label: str = "Temperature",
) -> Figure:
    """Draw a sweep as a map: by how much soft targets beat hard labels, and whether surely.

    Args:
        differences: (R, K) mean paired differences of accuracy; NaN where nothing ran.
        verdicts: (R, K) "better", "worse" or "inconclusive"; ignored where nothing ran.
        rows: R values of one setting.
        columns: K values of the other.
        row_label: What to call the first.
        column_label: What to call the other.

    Raises:
        ValueError: If a shape does not fit, or a verdict is none of the three.
    """
    shape = (len(rows), len(columns))
    values, marks = np.asarray(differences, dtype=np.float64), np.asarray(verdicts, dtype=object)
    for found, argument in ((values, "differences"), (marks, "verdicts")):
        if found.shape != shape or not found.size:
            raise ValueError(f"{argument} must have shape {shape}, got {found.shape}")
    if unknown := {str(mark) for mark in marks[np.isfinite(values)]} - set(MARKS):
        raise ValueError(f"verdicts must be one of {', '.join(MARKS)}, got {min(unknown)!r}")
    title = "Where soft targets win"
    note = "Difference in points of accuracy. ▲ better, ▼ worse, ○ inconclusive (95% interval)."
    reach = np.nanmax(np.abs(values), initial=1e-6)
    texts = [[_cell(value, mark) for value, mark in zip(*row, strict=True)]
             for row in zip(values, marks, strict=True)]  # fmt: skip
    names, heads = [str(row) for row in rows], [str(column) for column in columns]

    def live():
        figure = screen(title, note, height=150 + 42 * len(names), margin={"t": 90, "r": 30})
        scale = [[share, color] for share, color in zip((0, 0.5, 1), GAIN, strict=True)]
        figure.add_heatmap(z=values, text=texts, texttemplate="%{text}", x=heads, y=names,
                           colorscale=scale, zmin=-reach, zmax=reach, showscale=False, xgap=3,
                           ygap=3, hovertemplate="%{text}<extra></extra>")  # fmt: skip
        figure.update_xaxes(title_text=column_label, type="category", showline=False)
        figure.update_yaxes(title_text=row_label, type="category", autorange="reversed")
        return figure

    def still():
        from matplotlib.colors import LinearSegmentedColormap

        size = (max(5.4, 1.2 + 0.62 * len(heads)), 1.2 + 0.36 * len(names))
        figure, ((axes,),) = sheet(title, note, size)
        gain = LinearSegmentedColormap.from_list("gain", GAIN)
        axes.pcolormesh(np.ma.masked_invalid(values), cmap=gain, vmin=-reach, vmax=reach,
                        edgecolors="white", linewidth=1.5)  # fmt: skip
        for (row, column), mark in np.ndenumerate(marks):
            sure = np.isfinite(values[row, column]) and mark != "inconclusive"
            axes.text(column + 0.5, row + 0.5, texts[row][column], ha="center", va="center",
                      weight="bold" if sure else "normal")  # fmt: skip
        axes.set_xticks(np.arange(len(heads)) + 0.5, heads)
        axes.set_yticks(np.arange(len(names)) + 0.5, names)
        axes.set(xlabel=column_label, ylabel=row_label, ylim=(len(names), 0))
        return figure

    return Figure(live, still)


def _cell(value: float, verdict: str) -> str:
    """Points of accuracy with a true minus sign, and the mark of the verdict."""
    if not np.isfinite(value):
        return "–"
    sure = verdict != "inconclusive"  # what is better is not 0.0
    digits = next((n for n in range(1, 9) if not sure or round(100 * value, n)), 9)
    points = f"{100 * value:+.{digits}f}".replace("-", "−")
    return f"{points if round(100 * value, digits) else '0.0'} {MARKS[verdict]}"


def accuracy_by_width(
    temperatures: np.ndarray, widths: Sequence[int], accuracy: np.ndarray, baseline: np.ndarray
) -> Figure:
    """Draw accuracy against temperature, a panel a width, with the hard-label baseline as a band.

    Args:
        temperatures: (K,), above 0.
        widths: W numbers of hidden units.
        accuracy: (W, K, S) of S seeds, in [0, 1]; NaN where a member diverged.
        baseline: (W, S) of students trained on hard labels.

    Raises:
        ValueError: If a shape or a value does not fit.
    """
    T = array(temperatures, "temperatures", None)
    if T.min() <= 0:
        raise ValueError(f"temperatures must be above 0, got {T.min():g}")
    order, count = np.argsort(T), len(widths)
    T = T[order]
    soft = np.asarray(accuracy, dtype=np.float64)
    hard = np.asarray(baseline, dtype=np.float64)
    array(np.nan_to_num(soft), "accuracy", count, len(T), None)
    array(np.nan_to_num(hard), "baseline", count, None)
    (mean, half), (base, base_half) = mean_and_interval(soft[:, order]), mean_and_interval(hard)
    half, base_half = np.nan_to_num(half), np.nan_to_num(base_half)
    low, high = limits(mean - half, mean + half, base - base_half, base + base_half)
    title = "Which temperature, for which width?"
    note = "Points: mean and 95% interval over seeds. Gray: the same for hard labels."
    names = [f"{width} units" for width in widths]

    def live():
        figure = screen(title, note, margin={"t": 110, "r": 30})
        figure.set_subplots(1, count, shared_yaxes=True, subplot_titles=names)
        for w in range(count):
            place = {"row": 1, "col": w + 1}
            figure.add_hrect(base[w] - base_half[w], base[w] + base_half[w], line_width=0,
                             fillcolor=faint("hard", 0.25), **place)  # fmt: skip
            figure.add_hline(base[w], line_color=COLORS["hard"], line_width=1, **place)
            figure.add_scatter(x=T, y=mean[w], error_y={"array": half[w], "width": 0}, name="",
                               mode="lines+markers", line_color=COLORS["teacher"],
                               hovertemplate="T = %{x:g}: %{y:.1%}", **place)  # fmt: skip
        figure.update_xaxes(type="log", tickvals=T, ticktext=[f"{t:g}" for t in T])
        return figure.update_yaxes(tickformat=".0%", range=[low, high])

    def still():
        rows = -(-count // 4)
        grid = rows, -(-count // rows)
        size = (max(5.0, 0.8 + 1.6 * grid[1]), 0.9 + 2.1 * rows)
        figure, panels = sheet(title, "", size, grid, sharey=True)
        figure.supxlabel(f"Temperature. {note}", x=0.01, ha="left", size=8, color=MUTED)
        for w, axes in enumerate(panels.flat):
            if w >= count:
                axes.remove()
                continue
            axes.axhspan(base[w] - base_half[w], base[w] + base_half[w], color=COLORS["hard"],
                         alpha=0.22, lw=0)  # fmt: skip
            axes.axhline(base[w], color=COLORS["hard"], lw=1)
            axes.errorbar(T, mean[w], half[w], fmt="o-", ms=3.5, lw=1.2, color=COLORS["teacher"])
            axes.set_title(names[w], loc="left", size=8.5, weight="bold")
            axes.set(xscale="log", ylim=(low, high))
            axes.set_xticks([t for t in (1, 2, 5, 10, 20, 50) if T[0] <= t <= T[-1]])
            axes.xaxis.set_major_formatter("{x:g}")
            axes.xaxis.set_minor_locator(_no_ticks())
            axes.yaxis.set_major_formatter("{x:.1%}")
            axes.grid(axis="y")
        return figure

    return Figure(live, still)


def logit_matching_error(
    student_logits: np.ndarray,
    teacher_logits: np.ndarray,
    *,
    temperatures: np.ndarray = TEMPERATURES,
) -> Figure:
    """Draw how far the exact gradient (Eq. 2) is from that of logit matching (Eq. 4).

    Args:
        student_logits: (N, C).
        teacher_logits: (N, C).
        temperatures: (K,), above 0.

    Raises:
        ValueError: If a shape or a value does not fit, or no student differs from its teacher.
    """
    z = array(student_logits, "student_logits", None, None)
    v = array(teacher_logits, "teacher_logits", *z.shape)
    T = np.sort(array(temperatures, "temperatures", None))
    errors = matching_error(z, v, T)
    low, middle, high = np.quantile(errors, [0.1, 0.5, 0.9], axis=1)
    guide = middle[-1] * T[-1] / T
    title = "Logit matching is the limit of high temperature"
    note = f"Median and 8 in 10 of {errors.shape[1]:,} examples, relative to Eq. 4."

    def live():
        figure = screen(title, note)
        figure.add_traces(curve_traces(T, Curve("error", "student", middle, low, high, 0)))
        figure.update_traces(hovertemplate="T = %{x:.3g}: %{y:.0%}", selector={"mode": "lines"})
        figure.add_scatter(x=T, y=guide, mode="lines", hoverinfo="skip",
                           line={"color": MUTED, "width": 1, "dash": "dash"})  # fmt: skip
        figure.update_xaxes(type="log", title_text="Temperature", dtick="L1")
        figure.update_xaxes(tickvals=[1, 2, 5, 10, 20, 50])
        return figure.update_yaxes(type="log", tickformat=".0%", tickvals=[0.01, 0.03, 0.1, 0.3, 1])

    def still():
        figure, ((axes,),) = sheet(title, note, (6.0, 3.4))
        axes.fill_between(T, low, high, color=COLORS["student"], alpha=0.16, lw=0)
        axes.plot(T, middle, color=COLORS["student"])
        axes.plot(T, guide, color=MUTED, lw=0.8, ls=(0, (3, 3)))
        axes.set(xscale="log", yscale="log", xlabel="Temperature", xlim=(T[0], T[-1]))
        axes.set_ylim(low.min() / 1.2, max(1.0, high.max()) * 1.2)
        axes.set_xticks([t for t in (1, 2, 5, 10, 20, 50) if T[0] <= t <= T[-1]])
        axes.xaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_major_formatter("{x:.0%}")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_minor_locator(_no_ticks())
        axes.grid(axis="y")
        end_labels(axes, [middle[-1]] * 2, ["error", "1/T: tenfold a decade"], ["student", ""])
        return figure

    return Figure(live, still)


def differences(found: Mapping[str, Comparison], title: str, note: str = "") -> Figure:
    """Draw comparisons beside each other: each mean difference with its interval and verdict.

    Args:
        found: What was compared, by what to call it, from above.
        title: Who is compared with whom.
        note: What else must be known.

    Raises:
        ValueError: If there is none.
    """
    if not found:
        raise ValueError("found must hold one comparison or more, got none")
    ends = np.array(
        [[100 * row.difference, 100 * row.low, 100 * row.high] for row in found.values()]
    )
    roles = [_ROLE[row.verdict] for row in found.values()]
    words = {
        "better": say("better"),
        "worse": say("worse"),
        "inconclusive": say("inconclusive"),
    }
    said = [f"{words[row.verdict]} {MARKS[row.verdict]}" for row in found.values()]
    note = f"{say('Points of accuracy, with 95% intervals over seeds.')} {note}".strip()
    return _dots(list(found), ends, roles, said, title, note, say("points gained"))


def accuracies(found: Mapping[str, Sequence[float]], title: str, note: str = "") -> Figure:
    """Draw what several ways of training reached: each mean over seeds with its 95% interval.

    Args:
        found: (S,) shares in [0, 1], by what to call them, from above; NaN is left out.
        title: What was measured.
        note: What else must be known.

    Raises:
        ValueError: If there is none, or one is empty.
    """
    if not found or not all(len(each) for each in found.values()):
        raise ValueError("found must hold one list of shares or more, none of them empty")
    rows = [mean_and_interval(np.array([each], dtype=np.float64)) for each in found.values()]
    mean, half = 100 * np.concatenate(rows, axis=1)
    ends = np.stack([mean, mean - half, mean + half], axis=1)
    note = f"Mean and 95% interval over seeds. {note}".strip()
    said = [f"{value:.1f}%" for value in mean]
    return _dots(list(found), ends, ["teacher"] * len(rows), said, title, note, "percent")


def _dots(
    names: list[str], ends: np.ndarray, roles: list[str], said: list[str], title: str, note: str,
    unit: str,
) -> Figure:  # fmt: skip
    """A row each: a dot at the mean, a line over its interval, a word at its right.

    Args:
        names: Of the rows.
        ends: (R, 3) mean, low and high; an endless interval is not drawn.
        roles: For the color of each.
        said: At the right of each.
        title: Of the figure.
        note: Beneath it.
        unit: Of the axis.
    """
    mean, low, high = ends.T
    known = np.isfinite(low) & np.isfinite(high)
    less, more = np.where(known, mean - low, 0), np.where(known, high - mean, 0)
    zero = unit != "percent"

    def live():
        figure = screen(title, note, height=140 + 44 * len(names))
        if zero:
            figure.add_vline(0, line_color=MUTED, line_width=1)
        for at, role in enumerate(roles):
            color, name = COLORS[role], plain(names[at])
            figure.add_scatter(
                x=[mean[at]], y=[name], mode="markers", name="",
                marker={"size": 11, "color": color},
                error_x={"array": [more[at]], "arrayminus": [less[at]], "color": color, "width": 0},
                hovertemplate=say(
                    "{} ({} to {})", *(f"{end:.2f}" for end in (mean[at], low[at], high[at]))
                ),
            )  # fmt: skip
            figure.add_annotation(x=1, xref="paper", y=name, text=f"<b>{said[at]}</b>",
                                  xanchor="left", xshift=8, showarrow=False,
                                  font={"color": color})  # fmt: skip
        figure.update_xaxes(title_text=unit, showgrid=True)
        return figure.update_yaxes(autorange="reversed", type="category")

    def still():
        figure, ((axes,),) = sheet(title, note, (6.8, 1.1 + 0.34 * len(names)))
        if zero:
            axes.axvline(0, color=MUTED, lw=0.8)
        for at, role in enumerate(roles):
            error = [[less[at]], [more[at]]]
            axes.errorbar(mean[at], at, xerr=error, fmt="o", ms=5, lw=1.6, color=COLORS[role])
            axes.annotate(said[at], (1, at), xycoords=("axes fraction", "data"), xytext=(6, 0),
                          textcoords="offset points", va="center", color=COLORS[role],
                          weight="bold", annotation_clip=False)  # fmt: skip
        axes.set_yticks(range(len(names)), names)
        axes.set(xlabel=unit, ylim=(len(names) - 0.5, -0.5))
        axes.grid(axis="x")
        return figure

    return Figure(live, still)


def _no_ticks():
    from matplotlib.ticker import NullLocator

    return NullLocator()
