"""Results of students on disk: one line of JSON each, appended as they come."""

from __future__ import annotations

import errno
import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import AcquireReturnProxy, FileLock, SoftFileLock, Timeout

from kdviz.sweeps.grid import Point

FORMAT = 1
_WAIT_SECONDS, _POLL_SECONDS = 60, 0.01  # for others to write; they take milliseconds
_START = f'{{"format": {FORMAT}, '.encode()


@dataclass(frozen=True)
class Result:
    """What one student came to.

    Args:
        point: Which student.
        accuracy: On the test split, in [0, 1]; NaN if it diverged.
        errors: Test examples that it got wrong; None if it diverged.
        loss: Training loss at the end, in nats; NaN if it diverged.
        seconds: Of training, its share of its cohort's.
        diverged: Whether its loss was no longer finite.
        curve: Test accuracy in the course of training: after the first step, then at about 20
            equal intervals.
        made_with: Device and versions.
    """

    point: Point
    accuracy: float
    errors: int | None
    loss: float
    seconds: float
    diverged: bool
    curve: tuple[float, ...] = ()
    made_with: dict[str, Any] = field(default_factory=dict)


class Store:
    """A file of JSON lines that is valid at any moment; each line names its recipe by a key.

    Several processes may write it and read it at a time: who writes holds a lock on a file beside
    it, which NFS carries from machine to machine and which ends with its process; where the file
    system has no locks, the file itself is one. What a crash left of a last line is passed over,
    and cut off before the next is written.

    Args:
        path: The file; folders are made as needed, the file when there is something to write.

    Raises:
        ValueError: If the file is of another format, no store at all, or damaged.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.unsaved = b""
        self.results: dict[str, Result] = {}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.read()

    def read(self) -> None:
        """Read what the file has by now.

        Raises:
            ValueError: As when a store is made.
        """
        if self.path.exists():
            *lines, torn = self.path.read_bytes().split(b"\n")
            for number, line in enumerate(lines, start=1):
                key, result = self._parse(line, number)
                self.results[key] = result
            if torn[: len(_START)] != _START[: len(torn)]:
                self._parse(torn, len(lines) + 1)

    def add(self, results: Mapping[str, Result], recipe: Mapping[str, Any]) -> None:
        """Append results by their keys, and `recipe`, what they share, for people to read.

        Raises:
            OSError: If they can't be written, as on a full disk; `unsaved` then holds them, and
                the next `add` or `save` tries again.
        """
        self.results |= results
        for key, result in results.items():
            values = {name: _plain(value) for name, value in asdict(result).items()}
            line = {"format": FORMAT, "key": key, **values, "recipe": recipe}
            self.unsaved += json.dumps(line, allow_nan=False).encode() + b"\n"
        self.save()

    def save(self) -> None:
        """Write what is unsaved: all of it, or nothing.

        Raises:
            OSError: If it can't be written.
        """
        if not self.unsaved:
            return
        with self._writing(), self.path.open("ab+", buffering=0) as file:
            end = _end_of_last_line(file)
            try:
                file.truncate(end)
                written = 0
                while written < len(self.unsaved):
                    written += file.write(self.unsaved[written:])
                os.fsync(file.fileno())
            except BaseException:
                file.truncate(end)
                raise
        self.unsaved = b""

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Hold the store for one sweep alone.

        Raises:
            RuntimeError: If another sweep holds it.
        """
        try:
            lock = self._lock("sweep", blocking=False)
        except Timeout:
            raise RuntimeError(
                f"store {str(self.path)!r} is in use by another sweep: wait for it, or close it, "
                f"and call again; or name another file, and join the two afterwards"
            ) from None
        with lock:
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            lock = self._lock("lock", timeout=_WAIT_SECONDS, poll_interval=_POLL_SECONDS)
        except Timeout:
            raise OSError(errno.EAGAIN, "another process is still writing to it") from None
        with lock:
            yield

    def _lock(self, purpose: str, **how: Any) -> AcquireReturnProxy:
        # Whoever forgets a sweep may do so in another thread.
        path = f"{self.path}.{purpose}"
        try:
            return FileLock(path, thread_local=False).acquire(**how)
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP):
                raise
        # Where the file system has no locks, as on some NFS, a file's existence is one.
        return SoftFileLock(f"{path}ed", thread_local=False).acquire(**how)

    def _parse(self, line: bytes, number: int) -> tuple[str, Result]:
        try:
            values = json.loads(line)
            found, key = values.pop("format"), values.pop("key")
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ValueError(
                f"store must be a file that kdviz.sweep wrote, but line {number} of "
                f"{str(self.path)!r} is none of its lines; name another file, or take the line "
                f"out: its student is then trained again"
            ) from None
        if found != FORMAT:
            raise ValueError(
                f"store must be of format {FORMAT}, but line {number} of {str(self.path)!r} has "
                f"format {found}, from another version of kdviz; name another file"
            )
        del values["recipe"]
        values["point"] = Point(**values["point"])
        values["curve"] = tuple(_number(value) for value in values["curve"])
        for name in ("accuracy", "loss"):
            values[name] = _number(values[name])
        return key, Result(**values)


def _end_of_last_line(file: Any) -> int:
    end = file.seek(0, os.SEEK_END)
    if end == 0:
        return 0
    file.seek(end - 1)
    if file.read(1) == b"\n":
        return end
    file.seek(0)
    return file.read().rfind(b"\n") + 1


def _plain(value: Any) -> Any:
    """Write NaN as null, which JSON has."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: float | None) -> float:
    return math.nan if value is None else value
