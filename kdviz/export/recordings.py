"""Runs of the panels that train, recorded, so that a page can replay them without Python."""

from __future__ import annotations

from typing import Any

from kdviz.data.catalog import load_dataset
from kdviz.export.page import plain
from kdviz.panels import find_panels
from kdviz.panels.background import Background, Workspace
from kdviz.panels.panel import Panel
from kdviz.teachers import load_teacher

SEEDS = 8  # pairs of a recorded run: enough for a verdict, and their logits fit on a page
MOST_FRAMES = 40
RECORDED = ("distill", "sweep", "specialists")
# What is done to each, in turn; K-means first, so that random clusters have something to beat.
_ACTS = {"distill": ("start",), "sweep": ("start",)}
_ACTS["specialists"] = ("start_kmeans", "start", "start_random", "start")
_CLUSTERS = {"kmeans": " of K-means", "random": " of random clusters", "yours": ""}


def record(name: str, title: str = "", **settings: Any) -> dict[str, Any]:
    """Run what a panel runs, and return what its page needs to replay it.

    Args:
        name: Of the panel: "distill", "sweep" or "specialists".
        title: By which a page tells this run from others.
        **settings: Of the panel's session.

    Returns:
        The title, a line about the run, and frames: each with where it stands and those of the
        lab's traits that differ from the frame before.

    Raises:
        ValueError: If the run ends early.
    """
    (panel,) = find_panels([name])
    session = panel.session(Workspace(load_dataset("digits"), load_teacher("digits")), **settings)
    session.redraw_seconds = 0  # nobody waits
    frames: list[dict[str, Any]] = []

    def note(change=None) -> None:
        frames.append(_frame(panel, session))

    try:
        note()
        session.observe(note, panel.news)
        for act in _ACTS[name]:
            getattr(session, act)()
            session.wait()
        if session.state not in ("done", "ready"):
            raise ValueError(f"the run to record ended early: {session.message}")
        note()
        about = _about(name, session)
    finally:
        session.close()
    return {"title": title, "about": about, "frames": _thin(frames)}


def _frame(panel: Panel, session: Background) -> dict[str, Any]:
    """What the page is told now; `at` says where the run stands."""
    told = {n: plain(v) for n, v in panel.describe(session).items() if n.startswith(panel.name)}
    view = told[f"{panel.name}_view"]
    if panel.name == "distill" and view["outcome"]:
        view["outcome"]["beside"] = view["outcome"]["beside"].partition(" You made no")[0]
    own = {panel.name: {name: getattr(session, name) for name in panel.own}}
    return {"at": _place(panel.name, view), "traits": own | told}


def _place(name: str, view: dict[str, Any]) -> str:
    progress = view["progress"]
    if name == "sweep":
        found = [accuracy for kind in view["accuracies"] for accuracy in kind]
        return f"{len(found) - found.count(None)} of {len(found)} students"
    if name == "distill":
        return f"epoch {progress['epoch'] if progress else 0:.0f} of {view['epochs']:g}"
    if not progress:
        return "clusters" if view["names"] else "the beginning"
    what = {"specialists": f"specialists{_CLUSTERS[view['kind']]}", "longer": "trained longer"}
    return f"{what.get(progress['what'], progress['what'])}, {progress['share']:.0%}"


def _about(name: str, session: Background) -> str:
    if name == "sweep":
        students, seconds = session.progress.total, session.progress.seconds
        return f"{students} students, {session.seeds} seeds a cell, {seconds:.0f} s"
    if name == "specialists":
        return f"{session.seeds} generalists, {len(session.clusters)} specialists for each, twice"
    return (
        f"{session.seeds} pairs, {session.width} hidden units, T = {session.temperature:g}, "
        f"{session.progress.seconds:.1f} s"
    )


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
        thin.append({"at": frame["at"], "traits": new})
    return thin
