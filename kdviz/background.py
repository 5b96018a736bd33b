"""What trains in the background: a thread for each, and one training at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from traitlets import HasTraits, Int, Unicode

from kdviz.leaving import end_at_exit


class Place:
    """Where one thing trains at a time: two would only slow each other down."""

    def __init__(self) -> None:
        self._holder: Background | None = None
        self._lock = threading.Lock()

    def take(self, who: Background) -> Background | None:
        """Take the place; return who has it already, if anybody."""
        with self._lock:
            holder = self._holder
            self._holder = holder or who
            return holder

    def leave(self) -> None:
        """Free the place."""
        self._holder = None


class Background(HasTraits):
    """What trains in a background thread when asked to: a session, or sweeps.

    Observers are called in that thread. `state` goes from "cold" over "warming" (PyTorch is
    being loaded) to "ready"; then "training", "stopping", and "done", "stopped" or "failed".

    Args:
        title: What is under way when it trains.
        panel: Where it can be stopped.
        place: Shared with whatever must not train at the same time.
        **settings: Initial values of traits.
    """

    state = Unicode("cold")
    message = Unicode()
    device = Unicode()
    starts = Int(0)  # times it was asked to start: also a refusal is news

    def __init__(self, title: str, panel: str, place: Place | None, **settings) -> None:
        self.title, self.panel, self._place = title, panel, place or Place()
        self._thread: threading.Thread | None = None
        self._ticket, self._closed = 0, False  # a run ends once its ticket is no longer the last
        self._held: int | None = None  # the ticket of the run that has the place
        self._lock = threading.RLock()
        super().__init__(**settings)

    @property
    def waiting(self) -> bool:
        """Whether a run will begin as soon as PyTorch is loaded."""
        return self.state == "warming" and self._held is not None

    def warm(self) -> None:
        """Load PyTorch in the background, once, so that training can start at once."""
        with self._lock:
            if self.state == "cold" and not self._closed:
                self._run_in_background(self._load)

    def start(self, prepare: Callable[[], Callable[[int], None]] | None = None) -> bool:
        """Train in the background, by default what `_prepare` says; refused if anything trains."""
        with self._lock:
            if self._closed:
                raise RuntimeError(f"{self.title} can't start: it is closed; build a new one")
            if holder := self._place.take(self):
                where = "" if holder is self else f" in the panel {holder.panel}"
                advice = "Stop it first, or wait until it is done."
                self.message = f"{holder.title} is under way{where}. {advice}"
                self.starts += 1
                return False
            self._ticket += 1
            self._held = ticket = self._ticket
            self.state = "training" if self.device else "warming"
            self.message = ""
            job = (prepare or self._prepare)()
            self.starts += 1
            self._run_in_background(self._load, lambda: self._perform(job, ticket), ticket=ticket)
            return True

    def stop(self) -> None:
        """End the run at its next record; what was drawn stays."""
        with self._lock:
            self._ticket += 1
            if self.state == "training":
                self.state = "stopping"
            elif self.state == "warming" and self._held is not None:
                self._leave(self._held)
                self._withdraw()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until nothing runs."""
        thread = self._thread
        if thread and thread is not threading.current_thread():
            thread.join(timeout)

    def close(self) -> None:
        """Stop, and leave no thread behind."""
        self._closed = True
        self.stop()
        self.wait()
        self.unobserve_all()

    def _prepare(self) -> Callable[[int], None]:
        """Take down the settings; return what to run, given its ticket."""
        raise NotImplementedError

    def _withdraw(self) -> None:
        """Forget a run that was stopped before it began."""
        raise NotImplementedError

    def _rehearse(self) -> None:
        """Go once through the training: the first time is slow."""
        raise NotImplementedError

    def _run_in_background(self, *jobs: Callable[[], None], ticket: int | None = None) -> None:
        earlier = self._thread

        def work() -> None:
            try:
                if earlier:
                    earlier.join()
                for job in jobs:
                    job()
            except Exception as error:
                self.message = f"{type(error).__name__}: {error}. What you set is kept; try again."
                self.state = "failed"
            finally:
                self._leave(ticket)

        self._thread = threading.Thread(target=work, name="kdviz-background", daemon=True)
        self._thread.start()
        end_at_exit(self._thread)

    def _leave(self, ticket: int | None) -> None:
        with self._lock:
            if ticket is not None and self._held == ticket:
                self._held = None
                self._place.leave()

    def _load(self) -> None:
        if not self.device:
            self.state = "warming"
        import torch

        from kdviz.recipe import device_name, pick_device

        # One core is left to the browser and to the kernel's own loop: threads that wait for
        # each other on a busy core made training up to 20 times slower. Set for this thread.
        torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
        if not self.device:
            self._rehearse()
            self.device = device_name(pick_device("auto"))
            self.state = "ready"

    def _perform(self, job: Callable[[int], None], ticket: int) -> None:
        if ticket != self._ticket:
            self.state = "ready"
            return
        self.state = "training"
        job(ticket)
