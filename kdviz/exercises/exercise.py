"""Exercises: a prediction, a choice, a number, or a function checked by its properties.

The page judges the answers by itself, so an exercise also works where no Python runs. The answer
travels with the question: an exercise is for learning, not for marks.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from numbers import Real
from typing import ClassVar

import anywidget
import traitlets

from kdviz.exercises.report import Report
from kdviz.page.bundle import ROOT, join_modules, join_styles
from kdviz.words import ON_PAGES, language, say

KINDS = ("prediction", "choice", "number", "check")


class _Spoken(anywidget.AnyWidget):
    language = traitlets.Enum(ON_PAGES).tag(sync=True)

    @traitlets.default("language")
    def _spoken(self):
        return language()


class Exercise(_Spoken):
    """A question with instant feedback; `predict`, `choice`, `number` and `check` make one.

    Attributes:
        kind: "prediction", "choice", "number" or "check".
        question: What is asked, as plain text.
        options: Answers to choose from, each {"text", "why"}; empty where a number is wanted.
        answer: The right text or number; for a prediction the outcome, None until it is known.
        tolerance: How far off a number may be: absolute, or a share of the answer if `relative`.
        unit: Of the number, shown beside its field.
        mistakes: Wrong numbers that are recognized, each {"value", "why"}.
        why: What is said once the answer is out.
        findings: Of a check: {"name", "holds", "example"} a property.
        response: What the learner answered, as text; "" for nothing yet. The page writes it.
        revealed: Whether the learner has asked for the answer. The page writes it.
        right: Whether the response is right, None where it is not judged. The page writes it.
        language: What the page says its own words in, "en" or "de"; the question's stay as they
            are. "pseudo" shows what is not translated, from right to left.
    """

    made: ClassVar[dict[tuple[str, str], "Exercise"]] = {}  # by kind and question, the latest

    _esm = join_modules(ROOT / "exercises" / "exercise.js")
    _css = join_styles([ROOT / "app" / "shell" / "lab.css", ROOT / "exercises" / "exercise.css"])

    kind = traitlets.Enum(KINDS, "choice").tag(sync=True)
    question = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Dict()).tag(sync=True)
    answer = traitlets.Union(
        [traitlets.Float(), traitlets.Unicode()], default_value=None, allow_none=True
    ).tag(sync=True)
    tolerance = traitlets.Float(0.0).tag(sync=True)
    relative = traitlets.Bool(False).tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    mistakes = traitlets.List(traitlets.Dict()).tag(sync=True)
    why = traitlets.Unicode().tag(sync=True)
    findings = traitlets.List(traitlets.Dict()).tag(sync=True)
    response = traitlets.Unicode().tag(sync=True, echo_update=False)
    revealed = traitlets.Bool(False).tag(sync=True, echo_update=False)
    right = traitlets.Bool(None, allow_none=True).tag(sync=True, echo_update=False)

    def __init__(self, **traits):
        super().__init__(**traits)
        self.made[self.kind, self.question] = self

    @property
    def passed(self) -> bool:
        """Whether every property of a check holds."""
        return bool(self.findings) and all(each["holds"] for each in self.findings)

    @traitlets.validate("answer")
    def _check_answer(self, proposal):
        if proposal["value"] is not None:
            texts = [option["text"] for option in self.options]
            _check_member("answer", proposal["value"], texts)
        return proposal["value"]


def predict(
    question: str,
    outcome: float | str | None = None,
    options: Sequence[str] = (),
    unit: str = "",
    why: str = "",
) -> Exercise:
    """Ask for a prediction, to be recorded before the outcome is shown beside it.

    Args:
        question: As plain text.
        outcome: What was measured: a number, or one of `options`. None: set `answer` later.
        options: Outcomes to choose from; none asks for a number.
        unit: Of the number.
        why: Said with the outcome.

    Returns:
        An `Exercise`; its `response` holds the prediction.

    Raises:
        ValueError: If there is one option only, or the outcome is none of them, or no number.
    """
    _check_options("options", options)
    if outcome is not None:
        _check_member("outcome", outcome, options)
    return Exercise(
        kind="prediction",
        question=question,
        options=[{"text": text, "why": ""} for text in options],
        answer=outcome if options or outcome is None else float(outcome),
        unit=unit,
        why=why,
    )


def choice(question: str, answers: Mapping[str, str], right: str) -> Exercise:
    """Ask to choose one answer; each says why it is right or wrong.

    Args:
        question: As plain text.
        answers: Each answer with its reason, in the order shown.
        right: The answer that is right.

    Raises:
        ValueError: If there are fewer than two answers, one lacks its reason, or `right` is not
            among them.
    """
    _check_options("answers", answers)
    if not answers:
        raise ValueError("answers must hold two or more, got none")
    if bare := [text for text, why in answers.items() if not why]:
        raise ValueError(f"answers must give each a reason, got none for {bare[0]!r}")
    _check_member("right", right, answers)
    options = [{"text": text, "why": why} for text, why in answers.items()]
    return Exercise(kind="choice", question=question, options=options, answer=right)


def number(
    question: str,
    answer: float,
    tolerance: float = 0.0,
    unit: str = "",
    mistakes: Mapping[float, str] | None = None,
    *,
    relative: bool = False,
    why: str = "",
) -> Exercise:
    """Ask for a number; a wrong one is called too large or too small, a known mistake explained.

    Args:
        question: As plain text.
        answer: The right number.
        tolerance: How far off still counts as right: in units, or a share of `answer`.
        unit: Of the number.
        mistakes: Numbers that common mistakes lead to, each with an explanation.
        relative: Whether `tolerance` is a share of `answer`, as 0.05 for 5%.
        why: Said once the answer is right or shown.

    Raises:
        ValueError: If a number is not finite, the tolerance is negative, or a mistake lies within
            the tolerance.
    """
    _check_member("answer", answer, ())
    if not (_is_number(tolerance) and tolerance >= 0):
        raise ValueError(f"tolerance must be a number from 0, got {tolerance!r}")
    slack = tolerance * abs(answer) if relative else tolerance
    for value in mistakes or {}:
        _check_member("mistakes", value, ())
        if abs(value - answer) <= slack:
            raise ValueError(
                f"mistakes must lie outside the tolerance, got {value:g}, which counts as right"
            )
    return Exercise(
        kind="number",
        question=question,
        answer=float(answer),
        tolerance=float(tolerance),
        relative=relative,
        unit=unit,
        mistakes=[{"value": float(v), "why": text} for v, text in (mistakes or {}).items()],
        why=why,
    )


def check(function: Callable, like: str, seed: int = 0) -> Exercise:
    """Test a function that the learner wrote against the properties of one of kdviz's.

    Args:
        function: Called with tensors, in the order of kdviz's arguments.
        like: "tempered_softmax", "entropy", "soft_target_loss", "soft_target_gradient",
            "distillation_loss", "logit_matching_gradient", "compare" (low and high end of its
            interval), "mean_probability", "early_stopped" or "dustbin_correction".
        seed: Of the random inputs.

    Returns:
        An `Exercise` with `findings` up to the first that fails, and `passed`.

    Raises:
        ValueError: If `like` is none of these.
    """
    from kdviz.exercises.check import check_function  # loads torch

    name = getattr(function, "__name__", "")
    name = name if name.isidentifier() else say("your function")
    findings = [asdict(each) for each in check_function(function, like, seed)]
    question = say("Does {} do what {} does?", name, like)
    return Exercise(kind="check", question=question, findings=findings)


def report() -> Report:
    """Tell how far the learner has come with the exercises that this session has shown.

    Returns:
        A table in a notebook; `to_json()` is what can be handed in.

    Example:
        >>> _ = number("1 + 1?", answer=2)
        >>> [row.state for row in report().rows if row.question == "1 + 1?"]
        ['open']
    """
    return Report(Exercise.made.values())


class Progress(_Spoken):
    """How far a learner has come with the exercises above, kept up to date by the page.

    Attributes:
        rows: As in a `Report`: {"kind", "question", "response", "state"} an exercise.
    """

    _esm = join_modules(ROOT / "exercises" / "progress.js")
    _css = Exercise._css

    rows = traitlets.List(traitlets.Dict()).tag(sync=True)


def progress() -> Progress:
    """Show how far the learner has come, from now on; it can be saved as JSON to hand in.

    Returns:
        A widget, for the end of a lesson: it counts the exercises that this session has shown.
    """
    return Progress(rows=[asdict(row) for row in report().rows])


def _is_number(value) -> bool:
    return isinstance(value, Real) and math.isfinite(value)


def _check_options(name: str, options) -> None:
    if isinstance(options, str) or len(options) == 1 or len(set(options)) < len(options):
        raise ValueError(f"{name} must hold two or more different texts, got {options!r}")


def _check_member(name: str, value, options) -> None:
    if options and value not in options:
        allowed = " or ".join(repr(text) for text in options)
        raise ValueError(f"{name} must be {allowed}, got {value!r}")
    if not options and not _is_number(value):
        raise ValueError(f"{name} must be a finite number, got {value!r}")
