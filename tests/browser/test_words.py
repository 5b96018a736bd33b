"""What panels and terms say of themselves, in which language, and what is in sight in Distill."""

import re

import pytest
from playwright.sync_api import expect

import kdviz
from kdviz.export.page import page_of
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser

PHONE = (390, 844)
SIZES = {
    "small laptop": ((1366, 620), ""),
    "phone": (PHONE, ""),
    "projector": ((1920, 1080), "&large=1"),
}


@pytest.fixture(scope="module")
def distill(tmp_path_factory):
    lab = kdviz.build_app(("distill", "loss"), seeds=1)
    lab.close()
    path = tmp_path_factory.mktemp("words") / "distill.html"
    path.write_text(page_of(lab), "utf-8")
    return path.as_uri()


def train(page):
    page.get_by_role("button", name="Train", exact=True).click()
    page.locator(".kd-verdict[data-verdict]").wait_for()


def box(locator):
    """Left, top, right and bottom."""
    found = locator.bounding_box()
    return (found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"])


def test_a_term_opens_by_keyboard_by_pointer_and_closes_by_escape(open_page, digits_file):
    page = open_page(digits_file)
    term = page.get_by_role("button", name="Entropy", exact=True)
    note = page.get_by_role("note")
    expect(term).to_have_accessible_description(re.compile("How undecided shares are"))
    page.get_by_role("button", name="bits").focus()
    page.keyboard.press("Shift+Tab")
    expect(term).to_be_focused()
    expect(term).to_have_attribute("aria-expanded", "true")
    expect(note).to_contain_text("How undecided shares are")
    page.keyboard.press("Escape")
    expect(note).to_have_count(0)
    expect(term).to_be_focused()
    page.keyboard.press("Tab")
    expect(note).to_contain_text("The unit of entropy")
    page.locator("h1").click()
    expect(note).to_have_count(0)

    soft = page.get_by_role("button", name="Soft targets", exact=True)
    soft.hover()
    note.get_by_role("link").hover()  # the pointer reaches what the note holds
    expect(note.get_by_role("link")).to_have_attribute("href", "https://arxiv.org/abs/1503.02531")
    assert violations(page) == []
    page.locator("h1").hover()
    expect(note).to_have_count(0)


@pytest.mark.parametrize("panel", ["soft_targets", "loss"])
def test_on_a_phone_no_note_leaves_the_page_covers_its_word_or_moves_it(
    open_page, digits_file, panel
):
    page = open_page(f"{digits_file}#panel={panel}", viewport=PHONE, color_scheme="dark")
    terms = page.locator(".kd-term > button")
    for i in range(terms.count()):
        term = terms.nth(i)
        term.scroll_into_view_if_needed()
        before = box(term)
        term.click()
        note = page.get_by_role("note")
        left, top, right, bottom = box(note)
        assert box(term) == before
        assert left >= 0
        assert right <= PHONE[0]
        assert bottom <= before[1] + 0.5 or top >= before[3] - 0.5
        if term.inner_text() == "Temperature":
            slider = box(page.get_by_role("slider", name="Temperature"))
            assert bottom <= slider[1] or top >= slider[3]
        term.click()
        expect(note).to_have_count(0)


def test_a_panel_says_what_it_answers_and_next_leads_on_unless_it_is_hidden(open_page, digits_file):
    page = open_page(f"{digits_file}#panel=soft_targets")
    panel = page.get_by_role("tabpanel")
    expect(panel).to_have_accessible_description("What does a teacher know beyond its answer?")
    page.get_by_role("navigation", name="Next").get_by_role("button", name="Open Loss").click()
    expect(page.get_by_role("tab", name="Loss")).to_be_focused()
    expect(page.get_by_role("tab", name="Loss")).to_be_in_viewport()
    expect(page.get_by_text("What pulls on a student")).to_be_visible()
    expect(page.get_by_role("navigation", name="Next")).to_have_count(0)  # Distill is not here
    hidden = open_page(f"{digits_file}#panel=soft_targets&hide=loss")
    expect(hidden.get_by_role("tabpanel")).to_be_visible()
    expect(hidden.get_by_role("navigation", name="Next")).to_have_count(0)


def test_another_language_is_chosen_in_the_menu_and_changes_nothing_else(open_page, distill):
    def choose(more, language):
        page.get_by_text(more, exact=True).click()
        page.get_by_role("button", name=language, exact=True).click()

    page = open_page(f"{distill}#panel=loss&temperature=5")
    tabs, root = page.get_by_role("tab"), page.locator("html")
    slider = page.locator(".kd-heat")
    expect(tabs).to_have_text(["Distill", "Loss"])
    choose("More", "Deutsch")
    expect(tabs).to_have_text(["Destillieren", "Verlust"])
    expect(root).to_have_attribute("lang", "de")
    expect(page).to_have_url(re.compile("language=de"))
    expect(page.get_by_text("Mehr", exact=True)).to_be_focused()
    expect(slider).to_have_accessible_name("Temperatur")
    expect(slider).to_have_attribute("aria-valuetext", "T = 5")
    choose("Mehr", "English")
    expect(tabs).to_have_text(["Distill", "Loss"])
    expect(root).to_have_attribute("lang", "en")
    expect(page).not_to_have_url(re.compile("language"))
    expect(page).to_have_url(re.compile("panel=loss&temperature=5"))
    expect(page.get_by_role("tab", name="Loss")).to_have_attribute("aria-selected", "true")
    expect(slider).to_have_attribute("aria-valuetext", "T = 5")


@pytest.mark.parametrize("size", SIZES)
def test_train_and_the_verdict_are_in_sight_and_the_verdict_moves_nothing(open_page, distill, size):
    viewport, more = SIZES[size]
    page = open_page(f"{distill}#panel=distill{more}", viewport=viewport)
    verdict, costs = page.get_by_role("region", name="Verdict"), page.locator(".kd-costs")
    chart = page.get_by_role("img", name=re.compile("^Test accuracy"))
    expect(page.get_by_role("slider", name="Temperature")).to_have_attribute(
        "aria-valuetext", "T = 8"
    )
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_in_viewport(ratio=1)
    expect(verdict).to_have_count(0)
    expect(costs).to_have_count(0)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(verdict).to_contain_text("They are training.")
    page.wait_for_timeout(50)
    before = box(chart)[1]
    expect(verdict).to_have_attribute("data-verdict", re.compile("."))
    assert box(chart)[1] == before
    expect(verdict).to_be_in_viewport(ratio=1)
    expect(costs).to_have_count(1)
    page.get_by_role("radio", name="Few labels").check()
    expect(verdict).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport[0]


def test_the_images_in_question_stand_with_both_answers(open_page, distill):
    page = open_page(f"{distill}#panel=distill&scenario=few-labels", viewport=(1366, 900))
    train(page)
    shown = page.get_by_role("region", name="Test images and both answers")
    said = re.search(
        r"differ on \d+ of 797 test images: the student is right on (\d+), the baseline on (\d+)",
        shown.inner_text(),
    )
    gain = 100 * (int(said[1]) - int(said[2])) / 797
    expect(page.get_by_role("region", name="Verdict")).to_contain_text(f": {gain:.1f} points")
    images = shown.get_by_role("listitem")
    expect(images).to_have_count(12)
    first = re.search(
        r"labelled (\d): the student says (\d)(, right)?; the baseline says (\d)(, right)?\.",
        images.first.inner_text(),
    )
    assert first[2] != first[4]
    assert [bool(first[3]), bool(first[5])] == [first[2] == first[1], first[4] == first[1]]
    page.get_by_role("radio", name="A digit it never saw").check()
    expect(shown).to_have_count(0)
    train(page)
    expect(images.filter(has_text="labelled 3: ")).to_have_count(12)
    assert violations(page) == []
