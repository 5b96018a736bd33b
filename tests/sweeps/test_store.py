"""Several writers of one store: nobody's results are lost, and one sweep at a time trains."""

import errno
import fcntl
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from kdviz.sweeps.grid import Grid, Point
from kdviz.sweeps.run import sweep
from kdviz.sweeps.store import Result, Store

WITH_LOCKS = pytest.mark.parametrize("locks", [True, False], ids=["locks", "no-locks"])
BEGIN = """
import sys, time
from tests.sweeps.test_store import forbid_locks
if sys.argv[2] != "True":
    forbid_locks()
from pathlib import Path
from kdviz.sweeps.store import Store
path = Path(sys.argv[1])
"""
WRITE = """
from tests.sweeps.test_store import result
store = Store(path)
print("ready", flush=True)
sys.stdin.read()
for number in range(100):
    store.add({f"{sys.argv[3]}-{number}": result(number)}, {})
"""
HOLD = """
with Store(path).claim():
    print("held", flush=True)
    time.sleep(600)
"""
GRID = {"axes": {"width": [4], "temperature": [4], "seed": [0, 1]}, "epochs": 0.5}


def result(number):
    return Result(Point(4, 4.0, 1.0, 0.0, number), 0.5, 3, 1.0, 0.1, False, (0.25, 0.5), {})


def forbid_locks(setattr=setattr):
    """Let this process meet a file system without locks, as NFS without its lock daemon."""

    def flock(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    setattr(fcntl, "flock", flock)


def start(code, path, locks, *arguments):
    command = [sys.executable, "-c", BEGIN + code, str(path), str(locks), *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().strip() in ("ready", "held")
    return process


@WITH_LOCKS
def test_two_and_more_processes_that_write_one_store_lose_nothing(tmp_path, locks):
    path = tmp_path / "store.jsonl"
    writers = [start(WRITE, path, locks, str(n)) for n in range(3)]
    for writer in writers:
        writer.stdin.close()
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    for writer in writers:
        writer.stdout.close()
    found = Store(path).results
    assert set(found) == {f"{n}-{number}" for n in range(3) for number in range(100)}
    assert len(path.read_bytes().splitlines()) == 300


@WITH_LOCKS
def test_threads_lose_nothing_either(tmp_path, locks, monkeypatch):
    if not locks:
        forbid_locks(monkeypatch.setattr)
    path = tmp_path / "store.jsonl"

    def write(number):
        store = Store(path)
        for each in range(20):
            store.add({f"{number}-{each}": result(each)}, {})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert len(Store(path).results) == len(path.read_bytes().splitlines()) == 80


@WITH_LOCKS
def test_a_second_sweep_is_refused_until_the_first_ends_or_dies(tmp_path, locks, monkeypatch):
    if not locks:
        forbid_locks(monkeypatch.setattr)
    path = tmp_path / "store.jsonl"
    first = start(HOLD, path, locks)
    with pytest.raises(RuntimeError, match="in use by another sweep: wait"):
        sweep(Grid(**GRID), path).finish(progress=False)
    Store(path).add({"another": result(0)}, {})  # writing is not refused
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert len(sweep(Grid(**GRID), path).finish(progress=False)) == 4
    assert len(Store(path).results) == 5


def test_two_sweeps_of_one_process_share_a_store_one_after_the_other(tmp_path):
    path = tmp_path / "store.jsonl"
    one, other = (sweep(Grid(**GRID), path, members_at_once=1) for _ in range(2))
    next(update for update in one if update.results)
    with pytest.raises(RuntimeError, match="in use by another sweep: wait"):
        next(other)
    one.close()
    last = sweep(Grid(**GRID), path, members_at_once=1)
    trained = [update.results for update in last if update.results]
    assert len(trained) == 3  # what the first one trained is taken from the store
    late = sweep(Grid(**GRID | {"epochs": 1}), path)
    next(late)
    del late  # a sweep that nobody holds frees its store
    assert len(sweep(Grid(**GRID | {"epochs": 1}), path).finish(progress=False)) == 4
