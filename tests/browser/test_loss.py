"""Loss: what stays in place while a slider moves, and sentences that say what the arrows show."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# Where each part of the panel stands, and how far texts of charts and of the ruler stick out.
LAYOUT = """async ([T, weight]) => {
  const set = (node, value) => {
    node.value = value;
    node.dispatchEvent(new Event("input", { bubbles: true }));
  };
  set(document.querySelector(".kd-ruler input"), Math.log10(T));
  set(document.querySelector(".kd-knob input"), weight);
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
  const box = (node) => node.getBoundingClientRect();
  const out = {};
  const check = (text, [left, right], within) => {
    const by = Math.max(right - box(within).right, box(within).left - left);
    if (by > 0.5) out[text] = by;
  };
  for (const chart of document.querySelectorAll(".kd-loss svg")) {
    for (const text of chart.querySelectorAll("text")) {
      check(text.textContent, [box(text).left, box(text).right], chart);
    }
  }
  const range = document.createRange();
  range.selectNodeContents(document.querySelector(".kd-ruler-value"));
  check(range.toString(), [range.getBoundingClientRect().left, range.getBoundingClientRect().right],
    document.querySelector(".kd-ruler"));
  return [out, [...document.querySelectorAll(".kd-main > *, .kd-side > *")].map((node) =>
    Math.round(box(node).top + scrollY))];
}"""


@pytest.fixture
def loss(open_page, digits_file):
    """loss(fragment) opens the panel, its test set surveyed."""

    def open_(fragment="", **look):
        page = open_page(f"{digits_file}#panel=loss&{fragment}", **look)
        page.get_by_text("797 test examples").wait_for()
        return page

    return open_


@pytest.mark.parametrize("width", [1366, 390])
def test_nothing_sticks_out_and_nothing_jumps_while_sliders_move(loss, width):
    page = loss(viewport=(width, 800))
    stand = set()
    for squared in (True, False):
        page.get_by_role("switch", name="× T²").set_checked(squared)
        for T in (0.5, 0.77, 1, 4, 12.5, 20, 31.5, 50):
            for weight in (0, 0.5, 0.9, 1):
                out, places = page.evaluate(LAYOUT, [T, weight])
                assert out == {}
                stand.add(tuple(places))
    assert len(stand) == 1


def test_a_term_that_pulls_alone_is_said_to(loss):
    page = loss("soft_weight=1")
    said = page.locator(".kd-say")
    expect(said).to_contain_text("The label has no weight: only the teacher pulls.")
    expect(said).to_contain_text("It pushes the 1 up and the 5 down the most.")
    weight = page.get_by_role("slider", name="Soft weight", exact=True)
    weight.press("Home")
    expect(said).to_contain_text("Soft targets have no weight: only the label pulls.It pushes")
    weight.press("ArrowRight")
    expect(said).to_contain_text("Together they push")
    weight.press("End")
    page.get_by_label("Equals the teacher").check()
    expect(said).to_contain_text("nothing pulls on the student.A step leaves it where it is.")


def test_the_loss_before_a_step_is_told_as_temperature_and_weight_are_now(loss):
    page = loss("student=nothing")
    status = page.locator(".kd-moves [role=status]")
    page.get_by_role("button", name="Take a step").click()
    expect(status).to_have_text(re.compile(r"Loss [\d.]+ → [\d.]+ nats"))
    page.get_by_role("slider", name="Temperature").press("End")
    page.get_by_role("switch", name="× T²").uncheck()
    expect(page.locator(".kd-term-row-soft text").nth(2)).to_have_text("× 1")  # it is drawn
    before = re.match(r"Loss ([\d.]+) →", status.text_content())[1]
    page.get_by_role("button", name="Put back").click()
    expect(status).to_have_text("Moves each logit by twice its pull.")
    terms = page.locator("svg[data-name=Loss]")
    expect(terms).to_have_attribute("aria-label", re.compile(rf"^Loss {before} nats"))


def test_the_prediction_stays_while_another_panel_is_open(loss):
    page = loss()
    page.get_by_label("0.01 to 0.1", exact=True).check()
    page.get_by_role("tab", name="Soft targets").click()
    page.get_by_role("tab", name="Loss").click()
    expect(page.get_by_label("0.01 to 0.1", exact=True)).to_be_checked()
    page.get_by_role("switch", name="× T²").uncheck()
    expect(page.get_by_text("Right: 0.023 times as hard.")).to_be_visible()
    expect(page.locator(".kd-ratio .kd-curve")).to_have_count(2)
    page.get_by_role("switch", name="× T²").check()
    expect(page.locator(".kd-ratio .kd-curve")).to_have_count(2)  # seen, so it stays
    expect(page.get_by_text("Right: 0.023 times as hard.")).to_be_visible()
    page.get_by_label("Knows nothing").check()
    expect(page.get_by_label("0.01 to 0.1", exact=True)).not_to_be_checked()
    expect(page.locator(".kd-ratio .kd-curve")).to_have_count(1)


def test_what_is_chosen_after_the_result_is_no_prediction(loss):
    page = loss("squared=0")
    expect(page.get_by_text("You have seen it: 0.023 times as hard.")).to_be_visible()
    expect(page.get_by_label("0.01 to 0.1", exact=True)).to_be_disabled()


def test_what_is_locked_does_not_ask_to_be_dragged(loss):
    heading = re.compile("^Logits of student")
    assert "drag" in loss().get_by_role("heading", name=heading).text_content()
    page = loss("lock=moved")
    assert "drag" not in page.get_by_role("heading", name=heading).text_content()
    expect(page.get_by_role("slider", name="Student's logit of 3")).to_be_disabled()
    page = loss("hide=moved,guess,student")
    expect(page.get_by_role("slider", name=re.compile("Student's logit"))).to_have_count(0)
    expect(page.get_by_role("heading", name=re.compile("^Student|^Before"))).to_have_count(0)
