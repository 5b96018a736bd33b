"""The instructor's guide beside the exported page: its links, its numbers, its worksheet."""

import re

import pytest
from playwright.sync_api import expect

from kdviz.export.page import whole_lab, write_page
from scripts.teaching_numbers import GUIDE, Reader, marked

pytestmark = pytest.mark.browser
TEXT = GUIDE.read_text()


@pytest.fixture(scope="module")
def lab_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("guide") / "lab.html"
    write_page(whole_lab(), path)
    return path.as_uri()


def test_what_needs_no_training_reads_as_the_guide_says(open_page, lab_file):
    found = Reader(open_page("about:blank"), lab_file).at_once()
    wanted = {name: text for name, text in marked(TEXT) if name in found}
    assert len(wanted) > 12
    assert {name: found[name] for name in wanted} == wanted


def test_start_shows_what_the_guide_says(open_page, lab_file):
    found = Reader(open_page("about:blank"), lab_file).start()
    for name, text in marked(TEXT):
        if name in found and text.endswith("%"):  # a mean of four networks
            assert float(found[name][:-1]) == pytest.approx(float(text[:-1]), abs=5), name
        elif name in found:
            assert found[name] == text


def test_a_sweep_comes_out_as_the_guide_says(open_page, lab_file):
    found = Reader(open_page("about:blank"), lab_file).sweep("labels")
    wanted = {name: text for name, text in marked(TEXT) if name in found}
    assert len(wanted) > 4
    assert {name: found[name] for name in wanted} == wanted


def test_each_link_of_the_guide_sets_what_it_names(open_page, lab_file):
    page = open_page("about:blank")
    links = set(re.findall(r"`(#panel=\S+)`", TEXT))
    assert len(links) > 12
    for link in links:
        page.goto("about:blank")
        page.goto(lab_file + link)
        panel = re.search(r"panel=(\w+)", link)[1]
        expect(page.locator(f"[data-panel={panel}]")).to_have_attribute("aria-selected", "true")
        expect(page.locator(".kd-news")).to_have_text("")


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_worksheet_prints_on_two_pages(open_page, paper):
    page = open_page((GUIDE.parent / "worksheet.html").as_uri())
    printed = page.pdf(format=paper)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2
