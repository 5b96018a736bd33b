"""Check a learner's function by its properties, and say in plain words what fails and where."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor

from kdviz.exercises.functions import Arguments, Function, Property, Task
from kdviz.exercises.study_functions import TASKS
from kdviz.words import say


@dataclass(frozen=True)
class Finding:
    """One property: does it hold, and if not, for which numbers (in words)."""

    name: str
    holds: bool
    example: str = ""


class _Unfit(Exception):
    """The function gave nothing that can be compared; the message says why."""


def check_function(function: Function, like: str, seed: int = 0) -> list[Finding]:
    """Test a function against the properties of one of kdviz's own, on random inputs.

    The function is called with tensors of float64, in the order of kdviz's arguments. A loss may
    return one value an example or their mean. Nothing that it raises comes through.

    Args:
        function: What the learner wrote.
        like: Which function it should equal: a key of `study_functions.TASKS`.
        seed: Of the random inputs.

    Returns:
        The properties that hold, up to and with the first that fails.

    Raises:
        ValueError: If `like` is unknown.

    Example:
        >>> check_function(lambda logits, T: logits.softmax(-1), "tempered_softmax")[-1].name
        'At T above 1 it is softer (Equation 1).'
    """
    if like not in TASKS:
        raise ValueError(f"like must be one of {', '.join(TASKS)}, got {like!r}")
    task, rng = TASKS[like], torch.Generator().manual_seed(seed)
    findings = []
    for each in task.properties:
        examples = (_counterexample(function, task, each, case) for case in each.cases(rng))
        example = next((text for text in examples if text), "")
        findings.append(Finding(say(each.name), not example, example))
        if example:
            break
    return findings


def _counterexample(function: Function, task: Task, tested: Property, case: Arguments) -> str:
    """Say what goes wrong for these arguments, or nothing."""
    given = _and([f"{n} {_show(v)}" for n, v in zip(task.arguments, case, strict=True)])
    wanted = task.right(*case)
    try:
        result = _call(function, task, case, wanted, given)
    except _Unfit as unfit:
        return str(unfit)
    if tested.judge:
        wrong = tested.judge(result)
    elif _agree(result, wanted):
        wrong = None
    else:
        wrong = say("Right is {}.", _show(_like(wanted, result)))
    if not wrong:
        return ""
    known = (why for why, mistake in task.mistakes.items() if _agree(result, mistake(*case)))
    mistake = [say(why) for why in islice(known, 1)]
    return " ".join([say("For {} it gives {}.", given, _show(result)), wrong, *mistake])


def _call(function: Function, task: Task, case: Arguments, wanted: Tensor, given: str) -> Tensor:
    """Call the function on copies; whatever goes wrong becomes one plain sentence."""
    if not callable(function):
        raise _Unfit(
            say("For {} it can't be called: give the function itself, without parentheses.", given)
        )
    try:
        result = function(*(v.clone() if isinstance(v, Tensor) else v for v in case))
    except Exception as error:  # a learner's function may raise anything
        said = str(error).partition("\n")[0].rstrip(".")
        stops = say("For {} it stops with {}: {}.", given, type(error).__name__, said)
        called = say("It is called with ({}).", ", ".join(task.arguments))
        raise _Unfit(f"{stops} {called}") from error
    if result is None:
        raise _Unfit(say("For {} it returns nothing. Is a return missing?", given))
    try:
        result = torch.as_tensor(result).detach().double()
    except (TypeError, ValueError, RuntimeError) as error:
        kind = type(result).__name__
        raise _Unfit(say("For {} it returns a {}, not numbers.", given, kind)) from error
    averaged = result.ndim == 0 and task.arguments[0] == "student_logits" and wanted.ndim == 1
    if result.shape != wanted.shape and not averaged:
        shapes = tuple(result.shape), tuple(wanted.shape)
        raise _Unfit(say("For {} it returns the shape {}; {} is right.", given, *shapes))
    return result


def _like(wanted: Tensor, result: Tensor) -> Tensor:
    """A loss may be averaged over the batch."""
    return wanted.mean() if result.ndim < wanted.ndim else wanted


def _agree(result: Tensor, wanted: Tensor) -> bool:
    return torch.allclose(result, _like(wanted, result), rtol=1e-4, atol=1e-6)


def _show(value: Tensor | float) -> str:
    """(0.5, 0.25): four figures at most."""
    if not isinstance(value, Tensor):
        return f"{value:g}"
    if value.ndim == 0:
        return f"{value.item():.4g}"
    return f"({', '.join(_show(part) for part in value)})"


def _and(parts: list[str]) -> str:
    return say("{} and {}", ", ".join(parts[:-1]), parts[-1]) if len(parts) > 1 else parts[0]
