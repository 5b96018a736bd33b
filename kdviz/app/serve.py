"""Serves the app with Voila, on this machine alone."""

import json
import logging
import os
import re
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path

# jsonschema compiles a grammar of international addresses when it finds this package: a second of
# every start, for a check that nothing here asks for.
sys.modules.setdefault("rfc3987_syntax", None)

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel  # noqa: E402
from jupyter_core.paths import jupyter_data_dir, jupyter_path  # noqa: E402
from tornado.web import ErrorHandler  # noqa: E402
from traitlets import List, Unicode  # noqa: E402
from traitlets.config import Config  # noqa: E402
from voila.app import Voila  # noqa: E402

from kdviz.app.hosting import (  # noqa: E402
    ODD,
    Connection,
    Front,
    Kernels,
    Offline,
    Page,
    Stranger,
    guard,
    packed,
)
from kdviz.panels.queue import Queue  # noqa: E402

TITLE = "kdviz: distilling the knowledge in a neural network"

# The page loads these alone, whatever else JupyterLab has been given on this machine.
EXTENSIONS = [
    "anywidget",
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
]

# A page takes its kernel along when it closes. Where that message is lost (a phone that sleeps,
# a browser that is killed), the kernel goes after this time without a page.
IDLE_SECONDS = 600


OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")
LARGEST_MESSAGE = 1_000_000  # bytes a page may send at once; its settings are a few hundred
SCRATCH = 1_000_000  # bytes that must find room before the server says it is ready


def serve(
    port: int,
    open_browser: bool,
    data: str = "digits",
    *,
    host_names: Sequence[str] = (),
    base_url: str = "/",
    sessions: int = 0,
    threads: int | None = None,
    memory_mb: int = 0,
    run_seconds: float | None = None,
    trainings: int | None = None,
    embed_in: Sequence[str] = (),
    offline: Callable[[], str] | None = None,
    front: Callable[[str], str] | None = None,
) -> None:
    """Serve the app on one of kdviz's datasets until Ctrl-C, on `port` or on a free one near it.

    Args:
        port: On this machine alone; whoever serves it to others puts a proxy before it.
        open_browser: Whether to open the page.
        data: "digits" or "mnist".
        host_names: Under which a proxy serves it, besides this machine's own.
        base_url: The path under which a proxy serves it, whether it strips that path or not.
        sessions: Pages at a time; 0 for any number.
        threads: That a page may train with; all cores but one by default.
        memory_mb: Of data that a page's Python may hold; 0 for any amount.
        run_seconds: That one run may keep a core busy.
        embed_in: Origins of sites whose pages may show this one in a frame.
        trainings: At a time, of all pages together; the others queue. None: any number.
        offline: Makes a page that needs no kernel, to take along.
        front: Makes the page that everybody gets at first, given the address of one with a
            kernel; where there is none, all get a kernel at once.

    Raises:
        FileNotFoundError: If the page or a kernel is not installed.
        OSError: If there is no room, or no right, to write what a page needs.
    """
    find_page()
    check_room()
    find_kernel()
    if threads:
        os.environ["OMP_NUM_THREADS"] = str(threads)  # kernels inherit it
    if run_seconds:
        os.environ["KDVIZ_RUN_SECONDS"] = str(run_seconds)
    logging.getLogger("tornado").setLevel(logging.ERROR)
    if not host_names:  # no strangers, who need not know it
        os.environ["KDVIZ_NETWORK"] = own_address()
    config = settings()
    config.merge(_alone(host_names, sessions, memory_mb))
    with tempfile.TemporaryDirectory(prefix="kdviz-") as folder:
        path = Path(folder, "app.ipynb")
        path.write_text(json.dumps(app_notebook(data)), encoding="utf-8")
        if trainings:
            queue = Queue(Path(folder, "queue"), trainings)
            queue.folder.mkdir()
            os.environ |= {"KDVIZ_QUEUE": str(queue.folder), "KDVIZ_TRAININGS": str(trainings)}
        server = _Server(config=config, port=port, notebook_path=str(path))
        server.asked_port = port
        server.wants_browser = open_browser
        server.host_names = list(host_names)
        server.embed_in = list(embed_in)
        server.base_url = f"/{base_url.strip('/')}/".replace("//", "/")
        server.offline = packed(offline)
        server.front = front and packed(lambda: front(f"{server.base_url}python"))
        if server.front:
            server.front()  # made before it is asked for
        server.initialize([])
        server.start()


def find_page() -> Path:
    """The template of the app's page, which pip puts where Voila looks for it.

    Raises:
        FileNotFoundError: If it is in none of these places.
    """
    for folder in jupyter_path("voila"):
        page = Path(folder, "templates", "kdviz", "index.html.j2")
        if page.exists():
            return page
    raise FileNotFoundError(
        "the app's page is not installed among Jupyter's files; run `make app`, "
        "or `pip install .`, in a clone of its repository"
    )


def find_kernel() -> str:
    """The folder of the kernel that runs a page's Python.

    Raises:
        FileNotFoundError: If there is none.
    """
    try:
        return KernelSpecManager().get_kernel_spec("python3").resource_dir
    except NoSuchKernel:
        raise FileNotFoundError(
            "no kernel is installed that could run the app's Python; run `pip install ipykernel`"
        ) from None


