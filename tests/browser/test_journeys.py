"""Whole journeys of a learner, under Voila and under JupyterLab."""

import json
import re
import time

import numpy as np
import pytest
from playwright.sync_api import expect

from kdviz.teachers import load_pictures
from tests.browser.conftest import drawn

pytestmark = pytest.mark.browser


INK_AND_PAPER = """() => { const { color, background } = getComputedStyle(document.body);
  return [color, background]; }"""


def temperature(page):
    return page.get_by_role("slider", name="Temperature")


def temperature_in_view(page) -> float:
    return float(temperature(page).get_attribute("aria-valuetext").removeprefix("T = "))


def expected_bits(page) -> str:
    """The entropy that Python gives for the chosen image at the temperature in view."""
    chosen = page.get_by_role("group", name="Pick a test image").aria_snapshot()
    number = int(re.search(r"test image (\d+)\" \[checked\]", chosen)[1])
    logits = np.frombuffer(load_pictures()["logits"], "<f4").reshape(16, 10)[number]
    scaled = logits.astype(float) / temperature_in_view(page)
    p = np.exp(scaled - scaled.max())
    p /= p.sum()
    return f"{-(p * np.log2(p)).sum():.2f} bits"


def test_the_temperature_softens_the_targets_by_hand_and_by_keyboard(app_page, shoot):
    box = temperature(app_page).bounding_box()
    middle = box["y"] + box["height"] / 2
    before = temperature_in_view(app_page)
    bars = app_page.get_by_role("img", name="Soft targets").text_content()

    app_page.mouse.move(box["x"] + box["width"] * 0.45, middle)
    app_page.mouse.down()
    app_page.mouse.move(box["x"] + box["width"] * 0.8, middle, steps=5)
    app_page.mouse.up()

    expect(app_page.get_by_role("img", name="Soft targets")).not_to_have_text(bars)
    drawn(app_page)  # after the last of the moves, too
    assert temperature_in_view(app_page) > 1.5 * before
    expect(app_page.get_by_text(expected_bits(app_page), exact=True)).to_be_visible()
    shoot(app_page, "soft-targets")

    temperature(app_page).focus()
    for key, values in [("End", "T = 50"), ("ArrowLeft", r"T = 4\d.*"), ("Home", r"T = 0\.5")]:
        app_page.keyboard.press(key)
        # The page answers within a frame, but a loaded machine may take its time for that.
        expect(temperature(app_page)).to_have_attribute("aria-valuetext", re.compile(f"^{values}$"))
        expect(app_page.get_by_text(expected_bits(app_page), exact=True)).to_be_visible()


def test_a_page_that_is_reloaded_or_closed_takes_its_kernel_along(voila_app, open_page):
    page = open_page(f"{voila_app}/?panel=soft_targets")
    temperature(page).wait_for()
    first = kernel_of(page)
    page.reload()
    temperature(page).wait_for()
    second = kernel_of(page)
    assert wait_until_gone(page, voila_app, first)
    page.close(run_before_unload=True)
    assert wait_until_gone(open_page("about:blank"), voila_app, second)


def root(app: str) -> str:
    return app.removesuffix("/python")


def kernel_of(page) -> str:
    return json.loads(page.locator("#jupyter-config-data").text_content())["kernelId"]


def wait_until_gone(page, server, kernel) -> bool:
    """Ask the server for the kernel until it knows it no more."""
    deadline = time.monotonic() + 20
    while page.request.get(f"{root(server)}/api/kernels/{kernel}").status == 200:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_the_page_fits_its_window_in_light_and_dark(voila_app, open_page, shoot):
    page = open_page(voila_app, viewport=(390, 844), color_scheme="dark")
    page.get_by_role("button", name="Watch").wait_for()
    for width, height in ((390, 844), (1366, 768)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            ink, paper = page.evaluate(INK_AND_PAPER)
            assert (luma(ink) > luma(paper)) == (scheme == "dark")
            shoot(page, f"page-{width}-{scheme}")


def luma(color: str) -> float:
    return sum(float(part) for part in re.findall(r"[\d.]+", color)[:3])


def test_the_page_of_an_error_names_no_other_server(voila_app, open_page):
    answer = open_page("about:blank").request.get(f"{root(voila_app)}/voila/files/nothing.png")
    assert answer.status == 404
    assert "<title>" in answer.text()
    assert "//" not in answer.text().replace(root(voila_app), "")
