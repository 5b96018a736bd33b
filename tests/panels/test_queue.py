"""Who waits for a turn to train, and when it comes."""

import subprocess
import sys
import threading

import pytest

from kdviz.panels.background import Background
from kdviz.panels.queue import Queue

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks of Unix")
SECONDS = 30
HOLD = """
import sys
from kdviz.panels.queue import Queue
with Queue(sys.argv[1], 1).turn(lambda: True, lambda text: print(text, flush=True)):
    print("turn", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def process(tmp_path):
    """process() asks for the only turn, in a process of its own, and says where it stands."""
    started = []

    def start():
        command = [sys.executable, "-c", HOLD, str(tmp_path)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        started.append(subprocess.Popen(command, text=True, **pipes))
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.communicate()


def test_the_dead_hold_neither_a_turn_nor_a_place(process):
    first = process()
    assert first.stdout.readline() == "turn\n"
    second = process()
    assert "number 1 in the queue" in second.stdout.readline()
    third = process()
    assert "number 2 in the queue" in third.stdout.readline()
    second.kill()
    assert "number 1 in the queue" in third.stdout.readline()
    first.kill()
    assert third.stdout.readline() == "turn\n"


def test_how_long_it_takes_is_told_from_the_latest_runs(tmp_path):
    queue = Queue(tmp_path, at_once=2)
    queue.times.write_text("100\n" + 8 * "6.0\n")
    assert "number 3 in the queue, and begin in about 9 s. Stop" in queue._say(3)


class Nothing(Background):
    """A session whose run ends at once."""

    device = "none"
    trained = 0

    def prepare(self):
        return self.run

    def run(self):
        self.trained += 1
        self.state = "done"

    def withdraw(self):
        pass

    def _load(self):
        pass


class Slot:
    def take(self, who):
        return None

    def free(self):
        pass


def test_a_session_waits_for_its_turn_and_stop_leaves_the_queue(tmp_path):
    queue = Queue(tmp_path, at_once=1)
    session = Nothing(type("Workspace", (), {"slot": Slot()})())
    session.queue = queue
    queued = threading.Event()
    session.observe(lambda change: "number 1" in change.new and queued.set(), "message")
    with queue.turn(lambda: True, print) as taken:
        assert taken
        session.start()
        assert queued.wait(SECONDS)
        assert session.waiting
        session.stop()
        session.wait(SECONDS)
        assert (session.state, session.message, session.trained) == ("ready", "", 0)
        queued.clear()
        session.start()
        assert queued.wait(SECONDS)
    session.wait(SECONDS)
    assert (session.state, session.message, session.trained) == ("done", "", 1)
    assert not list(tmp_path.glob("wait-*"))
    assert len(queue.times.read_text().split()) == 2
