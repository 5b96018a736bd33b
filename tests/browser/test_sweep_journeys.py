"""A learner asks a question of many students, under JupyterLab and under Voila.

The page trains them, or the kernel; `test_sweep_in_page.py` has the page without one.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import assert_none

pytestmark = pytest.mark.browser


@pytest.fixture
def sweep_page(app_page):
    """The panel Sweep with three seeds, ready to run."""
    page = app_page
    page.get_by_role("tab", name="Sweep").click()
    page.get_by_text("Ready: ").wait_for()
    page.get_by_role("radio", name="Which temperature for which size?").check()
    page.get_by_role("radio", name="3", exact=True).check()
    page.get_by_text("0 of 108 students").wait_for()
    return page


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize("app_page", ["jupyterlab"], indirect=True)
def test_predict_stop_go_on_and_read_the_table(sweep_page, shoot):
    page = sweep_page
    cells = page.get_by_role("gridcell")
    page.get_by_label("Your prediction").select_option("T = 3")
    button(page, "Run the sweep").click()
    expect(cells).to_have_count(32)
    expect(cells.filter(has_text=re.compile(r"\d"))).not_to_have_count(0)
    page.get_by_role("tab", name="Soft targets").click()
    page.get_by_role("slider", name="Temperature").press("ArrowRight")  # answers while it runs
    page.get_by_role("tab", name="Sweep").click()
    button(page, "Stop").click()
    expect(page.get_by_text("students are trained and kept")).to_be_visible()
    button(page, "Run the sweep").click()
    expect(page.get_by_text("All 108 students are trained")).to_be_visible(timeout=120_000)
    summary = page.get_by_role("region", name="Summary")
    expect(summary).to_contain_text(re.compile(r"Of 32 cells, \d+ (is|are) better"))
    expect(summary).to_contain_text("You predicted T = 3")
    expect(summary).to_contain_text("optimistic")

    cells.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    expect(cells.nth(15)).to_be_focused()
    expect(page.locator(".kd-reading")).to_contain_text("16 units, T = 20:")
    expect(page.locator(".kd-reading")).to_contain_text("3 paired seeds")
    shoot(page, "sweep")


@pytest.mark.parametrize("app_page", ["voila"], indirect=True)
def test_the_kernel_trains_where_it_is_asked_to(sweep_page):
    page = sweep_page
    page.get_by_role("radio", name="How much should labels weigh?").check()
    page.get_by_label("Your prediction").select_option("soft weight 0.5")
    page.get_by_role("radio", name=re.compile("^Python")).check()
    ready = page.get_by_text(re.compile(r"Ready: 63 students, (?!this device)"))
    expect(ready).to_be_visible(timeout=60_000)
    button(page, "Run the sweep").click()
    done = page.get_by_text(re.compile(r"All 63 students are trained, (?!this device)"))
    expect(done).to_be_visible(timeout=120_000)
    summary = page.get_by_role("region", name="Summary")
    expect(summary).to_contain_text("You predicted soft weight 0.5")
    # What one found is not the other's: they draw other weights.
    page.get_by_role("radio", name="This device").check()
    expect(page.get_by_text("0 of 63 students", exact=True)).to_be_visible()


@pytest.mark.parametrize("app_page", ["voila"], indirect=True)
def test_axe_finds_nothing_in_a_full_table(sweep_page):
    page = sweep_page
    page.get_by_role("radio", name="How much should labels weigh?").check()
    button(page, "Run the sweep").click()
    expect(page.get_by_text("students are trained,")).to_be_visible(timeout=120_000)
    for shown in ("Difference", "Soft targets", "Labels alone"):
        page.get_by_role("radio", name=shown, exact=True).check()
        assert_none(page)
