"""The kernels in the repository are those that their source compiles to."""

import shutil
import subprocess

import pytest

from kdviz.page.bundle import ROOT

ENGINE = ROOT / "page" / "engine"
SCRIPT = ROOT.parent / "scripts" / "build_engine.sh"
NO_COMPILER = 3


def test_the_kernels_are_at_most_4_kb():
    assert (ENGINE / "kernels.wasm").stat().st_size <= 4096


@pytest.mark.slow
def test_the_kernels_are_what_their_source_compiles_to(tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("needs npm to install the compiler")
    built = tmp_path / "kernels.wasm"
    done = subprocess.run(["bash", SCRIPT, built], capture_output=True, text=True)
    if done.returncode == NO_COMPILER:
        pytest.skip(f"npm could not install the compiler: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert built.read_bytes() == (ENGINE / "kernels.wasm").read_bytes()
