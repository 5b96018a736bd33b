"""Composes the app: the page's widget, the data, and the session that trains."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from traitlets import TraitError, dlink

from kdviz.background import Background, Place
from kdviz.crowding import Crowding
from kdviz.data import Dataset, Split, is_built_in, load_dataset
from kdviz.panels import CROWD, DISTILL, SWEEP, Panel
from kdviz.session import Session, check_teacher
from kdviz.sweeping import Sweeping, datasets
from kdviz.teachers import STUDENTS, Teacher, load_student_logits, load_teacher
from kdviz.widgets import Lab

PANELS = ("soften", "weigh", "distill", "sweep", "crowd")
_OF_ANY_DATA = PANELS[:3]  # the others train on data that kdviz knows


def build_app(
    panels: Sequence[str] | None = None,
    *,
    dataset: str | Dataset = "digits",
    teacher: Teacher | None = None,
    **settings: Any,
) -> Lab:
    """Build the app on the embedded digits, on MNIST, or on data and a teacher of your own.

    PyTorch is loaded once a panel that trains is opened, in the background.

    Args:
        panels: Those on the page, in order; the first is open. All that can use the dataset,
            unless given.
        dataset: "digits", "mnist", or any `Dataset`.
        teacher: Such as `Teacher.of(network, dataset)`; the one that comes with kdviz, if any.
        **settings: Any setting of a `Session`, as `width=32` or `epochs=10`, or trait of a
            `Lab`, as `title="Soft targets"`.

    Raises:
        TraitError: If a panel or a setting is out of its range.
        ValueError: If there is no such dataset, or no teacher of it, or they don't fit.
    """
    data = load_dataset(dataset) if isinstance(dataset, str) else dataset
    ours = is_built_in(data)
    known = ours and data.name in datasets()
    panels = panels or (PANELS if known else _OF_ANY_DATA)
    own = {n: settings.pop(n) for n in (*DISTILL.own, "epochs", "lr") if n in settings}
    if teacher is None and not ours:
        raise ValueError(
            f"teacher must be given for a dataset of your own, {data.name!r}: such as "
            f"kdviz.Teacher.of(network, dataset)"
        )
    teacher = teacher or load_teacher(data.name)
    check_teacher(teacher, data)
    lab = Lab.from_arrays(
        teacher.test_logits,
        data.test.labels,
        _images(data.test),
        data.classes,
        load_student_logits(data.name) if known and data.name in STUDENTS else None,
        **{"soft_weight": 1.0, "panels": list(panels), "panel": panels[0]} | settings,
    )
    place = Place()
    shared = {name: getattr(lab, name) for name in DISTILL.shared}
    session = Session(data, teacher, place, **shared, **own)
    if "distill" in panels:
        Link(lab, session, DISTILL)
    if "sweep" in panels:
        sweeping = Sweeping(place, **{"data": data.name} if known else {})
        if known and data.name == "digits":
            dlink((session, "teacher"), (sweeping, "teacher"))
        Link(lab, sweeping, SWEEP)
    if "crowd" in panels:
        Link(lab, Crowding(place), CROWD)
    return lab


class Link:
    """Keeps a lab and what trains in step; connects them, then brings the lab up to date.

    News come from the training thread. Where an event loop runs, as in a kernel, the lab is
    changed on that loop, once for all that is new by then.
    """

    def __init__(self, lab: Lab, session: Background, panel: Panel) -> None:
        self.lab, self.session, self.panel = lab, session, panel
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        self._due = threading.Event()
        # A kernel may handle the page's messages in threads of their own.
        self._turn, self._taking = threading.RLock(), False
        if panel.shared:
            lab.observe(self._take_shared, panel.shared)
        lab.observe(self._take_own, panel.name)
        lab.observe(self._warm, "panel")
        lab.observe(self._close, "comm")
        lab.on_msg(self._obey)
        session.observe(self._notice, (*panel.news, *panel.own))
        session.observe(self._return, (*panel.shared, *panel.own))
        self.synchronize()
        lab.live = True
        self._warm()

    def synchronize(self) -> None:
        """Show in the lab what the session holds."""
        self._give()
        self._show()

    def _give(self, change=None) -> None:
        """Put the session's settings into the lab, unless that is where they come from."""
        if self._taking:
            return
        panel = self.panel
        with self._turn, self.lab.hold_sync():
            for name in panel.shared:
                setattr(self.lab, name, getattr(self.session, name))
            own = {name: getattr(self.session, name) for name in panel.own}
            setattr(self.lab, panel.name, own)

    def _show(self) -> None:
        """Put the session's news into the lab."""
        self._due.clear()
        with self._turn, self.lab.hold_sync():
            for name, value in self.panel.describe(self.session).items():
                setattr(self.lab, name, value)

    def _take_shared(self, change) -> None:
        self._take({change.name: change.new})

    def _take_own(self, change) -> None:
        self._take(change.new)
        self._give()  # brings back the last good value where one was refused

    def _take(self, values: dict[str, Any]) -> None:
        panel = self.panel
        with self._turn:
            self._taking = True
            for name, value in values.items():
                try:
                    if name not in (*panel.shared, *panel.own):
                        raise TraitError(
                            f"{panel.name} must set {', '.join(panel.own)}, got {name!r}"
                        )
                    setattr(self.session, name, value)
                except TraitError as error:
                    self.session.message = f"{error}. The last good value is kept."
            self._taking = False

    def _obey(self, lab: Lab, content: dict, buffers: list) -> None:
        method = self.panel.actions.get(content.get("action"))
        if method and content.get("panel") == self.panel.name:
            getattr(self.session, method)()

    def _warm(self, change=None) -> None:
        if self.lab.panel == self.panel.name:
            self.session.warm()

    def _close(self, change) -> None:
        if change.new is None:
            self.session.close()

    def _return(self, change) -> None:
        if threading.current_thread() is threading.main_thread() or self._loop is None:
            self._give()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._give)

    def _notice(self, change) -> None:
        if threading.current_thread() is threading.main_thread() or self._loop is None:
            self._show()
        elif not self._due.is_set() and not self._loop.is_closed():
            self._due.set()
            self._loop.call_soon_threadsafe(self._show)


def _images(split: Split) -> np.ndarray | None:
    """Return the inputs if they are gray images, (N, h, w) or (N, 1, h, w)."""
    inputs = split.inputs
    if inputs.ndim == 4 and inputs.shape[1] == 1:
        inputs = inputs[:, 0]
    return inputs if split.holds_images and inputs.ndim == 3 else None
