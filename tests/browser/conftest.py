"""A real Chromium, the app under Voila, and the notebooks under JupyterLab.

A page fails its test on any console error and on any request that leaves this machine.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

import kdviz
from kdviz.export.page import write_page
from scripts.find_chromium import find_chromium

ROOT = Path(__file__).parents[2]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ARGUMENTS += ["--disable-component-update", "--disable-sync"]
ARGUMENTS += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"]
PATIENCE_MS = 30_000
KERNEL_IS_IDLE = """() =>
  window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === "idle" """


@pytest.fixture(scope="module")  # its event loop must end before other tests run here
def chromium():
    path = find_chromium()
    if path is None:
        message = "no Chromium found; run scripts/find_chromium.py to see how to get one"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def window(chromium):
    """One window for all pages of a file of tests; a page that stays open keeps it warm.

    To open and close a window for each test took as much work again as the tests themselves.
    """
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    context.new_page()
    yield context
    context.close()


@pytest.fixture
def open_page(window):
    """open_page(url, viewport, color_scheme) -> a page that is watched until the test ends."""
    pages, problems = [], []

    def open_(url, viewport=(1366, 768), color_scheme="light"):
        page = window.new_page()
        page.set_viewport_size({"width": viewport[0], "height": viewport[1]})
        page.emulate_media(color_scheme=color_scheme)
        watch(page, problems)
        if not pages:
            forget(page, url)
        pages.append(page)
        page.goto(url)
        return page

    yield open_
    for page in pages:
        page.close()
    assert problems == []


def forget(page, url: str) -> None:
    """Forget what other tests left with the server at this address, or with pages on disk."""
    page.context.clear_cookies()
    parts = urlsplit(url)
    if parts.scheme in ("file", "http"):
        where = {"origin": f"{parts.scheme}://{parts.netloc}", "storageTypes": "local_storage"}
        page.context.new_cdp_session(page).send("Storage.clearDataForOrigin", where)


def drawn(page) -> None:
    """Wait until what was set is on the page, which draws anew in the next frame."""
    page.evaluate(
        "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
    )


def is_local(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("data", "blob", "file") or parts.hostname in ("localhost", "127.0.0.1")


def watch(page, problems: list[str]) -> None:
    def on_request(request):
        if not is_local(request.url):
            problems.append(f"left this machine: {request.url}")

    def on_console(message):
        if message.type == "error":
            problems.append(f"console: {message.text} {message.location.get('url', '')}")

    page.on("request", on_request)
    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))


@pytest.fixture(params=["voila", "jupyterlab"])
def app_page(request, open_page):
    """The app under either server, drawn and ready to use."""
    if request.param == "voila":
        page = open_page(f"{request.getfixturevalue('voila_app')}/?panel=soft_targets")
    else:
        page = open_page(f"{request.getfixturevalue('jupyter_lab')}/lab/tree/app.ipynb?reset")
        page.wait_for_function(KERNEL_IS_IDLE)
        page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
        page.get_by_role("tab", name="Soft targets").click()
    page.get_by_role("slider", name="Temperature").wait_for()
    return page


@pytest.fixture(scope="session")
def shoot():
    """shoot(page, name) keeps a picture in the folder that KDVIZ_SCREENSHOTS names, if any."""

    def shoot_(page, name):
        if folder := os.environ.get("KDVIZ_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}.png")

    return shoot_


@pytest.fixture(scope="session")
def digits_file(tmp_path_factory):
    """The address of the explorers of the digits, exported into one file."""
    path = tmp_path_factory.mktemp("page") / "digits.html"
    write_page(kdviz.explore(), path)
    return path.as_uri()


@pytest.fixture(scope="session")
def voila_app(tmp_path_factory, free_port):
    """The address of the app as `python -m kdviz app` serves it, with a Python behind each page."""
    command = ["-m", "kdviz", "app", "--no-browser", "--sessions=500"]
    home = tmp_path_factory.mktemp("voila")
    (home / "class").mkdir()
    environment = os.environ | {"KDVIZ_CLASS": str(home / "class")}
    for url in serve(command, free_port(), "voila/static/voila.js", home / "log", environment):
        yield f"{url}/python"


@pytest.fixture(scope="session")
def jupyter_lab(tmp_path_factory, free_port):
    """The address of a JupyterLab with a copy of the notebooks and nobody's settings."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    news = home / "settings" / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (news / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    # A restart that overtakes its debugger is an error on its console.
    (home / "CONFIG_DIR" / "labconfig").mkdir(parents=True)
    (home / "CONFIG_DIR" / "labconfig" / "page_config.json").write_text(
        json.dumps({"disabledExtensions": {"@jupyterlab/debugger-extension": True}})
    )
    folders = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    environment = os.environ | {f"JUPYTER_{name}": str(home / name) for name in folders}
    environment |= {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings")}
    environment |= {"JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces")}
    command = ["-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True"]
    command += ["--LabApp.extension_manager=readonly", "--LabApp.news_url=None"]
    command += [f"--ServerApp.root_dir={home / 'notebooks'}"]
    yield from serve(command, free_port(), "api", home / "log", environment)


def serve(command, port, path, log, environment):
    """Run `python COMMAND`, give its address once `path` answers there, and end it afterwards."""
    url = f"http://localhost:{port}"
    command = [sys.executable, *command, f"--port={port}"]
    with log.open("w") as file:
        server = subprocess.Popen(
            command, stdout=file, stderr=file, cwd=log.parent, env=environment
        )
    try:
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not answers(f"{url}/{path}"):
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{command} did not start:\n{log.read_text()}")
            time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
