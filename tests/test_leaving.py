"""Leaving Python while something trains ends the process as it should."""

import subprocess
import sys

import pytest

IN_A_SESSION = """
import time, kdviz
from kdviz.session import Session
session = Session(kdviz.load_dataset("digits"), kdviz.load_teacher("digits"), epochs=500)
session.start()
while session.progress is None:
    time.sleep(0.01)
"""
IN_A_THREAD = """
import functools, threading, time, kdviz
digits = kdviz.load_dataset("digits")
student = functools.partial(kdviz.mlp, 64, (400, 400), 10)
run = kdviz.train(student, kdviz.TransferSet(digits.train), soft_weight=0, epochs=10**6,
                  seeds=range(4), record_every=10**6)
threading.Thread(target=list, args=(run,), daemon=True).start()
while len(run.history) < 1:
    time.sleep(0.01)
"""


@pytest.mark.parametrize("script", [IN_A_SESSION, IN_A_THREAD])
@pytest.mark.parametrize("delay", [0, 0.13])
def test_exit_while_a_run_trains_is_clean(script, delay):
    script += f"time.sleep({delay})\nprint('leaving')\n"
    left = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120
    )
    assert (left.returncode, left.stdout, left.stderr) == (0, "leaving\n", "")
