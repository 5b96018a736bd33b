"""The exported page, opened from disk: its state, its links, its locks, and no network."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

import kdviz
from kdviz.export.page import page_of, whole_lab, write_page

pytestmark = pytest.mark.browser


@pytest.fixture
def digits(open_page, digits_file):
    """digits(fragment) opens the page of the digits."""
    return lambda fragment="", **look: open_page(digits_file + fragment, **look)


@pytest.fixture(scope="module")
def lab_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "lab.html"
    write_page(whole_lab(panels=("soft_targets", "distill", "sweep")), path)
    return path.as_uri()


@pytest.fixture
def lab(open_page, lab_file):
    """lab(fragment) opens the page of a lab that trains."""
    return lambda fragment="", **look: open_page(lab_file + fragment, **look)


def slider(page, name="Temperature"):
    return page.get_by_role("slider", name=name, exact=True)


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def choose(page, name):
    page.get_by_text("More", exact=True).click()
    press(page, name)


def test_the_file_opens_from_disk_and_works_without_network(digits):
    page = digits()
    before = page.get_by_role("img", name="Soft targets").text_content()
    slider(page).focus()
    page.keyboard.press("End")
    expect(slider(page)).to_have_attribute("aria-valuetext", "T = 50")
    expect(page.get_by_role("img", name="Soft targets")).not_to_have_text(before)
    page.get_by_role("tab", name="Loss").click()
    expect(slider(page, "Soft weight")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_without_light_dark_shows_the_light_look(open_page, tmp_path, scheme):
    old = tmp_path / "old.html"
    old.write_text(page_of(kdviz.explore()).replace("light-dark(", "no-such("), "utf-8")
    page = open_page(old.as_uri(), color_scheme=scheme)
    expect(page.locator("html")).to_have_css("background-color", "rgb(252, 251, 248)")
    bar = page.locator(".kd-bar-label > rect").first
    expect(bar).to_have_css("fill", "rgb(0, 114, 178)")
    chosen = page.get_by_text("Linear", exact=True).locator("xpath=ancestor::label")
    expect(chosen).to_have_css("background-color", "rgb(0, 114, 178)")
    expect(page.locator(".kd-picture").first).to_have_css("filter", "invert(0)")
    expect(page.locator(".kdviz")).to_have_css("color", "rgb(31, 41, 51)")


def test_soft_targets_opens_with_pictures_until_a_test_image_is_chosen(lab):
    page = lab("#panel=soft_targets&picture=2")
    said = page.locator(".kd-say")
    expect(page.get_by_role("radio", name="MNIST")).to_be_checked()
    expect(said).to_contain_text("this 5 is")  # as labelled, if it looks like a 3
    press(page, "Drag")
    slider(page, "Logit of 3").press("PageUp")
    expect(said).to_contain_text("Moved by hand, this 5")
    expect(page).to_have_url(re.compile("dragged_picture=2:"))

    page.get_by_role("radio", name="8×8 pixels").check()
    expect(page).to_have_url(re.compile(r"example=\d+"))
    expect(said).not_to_contain_text("Moved by hand")
    press(page, "Student")
    page.get_by_role("radio", name="MNIST").check()
    expect(said).to_contain_text("Moved by hand, this 5")
    expect(page).not_to_have_url(re.compile("example|overlay"))

    old = lab("#panel=soft_targets&lock=example&dragged=12:1,2,3,4,5,6,7,8,9,0")
    expect(old.locator(".kd-say")).to_contain_text("Moved by hand")
    expect(old.get_by_role("radio", name="MNIST")).to_be_disabled()


def test_a_phone_holds_the_main_action_at_its_foot_while_its_button_is_away(lab):
    page = lab("#panel=distill&width=4&seeds=1", viewport=(390, 600))
    foot = page.locator(".kd-foot")
    page.get_by_role("button", name="Train").scroll_into_view_if_needed()
    expect(foot).to_be_hidden()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(foot).to_be_visible()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    panel, bar = (each.bounding_box() for each in (page.locator(".kd-panel-distill"), foot))
    assert panel["y"] + panel["height"] <= bar["y"]  # at the very end it covers nothing
    foot.get_by_text("Train").click()
    expect(page.get_by_role("region", name="Verdict")).to_contain_text("hard labels")
    page.set_viewport_size({"width": 1366, "height": 620})
    expect(foot).to_be_hidden()


def test_a_sweep_shows_no_table_before_there_is_something_to_say(lab):
    page = lab("#panel=sweep")
    expect(page.get_by_text("Say what you expect, then run it.")).to_be_visible()
    expect(page.get_by_role("gridcell")).to_have_count(0)
    expect(page.get_by_role("radio").first).to_be_checked()  # the question asked comes first
    press(page, "Run the sweep")
    expect(page.get_by_role("gridcell").first).to_be_visible()


def test_undo_takes_back_step_by_step_and_reset_all(digits):
    page = digits()
    slider(page).focus()
    page.keyboard.press("End")
    page.wait_for_timeout(700)
    page.get_by_label("Logarithmic").check()
    page.wait_for_timeout(700)
    page.get_by_role("tab", name="Loss").click()
    slider(page, "Soft weight").focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("tab", name="Loss")).to_have_attribute("aria-selected", "true")

    page.keyboard.press("Control+z")
    expect(slider(page, "Soft weight")).to_have_value("0.9")
    expect(slider(page)).to_have_attribute("aria-valuetext", "T = 50")
    press(page, "Undo")
    expect(page.get_by_role("tab", name="Soft targets")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_label("Linear")).to_be_checked()
    press(page, "Undo")
    expect(slider(page)).to_have_attribute("aria-valuetext", "T = 4")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    page.keyboard.press("Control+Shift+z")
    expect(slider(page)).to_have_attribute("aria-valuetext", "T = 50")
    press(page, "Reset")
    expect(slider(page)).to_have_attribute("aria-valuetext", "T = 4")
    press(page, "Undo")
    expect(slider(page)).to_have_attribute("aria-valuetext", "T = 50")


def test_what_is_set_goes_into_the_link_and_comes_back(digits, open_page):
    page = digits()
    assert "#" not in page.url
    slider(page).focus()
    page.keyboard.press("PageUp")
    page.get_by_label("Logarithmic").check()
    page.get_by_role("radio", name="test image").nth(5).check(force=True)
    page.get_by_role("tab", name="Loss").click()
    page.get_by_label("× T²").uncheck()
    page.get_by_label("Knows nothing").check()
    page.get_by_role("button", name="Take a step").click()
    expect(page).to_have_url(re.compile("moved="))

    again = open_page(page.url)
    expect(slider(again)).to_have_attribute("aria-valuetext", "T = 5")
    expect(again.get_by_role("tab", name="Loss")).to_have_attribute("aria-selected", "true")
    expect(again.get_by_label("× T²")).not_to_be_checked()
    expect(again.get_by_label("Knows nothing")).to_be_checked()
    terms = "[role=img][aria-label^='Pull']"
    again.wait_for_timeout(600)
    page.wait_for_timeout(600)
    assert again.get_attribute(terms, "aria-label") == page.get_attribute(terms, "aria-label")
    again.get_by_role("tab", name="Soft targets").click()
    expect(again.get_by_label("Logarithmic")).to_be_checked()
    expect(again.get_by_role("radio", name="test image").nth(5)).to_be_checked()


@pytest.mark.parametrize(
    ("fragment", "named"),
    [
        ("temperature=900", "temperature must be a number from 0.5 to 50; “900” is ignored"),
        ("temperature=NaN", "temperature must be"),
        ("temperature=", "temperature must be"),
        ("temperature=0x10", "temperature must be"),
        ("soft_weight=1.01", "soft_weight must be a number from 0 to 1"),
        ("example=797", "example must be a whole number from -1 to 796"),
        ("example=-2", "example must be"),
        ("panel=distill", "panel must be one of soft_targets, loss"),
        ("panel=__proto__", "panel must be one of"),
        ("scale=<script>alert(1)</script>", "scale must be one of linear, log"),
        ("moved=3:1,2", "moved must be an example, a colon and 10 logits"),
        ("moved=3:1,2,3,4,5,6,7,8,9,1e9", "moved must be"),
        ("dragged=" + "9" * 9000, "dragged must be"),
        ("lock=everything", "lock can't have “everything”"),
        ("lock=<img src=x onerror=alert(1)>", "lock can't have “<img src=x onerror=alert(1)>”"),
        ("hide=soft_targets,loss", "hide must leave one panel"),
        ("constructor=1", "“constructor” is no setting of this page"),
        ("<b>evil</b>=1", "“<b>evil</b>” is no setting of this page"),
    ],
)
def test_a_broken_or_hostile_link_is_ignored_and_named(digits, fragment, named):
    page = digits(f"#{fragment}")
    expect(page.locator(".kd-news")).to_contain_text(named)
    assert page.locator(".kd-news *").count() == 0
    expect(slider(page)).to_have_attribute("aria-valuetext", "T = 4")
    expect(page.get_by_text("8,734 times")).to_be_visible()


def test_a_link_for_the_class_locks_and_hides(digits, open_page):
    page = digits("#temperature=8")
    choose(page, "Link for the class …")
    expect(page.get_by_label("Lock: Story in Distill")).to_have_count(0)
    page.get_by_label("Lock: Temperature").check()
    page.get_by_label("Lock: Soft weight").check()
    page.get_by_label("Hide: Linear or logarithmic").check()
    link = page.get_by_role("textbox", name="Link")
    expect(link).to_have_value(
        re.compile("#temperature=8&lock=temperature,soft_weight&hide=scale$")
    )
    expect(page.get_by_role("dialog")).to_contain_text("Send the file itself")

    pupil = open_page(link.input_value())
    expect(slider(pupil)).to_be_disabled()
    expect(slider(pupil)).to_have_attribute("aria-valuetext", "T = 8")
    expect(slider(pupil)).to_have_accessible_description(re.compile("Locked by the link"))
    expect(pupil.get_by_text("Locked by the link that you opened: Temperature")).to_be_visible()
    expect(pupil.get_by_label("Logarithmic")).to_be_hidden()
    pupil.get_by_role("tab", name="Loss").click()
    expect(slider(pupil, "Soft weight")).to_be_disabled()
    pupil.get_by_role("radio", name="test image").nth(3).check(force=True)
    press(pupil, "Reset")
    expect(slider(pupil)).to_have_attribute("aria-valuetext", "T = 8")


def test_a_link_for_the_class_keeps_the_teachers_prediction_out(open_page, tmp_path):
    lab = kdviz.build_app(panels=("distill",), prediction=42.0)
    target = tmp_path / "distill.html"
    target.write_text(page_of(lab), encoding="utf-8")
    lab.close()
    page = open_page(f"{target.as_uri()}#prediction=7&width=8")
    choose(page, "Link for the class …")
    address = page.get_by_role("textbox", name="Link").input_value()
    assert "width=8" in address
    assert "prediction" not in address


def test_own_data_are_named_where_they_are_used(open_page, tmp_path):
    lab = kdviz.build_app(panels=("soft_targets", "distill"))
    target, own = tmp_path / "two.html", tmp_path / "mine.csv"
    target.write_text(page_of(lab), encoding="utf-8")
    lab.close()
    own.write_text("1,-2\n3,4\n")
    page = open_page(target.as_uri())
    page.get_by_label("Your own logits").set_input_files(own)
    expect(page.get_by_text("mine: 2 examples")).to_be_visible()
    page.get_by_role("tab", name="Distill").click()
    expect(page.get_by_text("mine: 2 examples")).to_have_count(0)


def test_a_locked_temperature_is_not_to_be_dragged(digits):
    page = digits("#lock=temperature")
    expect(page.get_by_text("Before you move it")).to_be_hidden()
    expect(page.get_by_text(re.compile("then drag"))).to_be_hidden()
    page = digits("#lock=moves&panel=weigh")
    expect(page.get_by_text("(drag)")).to_be_hidden()


def test_large_type_outlasts_the_page(digits, digits_file):
    page = digits()
    choose(page, "Large type")
    expect(page.locator(".kd-large")).to_be_visible()
    page.goto("about:blank")
    page.goto(digits_file)  # without what the address said
    expect(page.locator(".kd-large")).to_be_visible()


def test_a_verdict_stands_under_its_own_scenario(lab):
    page = lab("#panel=distill&seeds=2&width=4")
    press(page, "Train")
    verdict = page.get_by_role("region", name="Verdict")
    expect(verdict).to_contain_text("2 paired seeds")
    page.get_by_role("radio", name="Few labels").check()
    expect(verdict).to_have_count(0)
    page.get_by_role("radio", name="A digit it never saw").check()
    expect(verdict).to_contain_text("2 paired seeds")
    page.get_by_role("combobox", name="Missing digit").select_option("4")
    expect(verdict).to_have_count(0)


def test_a_hidden_panel_cannot_be_reached(digits):
    page = digits("#hide=soft_targets")
    expect(slider(page, "Soft weight")).to_be_visible()
    expect(page.get_by_role("tab", name="Soft targets")).to_be_hidden()


def test_another_link_in_the_same_page_is_obeyed(digits):
    page = digits("#lock=temperature")
    expect(slider(page)).to_be_disabled()
    page.evaluate("location.hash = 'temperature=2'")
    expect(slider(page)).to_be_enabled()
    expect(slider(page)).to_have_attribute("aria-valuetext", "T = 2")


def test_names_of_classes_are_text(open_page, tmp_path):
    evil = "<img src=x onerror=alert(1)>"
    target = tmp_path / "evil.html"
    logits = np.random.default_rng(0).normal(0, 3, (30, 3))
    write_page(kdviz.explore(logits, np.arange(30) % 3, classes=[evil, "b", "c"]), target)
    page = open_page(target.as_uri())
    expect(page.get_by_text("<img src=x").first).to_be_attached()
    assert page.locator("img").count() == 0
    page.get_by_role("tab", name="Loss").click()
    assert page.locator("img").count() == 0


@pytest.mark.parametrize(("kind", "start"), [("SVG", b"<svg"), ("PNG", b"\x89PNG")])
def test_a_chart_is_saved(digits, kind, start, tmp_path):
    page = digits()
    page.get_by_role("img", name="Soft targets").wait_for()  # the list names what is drawn
    choose(page, "Save a chart …")
    with page.expect_download() as saved:
        page.get_by_role("button", name=f"Save as {kind}: Soft targets").click()
    assert saved.value.suggested_filename == f"soft-targets-t-4.{kind.lower()}"
    content = saved.value.path().read_bytes()
    assert content.startswith(start)
    if kind == "SVG":
        text = content.decode()
        assert "rgb(0, 114, 178)" in text or "#0072b2" in text
        assert "class=" not in text
        assert set(re.findall(r"https?://[^\"]+", text)) == {"http://www.w3.org/2000/svg"}


def saved_svg(page, name, stem):
    choose(page, "Save a chart …")
    with page.expect_download() as saved:
        page.get_by_role("button", name=f"Save as SVG: {name}").click()
    assert saved.value.suggested_filename == f"{stem}.svg"
    return saved.value.path().read_text("utf-8")


def test_dots_and_tables_are_saved_too(digits):
    page = digits("#temperature=8")
    page.mouse.wheel(0, 3000)
    page.get_by_role("img", name="Entropy against confidence").wait_for()
    text = saved_svg(page, "Entropy against confidence", "entropy-against-confidence-t-8")
    assert 'href="data:image/png;base64,' in text
    assert ">entropy, bits</text>" in text

    page = digits("#closer=alike")
    page.mouse.wheel(0, 3000)
    page.get_by_role("table", name="Pairs of classes most alike").wait_for()
    text = saved_svg(page, "Classes alike", "classes-alike-t-4")
    assert ">1 and 8</text>" in text
    assert text.count("<rect") == 1 + 8  # the paper, and a bar for each pair


def test_a_heat_map_is_saved(open_page, tmp_path):
    lab = kdviz.build_app(panels=("sweep",), question="temperature")
    lab.close()
    view = lab.sweep_view
    these, those = view["tables"]["digits"]["temperature"]["cells"][0][0]
    found = {these: [0.9, 0.899, 0.901], those: [0.915, 0.915, 0.915]}
    kinds = [found.get(kind, seeds) for kind, seeds in enumerate(view["accuracies"])]
    lab.sweep_view = view | {"accuracies": kinds}
    lab.train_images = b""  # so that the page shows what came along
    page_ = page_of(lab)
    target = tmp_path / "sweep.html"
    target.write_text(page_, encoding="utf-8")
    text = saved_svg(open_page(target.as_uri()), "Heat map", "heat-map")
    assert ">−1.5</text>" in text
    assert ">▼</text>" in text
    assert "rgba(" in text
    assert "color(srgb" not in text


def test_a_recorded_run_is_played_and_scrubbed(open_page, tmp_path):
    recorded = kdviz.build_app(panels=("specialists",), data="digits", seeds=3)
    target = tmp_path / "specialists.html"
    write_page(recorded, target)
    page = open_page(target.as_uri())
    verdict = page.get_by_role("region", name="Verdict")
    scrub = slider(page, "Replay the recorded run")
    scrub.press("ArrowRight")
    expect(scrub).not_to_have_attribute("aria-valuetext", "the beginning")
    expect(verdict).to_have_count(0)  # nothing empty, as long as there is nothing to say
    expect(page.get_by_text(re.compile("Say what you expect|They are training"))).to_have_count(0)
    scrub.press("End")
    expect(verdict).to_contain_text("3 paired seeds")
    scrub.press("Home")
    press(page, "Play")
    expect(verdict).to_contain_text("3 paired seeds", timeout=15_000)
    expect(page.get_by_role("button", name="Train")).to_be_hidden()


def test_the_address_of_the_app_sets_it_and_follows_it(open_page, voila_app):
    page = open_page(
        f"{voila_app}/?panel=soft_targets&temperature=8&lock=soft_weight&soft_weight=7"
    )
    expect(slider(page)).to_have_attribute("aria-valuetext", "T = 8")
    expect(page.locator(".kd-news")).to_contain_text("soft_weight must be a number from 0 to 1")
    slider(page).press("PageUp")
    expect(page).to_have_url(re.compile(r"\?panel=soft_targets&temperature=10&lock=soft_weight$"))
    page.get_by_role("tab", name="Loss").click()
    expect(slider(page, "Soft weight")).to_be_disabled()
    expect(page).to_have_url(re.compile("panel=loss"))
