"""The command line and what it says when something is wrong."""

import errno
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from kdviz import doctor
from kdviz.__main__ import main
from kdviz.app import serve


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
    monkeypatch.delitem(sys.modules, "kdviz.app.serve")
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


def test_lessons_are_copied_once_and_a_learners_own_are_kept(tmp_path, capsys):
    folder = tmp_path / "my lessons"
    assert main(["lessons", str(folder)]) == 0
    assert (folder / "de" / "02_der_verlust.ipynb").is_file()
    said = capsys.readouterr().out
    assert ": 12 of 12 notebooks copied\n" in said
    assert f"python -m jupyterlab '{folder / 'index.ipynb'}'" in said
    assert "Kept" not in said
    mine, gone = folder / "01_temperature_and_soft_targets.ipynb", folder / "02_the_loss.ipynb"
    mine.write_text("mine")
    fresh = gone.read_bytes()
    gone.unlink()
    (folder / "app.ipynb").unlink()
    (folder / "app.ipynb").symlink_to(tmp_path / "nowhere")  # not to be written through
    assert main(["lessons", str(folder)]) == 0
    said = capsys.readouterr().out
    assert f": 1 of 12 notebooks copied\nKept as they were:\n  {mine.name}\n" in said
    assert "\n  de/02_der_verlust.ipynb\n" in said
    assert mine.read_text() == "mine"
    assert gone.read_bytes() == fresh
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("inside", ["", "deeper/down"])
def test_a_file_is_no_folder_for_lessons(tmp_path, capsys, inside):
    (tmp_path / "file").write_text("mine")
    assert main(["lessons", str(tmp_path / "file" / inside)]) == 1
    said = capsys.readouterr().err
    assert f"DIR must be a folder, got {str(tmp_path / 'file' / inside)!r}" in said
    assert f"{tmp_path / 'file'} is a file" in said
    assert (tmp_path / "file").read_text() == "mine"


def test_a_full_disk_leaves_no_half_a_lesson(tmp_path, monkeypatch, capsys):
    def full(path):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "read_bytes", full)
    assert main(["lessons", str(tmp_path)]) == 1
    assert "can't be written to: No space left on device; name another" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_module_runs_as_a_command():
    command = [sys.executable, "-m", "kdviz", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == __import__("kdviz").__version__
