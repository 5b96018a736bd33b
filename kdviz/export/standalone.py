"""A lab as a page needs it without Python: what trains in the page does; the rest is recorded."""

from __future__ import annotations

import base64
from typing import Any

import anywidget

from kdviz.app.lab import Lab
from kdviz.data.catalog import load_dataset
from kdviz.panels.background import Workspace
from kdviz.panels.specialists import SPECIALISTS
from kdviz.panels.specialists.session import SpecialistsSession
from kdviz.teachers import load_teacher
from kdviz.words import Said

MOST_FRAMES = 40
# What is done, in turn; K-means first, so that random clusters have something to beat.
_ACTS = ("start_kmeans", "start", "start_random", "start")
# What a learner finds out or says, rather than what is run.
_LEFT_OUT = ("clusters", "prediction", "weight", "example")
_HEAVY = ("images", "logits", "student_logits", "small_teacher")
_HEAVY += ("train_images", "train_labels", "train_logits")


def standalone(lab: Lab) -> dict[str, Any]:
    """The state of a lab that has no kernel, in JSON types; *Specialists* replays one run."""
    state = state_of(lab) | {"live": False, "network": "", "class_folder": False}
    if SPECIALISTS.name not in lab.panels:
        return state
    own = getattr(lab, SPECIALISTS.name).items()
    run = record(**{name: value for name, value in own if name not in _LEFT_OUT})
    if list(lab.panels) == [SPECIALISTS.name]:
        state |= dict.fromkeys(_HEAVY, plain(b""))
    return state | run["frames"][0]["traits"] | {"recordings": {SPECIALISTS.name: run}}


def state_of(lab: anywidget.AnyWidget) -> dict[str, Any]:
    """What the page needs of the widget: its own traits, all of them, so that none is missed."""
    names = lab.trait_names(sync=True)
    ours = set(names) - set(anywidget.AnyWidget.class_trait_names(sync=True))
    return {n: plain(_sent(lab, n)) for n in sorted(ours) if not n.startswith("_")}


def _sent(lab: anywidget.AnyWidget, name: str) -> Any:
    """A trait as the widget itself would send it."""
    to_json = lab.trait_metadata(name, "to_json", lambda value, _: value)
    return to_json(getattr(lab, name), lab)


def plain(value: Any) -> Any:
    """A value in JSON types; bytes become their base64, also those in a dictionary."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def record(**settings: Any) -> dict[str, Any]:
    """Run what *Specialists* runs, and return what a page needs to replay it.

    Args:
        **settings: Of the panel's session.

    Returns:
        A line about the run, and frames: each with where it stands and those of the lab's traits
        that differ from the frame before.

    Raises:
        ValueError: If the run ends early.
    """
    workspace = Workspace(load_dataset("digits"), load_teacher("digits"))
    session = SpecialistsSession(workspace, **settings)
    session.redraw_seconds = 0  # nobody waits
    frames: list[dict[str, Any]] = []

    def note(change=None) -> None:
        frames.append(_frame(session))

    try:
        note()
        session.observe(note, SPECIALISTS.news)
        for act in _ACTS:
            getattr(session, act)()
            session.wait()
        if session.state not in ("done", "ready"):
            raise ValueError(f"the run to record ended early: {session.message}")
        note()
        numbers = session.seeds, len(session.clusters)
        about = Said("{} generalists, {} specialists for each, twice", *numbers)
    finally:
        session.close()
    return {"about": about.plain, "frames": _thin(frames)}


def _frame(session: SpecialistsSession) -> dict[str, Any]:
    """What the page is told now; `at` says where the run stands."""
    told = {name: plain(value) for name, value in SPECIALISTS.describe(session).items()}
    own = {SPECIALISTS.name: {name: getattr(session, name) for name in SPECIALISTS.own}}
    return {"at": _place(told["specialists_view"]), "traits": own | told}


def _place(view: dict[str, Any]) -> Said:
    progress = view["progress"]
    if not progress:
        return Said("clusters") if view["names"] else Said("the beginning")
    what, share = progress["what"], f"{progress['share']:.0%}"
    return {
        "generalists": Said("generalists, {}", share),
        "longer": Said("trained longer, {}", share),
        "kmeans": Said("specialists of K-means, {}", share),
        "random": Said("specialists of random clusters, {}", share),
        "yours": Said("specialists, {}", share),
    }[view["kind"] if what == "specialists" else what]


def _thin(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the last frame of each place, MOST_FRAMES in all, and in each what is new."""
    pairs = zip(frames, [*frames[1:], None], strict=True)
    last = [frame for frame, after in pairs if not after or frame["at"] != after["at"]]
    step = max(1, -(-(len(last) - 1) // (MOST_FRAMES - 1)))
    kept = [*last[:-1:step], last[-1]]
    known: dict[str, Any] = {}
    thin = []
    for frame in kept:
        new = {n: v for n, v in frame["traits"].items() if n not in known or known[n] != v}
        known |= new
        thin.append({"at": frame["at"].plain, "traits": new})
    return thin
