"""Thirty visitors within a second: how soon the last has a lab, and what it costs the server.

Starts `python -m kdviz app` and asks as browsers do: for the page and, where Python draws it, over
a socket for its state. What a browser then does on the visitor's own device is not timed. Memory is
the server's with all its kernels, pages that they share counted once (Linux).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import statistics
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from websockets.sync.client import connect

PROTOCOL = "v1.kernel.websocket.jupyter.org"
PATIENCE_SECONDS = 120
KINDS = {"lab": "the lab", "python": "a page with a Python"}


def main() -> None:
    """Print a line for the pages without a Python, and one for those with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--too-many", type=int, default=10, help="who come when all are in")
    parser.add_argument("--within", type=float, default=1.0, help="seconds in which they all click")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}")
    for kind in options.kinds:
        measure(kind, options.visitors, options.too_many, options.within)


def measure(kind: str, visitors: int, too_many: int, within: float) -> None:
    """Let them come, then those too many; print what they met."""
    path = {"lab": "/", "python": "/python"}[kind]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kdviz", "app", "--no-browser", f"--port={port}"]
    command += [f"--sessions={visitors}", "--threads=1"]
    with ExitStack() as stack:
        server = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        stack.callback(server.terminate)
        assert "kdviz is at" in server.stdout.readline()
        alone = memory(server.pid)
        begun = time.perf_counter()
        with ThreadPoolExecutor(visitors + too_many) as pool:
            delays = [within * i / max(1, visitors - 1) for i in range(visitors)]
            found = list(pool.map(lambda delay: visit(port, path, begun + delay, stack), delays))
            others = list(pool.map(lambda _: visit(port, path, 0, stack), range(too_many)))
        here = [each for each in found if each["status"] == 200]
        after = [each["seconds"] for each in here]
        last = max((each["at"] for each in here), default=begun) - begun - within
        away = [each for each in others if each["status"] == 503]
        kindly = sum("lab.html" in each["text"] for each in away)
        print(
            f"{KINDS[kind]}: {len(here)} of {visitors} came in; usable after "
            f"{statistics.median(after):.2f} s in the median, the last {last:.2f} s after the last "
            f"click. Of {too_many} more, {sum(each['status'] == 200 for each in others)} came in, "
            f"{len(away)} were turned away, {kindly} of them with a way to go on. Server: "
            f"{alone:.0f} MB alone, {memory(server.pid):.0f} MB with all open; load "
            f"{os.getloadavg()[0]:.1f}",
            flush=True,
        )


def visit(port: int, path: str, click: float, sockets: ExitStack) -> dict:
    """Click at a time; wait until there is a lab."""
    time.sleep(max(0, click - time.perf_counter()))
    begun = time.perf_counter()
    try:
        answer = urllib.request.urlopen(f"http://localhost:{port}{path}", timeout=PATIENCE_SECONDS)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        status, text = answer.status, answer.read().decode()
    if status == 200 and (kernel := re.search(r'"kernelId": *"([\w-]+)"', text)):
        url = f"ws://localhost:{port}/api/kernels/{kernel[1]}/channels?session_id=a"
        options = {"max_size": None, "open_timeout": PATIENCE_SECONDS}
        plugged = sockets.enter_context(connect(url, subprotocols=[PROTOCOL], **options))
        ask_for_widgets(plugged)
    at = time.perf_counter()
    return {"status": status, "text": text, "seconds": at - begun, "at": at}


def ask_for_widgets(plugged) -> None:
    """Ask for the state of all widgets, as a page does before it draws them, and wait for it."""
    opened = {"comm_id": "bench", "target_name": "jupyter.widget.control", "data": {}}
    asked = {"comm_id": "bench", "data": {"method": "request_states"}}
    for kind, content in (("comm_open", opened), ("comm_msg", asked)):
        sent = Session().msg(kind, content, metadata={"version": "1.0.0"})
        parts = [sent[name] for name in ("header", "parent_header", "metadata", "content")]
        parts = [json.dumps(part, default=str).encode() for part in parts]
        plugged.send(serialize_msg_to_ws_v1(parts, "shell"))
    while "update_states" not in told_in(plugged.recv(timeout=PATIENCE_SECONDS)):
        pass


def told_in(data: bytes) -> str:
    """The content of a message, as JSON."""
    count = int.from_bytes(data[:8], "little")
    starts = struct.unpack_from(f"<{count}Q", data, 8)
    return data[starts[4] : starts[5]].decode()


def memory(pid: int) -> float:
    """MB of a process and of all that it started."""
    own = re.search(r"Pss: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text())
    files = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for file in files for child in file.read_text().split()]
    return int(own[1]) / 1000 + sum(map(memory, children))


if __name__ == "__main__":
    main()
