"""What a learner can set: one table a panel, and everything else reads it.

Sessions, the page, links, locks, undo and defaults take a setting's range, choices and names from
its row here; the page gets the rows as JSON.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from traitlets import HasTraits, TraitError, TraitType

from kdviz.words import ON_PAGES

COLDEST, HOTTEST = 0.5, 50.0


@dataclass(frozen=True)
class Setting:
    """One thing that a learner sets.

    Args:
        name: In the session, and in the trait of its panel.
        kind: "number", "whole", "choice", "flag"; "moved" (an example and its logits, moved by
            hand) or "clusters" (lists of classes).
        default: What it is at first.
        low: Of a number, the least.
        high: The most; or "classes" or "examples", for one less than there are.
        choices: Of a choice; a function where they are known only later.
        title: What a teacher calls it who locks or hides it; nothing, if that makes no sense.
        link: Its name in a link, where another panel has one of the same name.
        optional: Whether it may be None, for not set.
        undo: Whether undoing brings it back.
        found: Whether the session fills it in where it is empty: no step of the learner's.
        of_the_data: Whether it means nothing on other data.
        predicted: Whether it is what somebody expects: no link for the class carries it.
    """

    name: str
    kind: str
    default: Any
    low: float = -math.inf
    high: float | str = math.inf
    choices: tuple | Callable[[], tuple] = ()
    title: str = ""
    link: str = ""
    optional: bool = False
    undo: bool = True
    found: bool = False
    of_the_data: bool = False
    predicted: bool = False

    @property
    def options(self) -> tuple:
        """The choices, as they are known now."""
        return self.choices() if callable(self.choices) else self.choices

    def check(self, value: Any, count: Callable[[str], int]) -> Any:
        """Return the value if it is allowed.

        Args:
            value: Proposed.
            count: How many "classes" or "examples" there are.

        Raises:
            TraitError: Naming the setting, the value and what is allowed.
        """
        if value is None and self.optional:
            return None
        if self.kind in ("number", "whole"):
            return self._check_number(value, count)
        if self.kind == "choice" and value not in self.options:
            raise self._refuse(f"be one of {', '.join(map(str, self.options))}", value)
        if self.kind == "flag" and not isinstance(value, bool):
            raise self._refuse("be True or False", value)
        if self.kind == "clusters":
            self._check_clusters(value, count("classes") - 1)
        if self.kind == "moved" and not (isinstance(value, Mapping) and "logits" in value):
            raise self._refuse("be None, or hold an example and its logits", value)
        return value

    def _check_number(self, value: Any, count: Callable[[str], int]) -> float:
        wanted = Integral if self.kind == "whole" else Real
        if not isinstance(value, wanted) or isinstance(value, bool):
            article = "a whole number" if self.kind == "whole" else "a number"
            raise self._refuse(f"be {article}", value)
        high = count(self.high) - 1 if isinstance(self.high, str) else self.high
        if not self.low <= value <= high:  # also catches NaN
            raise self._refuse(f"lie in {self.low:g} to {high:g}", value)
        return int(value) if self.kind == "whole" else float(value)

    def _check_clusters(self, value: Any, last: int) -> None:
        for cluster in value:
            if not cluster or len(set(cluster)) < len(cluster):
                raise self._refuse("hold classes, each once", cluster)
            if not 0 <= min(cluster) <= max(cluster) <= last:
                raise self._refuse(f"hold classes 0 to {last}", cluster)

    def _refuse(self, allowed: str, value: Any) -> TraitError:
        shown = f"{value:g}" if isinstance(value, float) else repr(value)
        return TraitError(f"{self.name} must {allowed}, got {shown}")

    def plain(self) -> dict[str, Any]:
        """The row in JSON types, for the page; an endless range is none."""
        row = {name: getattr(self, name) for name in self.__dataclass_fields__}
        ends = {n: None if row[n] in (math.inf, -math.inf) else row[n] for n in ("low", "high")}
        return row | ends | {"choices": list(self.options)}


class _Checked(TraitType):
    """A trait whose values its setting allows."""

    def __init__(self, setting: Setting, **metadata: Any) -> None:
        self.setting = setting
        super().__init__(setting.default, allow_none=setting.optional, **metadata)

    def validate(self, obj: HasTraits, value: Any) -> Any:
        return self.setting.check(value, obj.count)


def settings_traits(settings: tuple[Setting, ...], **metadata: Any) -> type[HasTraits]:
    """Make a base class with a checked trait for each setting; it needs a method `count`."""
    traits = {setting.name: _Checked(setting).tag(**metadata) for setting in settings}
    return type(HasTraits)("Settings", (HasTraits,), traits)


# Of the whole page, whatever panel is open.
TEMPERATURE = Setting("temperature", "number", 4.0, COLDEST, HOTTEST, title="Temperature")
SOFT_WEIGHT = Setting("soft_weight", "number", 0.9, 0, 1, title="Soft weight")
SHARED = (
    TEMPERATURE,
    SOFT_WEIGHT,
    Setting("example", "whole", -1, -1, "examples", title="Test image", of_the_data=True),
    Setting("scale", "choice", "linear", choices=("linear", "log"), title="Linear or logarithmic"),
    Setting("where", "choice", "page", choices=("page", "kernel"), title="Where", undo=False),
    Setting("tour", "flag", False, undo=False),
    Setting("large", "flag", False, undo=False),
    Setting("colors", "choice", "auto", choices=("auto", "light", "dark"), undo=False),
    Setting("codes", "flag", False, undo=False),
    Setting("language", "choice", "en", choices=ON_PAGES, undo=False),
)
