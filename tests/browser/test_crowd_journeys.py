"""A learner edits clusters, trains specialists and looks at one example."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser


@pytest.fixture
def crowd_page(app_page):
    """The panel Crowd with trained generalists of the digits and clusters found."""
    page = app_page
    page.get_by_role("tab", name="Crowd").click()
    page.get_by_text("Ready: 8 specialists").wait_for(timeout=120_000)
    page.get_by_role("radio", name="Digits", exact=True).check()
    page.get_by_text("Ready: 4 specialists").wait_for(timeout=120_000)
    return page


@pytest.mark.parametrize("app_page", ["voila"], indirect=True)
def test_move_a_class_by_keyboard_train_and_weigh(crowd_page, shoot):
    page = crowd_page
    clusters = page.get_by_role("region", name="Clusters")
    chip = clusters.get_by_role("button", name="8", exact=True)
    chip.focus()
    page.keyboard.press("Enter")
    expect(chip).to_be_focused()
    expect(chip).to_have_attribute("aria-pressed", "true")
    target = clusters.get_by_role("button", name="Move to a new cluster")
    target.focus()
    page.keyboard.press("Enter")
    expect(clusters.get_by_text("made by you")).to_be_visible()
    expect(page.get_by_text(re.compile("Ready: [45] specialists"))).to_be_visible()

    page.get_by_label("Your prediction, in points").last.fill("1")
    page.get_by_role("button", name="Train", exact=True).click()
    verdict = page.get_by_role("region", name="Verdict")
    expect(verdict).to_contain_text("5 paired seeds", timeout=120_000)
    expect(verdict).to_contain_text("Specialists of your clusters")

    shares = page.get_by_role("region", name="Distributions").locator("tbody tr:first-child td")
    slider = page.get_by_label("From generalist to specialists")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "λ = 0: the generalist alone")
    expect(shares.last).to_have_text(shares.first.inner_text().strip())
    matrix = page.get_by_role("img", name="Mistaken")
    matrix.focus()
    page.keyboard.press("ArrowRight")
    expect(
        page.get_by_text(re.compile(r"Of \d+ test examples of \d, \d+ called \d"))
    ).to_be_visible()
    shoot(page, "crowd")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
