"""The command line and what it says when something is wrong."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError

import pytest

from kdviz import doctor, serve
from kdviz.__main__ import main


@pytest.mark.parametrize("port", ["0", "-1", "65536", "eighty", "²"])
def test_a_port_that_cannot_be_is_refused(port, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["app", f"--port={port}"])
    assert stop.value.code == 2
    assert f"must be a number from 1 to 65535, got {port!r}" in capsys.readouterr().err


def test_a_command_is_needed(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_a_missing_package_is_named(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "kdviz.serve")
    monkeypatch.setitem(sys.modules, "voila.app", None)
    assert main(["app", "--no-browser"]) == 1
    assert "'voila.app', which is not installed. Run `make app`" in capsys.readouterr().err


def test_a_missing_page_is_named(monkeypatch, capsys):
    monkeypatch.setattr(serve, "jupyter_path", lambda name: [])
    assert main(["app", "--no-browser"]) == 1
    assert "page is not installed" in capsys.readouterr().err


def test_doctor_finds_this_environment_healthy(capsys):
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "torch 2" in text
    assert "device: " in text
    assert "digits: embedded" in text
    assert "MISSING" not in text


def test_doctor_says_where_data_lies_and_how_to_get_the_rest(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("KDVIZ_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    main(["doctor"])
    text = capsys.readouterr().out
    assert "mnist: not here" in text
    assert "set KDVIZ_DATA to the folder around" in text


def test_doctor_explains_a_data_folder_that_is_not_there(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("KDVIZ_DATA", str(tmp_path / "nowhere"))
    assert main(["doctor"]) == 0
    assert "does not exist" in capsys.readouterr().out


def test_doctor_names_what_is_missing_or_too_old(monkeypatch, capsys):
    def version(name):
        if name == "voila":
            raise PackageNotFoundError(name)
        return "1.0" if name == "torch" else "99.0"

    monkeypatch.setattr(doctor, "version", version)
    assert main(["doctor"]) == 1
    text = capsys.readouterr().out
    assert "MISSING: voila>=0.5.8 is not installed; run `make app`" in text
    assert "MISSING: torch>=2.6 is needed, 1.0 is installed" in text


def test_the_module_runs_as_a_command():
    command = [sys.executable, "-m", "kdviz", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == __import__("kdviz").__version__
