"""End training threads before the interpreter does: within PyTorch they would abort the process."""

from __future__ import annotations

import atexit
import ctypes
import threading
import time
import weakref

_SECONDS = 20.0  # that an exit waits at most
_threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


def end_at_exit(thread: threading.Thread) -> None:
    """Let a daemon thread end by SystemExit when the interpreter does."""
    if thread.daemon:
        _threads.add(thread)


@atexit.register
def _end() -> None:
    deadline = time.monotonic() + _SECONDS
    while (alive := [t for t in _threads if t.is_alive()]) and time.monotonic() < deadline:
        for thread in alive:
            exception = ctypes.py_object(SystemExit)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), exception)
        alive[0].join(1)
