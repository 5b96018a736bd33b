"""Keeps the widget and what trains behind a panel in step."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from traitlets import TraitError

from kdviz.app.lab import Lab
from kdviz.panels.background import Background
from kdviz.panels.panel import Panel
from kdviz.words import Said


class Link:
    """Connects a lab and a session, and brings the lab up to date.

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
            lab.observe(self._pull_shared, panel.shared)
        lab.observe(self._pull_own, panel.name)
        lab.observe(self._open, ["panel", "where"])
        lab.observe(self._close, "comm")
        lab.on_msg(self._handle)
        session.observe(self._notice, (*panel.news, *panel.own))
        session.observe(self._return, (*panel.shared, *panel.own))
        self._push_settings()
        self._push_news()
        lab.live = True
        self._open()

    def _push_settings(self) -> None:
        """Put the session's settings into the lab, unless that is where they come from."""
        if self._taking:
            return
        panel = self.panel
        with self._turn, self.lab.hold_sync():
            for name in panel.shared:
                setattr(self.lab, name, getattr(self.session, name))
            own = {name: getattr(self.session, name) for name in panel.own}
            setattr(self.lab, panel.name, own)

    def _push_news(self) -> None:
        self._due.clear()
        with self._turn, self.lab.hold_sync():
            for name, value in self.panel.describe(self.session).items():
                setattr(self.lab, name, value)

    def _pull_shared(self, change: Any) -> None:
        self._pull({change.name: change.new})

    def _pull_own(self, change: Any) -> None:
        self._pull(change.new)
        self._push_settings()  # brings back the last good value where one was refused

    def _pull(self, values: dict[str, Any]) -> None:
        with self._turn:
            self._taking = True
            try:
                for name, value in values.items():
                    self._set(name, value)
            finally:
                self._taking = False

    def _set(self, name: str, value: Any) -> None:
        panel = self.panel
        try:
            if name not in (*panel.shared, *panel.own):
                raise TraitError(f"{panel.name} must set {', '.join(panel.own)}, got {name!r}")
            setattr(self.session, name, value)
        except TraitError as error:
            self.session.message = Said("{}. The last good value is kept.", str(error))

    def _handle(self, lab: Lab, content: dict, buffers: list) -> None:
        if content.get("panel") != self.panel.name:
            return
        action = content.get("action")
        if action == "tell":  # after its line was cut: news may have been sent into nothing
            lab.send_state(list(self.panel.describe(self.session)))
        elif method := self.panel.actions.get(action):
            state = content.get("state", {})
            for name in {*self.panel.shared, self.panel.name} & state.keys():
                setattr(lab, name, state[name])
            getattr(self.session, method)()

    def _open(self, change: Any = None) -> None:
        here = self.panel.in_page and self.lab.train_images and self.lab.where == "page"
        if self.lab.panel == self.panel.name and not here:
            self.session.open()

    def _close(self, change: Any) -> None:
        if change.new is None:
            self.session.close()

    def _return(self, change: Any) -> None:
        if threading.current_thread() is threading.main_thread() or self._loop is None:
            self._push_settings()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._push_settings)

    def _notice(self, change: Any) -> None:
        if threading.current_thread() is threading.main_thread() or self._loop is None:
            self._push_news()
        elif not self._due.is_set() and not self._loop.is_closed():
            self._due.set()
            self._loop.call_soon_threadsafe(self._push_news)
