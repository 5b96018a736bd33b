"""The app behind a proxy that strips a path, and what its page says when Python is gone."""

import contextlib
import os
import re
import signal
import socket
import socketserver
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader
from playwright.sync_api import expect

from kdviz.app.serve import find_page
from tests.browser.conftest import KERNEL_IS_IDLE, PATIENCE_MS, is_local

expect.set_options(timeout=PATIENCE_MS)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="finds kernels in /proc"),
]


class Server:
    """`python -m kdviz app` on a port of its own, which can be started again."""

    def __init__(self, port, log):
        self.port, self.log = port, log

    def start(self):
        options = ["--no-browser", f"--port={self.port}", "--base-url=/lab", "--threads=1"]
        command = [sys.executable, "-m", "kdviz", "app", *options]
        with self.log.open("a") as file:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, text=True)
        assert "kdviz is at" in self.process.stdout.readline(), self.log.read_text()

    def stop(self):
        self.process.terminate()
        self.process.communicate(timeout=30)

    def kill_kernels(self):
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        for pid in [int(pid) for file in children for pid in file.read_text().split()]:
            if "ipykernel" in Path(f"/proc/{pid}/cmdline").read_text():
                os.kill(pid, signal.SIGKILL)


class Strip(socketserver.BaseRequestHandler):
    """Passes on what begins with /lab/, without it; one request a connection."""

    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head:
            got = self.request.recv(65536)
            if not got:
                return
            head += got
        assert b" /lab/" in head, head
        head = head.replace(b" /lab/", b" /", 1)
        if b"Upgrade: websocket" not in head:
            head = head.replace(b"Connection: keep-alive", b"Connection: close")
        with contextlib.suppress(OSError), socket.create_connection(self.server.there) as there:
            self.server.open += [there]
            there.sendall(head)
            threading.Thread(target=pour, args=[self.request, there], daemon=True).start()
            pour(there, self.request, lambda: self.server.answers)


def pour(source, sink, passes=lambda: True):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if passes():
                sink.sendall(data)
        sink.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def server(free_port, tmp_path_factory):
    made = Server(free_port(), tmp_path_factory.mktemp("gone") / "log")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def proxy(server):
    """The proxy; `there` is where it passes requests on to, `open` what it has opened.

    While `answers` is not true, nothing comes back through it.
    """
    with socketserver.ThreadingTCPServer(("localhost", 0), Strip) as proxy:
        proxy.daemon_threads, proxy.open, proxy.answers = True, [], True
        proxy.there = ("localhost", server.port)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()


@pytest.fixture(scope="module")
def browser(chromium):
    """One for all pages, so that it keeps the files that each of them loads."""
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    context.route(lambda address: not is_local(address), lambda route: route.abort())
    yield context
    context.close()


@pytest.fixture
def page(browser, proxy):
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(f"http://localhost:{proxy.server_address[1]}/lab/python?panel=soft_targets")
    drawn(page)
    yield page
    page.close()
    assert errors == []


def drawn(page):
    page.get_by_role("slider", name="Temperature").wait_for()


def train(page, **settings):
    page.get_by_role("tab", name="Distill").click()
    page.get_by_role("radio", name="Python").check()
    expect(status(page)).to_contain_text("Ready: ", timeout=60_000)  # PyTorch is loaded
    for name, value in settings.items():
        page.get_by_label(name.replace("_", " ")).select_option(value)
    button = page.get_by_role("button", name="Train", exact=True)
    expect(button).to_be_enabled()
    button.click()


def status(page):
    return page.locator(".kd-distill").get_by_role("status")


def trained(page, units):
    expect(status(page)).to_have_text(re.compile(f"Trained 1 pair, {units} hidden units"))


def notice(page):
    return page.get_by_role("alert").filter(has_text="Python")


def test_a_page_behind_a_path_that_is_stripped_is_drawn_and_trains(page):
    train(page, Seeds="1", Hidden_units="4")
    trained(page, 4)
    expect(notice(page)).to_be_hidden(timeout=PATIENCE_MS)


def test_what_is_set_goes_along_to_python_and_back_if_there_is_no_place(browser, proxy):
    page = browser.new_page()
    page.goto(f"http://localhost:{proxy.server_address[1]}/lab/?panel=distill&temperature=3")
    prediction = page.get_by_label("Your prediction, in percent")
    prediction.fill("42")
    full = Environment(loader=FileSystemLoader(find_page().parent)).get_template("503.html")
    text = full.render(base_url="/lab/", front=True)
    page.route("**/lab/python?*", lambda route: route.fulfill(status=503, body=text))
    page.get_by_role("button", name="Train in Python instead").click()
    page.get_by_role("link", name="Go on without Python").click()
    expect(prediction).to_have_value("42")
    expect(page).to_have_url(re.compile("/lab/#panel=distill&temperature=3&prediction=42$"))
    page.unroute("**/lab/python?*")
    page.get_by_role("tab", name="Specialists").click()
    page.get_by_role("button", name="Start Python").click()
    page.locator("#jupyter-config-data").wait_for(state="attached")
    expect(page.get_by_role("tab", name="Specialists")).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="Distill").click()
    expect(prediction).to_have_value("42")
    expect(page.get_by_role("radio", name="This device")).to_be_checked()
    page.close()


