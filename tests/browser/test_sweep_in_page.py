"""Sweep in the exported file: the page trains, with no kernel."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

import kdviz
from kdviz.data.catalog import DATASETS
from kdviz.export.page import page_of
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser

TRAINED = 120_000  # ms that a whole sweep may take on a busy machine
# A worker that is lost as the third cohort comes to it, as in a browser that is out of memory.
LOST = """let opened = 0;
window.Worker = class extends Worker {
  postMessage(message) {
    if (message.ask !== "open" || ++opened !== 5) return super.postMessage(message);
    this.terminate();
    this.dispatchEvent(new Event("error"));
  }
};"""
CORES = "Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 2 });"


@pytest.fixture
def open_sweep(open_page, tmp_path):
    """open_sweep(fragment, panels, **settings) -> the page, with three seeds."""

    def open_(fragment="", panels=("sweep",), live=False, **settings):
        lab = kdviz.build_app(panels=panels, **{"seeds": 3, "question": "temperature"} | settings)
        lab.close()
        text = page_of(lab)
        if live:  # as if Python stood behind it
            text = text.replace('"live":false', '"live":true')
        target = tmp_path / "sweep.html"
        target.write_text(text, encoding="utf-8")
        return open_page(target.as_uri() + fragment)

    return open_


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def run(page):
    button(page, "Run the sweep").click()


def question(page, name):
    page.get_by_role("radio", name=name).check()


def trained(page, count):
    expect(page.get_by_text(f"All {count} students are trained, this device.")).to_be_visible(
        timeout=TRAINED
    )


def cells(page, filled=r"\d"):
    return page.get_by_role("gridcell").filter(has_text=re.compile(filled))


def test_predict_stop_go_on_and_read_the_summary(open_sweep):
    page = open_sweep("#sweep_prediction=T+%3D+3", seeds=5)
    summary = page.get_by_role("region", name="Summary")
    expect(page.get_by_text("Ready: 180 students, this device.")).to_be_visible()
    run(page)
    expect(cells(page, "[▲▼·]").first).to_be_visible(timeout=TRAINED)
    expect(summary).to_contain_text("They are training.")
    button(page, "Stop").click()
    stopped = page.get_by_text(re.compile(r"\d+ of 180 students are trained and kept"))
    kept = int(re.search(r"(\d+) of", stopped.inner_text())[1])
    assert 0 < kept < 180
    expect(summary).to_contain_text("So far")
    before = cells(page).first.get_attribute("aria-label")
    run(page)
    trained(page, 180)
    assert cells(page).first.get_attribute("aria-label") == before
    expect(cells(page)).to_have_count(32)
    expect(summary).to_contain_text(re.compile(r"Of 32 cells, \d+ (is|are) better"))
    expect(summary).to_contain_text("You predicted T = 3")

    # Another question keeps these results, and gives nothing away of its own before it is asked.
    question(page, "How much should labels weigh?")
    expect(page.get_by_text("0 of 105 students")).to_be_visible()
    expect(page.get_by_label("Your prediction")).to_be_enabled()
    question(page, "Which temperature for which size?")
    expect(summary).to_contain_text("You predicted T = 3")
    # More seeds add to those that are there.
    page.get_by_role("radio", name="8", exact=True).check()
    expect(page.get_by_text("180 of 288 students", exact=True)).to_be_visible()


def test_the_same_page_finds_the_same(open_sweep, quick_sweeps):
    """Whatever trained before: a cell depends on its students alone."""
    page, other = open_sweep(), open_sweep("#question=weight")
    for each in (page, other):
        question(each, "How much should labels weigh?")
        run(each)
        trained(each, 63)
    question(page, "How few labels are enough?")
    question(other, "How few labels are enough?")
    run(page)
    trained(page, 66)
    page.get_by_role("radio", name="8", exact=True).check()
    run(page)
    trained(page, 176)
    page.get_by_role("radio", name="3", exact=True).check()
    run(other)
    trained(other, 66)
    said = [[c.get_attribute("aria-label") for c in cells(p).all()] for p in (page, other)]
    assert said[0] == said[1]
    assert len(said[0]) == 14


def test_a_prediction_counts_that_was_made_before(open_sweep, quick_sweeps):
    page = open_sweep("#question=weight")
    run(page)
    trained(page, 63)
    summary = page.get_by_role("region", name="Summary")
    expect(summary).to_contain_text("You made no prediction")
    expect(page.get_by_label("Your prediction")).to_be_disabled()


def test_a_curve_that_was_drawn_before_stands_beside_the_outcome(open_sweep, quick_sweeps):
    page = open_sweep("#question=weight")
    sketch = page.get_by_role("region", name="Draw what you expect")
    points = sketch.get_by_role("slider")
    expect(points).to_have_count(5)
    box = sketch.get_by_role("group", name="Your curve").bounding_box()
    page.mouse.move(box["x"], box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"], box["y"] + 20)
    page.mouse.up()
    drawn = [int(each.get_attribute("aria-valuenow")) for each in points.all()]
    assert drawn == sorted(drawn)
    assert drawn[0] < drawn[-1]
    expect(page.locator(".kd-drawn-dot[data-drawn]")).to_have_count(5)  # none was skipped
    points.last.focus()
    page.keyboard.press("ArrowDown")
    expect(points.last).to_have_attribute("aria-valuetext", f"{drawn[-1] - 1}%")
    # Another question has a drawing of its own; coming back, this one is still there.
    question(page, "How few labels are enough?")
    expect(points).to_have_count(7)
    expect(page.locator(".kd-drawn-dot[data-drawn]")).to_have_count(0)
    question(page, "How much should labels weigh?")
    expect(page.locator(".kd-drawn-dot[data-drawn]")).to_have_count(5)
    page.reload()
    expect(page.locator(".kd-drawn-dot[data-drawn]")).to_have_count(5)
    assert violations(page) == []
    run(page)
    trained(page, 63)
    expect(sketch).to_have_count(0)  # too late to expect anything
    expect(page.locator("path.kd-drawn")).to_have_count(1)
    said = page.get_by_role("region", name="Summary")
    expect(said).to_contain_text(re.compile(r"Your curve \(.*, soft targets\) was off by \d+\.\d"))
    expect(said).not_to_contain_text("You made no prediction")


def test_students_that_diverge_are_left_out_and_said(open_sweep, monkeypatch):
    wild = replace(DATASETS["digits"], sweep={"epochs": 0.2, "lr": 1e30})
    monkeypatch.setitem(DATASETS, "digits", wild)
    page = open_sweep("#question=weight")
    run(page)
    trained(page, 63)
    expect(page.get_by_role("gridcell").first).to_have_attribute(
        "aria-label", re.compile("no student left. Nothing to compare: all 3 pairs diverged")
    )


def test_one_training_at_a_time(open_sweep):
    page = open_sweep(panels=("distill", "sweep"))
    page.get_by_label("Seeds").select_option("32")
    page.get_by_label("Hidden units").select_option("256")
    button(page, "Train").click()
    page.get_by_role("tab", name="Sweep").click()
    run(page)
    said = "Training is under way in the panel Distill. Stop it first, or wait until it is done."
    expect(page.get_by_text(said)).to_be_visible()
    page.get_by_role("tab", name="Distill").click()
    button(page, "Stop").click()
    page.get_by_role("tab", name="Sweep").click()
    run(page)
    page.get_by_role("tab", name="Distill").click()
    button(page, "Train").click()
    expect(page.get_by_text("A sweep is under way in the panel Sweep. Stop it")).to_be_visible()


def test_a_worker_that_is_lost_takes_no_result_along(open_sweep):
    page = open_sweep()
    page.add_init_script(CORES + LOST)
    page.reload()
    run(page)
    failed = "A worker of this page has stopped. What is trained is kept: run it to go on."
    expect(page.get_by_text(failed)).to_be_visible(timeout=TRAINED)
    expect(cells(page)).not_to_have_count(0)
    run(page)
    trained(page, 108)


def test_other_data_are_the_kernels(open_sweep, monkeypatch, tmp_path):
    here = "kdviz.panels.sweep.session._is_here"
    monkeypatch.setattr(here, lambda name: True)
    page = open_sweep(live=True)
    expect(page.get_by_role("radio", name="This device")).to_be_checked()
    page.get_by_role("radio", name="MNIST").check()
    expect(
        page.get_by_text("Python trains these: their images are not in the page.")
    ).to_be_visible()
    expect(page.get_by_role("radio", name="This device")).to_have_count(0)
    page.get_by_role("radio", name="Digits").check()
    expect(page.get_by_text("Ready: 108 students, this device.")).to_be_visible()

    alone = open_sweep("#data=mnist")
    expect(alone.get_by_text("This page trains on the images that it holds.")).to_be_visible()
    expect(alone.get_by_text("Ready: 108 students, this device.")).to_be_visible()
    expect(alone.get_by_role("radio", name="MNIST")).to_have_count(0)
