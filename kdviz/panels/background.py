"""What trains in the background: a thread for each panel, and one training at a time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from traitlets import Any as AnyTrait
from traitlets import HasTraits, Int, Unicode

from kdviz.data.own_logits import refuse_probabilities
from kdviz.panels.queue import queue_of_server
from kdviz.training.leaving import end_at_exit
from kdviz.words import Said

if TYPE_CHECKING:
    from kdviz.data.catalog import Dataset
    from kdviz.teachers import Teacher

Item = TypeVar("Item")

# How long a run may keep a core busy, in seconds; `kdviz app` sets it for the pages it serves.
LONGEST = float(os.environ.get("KDVIZ_RUN_SECONDS", "inf"))


class TrainingSlot:
    """Where one thing trains at a time: two would only slow each other down."""

    def __init__(self) -> None:
        self._holder: Background | None = None
        self._lock = threading.Lock()

    def take(self, who: Background) -> Background | None:
        """Take the slot; return who has it already, if anybody."""
        with self._lock:
            holder = self._holder
            self._holder = holder or who
            return holder

    def free(self) -> None:
        """Let the next one take it."""
        self._holder = None


class Workspace(HasTraits):
    """What the sessions of one page share: the data, its teacher and the place to train.

    Args:
        dataset: What students are trained and tested on.
        teacher: Of it; a new one may be trained.
        in_page: Whether the page has it all too, and can train by itself.

    Raises:
        ValueError: If the teacher's logits are none, or don't fit the dataset.
    """

    teacher = AnyTrait()

    def __init__(self, dataset: Dataset, teacher: Teacher, in_page: bool = False) -> None:
        for name, split in (("train_logits", dataset.train), ("test_logits", dataset.test)):
            found, expected = getattr(teacher, name), (len(split), len(dataset.classes))
            if found.shape != expected:
                raise ValueError(
                    f"teacher must have {name} of shape {expected}, examples by classes, "
                    f"got {found.shape}"
                )
            refuse_probabilities(f"{name} of teacher", found)
        self.dataset, self.slot, self.in_page = dataset, TrainingSlot(), in_page
        super().__init__(teacher=teacher)


class Stopped(Exception):
    """A run was stopped before its end."""


class Background(HasTraits):
    """What trains in a background thread when asked to: the session behind a panel.

    Observers are called in that thread. `state` goes from "cold" over "warming" (PyTorch is
    being loaded) to "ready"; then "training", "stopping", and "done", "stopped" or "failed".

    A session overrides `prepare`, `warm_up`, `withdraw` and `say_stopped`, and takes the records
    of a run from `until_stopped`.

    Args:
        workspace: Shared by the sessions of a page.
        **settings: Initial values of traits.

    Attributes:
        longest: How long a run may keep a core busy, in seconds.
        queue: Where a run waits for its turn, among those of other pages; None: nowhere.
    """

    longest = LONGEST
    queue = queue_of_server()
    title = Said("Training")  # what is under way when it trains
    panel = ""  # where it can be stopped

    state = Unicode("cold")
    message = Unicode()
    device = Unicode()
    starts = Int(0)  # times it was asked to start: also a refusal is news

    def __init__(self, workspace: Workspace, **settings: Any) -> None:
        self.workspace = workspace
        self._thread: threading.Thread | None = None
        self._run, self._closed = 0, False  # the number of the latest run; stopping adds one
        self._holding: int | None = None  # the number of the run that has the slot
        self._running = 0  # the number of the run in the thread
        self._spent: int | None = None  # the number of a run that has used up its time
        self._lock = threading.RLock()
        super().__init__(**settings)

    @property
    def waiting(self) -> bool:
        """Whether a run will begin as soon as PyTorch is loaded, or it is its turn."""
        return self.state == "warming" and self._holding is not None

    def count(self, name: str) -> int:
        """Count the "classes" or test "examples", which limit settings."""
        dataset = self.workspace.dataset
        return {"classes": len(dataset.classes), "examples": len(dataset.test)}[name]

    def open(self) -> None:
        """Load PyTorch in the background, once, so that training can start at once."""
        with self._lock:
            if self.state == "cold" and not self._closed:
                self._run_in_background(self._load)

    def start(self, prepare: Callable[[], Callable[[], None]] | None = None) -> bool:
        """Train in the background, by default what `prepare` says; refused if anything trains."""
        with self._lock:
            if self._closed:
                raise RuntimeError(f"{self.title} can't start: it is closed; build a new one")
            if holder := self.workspace.slot.take(self):
                self.message = _say_busy(holder, None if holder is self else holder.panel)
                self.starts += 1
                return False
            self._run += 1
            self._holding = number = self._run
            self.state = "training" if self.device else "warming"
            self.message = ""
            job = (prepare or self.prepare)()
            self.starts += 1
            self._run_in_background(self._load, lambda: self._perform(job, number), number=number)
            return True

    def stop(self) -> None:
        """End the run at its next record; what was drawn stays."""
        with self._lock:
            self._run += 1
            if self.state == "training":
                self.state = "stopping"
            elif self.state == "warming" and self._holding is not None:
                self._leave(self._holding)
                self.withdraw()

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

    @property
    def stop_asked(self) -> bool:
        """Whether the run in the thread is to end."""
        return self._running != self._run

    def until_stopped(
        self, run: Iterator[Item], last: Callable[[Item], bool] = lambda r: r.step == r.steps
    ) -> Iterator[Item]:
        """Yield what a run yields until it ends, or until it is stopped before its last record.

        Raises:
            Stopped: If it was stopped; the run is closed, and the session says what is kept.
        """
        for record in run:
            yield record
            if self.stop_asked and not last(record):
                run.close()
                raise Stopped

    def prepare(self) -> Callable[[], None]:
        """Take down the settings; return what to run."""
        raise NotImplementedError

    def withdraw(self) -> None:
        """Forget a run that was stopped before it began."""
        self.shown = None

    def warm_up(self) -> None:
        """Go once through the training: the first time is slow."""
        raise NotImplementedError

    def say_stopped(self) -> str:
        """Say what is left of a run that was stopped."""
        raise NotImplementedError

    def _run_in_background(self, *jobs: Callable[[], None], number: int | None = None) -> None:
        earlier = self._thread

        def work() -> None:
            try:
                if earlier:
                    earlier.join()
                for job in jobs:
                    job()
            except Stopped:
                self.message = self.say_stopped()
                if self._spent == number:
                    self.message = Said(
                        "{} Here a run may keep a core busy for {} seconds.",
                        self.message,
                        f"{self.longest:g}",
                    )
                self.state = "stopped"
            except Exception as error:
                what = f"{type(error).__name__}: {error}"
                self.message = Said("{}. What you set is kept; try again.", what)
                self.state = "failed"
            finally:
                self._leave(number)

        self._thread = threading.Thread(target=work, name="kdviz-background", daemon=True)
        self._thread.start()
        end_at_exit(self._thread)

    def _leave(self, number: int | None) -> None:
        with self._lock:
            if number is not None and self._holding == number:
                self._holding = None
                self.workspace.slot.free()

    def _load(self) -> None:
        if not self.device:
            self.state = "warming"
        from kdviz.threads import leave_a_core
        from kdviz.training.recipe import device_name, pick_device

        leave_a_core()
        if not self.device:
            self.warm_up()
            self.device = device_name(pick_device("auto"))
            self.state = "ready"

    def _perform(self, job: Callable[[], None], number: int) -> None:
        with ExitStack() as stack:
            if self.queue is not None:
                wanted = partial(self._is_latest, number)
                stack.enter_context(self.queue.turn(wanted, self._say_queued))
            self.message = ""
            if self._is_latest(number):
                self._within_limit(job, number)
            else:
                self.state = "ready"

    def _is_latest(self, number: int) -> bool:
        return number == self._run

    def _say_queued(self, text: str) -> None:
        with self._lock:
            self.state, self.message = "warming", text

    def _within_limit(self, job: Callable[[], None], number: int) -> None:
        self._running = number
        self.state = "training"
        done = threading.Event()
        guard = threading.Thread(target=self._limit, args=[number, done], daemon=True)
        guard.start()
        try:
            job()
        finally:
            done.set()
            guard.join()

    def _limit(self, number: int, done: threading.Event) -> None:
        """Stop the run once it has used up its time."""
        begun = time.process_time()
        while not done.wait(0.25):
            if time.process_time() - begun > self.longest:
                self._spent = number
                if number == self._run:
                    self.stop()
                return


def _say_busy(holder: Background, panel: str | None) -> Said:
    """Say what trains, and in which panel, if not in this one."""
    if panel is None:
        return Said("{} is under way. Stop it first, or wait until it is done.", holder.title)
    return Said(
        "{} is under way in the panel {}. Stop it first, or wait until it is done.",
        holder.title,
        panel,
    )