def own_address() -> str:
    """This machine's address in its network, as 192.168.1.5; nothing where it is in none.

    It asks the system which way it would take; nothing is sent.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("192.0.2.1", 9))  # an address that RFC 5737 gives to nobody
        except OSError:
            return ""
        return way.getsockname()[0]


def check_room() -> None:
    """Try to write where a page's Python will: what fails there is an error without a reason.

    Raises:
        OSError: That names the folder, and says what to do.
    """
    try:
        places = {"TMPDIR": tempfile.gettempdir()}
    except OSError as error:
        raise OSError(
            f"no folder for temporary files can be written: {error}; set TMPDIR"
        ) from None
    places["HOME"] = jupyter_data_dir()
    for name, folder in places.items():
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(bytes(SCRATCH))
                file.flush()
        except OSError as error:
            raise OSError(
                f"{folder} can't be written: {error.strerror}. A page needs it; make room, or set "
                f"{name} to a folder that you may write"
            ) from None


def app_notebook(data: str = "digits") -> dict:
    """The app as a notebook: one cell, for people who have kdviz but not its repository."""
    chosen = "" if data == "digits" else f"dataset={data!r}"
    source = f"from kdviz import build_app\n\nbuild_app({chosen})"
    cell = {"cell_type": "code", "execution_count": None, "id": "app", "metadata": {}}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": [{**cell, "outputs": [], "source": source}],
        "metadata": {"kernelspec": kernel, "title": TITLE, "voila": {"template": "kdviz"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def settings() -> Config:
    """How Voila serves the app, alone or inside a Jupyter server as on a hub or on Binder."""
    config = Config()
    config.Voila.log_level = "ERROR"
    config.VoilaConfiguration.template = "kdviz"
    # The notebook's to choose, never a link's: Voila's own templates print what a link says.
    config.VoilaConfiguration.allow_template_override = "NOTEBOOK"
    config.VoilaConfiguration.allow_theme_override = "NOTEBOOK"
    config.VoilaConfiguration.extension_allowlist = EXTENSIONS
    config.VoilaConfiguration.prelaunch_hook = _give_token
    config.Voila.kernel_websocket_connection_class = Connection
    config.ServerApp.kernel_websocket_connection_class = Connection
    config.KernelManager.transport_encryption = "auto"
    # A kernel that died comes back empty; without it the page sees that it died, and says so.
    config.KernelRestarter.restart_limit = 0
    config.KernelRestarter.time_to_dead = 1.0
    return config


def _alone(host_names: Sequence[str], sessions: int, memory_mb: int) -> Config:
    """What the server that serves nothing but the app adds to it."""
    config = Config()
    names = "|".join(map(re.escape, host_names))
    config.Voila.tornado_settings = {"websocket_max_message_size": LARGEST_MESSAGE} | (
        {"allow_origin_pat": rf"https?://(?:{names})(?::\d+)?$"} if names else {}
    )
    config.VoilaConfiguration.multi_kernel_manager_class = Kernels
    config.Kernels.sessions, config.Kernels.memory_mb = sessions, memory_mb
    config.Kernels.cull_idle_timeout = IDLE_SECONDS
    config.Kernels.cull_interval = 15
    config.Kernels.cull_busy = True
    return config


class _Server(Voila):
    """Voila that says in one line where it is, and answers to nobody else's name.

    Voila's own way to the browser is a page that fetches icons from a CDN.
    """

    host_names = List(Unicode())
    embed_in = List(Unicode())

    def init_handlers(self):
        """Called by Voila as it starts: what answers which request."""
        names = "|".join(map(re.escape, (*OWN_NAMES, *self.host_names)))
        self.app.add_transform(guard(self.embed_in))
        self.app.add_handlers(rf"(?!(?:{names})$).*", [(".*", Stranger)])
        self.app.settings["jinja2_env"] = self.app.settings["voila_jinja2_env"]  # of errors, too
        self.app.settings["jinja2_env"].globals["front"] = self.front is not None
        handlers = [(ODD, ErrorHandler, {"status_code": 404})]
        for url in dict.fromkeys((self.base_url, "/")):  # a proxy may strip the path, or not
            self.server_url = url
            handlers.append((f"{url}lab.html", Offline, {"make": self.offline}))
            *others, (_, _, arguments) = super().init_handlers()
            handlers += [*others, (f"{url}python/?", Page, arguments)]
            first = (Front, {"make": self.front, "url": self.base_url}) if self.front else (
                Page, arguments)  # fmt: skip
            handlers.append((url, *first))
        return handlers

    def launch_browser(self):
        """Called by Voila once it listens, on the port asked for or on a free one near it."""
        if self.port != self.asked_port:
            print(f"Port {self.asked_port} is in use, so kdviz takes {self.port}.")
        print(f"kdviz is at {self.display_url}  (Ctrl-C stops it)", flush=True)
        if self.wants_browser:
            threading.Thread(target=webbrowser.open, args=[self.display_url], daemon=True).start()


def _give_token(handler, notebook, cwd):
    """Set the cookie that the page needs to end its kernel: reading the token sets it."""
    handler.xsrf_token  # noqa: B018
