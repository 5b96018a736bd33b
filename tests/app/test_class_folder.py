"""Codes of predictions through a folder that a class shares."""

import os

import pytest

from kdviz.app.build import build_app
from kdviz.app.class_folder import gather, hand_in

ADA, BOB = "04C7H-2M9KQ", "14C7H-2M9KZ"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("KDVIZ_CLASS", str(tmp_path))
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    return tmp_path


def test_codes_of_all_learners_are_gathered_each_ones_latest_last(folder, monkeypatch):
    assert [hand_in(code) for code in (ADA, BOB, ADA)] == [ADA, BOB, ADA]
    monkeypatch.setenv("JUPYTERHUB_USER", "../b o/b")
    hand_in(BOB)
    assert {file.name for file in folder.iterdir()} == {"ada.txt", ".._b_o_b.txt"}
    assert sorted(gather()) == sorted([BOB, ADA, BOB])
    assert (folder / "ada.txt").read_text().split() == [BOB, ADA]


@pytest.mark.parametrize("odd", ["04C7H", "04C7H-2M9KQ\n" + ADA, "<script>", 7, None])
def test_what_is_no_code_is_not_handed_in(folder, odd):
    assert hand_in(odd) == ""
    assert gather() == []


@pytest.mark.skipif(os.name == "nt", reason="has neither pipes nor links for all")
def test_what_somebody_else_put_there_stops_nobody(folder):
    hand_in(ADA)
    os.mkfifo(folder / "pipe.txt")
    (folder / "link.txt").symlink_to("/etc/passwd")
    (folder / "large.txt").write_text("x" * 10**6 + ADA)
    assert gather() == [ADA]
    (folder / "ada.txt").unlink()
    (folder / "ada.txt").mkdir()
    assert hand_in(ADA) == ""


@pytest.mark.skipif(os.name == "nt", reason="has neither pipes nor links for all")
def test_no_code_is_written_through_a_link_or_a_pipe_that_somebody_left(folder, tmp_path_factory):
    own = tmp_path_factory.mktemp("home") / "notes.txt"
    own.write_text("mine")
    (folder / "ada.txt").symlink_to(own)
    assert hand_in(ADA) == ""
    assert own.read_text() == "mine"
    (folder / "ada.txt").unlink()
    os.mkfifo(folder / "ada.txt")
    assert hand_in(ADA) == ""


def test_the_page_hands_in_and_gathers_where_there_is_a_folder(folder):
    lab = build_app(["start"])
    assert lab.class_folder
    lab._handle_custom_msg({"action": "hand in", "code": ADA}, [])
    lab._handle_custom_msg({"action": "gather"}, [])
    assert (lab.handed_in, lab.class_codes) == (ADA, [ADA])


def test_elsewhere_there_is_none(monkeypatch):
    monkeypatch.delenv("KDVIZ_CLASS", raising=False)
    assert not build_app(["start"]).class_folder
    assert (hand_in(ADA), gather()) == ("", [])