def test_python_killed_is_said_and_all_is_kept_and_goes_on(page, server):
    page.get_by_role("tab", name="Sweep").click()
    choice = page.locator(".kd-sweep").get_by_role("combobox")
    choice.select_option(index=2)
    predicted = choice.input_value()
    train(page, Seeds="1", Hidden_units="8")
    trained(page, 8)
    verdict = page.get_by_role("region", name="Verdict").inner_text()
    server.kill_kernels()
    expect(notice(page)).to_contain_text("Python has stopped", timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_hidden()
    assert page.get_by_role("region", name="Verdict").inner_text() == verdict

    page.get_by_role("tab", name="Soft targets").click()
    slider = page.get_by_role("slider", name="Temperature")
    slider.press("End")
    expect(page.get_by_text("T = 50").first).to_be_visible()
    with page.expect_popup() as popup:
        page.get_by_role("button", name="In a new tab").click()
    for again in (popup.value, page):
        if again is page:
            page.get_by_role("button", name="Start Python again").click()
            expect(notice(page)).to_be_hidden()
        drawn(again)
        expect(again.get_by_text("T = 50").first).to_be_visible()
        again.get_by_role("tab", name="Sweep").click()
        expect(again.locator(".kd-sweep").get_by_role("combobox")).to_have_value(predicted)
        again.get_by_role("tab", name="Distill").click()
        expect(again.get_by_label("Hidden units")).to_have_value("8")
        expect(again.get_by_role("button", name="Train", exact=True)).to_be_enabled()


def test_python_killed_while_it_trains_is_said_and_what_was_drawn_stays(page, server):
    train(page, Seeds="32", Hidden_units="256")
    page.get_by_text(re.compile(r"soft \d+")).wait_for()
    server.kill_kernels()
    expect(notice(page)).to_contain_text("Python has stopped", timeout=PATIENCE_MS)
    expect(page.get_by_text("Asking Python to begin")).to_be_hidden()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    page.get_by_text(re.compile(r"soft \d+")).wait_for()


def test_python_that_was_culled_is_said(page):
    page.evaluate("""() => {
      const text = document.getElementById("jupyter-config-data").textContent;
      const { baseUrl, kernelId } = JSON.parse(text);
      const token = document.cookie.match(/_xsrf=([^;]*)/)[1];
      return fetch(`${baseUrl}voila/api/shutdown/${kernelId}?_xsrf=${token}`, { method: "POST" });
    }""")
    expect(notice(page)).to_contain_text("Python has stopped", timeout=PATIENCE_MS)


def cut(proxy):
    while proxy.open:
        with contextlib.suppress(OSError):
            proxy.open.pop().shutdown(socket.SHUT_RDWR)


def test_a_line_that_was_cut_is_said_and_the_page_goes_on_once_it_is_back(page, proxy):
    proxy.answers = False  # what Python says to this is lost
    page.get_by_role("slider", name="Temperature").press("End")
    page.wait_for_timeout(500)
    there, proxy.there, proxy.answers = proxy.there, ("localhost", 1), True  # nobody listens there
    cut(proxy)
    expect(notice(page)).to_contain_text("can't be reached", timeout=PATIENCE_MS)
    page.get_by_role("slider", name="Temperature").press("Home")
    proxy.there = there
    expect(notice(page)).to_be_hidden(timeout=PATIENCE_MS)
    train(page, Seeds="1", Hidden_units="16")
    trained(page, 16)
    page.get_by_text("A digit it never saw, T = 0.5.").wait_for()  # of the run: it reached Python


def test_a_server_that_was_restarted_is_said(page, server):
    server.stop()
    expect(notice(page)).to_contain_text("can't be reached", timeout=PATIENCE_MS)
    server.start()
    expect(notice(page)).to_contain_text("Python has stopped", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Start Python again").click()
    drawn(page)
    expect(notice(page)).to_be_hidden(timeout=PATIENCE_MS)


def test_in_a_notebook_a_restarted_kernel_is_said(jupyter_lab, open_page):
    page = open_page(f"{jupyter_lab}/lab/tree/app.ipynb?reset")
    page.wait_for_function(KERNEL_IS_IDLE)
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    page.get_by_role("tab", name="Start").wait_for()
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    expect(notice(page)).to_contain_text("Run the cell again", timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Start Python again")).to_be_hidden()
