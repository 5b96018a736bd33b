"""Numbers that somebody gives: in their range, or refused with name, value and what is allowed."""

from __future__ import annotations

import math
from numbers import Integral
from typing import Any


def whole(name: str, value: Any, low: int, high: float = math.inf) -> int:
    """Return a whole number from `low` to `high`.

    Raises:
        ValueError: If it is none.
    """
    good = isinstance(value, Integral) and not isinstance(value, bool)
    if not good or not low <= value <= high:
        allowed = f"of at least {low}" if high == math.inf else f"from {low} to {high}"
        raise ValueError(f"{name} must be a whole number {allowed}, got {value!r}")
    return int(value)


def number(
    name: str, value: Any, low: float, high: float = math.inf, *, above: bool = False
) -> float:
    """Return a finite number from `low` to `high`; `above` leaves out `low` itself.

    Raises:
        ValueError: If it is none.
    """
    try:
        found = math.nan if isinstance(value, bool | str) else float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not low <= found <= high or math.isinf(found) or (above and found == low):
        least = f"above {low}" if above else f"of at least {low}"
        allowed = least if high == math.inf else f"in [{low}, {high}]"
        raise ValueError(f"{name} must be a finite number {allowed}, got {value!r}")
    return found
