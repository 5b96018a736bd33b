"""The distillation loss in print: its two terms, their gradients, and what T does to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import NullLocator

from kdviz.figures.numbers import (
    TEMPERATURES,
    array,
    class_names,
    class_numbers,
    log_softmax,
    positive,
    softmax,
)
from kdviz.figures.style import (
    COLORS,
    INK,
    MUTED,
    PrintFigure,
    color_key,
    decade_axis,
    end_labels,
    print_style,
    sheet,
    shorten,
    temperature_axis,
    text_inches,
)

_SHARES = [m * 10.0**n for n in range(-4, 3) for m in (1, 2, 5)]


def _pair(student_logits: np.ndarray, teacher_logits: np.ndarray, dimensions: int):
    """Both logits, of one shape."""
    teacher = array(teacher_logits, "teacher_logits", *[None] * dimensions)
    return array(student_logits, "student_logits", *teacher.shape), teacher


def _setting(temperature: float, soft_weight: float) -> tuple[float, float]:
    T = float(positive([temperature], "temperature")[0])
    if not 0 <= soft_weight <= 1:
        raise ValueError(f"soft_weight must lie between 0 and 1, got {soft_weight}")
    return T, float(soft_weight)


@print_style
def loss_balance(
    student_logits: np.ndarray,
    teacher_logits: np.ndarray,
    labels: np.ndarray,
    *,
    temperature: float,
    soft_weight: float,
) -> PrintFigure:
    """Draw the two weighted terms of the distillation loss, and how they add up.

    w·T²·KL(p_T ‖ q_T) + (1 - w)·(-log q_label), mean over examples, in nats.

    Args:
        student_logits: (N, C).
        teacher_logits: (N, C).
        labels: (N,) class numbers.
        temperature: Above 0.
        soft_weight: w in [0, 1].

    Raises:
        ValueError: If a shape or a value does not fit.
    """
    z, v = _pair(student_logits, teacher_logits, 2)
    labels = class_numbers(labels, "labels", *z.shape)
    T, weight = _setting(temperature, soft_weight)
    log_p, log_q = log_softmax(v, T), log_softmax(z, T)
    soft = float((T**2 * np.exp(log_p) * (log_p - log_q)).sum(1).mean())
    hard = float(-log_softmax(z, 1.0)[np.arange(len(z)), labels].mean())
    terms = np.array([weight * soft, (1 - weight) * hard])
    texts = [f"{weight:.3g} × {soft:.3f} = {terms[0]:.3f}",
             f"{1 - weight:.3g} × {hard:.3f} = {terms[1]:.3f}", f"{terms.sum():.3f}"]  # fmt: skip
    figure, axes = sheet("The loss is a weighted average of two terms",
                         f"In nats, at T = {T:g} and soft weight {weight:.3g}.", 0.95,
                         left=1.25, right=1.55, bottom=0.3)  # fmt: skip
    axes = axes[0, 0]
    colors = [COLORS["teacher"], COLORS["hard"]]
    axes.barh([0, 1], terms, 0.62, [0, terms[0]], color=colors)
    axes.barh([2, 2], terms, 0.62, [0, terms[0]], color=colors)
    ends = [terms[0], terms.sum(), terms.sum()]
    axes.vlines(terms[0], -0.31, 2.31, INK, lw=0.6, ls=(0, (2, 2)))
    for row, (end, text, color) in enumerate(zip(ends, texts, [*colors, INK], strict=True)):
        axes.annotate(text, (end, row), (7, 0), textcoords="offset points", va="center",
                      color=color, weight="bold", annotation_clip=False)  # fmt: skip
    axes.set(xlim=(0, terms.sum() or 1), ylim=(2.5, -0.5))
    axes.set_yticks([0, 1, 2], ["soft targets", "hard labels", "loss"])
    return figure


@print_style
def gradients(
    student_logits: np.ndarray,
    teacher_logits: np.ndarray,
    label: int,
    *,
    temperature: float,
    soft_weight: float,
    classes: Sequence[str] | None = None,
) -> PrintFigure:
    """Draw where each term pushes the student's logits: the negative gradient, per class.

    Soft: w·T·(p_T - q_T). Hard: (1 - w)·(y - q). The tick is their sum.

    Args:
        student_logits: (C,).
        teacher_logits: (C,).
        label: The right class.
        temperature: Above 0.
        soft_weight: w in [0, 1].
        classes: C names.

    Raises:
        ValueError: If a shape or a value does not fit, or there are more than 40 classes.
    """
    z, v = _pair(student_logits, teacher_logits, 1)
    if len(z) > 40:
        raise ValueError(f"student_logits must have at most 40 classes to draw, got {len(z)}")
    label = int(class_numbers([label], "label", 1, len(z))[0])
    T, weight = _setting(temperature, soft_weight)
    soft = weight * T * (softmax(v, T) - softmax(z, T))
    hard = (1 - weight) * (np.eye(len(z))[label] - softmax(z, 1.0))
    names = [shorten(name) for name in class_names(classes, len(z))]
    note = f"At T = {T:g} and soft weight {weight:.3g}; right raises a logit. Ticks: the sum.\n"
    figure, axes = sheet("Where the two terms push the student’s logits", note, 0.3 * len(z),
                         left=0.3 + text_inches(names))  # fmt: skip
    axes = axes[0, 0]
    rows = np.arange(len(z))
    axes.barh(rows - 0.18, soft, 0.32, color=COLORS["teacher"])
    axes.barh(rows + 0.18, hard, 0.32, color=COLORS["hard"])
    axes.vlines(soft + hard, rows - 0.42, rows + 0.42, INK, lw=1.1)
    axes.axvline(0, color=MUTED, lw=0.6)
    reach = 1.06 * np.abs([soft, hard, soft + hard]).max() or 1.0
    axes.set(xlim=(-reach, reach), ylim=(len(z) - 0.4, -0.6), xlabel="Push on the logit")
    axes.set_yticks(rows, names)
    axes.get_yticklabels()[label].set(weight="bold", color=INK)
    axes.grid(axis="x")
    color_key(figure, axes, [("soft targets", COLORS["teacher"]), ("hard label", COLORS["hard"])])
    return figure


@print_style
def gradient_ratio(
    student_logits: np.ndarray,
    teacher_logits: np.ndarray,
    labels: np.ndarray,
    *,
    temperatures: np.ndarray = TEMPERATURES,
) -> PrintFigure:
    """Draw the measured size of the soft gradient over that of the hard one, against T.

    Mean |∂L/∂z| over classes and examples, with the factor T² and without it.

    Args:
        student_logits: (N, C).
        teacher_logits: (N, C).
        labels: (N,) class numbers.
        temperatures: (K,).

    Raises:
        ValueError: If a shape or a value does not fit, or a gradient vanishes.
    """
    z, v = _pair(student_logits, teacher_logits, 2)
    labels, T = class_numbers(labels, "labels", *z.shape), positive(temperatures)
    hard = np.abs(softmax(z, 1.0) - np.eye(z.shape[1])[labels]).mean()
    soft = np.array([np.abs(softmax(z, t) - softmax(v, t)).mean() / t for t in T])
    if not (hard > 0 and soft.min() > 0):
        raise ValueError("student_logits must differ from the teacher's and from the labels")
    lines = [T**2 * soft / hard, soft / hard]
    figure, axes = sheet("How much the soft targets weigh against the labels",
                         f"Mean soft gradient over mean hard gradient, {len(z):,} examples.", 2.5,
                         width=5.6, right=1.1)  # fmt: skip
    axes = axes[0, 0]
    colors = [COLORS["teacher"], COLORS["hard"]]
    for line, color, dash in zip(lines, colors, ("-", (0, (5, 2))), strict=True):
        axes.plot(T, line, color=color, ls=dash)
    axes.axhline(1, color=MUTED, lw=0.6)
    low, high = min(lines[1].min(), lines[0].min(), 0.5), max(map(np.max, lines))
    temperature_axis(axes, T)
    axes.set(yscale="log", ylim=(low / 1.3, max(high, 2) * 1.3))
    decade_axis(axes.yaxis, low / 1.3, max(high, 2) * 1.3)
    axes.grid(axis="y")
    end_labels(axes, T[-1], [line[-1] for line in lines], ["with T²", "without T²"], colors)
    axes.annotate("equal", (T[0], 1), (2, 2), textcoords="offset points", color=MUTED)
    return figure


@print_style
def logit_matching_error(
    student_logits: np.ndarray,
    teacher_logits: np.ndarray,
    *,
    temperatures: np.ndarray = TEMPERATURES,
) -> PrintFigure:
    """Draw how far the exact gradient (Eq. 2) is from that of logit matching (Eq. 4).

    ‖(q - p)/T - (z - v)/(C·T²)‖ / ‖(z - v)/(C·T²)‖, with logits of mean zero per example.

    Args:
        student_logits: (N, C).
        teacher_logits: (N, C).
        temperatures: (K,).

    Raises:
        ValueError: If a shape or a value does not fit, or no student differs from its teacher.
    """
    z, v = _pair(student_logits, teacher_logits, 2)
    T = positive(temperatures)
    z, v = z - z.mean(1, keepdims=True), v - v.mean(1, keepdims=True)
    differ = (z != v).any(1)
    if not differ.any():
        raise ValueError("student_logits must differ from teacher_logits in one example or more")
    errors = np.array([_matching_error(z[differ], v[differ], t) for t in T])
    low, middle, high = np.quantile(errors, [0.1, 0.5, 0.9], axis=1)
    note = f"Median and 8 in 10 of {errors.shape[1]:,} examples, relative to Eq. 4."
    figure, axes = sheet("Logit matching is the limit of high temperature", note, 2.5, width=5.6,
                         right=1.45)  # fmt: skip
    axes = axes[0, 0]
    axes.fill_between(T, low, high, color=COLORS["teacher"], alpha=0.16, lw=0)
    axes.plot(T, middle, color=COLORS["teacher"])
    guide = middle[-1] * T[-1] / T
    axes.plot(T, guide, color=MUTED, lw=0.8, ls=(0, (3, 3)))
    temperature_axis(axes, T)
    limits = (low.min() / 1.2, max(1.0, high.max()) * 1.2)
    axes.set_yscale("log")
    axes.set_yticks(_SHARES, [f"{100 * share:g}%" for share in _SHARES])
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylim(limits)
    axes.grid(axis="y")
    end_labels(axes, T[-1], [middle[-1], middle[-1]],
               ["error", "1/T: tenfold a decade"], [COLORS["teacher"], MUTED])  # fmt: skip
    return figure


def _matching_error(z: np.ndarray, v: np.ndarray, temperature: float) -> np.ndarray:
    """Distance of the exact gradient from Eq. 4, relative to Eq. 4, per example."""
    exact = (softmax(z, temperature) - softmax(v, temperature)) / temperature
    limit = (z - v) / (z.shape[1] * temperature**2)
    return np.linalg.norm(limit - exact, axis=1) / np.linalg.norm(limit, axis=1)
