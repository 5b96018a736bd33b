"""Runs so far: a row a verdict, earlier curves behind the present ones, and a file."""

import csv

import pytest
from playwright.sync_api import expect

from kdviz.export.page import page_of, whole_lab

pytestmark = pytest.mark.browser


def train(page, words):
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("region", name="Verdict")).to_contain_text(words, timeout=30_000)


def test_every_verdict_is_kept_shown_again_and_saved(open_page, tmp_path):
    target = tmp_path / "lab.html"
    lab = whole_lab(panels=("distill", "soft_targets"), width=4, epochs=10)
    target.write_text(page_of(lab), encoding="utf-8")
    page = open_page(f"{target.as_uri()}#seeds=2")
    tray = page.get_by_role("region", name="Runs so far")
    expect(tray).to_have_count(0)
    page.get_by_label("Your prediction, in percent").fill("20")
    train(page, "2 paired seeds")
    expect(tray.get_by_role("row")).to_have_count(2)
    page.get_by_role("radio", name="Everything labelled").check()
    page.get_by_label("Seeds").select_option("1")
    page.get_by_role("tab", name="Soft targets").click()
    page.get_by_role("tab", name="Distill").click()
    train(page, "one pair of seeds")
    rows = tray.get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("Without a single 3")
    expect(rows.nth(2)).to_contain_text("Everything labelled")

    dashed = page.locator(".kd-behind")
    expect(dashed).to_have_count(0)
    tray.get_by_role("button", name="Curves of run 1").click()
    expect(dashed).to_have_count(2)
    expect(tray.get_by_role("button", name="Curves of run 2")).to_be_disabled()
    tray.get_by_role("button", name="Curves of run 1").click()
    expect(dashed).to_have_count(0)

    with page.expect_download() as saved:
        tray.get_by_role("button", name="Save as CSV").click()
    first, second = csv.DictReader(saved.value.path().read_text("utf-8").splitlines())
    assert (first["missing"], first["prediction"], second["missing"]) == ("3", "20", "")
    assert float(first["low"]) <= float(first["gain"]) <= float(first["high"])
    assert second["verdict"] == "inconclusive"
    shown = rows.nth(1).get_by_role("cell").nth(4).inner_text()
    assert shown == f"{float(first['found']):.0f}%"

    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Save a chart …").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as SVG: Verdict").click()
    card = saved.value.path().read_text("utf-8")
    assert saved.value.suggested_filename == "verdict-t-8.svg"
    assert "one pair of" in card
    assert ">labels " in card
    assert "Everything labelled, T = 8" in card.replace("</text>", " ")
