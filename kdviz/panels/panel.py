"""What a panel is: a folder with a view for the page and, if it trains, a session behind it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kdviz.panels.settings import Setting

if TYPE_CHECKING:
    from kdviz.evaluation.compare import Comparison
    from kdviz.panels.background import Background, Workspace


@dataclass(frozen=True, eq=False)
class Panel:
    """A panel of the lab.

    Args:
        name: Of its folder, its trait, and in links.
        title: On its tab.
        answers: The question that it answers, in a line under its tab.
        next: What to try next, and the panel where that is; said at its foot.
        folder: Where `panel.js`, which exports `View`, and `panel.css` lie; and `session.js`, if
            it can train in the page: then `panel.js` exports its `makeSession` too.
        settings: What the learner sets in it.
        besides: What only Python may set in its session.
        of_any_data: Whether it needs no more than a dataset and a teacher.
        needs_page: Whether it needs what a page can train on.
        parts: What a link may hide besides, by name, with what a teacher calls it.
        heated: Whether it answers to the temperature.
        session: Makes what trains behind it; None for a panel that only explores.
        shared: Settings of the page that the session follows.
        news: The session's traits of which the page is told.
        describe: From the session to the traits that show it, all beginning with the name.
        arrays: Names of such traits that hold bytes, besides the view.
        actions: What a button's message asks for, and the session's method that does it.
    """

    name: str
    title: str
    folder: Path
    settings: tuple[Setting, ...] = ()
    besides: tuple[str, ...] = ()
    answers: str = ""
    next: tuple[str, str] | None = None
    of_any_data: bool = True
    needs_page: bool = False
    parts: dict[str, str] = field(default_factory=dict)
    heated: bool = False
    session: Callable[[Workspace], Background] | None = None
    shared: tuple[str, ...] = ()
    news: tuple[str, ...] = ()
    describe: Callable[[Any], dict[str, Any]] | None = None
    arrays: tuple[str, ...] = ()
    actions: dict[str, str] = field(default_factory=dict)

    @property
    def own(self) -> tuple[str, ...]:
        """Names of its settings."""
        return tuple(setting.name for setting in self.settings)

    @property
    def in_page(self) -> bool:
        """Whether its page can train too, where it has the data."""
        return (self.folder / "session.js").exists()

    def plain(self) -> dict[str, Any]:
        """What the page must know of it, in JSON types."""
        return {
            "title": self.title,
            "answers": self.answers,
            "next": self.next,
            "heated": self.heated,
            "trains": self.session is not None,
            "settings": [setting.plain() for setting in self.settings],
            "parts": self.parts,
        }


# What every session tells of itself, whatever it trains.
NEWS = ("state", "message", "device", "starts", "shown", "progress")


def describe_background(session: Background) -> dict[str, Any]:
    """Describe where a session stands; `run` is what it was set to when it began."""
    names = ("state", "waiting", "device", "starts")
    run = asdict(session.shown) if session.shown else None
    message = getattr(session.message, "plain", session.message)
    return {name: getattr(session, name) for name in names} | {"message": message, "run": run}


def describe_comparison(comparison: Comparison) -> dict[str, Any]:
    """Describe a comparison and its verdict, in JSON types."""
    plain = {name: known(value) for name, value in asdict(comparison).items()}
    return plain | {"verdict": comparison.verdict}


def known(value: float) -> float | None:
    """Replace what JSON lacks: NaN, or an endless interval."""
    return value if math.isfinite(value) else None
