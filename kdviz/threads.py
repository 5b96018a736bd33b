"""How many CPU threads PyTorch computes with: set here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread(wanted: bool = True) -> Iterator[None]:
    """Compute in one CPU thread, if it is `wanted`.

    Small work is faster so, and far steadier: beside other work, threads that wait for each
    other take ten times as long.
    """
    before = torch.get_num_threads()
    if wanted:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def leave_a_core() -> None:
    """Leave one core to the browser and to the kernel's own loop; holds for the calling thread.

    Threads that wait for each other on a busy core made training up to 20 times slower.
    """
    torch.set_num_threads(min(torch.get_num_threads(), max(1, (os.cpu_count() or 2) - 1)))
