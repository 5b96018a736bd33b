"""The exported page and `explore`: what they hold, and what they refuse. No browser here."""

import base64
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from anywidget import AnyWidget

import kdviz
from kdviz.__main__ import main
from kdviz.data.catalog import Dataset, Split
from kdviz.export import page as page_module
from kdviz.export.page import LARGEST_PAGE, module_of, page_of, write_page
from kdviz.panels import PANELS
from kdviz.teachers import load_teacher

LOGITS = np.array([[4.0, 1.0, -2.0], [0.0, 3.0, 1.0], [-1.0, 0.5, 2.0]], np.float32)


def state_of(page: str) -> dict:
    (text,) = re.findall(r'application/json">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


def test_the_digits_make_a_small_page_with_the_whole_lab(tmp_path, capsys):
    target = tmp_path / "digits.html"
    assert main(["export", str(target)]) == 0
    assert target.stat().st_size < LARGEST_PAGE
    state = state_of(target.read_text("utf-8"))
    assert state["panels"] == [panel.name for panel in PANELS]
    assert state["live"] is False
    assert list(state["recordings"]) == ["specialists"]
    assert " MB" in capsys.readouterr().out


def test_some_of_mnist_makes_a_page_that_trains(tmp_path, monkeypatch, capsys):
    rng = np.random.default_rng(0)

    def split(count):
        return Split(rng.integers(0, 256, (count, 28, 28)) / np.float32(255), np.arange(count) % 10)

    whole = Dataset("mnist", tuple("0123456789"), split(300), split(200))
    logits = rng.normal(size=(500, 10)).astype(np.float32)
    teacher = replace(load_teacher("digits"), train_logits=logits[:300], test_logits=logits[300:])
    monkeypatch.setattr(page_module, "load_dataset", lambda name: whole)
    monkeypatch.setattr(page_module, "load_teacher", lambda name: teacher)
    target = tmp_path / "mnist.html"
    assert main(["export", str(target), "--data=mnist", "--rows=200"]) == 0
    state = state_of(target.read_text("utf-8"))
    assert "distill" in state["panels"]
    pixels = np.frombuffer(base64.b64decode(state["train_images"]["base64"]), np.uint8)
    assert len(pixels) == 200 * 784
    assert state["note"][1:] == ["200", "300", "100", "200", 0]
    assert main(["export", str(target), "--data=mnist", "--rows=9000"]) == 1
    assert "rows must lie in 100 to 8,000 for mnist, got 9000" in capsys.readouterr().err


def test_the_page_holds_every_trait_of_the_widget():
    lab = kdviz.explore(LOGITS, [0, 1, 2], temperature=8.0)
    state = state_of(page_of(lab))
    own = set(lab.trait_names(sync=True)) - set(AnyWidget.class_trait_names(sync=True))
    assert set(state) == {name for name in own if not name.startswith("_")}
    assert {"logits", "soft_targets", "table", "temperature"} <= set(state)
    assert state["temperature"] == 8.0
    assert base64.b64decode(state["logits"]["base64"]) == lab.logits


def test_text_of_the_user_never_becomes_markup():
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    page = page_of(kdviz.explore(LOGITS, classes=[evil, "b", "<!--"], title=evil))
    assert "alert(1)</script>" not in page
    assert page.count("<script") == 2
    assert page.count("</script>") == 2
    assert state_of(page)["classes"][0] == evil


def test_the_page_names_no_other_machine_and_closes_no_tag_early():
    page = page_of(kdviz.explore(LOGITS))
    assert set(re.findall(r"https?://[\w.]+", page)) == {"http://www.w3.org", "https://arxiv.org"}
    assert re.findall(r"(?:src|href)=\"(?!data:)", page) == []
    assert "default-src 'none'" in page
    assert page.count("</style>") == 1


def test_the_module_names_no_other_machine_and_can_stand_in_a_page(tmp_path):
    evil = "</script><script>alert(1)</script>"
    module = module_of(kdviz.explore(LOGITS, classes=[evil, "b", "<!--"]))
    assert set(re.findall(r"https?://[\w.]+", module)) == {"http://www.w3.org", "https://arxiv.org"}
    assert re.findall(r"^(?:import|export)\b.*", module, re.MULTILINE) == [
        "export const { embed } = whole;",
        "export default whole;",
    ]
    assert not re.search(r"\bimport\(|</?script|<!--", module)


def test_own_logits_come_from_files(tmp_path, capsys):
    np.save(tmp_path / "mine.npy", LOGITS)
    np.save(tmp_path / "labels.npy", [0, 1, -1])
    (tmp_path / "classes.txt").write_text("cat\nowl\nfox\n")
    arguments = ["export", str(tmp_path / "page.html"), "--title=Birds & beasts"]
    for name in ("labels.npy", "classes.txt"):
        arguments += [f"--{name.partition('.')[0]}", str(tmp_path / name)]
    assert main([*arguments, "--logits", str(tmp_path / "mine.npy")]) == 0
    page = (tmp_path / "page.html").read_text("utf-8")
    assert state_of(page)["classes"] == ["cat", "owl", "fox"]
    assert state_of(page)["note"] == ["{}: {} examples.", "mine", "3"]
    assert "<title>Birds &amp; beasts</title>" in page


def test_a_page_too_large_says_how_many_examples_fit(tmp_path):
    logits = np.random.default_rng(0).normal(size=(30_000, 20))
    with pytest.raises(ValueError, match=r"would have 3\.\d\d MB, .* --rows (\d+)") as refused:
        write_page(kdviz.explore(logits), tmp_path / "a.html")
    rows = int(re.search(r"--rows (\d+)", str(refused.value))[1])
    lab = kdviz.explore(logits, rows=rows)
    assert 0.9 * LARGEST_PAGE < write_page(lab, tmp_path / "a.html") <= LARGEST_PAGE
    assert lab.note == f"Your logits: {rows:,} of 30,000 examples, drawn at random with seed 0."


def test_one_example_too_large_is_said_so(tmp_path):
    with pytest.raises(ValueError, match="not even one example fits"):
        write_page(kdviz.explore(np.zeros((1, 50_000))), tmp_path / "a.html", largest=500_000)


def test_a_sample_keeps_rows_labels_and_images_together():
    count = 50
    logits = np.arange(count)[:, None] + np.array([0.0, -2000.0])
    images = np.repeat(np.arange(count, dtype=np.uint8), 4).reshape(count, 2, 2)
    lab = kdviz.explore(logits, np.arange(count) % 2, images=images, rows=7, seed=3)
    kept = np.frombuffer(lab.logits, "<f4").reshape(7, 2)[:, 0].astype(int)
    assert np.array_equal(np.frombuffer(lab.labels, "<i4"), kept % 2)
    assert list(lab.images[::4]) == kept.tolist()
    again = kdviz.explore(logits, rows=7, seed=3)
    assert again.logits == lab.logits
    assert kdviz.explore(logits, rows=7, seed=4).logits != lab.logits


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["page.txt"], "must be a file ending in .html or .mjs, got 'page.txt'"),
        (["page.html", "--labels", "l.npy"], "--labels belongs to --logits"),
        (["page.html", "--logits", "nowhere.npy"], "there is no 'nowhere.npy'"),
        (["page.html", "--data=digits", "--logits=a.npy"], "exclude each other"),
        (["page.html", "--rows=0"], "rows must be 1 or more, got 0"),
        (["nowhere/page.html"], "No such file or directory"),
        (["page.html", "--largest=0.25"], "at most 0.25 MB are allowed"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_line(
    arguments, message, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert main(["export", *arguments]) == 1
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_explore_refuses_what_is_no_logits():
    with pytest.raises(ValueError, match="logits must be finite"):
        kdviz.explore([[1.0, np.nan]])
    with pytest.raises(ValueError, match="look like probabilities"):
        kdviz.explore([[0.5, 0.5], [0.1, 0.9]])
