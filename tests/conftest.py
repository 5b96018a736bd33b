"""What tests of more than one room use."""

import os
import socket
from dataclasses import replace

import pytest

from kdviz.data.catalog import DATASETS

# Where tests run side by side, so do their kernels: threads of PyTorch that wait for each other
# take up to ten times as long.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items):
    """Files with slow tests first, then the browser's: no worker has a long one left at the end."""
    slow, browser = (
        {item.path for item in items if item.get_closest_marker(mark)}
        for mark in ("slow", "browser")
    )
    items.sort(key=lambda item: (item.path not in slow, item.path not in browser))


@pytest.fixture(scope="session")
def free_port():
    """free_port() -> a port that nobody listens on."""

    def free_port_() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    return free_port_


@pytest.fixture
def quick_sweeps(monkeypatch):
    """Sweeps on "digits" that take no time."""
    quick = replace(DATASETS["digits"], sweep={"epochs": 0.2, "lr": 1e-2})
    monkeypatch.setitem(DATASETS, "digits", quick)
