"""Soft targets: bars that are dragged, and the closer looks at the whole test set."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect
from scipy.special import softmax
from scipy.stats import entropy

import kdviz

pytestmark = pytest.mark.browser

DIGITS, TEACHER = kdviz.load_dataset("digits"), kdviz.load_teacher("digits")
LOGITS = TEACHER.test_logits.astype(float)


def value_of(page, name):
    return page.get_by_role("slider", name=name, exact=True).get_attribute("aria-valuetext")


def test_a_dragged_bar_follows_the_hand_and_goes_back(open_page, digits_file):
    page = open_page(f"{digits_file}#scale=log")
    page.get_by_role("button", name="Drag", exact=True).click()
    before = value_of(page, "Logit of 5")
    handle = page.get_by_role("slider", name="Logit of 5", exact=True)
    box, at = handle.bounding_box(), float(handle.input_value())
    x, y = box["x"] + 9 + at * (box["width"] - 18), box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y, steps=4)
    page.mouse.up()
    expect(handle).not_to_have_attribute("aria-valuetext", before)
    at = float(handle.input_value())
    assert box["x"] + 9 + at * (box["width"] - 18) == pytest.approx(x - 60, abs=1)
    page.get_by_role("button", name="Put back").click()
    expect(handle).to_have_attribute("aria-valuetext", before)


def test_while_a_bar_is_dragged_the_chart_stays_and_so_does_the_prediction(open_page, digits_file):
    page = open_page(f"{digits_file}#scale=log")
    page.get_by_role("button", name="Drag", exact=True).click()
    page.get_by_label("3 to 6", exact=True).check()
    chart, said = page.get_by_role("img", name="Soft targets"), page.locator(".kd-say")
    stands, before = chart.bounding_box()["y"], said.inner_text()
    handle = page.get_by_role("slider", name="Logit of 0", exact=True)
    box, at = handle.bounding_box(), float(handle.input_value())
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 9 + at * (box["width"] - 18), middle)
    page.mouse.down()
    seen = set()
    for share in np.linspace(0.9, 0, 12):
        page.mouse.move(box["x"] + 9 + share * (box["width"] - 18), middle)
        expect(said).not_to_have_text(before, use_inner_text=True)
        before = said.inner_text()
        seen.add(chart.bounding_box()["y"])
    page.mouse.up()
    assert seen == {stands}
    expect(said).to_contain_text("Moved by hand, this")
    expect(said).not_to_contain_text("the teacher")
    expect(page.get_by_label("3 to 6", exact=True)).to_be_checked()
    expect(page.get_by_text("Choose, then drag")).to_have_count(0)


def test_the_prediction_is_kept_while_another_panel_is_open(open_page, digits_file):
    page = open_page(digits_file)
    page.get_by_label("3 to 6", exact=True).check()
    page.get_by_role("tab", name="Loss").click()
    page.get_by_role("tab", name="Soft targets").click()
    expect(page.get_by_label("3 to 6", exact=True)).to_be_checked()


def test_where_the_temperature_is_locked_nothing_asks_to_move_it(open_page, digits_file):
    page = open_page(f"{digits_file}#temperature=1&lock=temperature")
    expect(page.get_by_text("At a higher temperature it comes to light.")).to_be_visible()
    for part in (".kd-soft-targets", ".kd-closer"):
        expect(page.locator(part)).not_to_contain_text(re.compile("then drag|[Rr]aise"))
    page.get_by_label("3 to 6", exact=True).check()
    expect(page.get_by_text(re.compile("^(Right|Not this time): it passes 1% at"))).to_be_visible()


def test_arrow_keys_move_a_logit_by_half(open_page, digits_file):
    page = open_page(f"{digits_file}#example=0&temperature=2")
    page.get_by_role("button", name="Drag", exact=True).click()
    handle = page.get_by_role("slider", name="Logit of 3", exact=True)
    handle.press("ArrowRight")
    handle.press("ArrowRight")
    moved = LOGITS[0] + np.eye(10)[3]
    expect(handle).to_have_attribute("aria-valuetext", f"{moved[3]:.1f}, share " + share(moved, 2))
    expect(
        page.get_by_text(f"{entropy(softmax(moved / 2), base=2):.2f} bits").first
    ).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Put back")).to_be_hidden()


def share(logits, T) -> str:
    p = softmax(logits / T)[3]
    return f"{p:.0%}" if p >= 0.0995 else f"{p:.1%}" if p >= 0.00995 else f"{p:.2%}"


def test_every_test_image_is_a_dot_to_walk_hover_and_pick(open_page, digits_file):
    page = open_page(f"{digits_file}#temperature=3")
    walk = page.get_by_role("slider", name="Walk from certain to unsure")
    walk.scroll_into_view_if_needed()
    walk.press("Home")
    bits = entropy(softmax(LOGITS / 4, axis=1), axis=1, base=2)
    surest = int(bits.argmin())
    p = softmax(LOGITS[surest] / 3)
    said = f"Test image {surest}, {DIGITS.test.labels[surest]}: {entropy(p, base=2):.2f} bits"
    expect(walk).to_have_attribute("aria-valuetext", f"{said}, confidence {p.max():.0%}")
    assert walk.get_attribute("max") == str(len(LOGITS) - 1)

    ring = page.locator(".kd-points .kd-ring").first.bounding_box()
    page.mouse.click(ring["x"] + 8, ring["y"] + 8)
    plot = page.locator(".kd-points-plot svg").bounding_box()
    unsure = entropy(softmax(LOGITS / 3, axis=1), axis=1, base=2).argmax()
    q = softmax(LOGITS[unsure] / 3)
    width = plot["width"]
    x = plot["x"] + 44 + q.max() * (width - 60)
    y = plot["y"] + 256 - entropy(q, base=2) / np.log2(10) * 244
    page.mouse.move(x, y)
    expect(page.locator(".kd-points-side")).to_contain_text(f"Test image {unsure},")
    page.mouse.click(x, y)
    expect(page.locator(".kd-say")).to_contain_text(f"{DIGITS.test.labels[unsure]}")
    expect(page).to_have_url(re.compile(f"example={unsure}"))


def test_the_classes_most_alike_are_those_of_python(open_page, digits_file):
    page = open_page(f"{digits_file}#closer=alike&temperature=5")
    p = softmax(LOGITS / 5, axis=1)
    subject = np.asarray(DIGITS.test.labels)
    mean = np.stack([p[subject == c].mean(0) for c in range(10)])
    both = np.triu((mean + mean.T) / 2, 1)
    a, b = np.unravel_index(both.argmax(), both.shape)
    page.locator(".kd-alike").scroll_into_view_if_needed()
    first = page.locator(".kd-alike tr").first
    expect(first).to_contain_text(f"{a} and {b}{both[a, b]:.1%}")
    expect(first).to_contain_text(f"{a} gives {b} {mean[a, b]:.1%}")
    first.get_by_role("button").click()
    own = np.flatnonzero((subject == a) | (subject == b))
    between = own[np.abs(LOGITS[own, a] - LOGITS[own, b]).argmin()]
    expect(page).to_have_url(re.compile(f"example={between}"))


def test_two_images_of_a_class_look_like_different_others(open_page, digits_file):
    page = open_page(f"{digits_file}#closer=pair")
    page.locator(".kd-twins").scroll_into_view_if_needed()
    expect(page.locator(".kd-twins .kd-sentence")).to_have_text(
        "This 1 looks like an 8, that one like a 9. The labels are the same."
    )
    page.get_by_role("group", name="Compare with").get_by_role("radio").nth(3).check(force=True)
    expect(page).to_have_url(re.compile("second="))


def test_the_naive_softmax_overflows_and_the_stable_one_does_not(open_page, digits_file):
    page = open_page(f"{digits_file}#closer=overflow&temperature=1&offset=100")
    table = page.locator(".kd-numbers")
    table.scroll_into_view_if_needed()
    cells = table.locator("tbody tr").first.locator("td")
    expect(cells.nth(1)).to_have_text("∞")
    expect(cells.nth(2)).to_have_text("NaN")
    expect(cells.nth(3)).not_to_have_text("NaN")
    page.get_by_label("+ 0", exact=True).check()
    expect(cells.nth(2)).not_to_have_text("NaN")
    assert cells.nth(2).text_content() == cells.nth(3).text_content()


def test_a_student_stands_beside_the_teacher(open_page, digits_file):
    page = open_page(f"{digits_file}#overlay=1")
    expect(page.locator(".kd-diamond[visibility=visible]")).to_have_count(10)
    page.get_by_role("button", name="Student", exact=True).click()
    expect(page.locator(".kd-diamond[visibility=visible]")).to_have_count(0)
