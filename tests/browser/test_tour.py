"""The tour: it drives the real panels, notices what was done, and can be left and resumed."""

import re

import pytest
from playwright.sync_api import expect

from kdviz.export.page import whole_lab, write_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    path = tmp_path_factory.mktemp("tour") / "lab.html"
    write_page(whole_lab(panels=("start", "soft_targets", "distill")), path)
    return path.as_uri()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def tour(page):
    return page.get_by_role("complementary", name="Tour")


def test_from_the_greeting_to_the_verdict(open_page, address):
    page = open_page(address)
    press(page, "Begin the tour")
    expect(tour(page)).to_contain_text("Step 1 of 6")
    expect(page.get_by_text("The label says 8")).to_be_visible()
    expect(tour(page)).not_to_contain_text("Done")
    page.get_by_role("slider", name="Temperature").press("End")
    expect(tour(page)).to_contain_text("Done")
    press(page, "Go on")
    press(page, "Go on")
    expect(page.get_by_role("tab", name="Distill")).to_have_attribute("aria-selected", "true")
    page.get_by_label("Your prediction, in percent").fill("20")
    expect(tour(page)).to_contain_text("Done")
    press(page, "Go on")
    page.get_by_label("Seeds").select_option("2")
    press(page, "Train")
    expect(tour(page)).to_contain_text("Done", timeout=30_000)
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("You predicted 20%")


def test_it_is_left_and_resumed_and_greets_once(open_page, address):
    page = open_page(address)
    press(page, "Begin the tour")
    press(page, "Skip")
    expect(tour(page)).to_contain_text("Step 2 of 6")
    press(page, "Leave")
    expect(tour(page)).to_have_count(0)
    expect(page).to_have_url(re.compile(r"panel=soft_targets&temperature=1&example=\d+$"))
    page.reload()
    expect(page.get_by_role("slider", name="Temperature")).to_be_visible()
    expect(page.get_by_role("button", name="Begin the tour")).to_have_count(0)
    page.get_by_text("More", exact=True).click()
    press(page, "Tour of two minutes")
    expect(tour(page)).to_contain_text("Step 2 of 6")
    expect(page).to_have_url(re.compile("tour=1"))


def test_it_is_one_link_and_asks_for_nothing_that_is_locked(open_page, address):
    page = open_page(f"{address}#tour=1")
    expect(tour(page)).to_contain_text("Step 1 of 6")
    expect(page.get_by_role("tab", name="Soft targets")).to_have_attribute("aria-selected", "true")
    page = open_page(f"{address}#tour=1&lock=temperature")
    expect(page.get_by_role("button", name="Watch")).to_be_visible()
    expect(tour(page)).to_have_count(0)
