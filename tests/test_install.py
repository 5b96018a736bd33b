"""What people install, as they install it: the wheel, and what it asks for; app and lessons."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A fresh virtual environment with the wheel in it, and a home of its own, as on Binder."""
    home = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home / "venv"], check=True)
    build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", home, ROOT]
    subprocess.run([sys.executable, "-m", "pip", *build], check=True)
    (wheel,) = home.glob("*.whl")
    # Of what it asks for, the versions that are tested; and the CPU build of torch, if it is there.
    tested = (ROOT / "requirements.txt").read_text().removesuffix("-e .\n")
    (home / "tested.txt").write_text(tested)
    (index,) = re.findall(
        r"--extra-index-url (\S+)", (ROOT / "binder/requirements.txt").read_text()
    )
    indexes = ["--extra-index-url", index] if answers(f"{index}/torch/") else []
    # Nothing is compiled ahead: that takes as long as the rest, and the app needs little of it.
    command = [sys.executable, "-m", "pip", "--python", home / "venv/bin/python", "install"]
    command += ["--quiet", "--no-compile", "--disable-pip-version-check"]
    command += ["--constraint", home / "tested.txt", *indexes, wheel]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with start(home, ["kdviz", "lessons", "notebooks"]) as lessons:
        assert lessons.wait(timeout=PATIENCE_SECONDS) == 0
    own = os.environ | {"HOME": str(home)}
    subprocess.run([ROOT / "binder" / "postBuild"], check=True, env=own)
    return home


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=3):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("kdviz app --no-browser", "python"),
        (
            "jupyter_server --allow-root --no-browser --IdentityProvider.token=",
            "voila/render/notebooks/app.ipynb?template=lab&theme=%22%3E%3Cscript%3E",
        ),
    ],
    ids=["kdviz app", "binder"],
)
def test_the_app_opens_in_a_fresh_environment(installed, free_port, command, path):
    port = free_port()
    server = start(installed, [*command.split(), f"--port={port}"])
    try:
        page, cookies = get(f"http://localhost:{port}/{path}", server)
        kernel = re.search(r'"kernelId": *"([\w-]+)"', page)[1]
        with pytest.raises(InvalidStatus, match="400"):  # a socket of the old protocol
            connect(f"ws://localhost:{port}/api/kernels/{kernel}/channels")
    finally:
        server.terminate()
        server.wait(timeout=30)
    (output,) = re.findall(r'cell-output\+json">\s*(.*?)\s*</script>', page, re.DOTALL)
    assert "application/vnd.jupyter.widget-view+json" in json.loads(output)["data"]
    assert "https://" not in page
    assert '"><script>' not in page
    assert "_xsrf=" in cookies  # without it a closed page cannot end its kernel
    assert "<title>kdviz: distilling" in page


def start(home: Path, arguments: list[str]) -> subprocess.Popen:
    # Nothing of this environment may help: no folder to import from, no Jupyter settings.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "JUPYTER"))}
    command = [home / "venv" / "bin" / "python", "-m", *arguments]
    return subprocess.Popen(command, cwd=home, env=kept | {"HOME": str(home)})


def get(url: str, server: subprocess.Popen) -> tuple[str, str]:
    """The page at `url` and its cookies, as soon as the server gives it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
                return answer.read().decode(), str(answer.headers.get_all("Set-Cookie"))
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"{url} did not open")
