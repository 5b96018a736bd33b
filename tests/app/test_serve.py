"""What was tried against the server, on the server as `python -m kdviz app` runs it."""

import asyncio
import http.client
import ipaddress
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_client.session import Session, utcnow
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from tornado.web import HTTPError
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from kdviz.__main__ import main
from kdviz.app import hosting, serve
from kdviz.app.hosting import PROTOCOL, Kernels, is_message

SESSIONS, MEMORY_MB = 2, 900
PATIENCE_SECONDS = 30
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server(free_port, tmp_path_factory):
    """A server with room for two pages, known to a proxy as lab.example.org."""
    port = free_port()
    options = ["--no-browser", f"--port={port}", f"--sessions={SESSIONS}", "--threads=1"]
    options += [f"--memory={MEMORY_MB}", "--run-seconds=7", "--host-name=lab.example.org"]
    options += ["--embed-in=https://lms.example.org"]
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "kdviz", "app", *options],
            stdout=subprocess.PIPE, stderr=file, text=True,
        )  # fmt: skip
    assert "kdviz is at" in process.stdout.readline(), log.read_text()
    yield SimpleNamespace(port=port, url=f"http://localhost:{port}", process=process)
    process.terminate()
    process.communicate(timeout=PATIENCE_SECONDS)


def ask(server, path="/python", method="GET", **headers):
    """The status, headers and text that the server gives."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(server.url + path, method=method, headers=named)
    try:
        answer = urllib.request.urlopen(request, timeout=PATIENCE_SECONDS)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read().decode()


@contextmanager
def opened(server, query="", **headers):
    """A page that was drawn, with the id of its kernel; it takes the kernel along."""
    status, got, text = ask(server, f"/python{query}", **headers)
    assert status == 200, text
    kernel = re.search(r'"kernelId": *"([\w-]+)"', text)[1]
    token = re.search(r"_xsrf=([^;]+)", str(got.get_all("Set-Cookie")))[1]
    try:
        yield SimpleNamespace(text=text, kernel=kernel)
    finally:
        path = f"/voila/api/shutdown/{kernel}?_xsrf={token}"
        status, _, _ = ask(server, path, "POST", Cookie=f"_xsrf={token}")
        assert status in (204, 404)


@pytest.fixture(scope="module")
def page(server):
    with opened(server) as page:
        yield page


def plug(server, page, protocols=(PROTOCOL,), **options):
    """A socket to the page's kernel."""
    url = f"ws://localhost:{server.port}/api/kernels/{page.kernel}/channels?session_id=a"
    # What the kernel says of a whole lab is over the client's own limit of a megabyte.
    return connect(url, subprotocols=protocols or None, max_size=None, **options)


def end_of(plugged):
    """The code with which the server closes a socket."""
    with suppress(ConnectionClosed):
        list(plugged)
    return plugged.close_code


def message(kind="kernel_info_request", buffers=(), content=None):
    """A message as a page sends it."""
    sent = Session().msg(kind, content, metadata={"version": "1.0.0"})
    parts = [json.dumps(sent[n], default=str).encode() for n in PARTS]
    return serialize_msg_to_ws_v1([*parts, *buffers], "shell")


PARTS = ("header", "parent_header", "metadata", "content")


