"""A panel is a folder and one line: a tiny one from the tests, mounted and driven as any other."""

import re

import pytest
from playwright.sync_api import expect

import kdviz
from kdviz.app.lab import Lab
from kdviz.export.page import write_page
from tests.tiny import TINY

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    lab = Lab.from_arrays([[4.0, 1.0], [0.0, 2.0]], panels=["soft_targets", TINY])
    file = tmp_path_factory.mktemp("tiny") / "tiny.html"
    write_page(lab, file)
    return file.as_uri()


def test_it_has_a_tab_controls_a_link_undo_and_locks(open_page, address):
    page = open_page(f"{address}#panel=tiny&apples=5&lock=ripe")
    expect(page.get_by_role("tab", name="Tiny")).to_have_attribute("aria-selected", "true")
    sentence = page.locator(".kd-sentence")
    expect(sentence).to_have_text("5 green apples at T = 4.")
    expect(page.get_by_role("button", name="Ripe")).to_be_disabled()
    expect(page.get_by_text("Locked by the link that you opened: Ripeness.")).to_be_visible()

    page.get_by_role("slider", name="Apples").press("ArrowRight")
    page.get_by_role("slider", name="Temperature").press("End")
    expect(sentence).to_have_text("6 green apples at T = 50.")
    expect(page).to_have_url(re.compile("apples=6"))
    page.get_by_role("button", name="Reset").click()
    expect(sentence).to_have_text("5 green apples at T = 4.")


def test_a_link_beyond_its_table_is_named(open_page, address):
    page = open_page(f"{address}#panel=tiny&apples=77")
    expect(page.get_by_text("apples must be a whole number from 0 to 9; “77”")).to_be_visible()
    expect(page.locator(".kd-sentence")).to_have_text("3 green apples at T = 4.")


def test_python_knows_its_table_too():
    lab = kdviz.build_app(panels=("soft_targets", TINY))
    assert lab.panels == ["soft_targets", "tiny"]
    assert [row["name"] for row in lab.table["tiny"]["settings"]] == ["apples", "ripe"]
    lab.close()
