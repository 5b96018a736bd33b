"""A lock between processes, on network file systems as far as these have one."""

from __future__ import annotations

import errno
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from io import FileIO
from pathlib import Path
from tempfile import TemporaryFile
from weakref import ref

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None

_POLL_SECONDS = 0.01
_STALE_SECONDS = 600  # without the system's locks: how long a file that is not touched counts
# The system's locks don't part a process from itself. A holder that is interrupted anywhere, even
# as it lets go, frees its lock as it is forgotten.
_held_here: dict[Path, ref] = {}


class LockedError(Exception):
    """Somebody else holds the lock; the message says who."""


@contextmanager
def locked(path: Path, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold a lock, which is a file, for as long as the context lasts.

    It is the operating system's lock on that file, which ends with its process and which NFS
    carries from machine to machine. Where a file system has no such locks, the file itself is
    the lock: whoever creates it, holds it; if that process is gone from this machine, or did not
    `touch` it for ten minutes, it no longer counts.

    Args:
        path: Of the file, which exists no longer than the lock.
        wait_seconds: For another holder to let go.

    Raises:
        LockedError: If another holder does not let go in time.
        OSError: If the file can't be made.
    """
    end, key, mine = time.monotonic() + wait_seconds, path.resolve(), _Holder()
    entry = ref(mine)
    try:
        while (held := _held_here.setdefault(key, entry)) is not entry:
            if held() is None:
                _held_here.pop(key, None)
            else:
                _wait(end, f"this process, {os.getpid()}")
        while not (file := _take(path)):
            _wait(end, _holder(path) or "another process")
        mine.file = file
        del file
        yield
    finally:
        if mine.file:
            with suppress(OSError):
                path.unlink()
            mine.file.close()
        if _held_here.get(key) is entry:
            del _held_here[key]


class _Holder:
    """Holds a lock for as long as it lives."""

    file: FileIO | None = None


def _wait(end: float, holder: str) -> None:
    if time.monotonic() >= end:
        raise LockedError(holder)
    time.sleep(_POLL_SECONDS)


def touch(path: Path) -> None:
    """Show that the holder of a lock is still at work."""
    with suppress(OSError):
        os.utime(path)


@lru_cache
def _has_locks(folder: Path) -> bool:
    """Tell whether the file system of a folder locks files."""
    if fcntl is None:
        return False
    with TemporaryFile(dir=folder, buffering=0) as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _take(path: Path) -> FileIO | None:
    """Return the open file that carries the lock, or None if it is held elsewhere."""
    file = (_locked_file if _has_locks(path.resolve().parent) else _created_file)(path)
    if file:
        with suppress(OSError):  # a full disk need not hear who it was
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}".encode())
    return file


def _locked_file(path: Path) -> FileIO | None:
    file = path.open("ab+", buffering=0)
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(file.fileno()), path.stat()):
            return file
    except FileNotFoundError:  # its last holder let go between the two
        pass
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EAGAIN):
            file.close()
            raise
    file.close()
    return None


def _created_file(path: Path) -> FileIO | None:
    try:
        judged = path.stat()
        if not _is_stale(path, judged):
            return None
        aside = path.with_name(f"{path.name}.{os.getpid()}")
        os.replace(path, aside)
        if not os.path.samestat(judged, aside.stat()):  # somebody was faster, and holds it now
            os.link(aside, path)
        aside.unlink()
    except OSError:  # it is gone, or another one's
        pass
    try:
        return path.open("xb", buffering=0)
    except FileExistsError:
        return None


def _is_stale(path: Path, found: os.stat_result) -> bool:
    if time.time() - found.st_mtime > _STALE_SECONDS:
        return True
    _, pid, _, host = f"{_holder(path)}   ".split(" ")[:4]
    if fcntl is None or host != socket.gethostname() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():  # left by a holder of ours that was interrupted
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:  # it lives, and is another user's
        pass
    return False


def _holder(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
