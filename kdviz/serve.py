"""Serves the app with Voila, on this machine alone."""

import json
import sys
import tempfile
import threading
import webbrowser
from pathlib import Path

# jsonschema compiles a grammar of international addresses when it finds this package: a second of
# every start, for a check that nothing here asks for.
sys.modules.setdefault("rfc3987_syntax", None)

from jupyter_core.paths import jupyter_path  # noqa: E402
from traitlets.config import Config  # noqa: E402
from voila.app import Voila  # noqa: E402

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


def serve(port: int, open_browser: bool, data: str = "digits") -> None:
    """Serve the app on one of kdviz's datasets until Ctrl-C, on `port` or on a free one near it.

    Raises:
        FileNotFoundError: If the page is not installed.
    """
    find_page()
    with tempfile.TemporaryDirectory(prefix="kdviz-") as folder:
        path = Path(folder, "app.ipynb")
        path.write_text(json.dumps(app_notebook(data)), encoding="utf-8")
        server = _Server(config=settings(), port=port, notebook_path=str(path))
        server.asked_port = port
        server.wants_browser = open_browser
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
    """How Voila serves the app, alone or inside a Jupyter server as on Binder."""
    config = Config()
    config.Voila.log_level = "ERROR"
    config.Voila.tornado_settings = {"ws_ping_timeout": 30_000}  # not above the interval
    config.VoilaConfiguration.template = "kdviz"
    config.VoilaConfiguration.extension_allowlist = EXTENSIONS
    config.VoilaConfiguration.prelaunch_hook = _give_token
    config.MappingKernelManager.cull_idle_timeout = IDLE_SECONDS
    config.MappingKernelManager.cull_interval = 60
    config.MappingKernelManager.cull_busy = True
    config.KernelManager.transport_encryption = "auto"
    return config


class _Server(Voila):
    """Voila that says in one line where it is, and opens that address itself.

    Voila's own way to the browser is a page that fetches icons from a CDN.
    """

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
