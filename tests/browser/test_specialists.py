"""A learner edits clusters, trains specialists and looks at one example."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser


def test_move_a_class_by_keyboard_train_and_weigh(voila_app, open_page, shoot):
    page = open_page(f"{voila_app}/?panel=specialists&specialists_data=digits&specialists_count=4")
    page.get_by_text("Ready: 4 specialists").wait_for(timeout=120_000)
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

    distributions = page.get_by_role("region", name="Distributions")
    shares = distributions.locator("tbody tr:first-child td")
    classes = distributions.get_by_role("rowheader").all_inner_texts()
    slider = page.get_by_label("From generalist to specialists")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "λ = 0: the generalist alone")
    expect(shares.last).to_have_text(shares.first.inner_text().strip())
    assert distributions.get_by_role("rowheader").all_inner_texts() == classes  # rows stay
    number = page.get_by_label("Number of clusters")
    number.fill("11")
    expect(page.get_by_text("Clusters must be a whole number from 1 to 10.")).to_be_visible()
    number.fill("4")
    expect(page.get_by_text("Clusters must be a whole number")).to_have_count(0)
    matrix = page.get_by_role("img", name="Mistaken")
    matrix.focus()
    page.keyboard.press("ArrowRight")
    expect(
        page.get_by_text(re.compile(r"Of \d+ test examples of \d, \d+ called \d"))
    ).to_be_visible()
    shoot(page, "specialists")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []


# What was called Crowd still opens.
LINK = (
    "panel=crowd&crowd_data=digits&specialists_seeds=3&specialists_top=2&clusters=0.1.2-3.8"
    "&specialists_prediction=1.5&specialists_weight=3&specialists_count=300"
    "&lock=crowd_data,clusters&hide=matrices"
)


def test_a_link_sets_specialists_and_locks_a_part_of_it(voila_app, open_page):
    page = open_page(f"{voila_app}/?{LINK}", (390, 844), "dark")
    page.get_by_text("Ready: 2 specialists").wait_for(timeout=120_000)
    page.get_by_text("Settings", exact=True).click()  # folded on a phone
    expect(page.get_by_role("radio", name="Digits", exact=True)).to_be_checked()
    expect(
        page.get_by_role("group", name="Seeds", exact=True).get_by_role("radio", name="3")
    ).to_be_checked()
    expect(page.get_by_label("Your prediction, in points").last).to_have_value("1.5")
    expect(page.get_by_text("specialists_count must be a whole number from 1 to")).to_be_visible()
    expect(page.get_by_role("img", name="Mistaken")).to_be_hidden()
    clusters = page.get_by_role("region", name="Clusters")
    expect(clusters.get_by_text("made by you")).to_be_visible()
    expect(clusters.get_by_role("button", name="8", exact=True)).to_be_disabled()
    for name in ("K-means clusters", "Random clusters"):
        expect(page.get_by_role("button", name=name)).to_be_disabled()
    expect(page.get_by_role("radio", name="Digits", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Train", exact=True).click()
    verdict = page.get_by_role("region", name="Verdict")
    expect(verdict).to_contain_text("3 paired seeds", timeout=120_000)
    expect(page.get_by_role("row", name=re.compile("Trained on"))).to_be_visible()
    # Painting anew must not free what is locked.
    expect(page.get_by_role("button", name="Random clusters")).to_be_disabled()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert violations(page) == []


def test_undo_redo_and_reset_bring_back_edited_clusters(voila_app, open_page):
    page = open_page(f"{voila_app}/?panel=specialists")
    page.get_by_text("Ready: 8 specialists").wait_for(timeout=120_000)
    page.get_by_role("radio", name="Digits", exact=True).check()
    page.get_by_text("Ready: 4 specialists").wait_for(timeout=120_000)
    clusters = page.get_by_role("region", name="Clusters")
    found = clusters.inner_text()
    undo = page.get_by_role("button", name="Undo")

    def move(name):
        clusters.get_by_role("button", name=name, exact=True).click()
        clusters.get_by_role("button", name="Move to a new cluster").click()
        expect(clusters.get_by_text("made by you")).to_be_visible()
        page.wait_for_timeout(700)  # what follows within 600 ms is the same step

    page.wait_for_timeout(700)
    move("8")
    once = clusters.inner_text()
    move("1")
    expect(page).to_have_url(re.compile(r"[?&]clusters=[\d.-]+"))
    undo.click()
    expect(clusters).to_have_text(once, use_inner_text=True)
    undo.click()
    expect(clusters).to_have_text(found, use_inner_text=True)
    expect(clusters.get_by_text("found by K-means")).to_be_visible()
    page.keyboard.press("Control+Shift+Z")
    expect(clusters).to_have_text(once, use_inner_text=True)
    undo.click()
    expect(clusters).to_have_text(found, use_inner_text=True)
    undo.click()  # back to the made groups, with clusters
    expect(page.get_by_role("radio", name="Made groups")).to_be_checked()
    expect(page.get_by_text("Ready: 8 specialists")).to_be_visible()
    page.keyboard.press("Control+Shift+Z")
    expect(clusters).to_have_text(found, use_inner_text=True)
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("Ready: 8 specialists")).to_be_visible()