def test_a_port_that_is_taken_is_said_and_another_is_found(server):
    command = [sys.executable, "-m", "kdviz", "app", "--no-browser", f"--port={server.port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as second:
        said, at = second.stdout.readline(), second.stdout.readline()
        second.terminate()
    port = int(re.fullmatch(rf"Port {server.port} is in use, so kdviz takes (\d+)\.\n", said)[1])
    assert f"http://localhost:{port}/" in at


def still_answers(server):
    return ask(server, "/voila/static/voila.js")[0] == 200


# A link


def test_a_link_chooses_neither_template_nor_theme(server):
    script = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    with opened(server, f"?template=nope&theme={script}") as page:
        assert "alert(1)" not in page.text
        assert "https://" not in page.text
        assert "<title>kdviz: distilling" in page.text


def test_nor_does_it_inside_a_jupyter_server():
    config = serve.settings()
    for name in ("allow_template_override", "allow_theme_override"):
        assert config.VoilaConfiguration[name] == "NOTEBOOK"
    assert config.ServerApp.kernel_websocket_connection_class is hosting.Connection


# A socket


def test_a_socket_that_speaks_the_old_protocol_is_refused(server, page):
    for protocols in ((), ("kernel",)):
        with pytest.raises(InvalidStatus, match="400"):
            plug(server, page, protocols)
    assert still_answers(server)


@pytest.mark.parametrize(
    "sent",
    [
        b"\xff" * 8,
        b"",
        b"\x01",
        "{}",
        struct.pack("<7Q", 6, *[2**63] * 6),
        struct.pack("<7Q", 6, 56, 50, 50, 50, 50, 50),
        serialize_msg_to_ws_v1([b"[]", b"{}", b"{}", b"{}"], "shell"),
        serialize_msg_to_ws_v1([b"no", b"{}", b"{}", b"{}"], "shell"),
        serialize_msg_to_ws_v1([b"\xff", b"{}", b"{}", b"{}"], "shell"),
    ],
    ids=["eight", "empty", "one", "text", "far", "back", "list", "no-json", "no-text"],
)
def test_what_is_no_message_closes_its_socket(server, page, sent):
    with plug(server, page) as plugged:
        plugged.send(sent)
        assert end_of(plugged) == 1003
    assert still_answers(server)


def test_a_message_is_at_most_a_megabyte(server, page):
    with plug(server, page) as plugged:
        plugged.send(message(buffers=[bytes(serve.LARGEST_MESSAGE)]))
        assert end_of(plugged) in (1006, 1009)
    assert still_answers(server)


def test_a_message_with_buffers_is_read_right_while_its_socket_closes(server, page):
    """The old parser takes its first bytes for a count of two thousand million."""
    late = message("comm_msg", buffers=[b""] * 121)
    assert int.from_bytes(late[:4], "big") == 0x7F000000
    with plug(server, page) as plugged:
        plugged.socket.sendall(frame(b"\xff" * 8) + 3 * frame(late))
        assert end_of(plugged) == 1003
    assert still_answers(server)
    if sys.platform == "linux":
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        assert int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) < 500_000


def frame(payload):
    """One masked binary frame; a mask of zeros leaves the payload as it is."""
    length = bytes([128 | len(payload)]) if len(payload) < 126 else (
        struct.pack("!BH", 128 | 126, len(payload)))  # fmt: skip
    return b"\x82" + length + bytes(4) + payload


def test_a_page_may_ask_its_kernel_but_run_nothing(server, page):
    with plug(server, page) as plugged:
        plugged.send(message("execute_request"))
        plugged.send(message("kernel_info_request"))
        kinds = set()
        while "kernel_info_reply" not in kinds:
            kinds.add(kind_of(plugged.recv(timeout=PATIENCE_SECONDS)))
    assert not kinds & {"execute_reply", "execute_input", "error"}


def kind_of(data):
    return part_of(data, 1)["msg_type"]


def part_of(data, number):
    count = int.from_bytes(data[:8], "little")
    starts = struct.unpack_from(f"<{count}Q", data, 8)
    assert is_message(data)
    return json.loads(data[starts[number] : starts[number + 1]])


def states(plugged):
    """What the kernel's widgets hold, by their names, but for their arrays."""
    comm = {"comm_id": "control", "target_name": "jupyter.widget.control", "data": {}}
    plugged.send(message("comm_open", content=comm))
    asked = {"comm_id": "control", "data": {"method": "request_states"}}
    plugged.send(message("comm_msg", content=asked))
    while True:
        data = plugged.recv(timeout=PATIENCE_SECONDS)
        told = part_of(data, 4).get("data", {}) if kind_of(data) == "comm_msg" else {}
        if told.get("method") == "update_states":
            return told["states"]


CRAFTED = [
    {"nobody": 1, "__proto__": {"temperature": 1}, "__class__": "x", "comm": None},
    {"_esm": "alert(1)", "_css": "*{display:none}"},
    {"layout": "IPY_MODEL_nobody"},
    {"temperature": float("nan")},
    {"temperature": 1e999, "soft_weight": -1, "example": 10**30},
    {"logits": "text", "classes": [], "panel": "nobody", "panels": ["nobody"]},
    {"distill": {"width": float("nan"), "seeds": 10**9, "__proto__": {}}},
    {"table": {"lab": None}, "distill_view": [[float("inf")] * 10_000]},
]


