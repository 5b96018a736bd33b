"""Pages for everybody: axe-core finds nothing, on a desk and on a phone, in light and dark."""

import json
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from kdviz.data.catalog import DATASETS
from kdviz.export import site
from kdviz.export.page import page_of, whole_lab

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCENES = {
    "soft_targets": "",
    "drag": "#scale=log&overlay=1&dragged=3:1,2,3,4,5,6,7,8,9,0&example=3",
    "alike": "#closer=alike",
    "pair": "#closer=pair",
    "overflow": "#closer=overflow&offset=100",
    "loss": "#panel=loss",
    "locked": "#panel=loss&lock=temperature,soft_weight,moved&wrong=1",
    "large": "#large=1",
}


LESSON = (
    ("markdown", "# A lesson\n\n**Time:** 1 minute.\n\n## See it\n\n| a | b |\n|-|-|\n| 1 | 2 |"),
    ("code", "import kdviz\nfrom kdviz.figures import sweep_map\nprint('printed')"),
    ("folded", "kdviz.exercise.predict('How many?', outcome=3.0)"),
    ("code", "print('It was 3.')"),
    ("code", "sweep_map([[0.1, -0.2]], [['better', 'worse']], [8], [1, 2])"),
    ("code", "kdviz.build_app(('specialists', 'distill'), data='digits', seeds=3, epochs=1)"),
    ("folded", "kdviz.exercise.choice('Why?', {'So': 'Yes.', 'Or so': 'No.'}, right='So')"),
)


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """A page of the site with all that a lesson may hold."""
    cells = [
        {
            "cell_type": kind.replace("folded", "code"),
            "source": [text],
            "metadata": {"jupyter": {"source_hidden": kind == "folded"}},
        }
        for kind, text in LESSON
    ]
    folder = tmp_path_factory.mktemp("site")
    (folder / "01_a.ipynb").write_text(json.dumps({"cells": cells}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(
            DATASETS, "digits", replace(DATASETS["digits"], sweep={"epochs": 0.2, "lr": 1e-2})
        )
        (folder / "a.html").write_text(site.lesson_page(folder / "01_a.ipynb"), "utf-8")
    return (folder / "a.html").as_uri()


def violations(page) -> list[str]:
    # A color on its way from one to the other is not the one that is meant.
    page.evaluate(
        "Promise.allSettled(document.getAnimations()"
        ".filter((a) => a.effect.getTiming().iterations < 99).map((a) => a.finished))"
    )
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {node['html'][:200]}"
        for each in found
        for node in each["nodes"]
    ]


def see_all(page) -> None:
    """Bring what is painted only in sight, then go back: the ruler would lie over half a row."""
    page.mouse.wheel(0, 3000)
    page.wait_for_timeout(600)
    page.mouse.wheel(0, -9000)
    page.wait_for_timeout(100)


def assert_none(page) -> None:
    """Axe finds nothing in light, and nothing in dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], scheme


@pytest.mark.parametrize("scene", SCENES)
def test_axe_finds_nothing_in_the_explorers(open_page, digits_file, scene):
    page = open_page(digits_file + SCENES[scene])
    if scene == "drag":
        page.get_by_role("button", name="Drag", exact=True).click()
    see_all(page)
    assert_none(page)


def test_axe_finds_nothing_in_the_menu_and_its_dialogs(open_page, digits_file):
    page = open_page(digits_file)
    page.get_by_text("More", exact=True).click()
    assert_none(page)
    for choice in ("Link for the class …", "Collect predictions …", "Save a chart …"):
        page.get_by_role("button", name=choice).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert_none(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_text("More", exact=True).click()


@pytest.mark.parametrize("panel", ["soft_targets", "loss"])
def test_axe_finds_nothing_on_a_phone_and_nothing_is_cut_off(open_page, digits_file, panel):
    page = open_page(f"{digits_file}#panel={panel}", viewport=(390, 844))
    see_all(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(("scheme", "width"), [("light", 1366), ("dark", 390)])
def test_axe_finds_nothing_in_a_single_step(open_page, tmp_path, scheme, width):
    lab = page_of(whole_lab(panels=["distill"], seeds=1))
    (tmp_path / "lab.html").write_text(lab, "utf-8")
    url = (tmp_path / "lab.html").as_uri()
    page = open_page(url, viewport=(width, 800), color_scheme=scheme)
    page.get_by_role("button", name="Step by step").click()
    assert violations(page) == []
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_text("The same as numbers").click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("scheme", "width"), [("light", 1366), ("dark", 390)])
def test_axe_finds_nothing_in_a_lesson_whose_labs_have_run(open_page, lesson, scheme, width):
    page = open_page(lesson, viewport=(width, 800), color_scheme=scheme)
    page.get_by_role("slider", name="Replay the recorded run").press("End")
    expect(page.get_by_role("tabpanel")).to_contain_text("A recording: ")
    assert violations(page) == []
    page.get_by_role("tab", name="Distill").click()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("paired seeds")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_results_are_blurred_until_the_learner_predicts(open_page, lesson):
    page = open_page(lesson)
    before, after = (page.get_by_text(text, exact=True) for text in ("printed", "It was 3."))
    expect(before).to_have_css("filter", "none")
    expect(after).to_have_css("filter", "blur(7px)")
    page.get_by_role("textbox", name="Your answer").fill("2")
    page.get_by_role("button", name="Record my prediction").click()
    expect(after).to_have_css("filter", "none")


def test_axe_finds_nothing_in_the_app(open_page, voila_app):
    page = open_page(voila_app)
    for panel in ("Start", "Soft targets", "Loss", "Distill"):
        page.get_by_role("tab", name=panel).click()
        see_all(page)
        assert_none(page)


def test_the_page_reads_at_twice_its_size(open_page, digits_file):
    page = open_page(digits_file, viewport=(683, 384))
    see_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 683


def test_everything_is_reached_by_keyboard(open_page, digits_file):
    page = open_page(f"{digits_file}#panel=soft_targets")
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                """() => { const a = document.activeElement; return a.ariaLabel
                  || a.labels?.[0]?.textContent || a.textContent.trim(); }"""
            )
        )
    assert {"Soft targets", "Temperature", "Drag", "Student", "Linear"} <= reached
    assert {"The whole test set", "Walk from certain to unsure"} <= reached
    page.get_by_text("More", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Large type")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Large type")).to_be_hidden()
