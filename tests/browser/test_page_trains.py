"""Distill trains in an exported page, whatever that page lacks: the same link, the same numbers."""

import re

import pytest
from playwright.sync_api import expect

from kdviz.export.page import page_of, whole_lab

pytestmark = pytest.mark.browser

NO_WORKERS = "delete globalThis.Worker;"  # they have a WebAssembly of their own
LACKS = {
    "nothing": "",
    "WebAssembly": f"{NO_WORKERS} delete globalThis.WebAssembly;",
    "SIMD": f"{NO_WORKERS} WebAssembly.Module = function () {{ throw new Error('no SIMD'); }};",
    "workers": NO_WORKERS,
    "leave to start workers": "globalThis.Worker = function () { throw new Error('refused'); };",
    "cores": "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 });",
    "storage": "Object.defineProperty(window, 'localStorage', { get() { throw new Error(); } });",
}
QUICK = "#panel=distill&width=8&seeds=2&temperature=8"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    path = tmp_path_factory.mktemp("lab") / "lab.html"
    path.write_text(page_of(whole_lab(panels=("distill", "soft_targets"))), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def lab(chromium, address):
    """lab(script) opens the page after a script that takes something away; errors fail the test."""
    contexts, problems = [], []

    def lab_(script="", fragment=QUICK):
        context = chromium.new_context()
        contexts.append(context)
        context.add_init_script(script)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda r: r.url.startswith(("http", "ws")) and problems.append(r.url))
        page.goto(address + fragment)
        return page

    yield lab_
    for context in contexts:
        context.close()
    assert problems == []


def train(page):
    page.get_by_role("button", name="Train", exact=True).click()


def verdict(page):
    found = page.get_by_role("region", name="Verdict")
    expect(found).to_contain_text("2 paired seeds", timeout=30_000)
    return found.inner_text(), page.locator(".kd-bias table").inner_text()


def test_the_same_link_gives_the_same_numbers_whatever_the_page_lacks(lab):
    found = {}
    for what, script in LACKS.items():
        page = lab(script)
        train(page)
        found[what] = verdict(page)
        slower = page.locator(".kd-run").get_by_text("Slower, with the same numbers")
        lacks = what not in ("nothing", "cores", "storage")
        assert bool(slower.count()) == lacks, what
    assert len(set(found.values())) == 1, found


def test_it_goes_on_in_the_background_and_leaves_nothing_when_it_is_closed(lab):
    page = lab()
    train(page)
    other = page.context.new_page()
    other.bring_to_front()
    verdict(page)
    again = page.context.new_page()
    again.goto(page.url)
    again.get_by_label("Seeds").select_option("32")
    train(again)
    again.get_by_text("They are training.").wait_for()
    again.close(run_before_unload=True)
    other.close()


def test_a_page_that_is_reloaded_keeps_what_was_set(lab):
    page = lab()
    page.get_by_label("Your prediction, in percent").fill("35")
    page.get_by_label("Hidden units").select_option("4")
    train(page)
    verdict(page)
    expect(page).to_have_url(re.compile("prediction=35"))
    page.reload()
    expect(page.get_by_label("Your prediction, in percent")).to_have_value("35")
    expect(page.get_by_label("Hidden units")).to_have_value("4")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()


def test_a_run_that_is_too_long_is_stopped_at_once_and_another_one_begins(lab):
    page = lab(fragment="#panel=distill&width=2000&seeds=64")
    train(page)
    page.get_by_text("They are training.").wait_for()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("no verdict on half a run")).to_be_visible(timeout=10_000)
    page.get_by_label("Seeds").select_option("2")
    page.get_by_label("Hidden units").select_option("8")
    train(page)
    verdict(page)


def test_a_member_that_diverged_is_named_and_the_others_go_on(chromium, tmp_path):
    lab = whole_lab(panels=("distill",), lr=1e30, seeds=2, width=4, epochs=2)
    (tmp_path / "lab.html").write_text(page_of(lab), encoding="utf-8")
    page = chromium.new_page()
    page.goto((tmp_path / "lab.html").as_uri())
    train(page)
    said = page.get_by_role("region", name="Verdict")
    expect(said).to_contain_text("Nothing to compare: all 2 pairs diverged.", timeout=30_000)
    expect(page.get_by_text("number: student 1, student 2, baseline 1")).to_be_visible()
    page.close()