def test_crafted_state_reaches_no_other_page_and_its_own_kernel_goes_on(server, page):
    with opened(server) as other, plug(server, page) as mine, plug(server, other) as theirs:
        before = states(theirs)
        (lab,) = (name for name, each in states(mine).items() if "soft_weight" in each["state"])
        for state in CRAFTED:
            data = {"method": "update", "state": state, "buffer_paths": []}
            mine.send(message("comm_msg", content={"comm_id": lab, "data": data}))
        data = {"method": "custom", "content": {"panel": "distill", "action": "__init__"}}
        mine.send(message("comm_msg", content={"comm_id": lab, "data": data}))
        assert 0.5 <= states(mine)[lab]["state"]["temperature"] <= 50
        assert states(theirs) == before


def test_a_socket_is_not_closed_before_three_pings_went_unanswered():
    settings = dict(serve._alone([], 0, 0).Voila.tornado_settings)
    handler = SimpleNamespace(settings=settings)
    handler.ping_interval = WebSocketMixin.ping_interval.fget(handler)
    assert WebSocketMixin.ping_timeout.fget(handler) >= 3 * handler.ping_interval


# A name


@pytest.mark.parametrize("path", ["/", "/voila/static/voila.js", "/lab.html", "/api/kernels"])
@pytest.mark.parametrize("host", ["evil.org", "localhost.evil.org", "evil.org:80", "1.2.3.4"])
def test_a_foreign_name_is_refused(server, path, host):
    status, _, text = ask(server, path, Host=host)
    assert status == 403
    assert "--host-name" in text
    assert host not in text


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:80"])
def test_its_own_names_are_answered(server, host):
    assert ask(server, "/voila/static/voila.js", Host=host)[0] == 200


def test_the_name_that_a_proxy_serves_is_answered(server):
    assert ask(server, "/voila/static/voila.js", Host="lab.example.org")[0] == 200


def test_a_socket_opens_for_its_own_page_alone(server, page):
    for origin in ("http://evil.org", "https://lab.example.org.evil.org", "null"):
        with pytest.raises(InvalidStatus, match="403"):
            plug(server, page, origin=origin)
    # Some proxies ask under their own name, some pass on the one they were asked under.
    for origin in (server.url, "https://lab.example.org", "http://lab.example.org:8080"):
        with plug(server, page, origin=origin):
            pass


# A path


@pytest.mark.parametrize(
    "path",
    [
        *(f"/voila/{room}/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd" for room in (
            "templates", "templates/kdviz/static", "static", "labextensions", "api/themes",
            "files")),
        *(f"/voila/{room}/../../../../../../etc/passwd" for room in (
            "templates", "templates/kdviz/static", "static", "labextensions", "files")),
        "/voila/templates/x", "/voila/templates/a/b/c", "/voila/templates/nope/static/x",
        "/voila/templates/..", "/voila/static/%00", "/voila/labextensions/%00", "/voila/static/",
        "/voila/labextensions/", "/voila/api/themes/x", "/login", "/logout",
        "/api/kernels/a-b-c-d-e",
    ],
)  # fmt: skip
def test_a_way_out_is_not_found(server, path):
    status, _, text = ask(server, path)
    assert status == 404
    assert "root:" not in text


def test_the_folder_it_is_served_from_stays_closed(server):
    assert ask(server, "/voila/files/app.ipynb")[0] == 403
    assert ask(server, "/app.ipynb")[0] == 404


# The first page


