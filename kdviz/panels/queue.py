"""A queue before the server's cores: the pages' processes wait for their turn to train."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from kdviz.words import Said

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None

LOOK_SECONDS = 0.25
LATEST = 8  # runs, whose mean time tells how long the next will take


class Queue:
    """Lets a few processes train at a time, in the order in which they asked.

    A turn, and a place in the queue, is a lock on a file: the system takes it from a process that
    is killed, so nobody waits for the dead.

    Args:
        folder: Of the server's own, empty at first; its processes share it.
        at_once: How many train at a time.

    Raises:
        OSError: Where the system has no such locks, as Windows.
    """

    def __init__(self, folder: str | Path, at_once: int) -> None:
        if fcntl is None:
            raise OSError("trainings can't queue on Windows; leave --trainings out")
        self.folder, self.at_once = Path(folder), at_once
        self.times = self.folder / "seconds"

    @contextmanager
    def turn(self, wanted: Callable[[], bool], tell: Callable[[str], None]) -> Iterator[bool]:
        """Wait for a turn and keep it until the block ends.

        Args:
            wanted: Whether to go on waiting.
            tell: Hears where one stands in the queue, whenever that changes.

        Yields:
            Whether it is one's turn; False, if it was no longer wanted.
        """
        taken = self._wait(wanted, tell)
        begun = time.monotonic()
        try:
            yield taken is not None
        finally:
            if taken is not None:
                with self.times.open("a") as file:
                    file.write(f"{time.monotonic() - begun:.1f}\n")
                taken.close()

    def _wait(self, wanted: Callable[[], bool], tell: Callable[[str], None]) -> IO | None:
        name = f"{time.time_ns():020}-{os.getpid()}"
        ticket = self.folder / f"wait-{name}"
        drawn = self.folder / f"new-{name}"  # seen by the others once it is locked
        held = _lock(drawn)
        drawn.rename(ticket)
        said = ""
        try:
            while wanted():
                before = self._count_before(ticket)
                slots = range(self.at_once if before == 0 else 0)
                taken = next(filter(None, (_lock(self.folder / f"slot-{i}") for i in slots)), None)
                if taken is not None:
                    return taken
                if (text := self._say(before + 1)) != said:
                    tell(said := text)
                time.sleep(LOOK_SECONDS)
            return None
        finally:
            ticket.unlink(missing_ok=True)
            held.close()

    def _count_before(self, ticket: Path) -> int:
        """How many wait for longer; what the dead have left is swept away."""
        alive = 0
        for other in self.folder.glob("wait-*"):
            if other.name >= ticket.name:
                continue
            if (left := _lock(other, make=False)) is not None:
                other.unlink(missing_ok=True)
                left.close()
            else:
                alive += other.exists()
        return alive

    def _say(self, place: int) -> Said:
        times = self.times.read_text().split()[-LATEST:] if self.times.exists() else []
        if not times:
            return Said(
                "Others train on this server now. You are number {} in the queue. Stop leaves it.",
                place,
            )
        seconds = sum(map(float, times)) / len(times) * place / self.at_once
        return Said(
            "Others train on this server now. You are number {} in the queue, and begin in about "
            "{} s. Stop leaves it.",
            place,
            max(1, round(seconds)),
        )


def queue_of_server() -> Queue | None:
    """The queue of the server that runs this process; None, where there is none."""
    folder = os.environ.get("KDVIZ_QUEUE")
    return Queue(folder, int(os.environ["KDVIZ_TRAININGS"])) if folder else None


def _lock(path: Path, make: bool = True) -> IO | None:
    """Lock a file until it is closed; None, if somebody has it or, not to be made, it is gone."""
    with suppress(FileNotFoundError):
        file = path.open("a" if make else "r")
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if make else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            return file
    return None