def test_the_first_page_needs_no_kernel_and_is_sent_once(server):
    status, headers, text = ask(server, "/")
    assert status == 200
    assert "data-widget" in text
    assert 'id="jupyter-config-data"' not in text
    assert ask(server, "/", If_None_Match=headers["ETag"])[0] == 304


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("?panel=loss&temperature=2", "/#panel=loss&temperature=2"),
        ("?where=kernel&panel=loss", "/python?where=kernel&panel=loss"),
        ("?x=//evil.org%0d%0aA:b", "/#x=//evil.org%0d%0aA:b"),
    ],
)
def test_a_link_with_a_query_leads_to_what_it_asks_for(server, query, there):
    connection = http.client.HTTPConnection("localhost", server.port, timeout=PATIENCE_SECONDS)
    connection.request("GET", f"/{query}")
    assert connection.getresponse().headers["Location"] == there
    connection.close()


@pytest.mark.parametrize("path", ["/", "/lab.html", "/voila/static/voila.js", "/nothing", "/login"])
def test_every_answer_says_what_its_page_may_load_and_who_may_frame_it(server, path):
    headers = ask(server, path)[1]
    policy = headers["Content-Security-Policy"].split("; ")
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self' https://lms.example.org" in policy
    assert not [each for each in policy if "http:" in each or each.endswith("*")]
    assert headers["X-Content-Type-Options"] == "nosniff"


# Too much


def test_a_page_too_many_is_told_so_and_finds_the_lab_without_python(server, page):
    with opened(server):
        status, _, text = ask(server)
        assert status == 503
        assert "All places are taken" in text
        assert 'http-equiv="refresh"' in text
        assert ask(server, "/")[0] == 200  # there is a lab for everybody
    status, _, text = ask(server, re.search(r'href="([^"]*lab[^"]*)"', text)[1])
    assert status == 200
    assert "data-widget" in text
    with opened(server):
        pass


def test_requests_dropped_at_the_first_byte_hold_no_place(server, page):
    for _ in range(3):
        with socket.create_connection(("localhost", server.port)) as dropped:
            dropped.sendall(f"GET / HTTP/1.1\r\nHost: localhost:{server.port}\r\n\r\n".encode())
            dropped.recv(1)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while ask(server)[0] == 503:
        assert time.monotonic() < deadline
        time.sleep(0.5)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_kernel_has_its_share_of_memory_threads_and_time(server, page):
    children = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    kernels = [pid for file in children for pid in file.read_text().split()]
    kernels = [pid for pid in kernels if "ipykernel" in Path(f"/proc/{pid}/cmdline").read_text()]
    assert kernels
    for pid in kernels:
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert re.search(rf"Max data size +{MEMORY_MB}000000 ", limits)
        environment = Path(f"/proc/{pid}/environ").read_text().split("\0")
        cores = os.cpu_count()  # at a thread each
        expected = {"OMP_NUM_THREADS=1", "KDVIZ_RUN_SECONDS=7", f"KDVIZ_TRAININGS={cores}"}
        assert expected <= set(environment)


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of Linux")
def test_what_asks_for_more_memory_is_told_so():
    code = (
        "import os; from kdviz.app.hosting import limit_memory; limit_memory(os.getpid(), 300)\n"
        "bytes(100_000_000)\n"
        "try: bytes(400_000_000)\n"
        "except MemoryError: print('told')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "told\n"


def test_places_are_counted_while_kernels_start(monkeypatch):
    async def start(self, **kwargs):
        await asyncio.sleep(PATIENCE_SECONDS)

    async def run():
        kernels = Kernels(sessions=1)
        first = asyncio.ensure_future(kernels.start_kernel())
        await asyncio.sleep(0)
        with pytest.raises(HTTPError, match="503"):
            await kernels.start_kernel()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert not kernels.starting

    monkeypatch.setattr(hosting.AsyncMappingKernelManager, "start_kernel", start)
    asyncio.run(run())


def test_kernels_whose_page_never_came_or_was_forgotten_are_ended_and_others_stay(monkeypatch):
    old = utcnow() - timedelta(seconds=hosting.CAME_SECONDS + 1)
    forgotten = utcnow() - timedelta(seconds=hosting.FORGOTTEN_SECONDS + 1)
    kernels = Kernels(cull_idle_timeout=2 * hosting.FORGOTTEN_SECONDS)
    kernels._kernels = {
        name: SimpleNamespace(
            last_activity=activity, execution_state="idle", kernel_name="python3",
            kernel_spec=SimpleNamespace(metadata={}), **came,
        )
        for name, activity, came in (
            ("dropped", old, {}), ("came", old, {"page_came": True}), ("new", utcnow(), {}),
            ("forgotten", forgotten, {"page_came": True}),
        )
    }  # fmt: skip
    ended = []

    async def shutdown(self, kernel_id):
        ended.append(kernel_id)

    monkeypatch.setattr(Kernels, "shutdown_kernel", shutdown)
    asyncio.run(kernels.cull_kernels())
    assert ended == ["dropped", "forgotten"]


# No room on the disk


@pytest.mark.parametrize("name", ["HOME", "TMPDIR"])
def test_a_folder_that_cannot_be_written_is_named_before_it_serves(monkeypatch, capsys, name):
    unset = ("JUPYTER_DATA_DIR", "XDG_DATA_HOME")
    for each in unset:
        monkeypatch.delenv(each, raising=False)
    if name == "HOME":
        monkeypatch.setenv("HOME", "/proc")  # where even root may write nothing
    else:
        monkeypatch.setattr(serve.tempfile, "gettempdir", lambda: "/proc")
    assert main(["app", "--no-browser"]) == 1
    error = capsys.readouterr().err
    assert re.search(rf"/proc\S* can't be written: .*set {name} to a folder", error)
    assert "kdviz is at" not in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of Linux")
def test_a_full_disk_is_named_before_it_serves():
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "from kdviz.__main__ import main; raise SystemExit(main(['app', '--no-browser']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "make room, or set TMPDIR" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_kernel_is_said_before_it_serves(monkeypatch, capsys):
    class Missing(serve.KernelSpecManager):
        def get_kernel_spec(self, name):
            raise serve.NoSuchKernel(name)

    monkeypatch.setattr(serve, "KernelSpecManager", Missing)
    assert main(["app", "--no-browser"]) == 1
    assert "run `pip install ipykernel`" in capsys.readouterr().err
    assert main(["doctor"]) == 1
    assert "MISSING: no kernel is installed" in capsys.readouterr().out


# Options


def test_an_address_in_the_network_is_one_or_nothing(monkeypatch):
    address = serve.own_address()
    assert address == "" or ipaddress.ip_address(address).version == 4
    monkeypatch.setattr(socket.socket, "connect", lambda *_: (_ for _ in ()).throw(OSError()))
    assert serve.own_address() == ""  # in no network


def test_help_shows_each_limit_and_its_default(capsys):
    with pytest.raises(SystemExit):
        main(["app", "--help"])
    text = capsys.readouterr().out
    for option in ("--host-name", "--base-url", "--sessions", "--threads", "--memory"):
        assert option in text
    assert re.search(r"--run-seconds.*\(120\)", text, re.DOTALL)


@pytest.mark.parametrize(
    "option", ["--sessions", "--threads", "--memory", "--run-seconds", "--trainings"]
)
@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_a_limit_that_cannot_be_is_refused(option, value, capsys):
    with pytest.raises(SystemExit):
        main(["app", f"{option}={value}"])
    assert f"must be a number from 1 to 1000000, got {value!r}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "site", ["lms.example.org", "https://lms.example.org/course", "*", "https://a b", "https://a;b"]
)
def test_a_site_that_cannot_be_is_refused(site, capsys):
    with pytest.raises(SystemExit):
        main(["app", f"--embed-in={site}"])
    assert f"must be a site without a path, as https://lms.example.org, got {site!r}" in (
        capsys.readouterr().err
    )


@pytest.mark.skipif(not os.access("/usr/bin/make", os.X_OK), reason="needs make")
def test_tests_without_a_browser_need_no_chromium():
    def plan(tests):
        command = ["make", "--dry-run", "--assume-old=.venv/ready", "test", f"TESTS={tests}"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert "find_chromium" in plan("")
    advice = (ROOT / "scripts" / "find_chromium.py").read_text()
    steps = (ROOT / "CONTRIBUTING.md").read_text()
    advised = re.findall(r'TESTS=\\?"(-m \'[^\']*not browser[^\']*\')', advice + steps)
    assert len(advised) == 2
    for tests in advised:
        assert "find_chromium" not in plan(tests)
