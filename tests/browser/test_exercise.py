"""Exercises in a page without a kernel, and a lesson's under JupyterLab."""

import json

import pytest
from anywidget import AnyWidget
from playwright.sync_api import expect

import kdviz
from kdviz import exercise
from kdviz.exercises.exercise import Exercise
from kdviz.export.page import document, widget
from kdviz.export.standalone import state_of
from kdviz.page.bundle import ROOT, join_views
from tests.browser.conftest import KERNEL_IS_IDLE

pytestmark = pytest.mark.browser

TRAITS = {*Exercise.class_trait_names(sync=True)} - {*AnyWidget.class_trait_names(sync=True)}
REASONS = {"the logits": "Before the softmax.", "the shares": "They no longer sum to <b>1</b>."}
SLIPS = {2500: "T divides the logits, not the ratio."}
JUDGED = {
    "10": "✓ Right. The fourth root.",
    "10,1": "✓ Right. The answer is 10 times. The fourth root.",
    "10^1": "✓ Right. The fourth root.",
    "40/4": "✓ Right. The fourth root.",
    "10.3": "✗ Too large. Try again.",
    "-10": "✗ Too small. Try again.",
    "2,500": "✗ Too large. T divides the logits, not the ratio.",
    "2490": "✗ Too large. T divides the logits, not the ratio.",
    "1/0": "Write a number, such as 0.25 or 1/4.",
    "ten": "Write a number, such as 0.25 or 1/4.",
    "1e999": "Write a number, such as 0.25 or 1/4.",
}


@pytest.fixture
def show(open_page):
    """show(exercise) -> its region on a page that knows nothing but its traits."""

    def show_(widget):
        page = open_page("data:text/html,<!doctype html><html lang=en><main id=app></main>")
        page.add_style_tag(content=Exercise._css)
        render = Exercise._esm.replace("export default ", "window.exercise = ")
        local = join_views(ROOT / "app" / "shell" / "local-model.js", {}, "$.localModel")
        local = local.replace("export default ", "window.localModel = ")
        for text in (render, local):
            page.add_script_tag(content=text, type="module")
        page.wait_for_function("Boolean(window.exercise && window.localModel)")
        page.evaluate(
            "(state) => { window.model = localModel(state); window.clear = exercise.render("
            "{ model, el: document.getElementById('app') }); }",
            {name: getattr(widget, name) for name in TRAITS},
        )
        return page.get_by_role("region")

    return show_


def answer(region, text):
    region.get_by_role("textbox", name="Your answer").fill(text)
    region.get_by_role("textbox").press("Enter")


def test_a_choice_says_why_and_keeps_the_response(show):
    region = show(exercise.choice("What does T divide?", REASONS, right="the logits"))
    group = region.get_by_role("group", name="What does T divide?")
    check = region.get_by_role("button", name="Check")

    check.click()
    expect(region.get_by_role("status")).to_have_text("")
    group.get_by_role("radio", name="the logits").focus()
    for key in ("Space", "ArrowDown", "Enter"):
        region.page.keyboard.press(key)
    expect(region.get_by_role("status")).to_have_text(
        "✗ Not this one. They no longer sum to <b>1</b>."
    )
    assert region.page.evaluate("model.get('response')") == "the shares"
    region.page.keyboard.press("ArrowUp")
    check.click()
    expect(region.get_by_role("status")).to_have_text("✓ Right. Before the softmax.")


def test_a_number_is_judged_as_it_is_written(show):
    region = show(
        exercise.number(
            "How many times?", 10, 0.02, "times", SLIPS, relative=True, why="The fourth root."
        )
    )
    for typed, said in JUDGED.items():
        answer(region, typed)
        expect(region.get_by_role("status"), typed).to_have_text(said)


def test_a_wrong_number_may_ask_for_the_answer(show):
    region = show(exercise.number("How many bits?", 3.3219, 0.01, "bits", why="log₂ 10."))
    reveal = region.get_by_role("button", name="Show the answer")
    expect(region.get_by_text("within 0.01 bits")).to_be_visible()
    expect(reveal).to_be_hidden()
    answer(region, "3")
    reveal.click()
    expect(region.get_by_role("status")).to_have_text("The answer is 3.322 bits. log₂ 10.")
    answer(region, "3.32")
    expect(region.get_by_role("status")).to_contain_text("✓ Right.")


def test_a_prediction_is_recorded_before_the_outcome_is_shown(show):
    region = show(exercise.predict("How many?", 38.04, unit="%", why="Of 45."))
    reveal = region.get_by_role("button", name="Show the outcome")
    answer(region, "no idea")
    expect(region.get_by_role("status")).to_have_text("Write a number first.")
    expect(reveal).to_be_hidden()
    assert "38.04" not in region.inner_text()
    answer(region, "20%")
    answer(region, "30")
    expect(region.get_by_role("definition")).to_have_text(["30%", "?"])
    reveal.click()
    expect(region.get_by_role("definition")).to_have_text(["30%", "38.04%"])
    said = "Your prediction is 8.04 points too low. Of 45."
    expect(region.get_by_role("status")).to_have_text(said)
    expect(region.get_by_role("textbox")).to_be_disabled()


def test_an_outcome_may_arrive_after_the_prediction(show):
    region = show(exercise.predict("What happens?", options=["nothing", "a half", "a quarter"]))
    region.get_by_role("button", name="Record my prediction").click()
    expect(region.get_by_role("status")).to_have_text("Choose one first.")
    region.get_by_role("radio", name="a half").check()
    region.get_by_role("button", name="Record my prediction").click()
    expect(region.get_by_role("button", name="Show the outcome")).to_be_hidden()
    region.page.evaluate("model.set('answer', 'a quarter')")
    region.get_by_role("button", name="Show the outcome").click()
    expect(region.get_by_role("definition")).to_have_text(["a half", "a quarter"])
    expect(region.get_by_role("status")).to_contain_text("Not as you predicted.")


def test_a_check_lists_what_holds_and_what_fails(show):
    region = show(exercise.check(kdviz.tempered_softmax, "tempered_softmax"))
    expect(region.get_by_role("listitem").last).to_contain_text("✓ Holds")
    expect(region.get_by_role("status")).to_contain_text("Every property holds.")
    region = show(exercise.check(lambda z, T: z.softmax(-1) / T, "tempered_softmax"))
    expect(region.get_by_role("listitem")).to_contain_text("✗ Fails: The probabilities sum to 1.")


def test_an_answer_outlasts_a_reload_but_not_the_tab(open_page, tmp_path):
    asked = exercise.number("How many nats are 2 bits?", 1.386, 0.01)
    (tmp_path / "one.html").write_text(document("One", widget(state_of(asked), "exercise")))
    page = open_page((tmp_path / "one.html").as_uri())
    answer(page.get_by_role("region"), "1.386")
    expect(page.get_by_role("status")).to_contain_text("Right.")
    page.reload()
    expect(page.get_by_role("textbox")).to_have_value("1.386")
    expect(page.get_by_role("status")).to_contain_text("Right.")
    another = open_page((tmp_path / "one.html").as_uri())
    expect(another.get_by_role("textbox")).to_have_value("")


def test_progress_follows_the_exercises_and_can_be_handed_in(open_page, tmp_path, monkeypatch):
    monkeypatch.setattr(Exercise, "made", {})
    asked = exercise.number("How many?", 10, mistakes=SLIPS), exercise.predict("And then?", 3)
    places = [widget(state_of(each), "exercise") for each in asked]
    places += [widget(state_of(exercise.progress()), "progress")]
    (tmp_path / "all.html").write_text(document("All", "".join(places)))
    page = open_page((tmp_path / "all.html").as_uri())
    progress = page.get_by_role("region", name="Your progress")
    expect(progress.get_by_role("status")).to_have_text("0 of 2 done")
    first = page.get_by_role("region", name="How many?")
    answer(first, "2500")
    expect(progress.get_by_role("listitem").first).to_contain_text("✗ not right How many?")
    answer(first, "10")
    page.reload()
    expect(progress.get_by_role("listitem")).to_have_text(["✓ right How many?", "○ open And then?"])
    expect(progress.get_by_role("status")).to_have_text("1 of 2 done")
    progress.get_by_role("button", name="And then?").click()
    expect(page.get_by_role("region", name="And then?").get_by_role("textbox")).to_be_focused()
    with page.expect_download() as saved:
        progress.get_by_role("button", name="Save to hand in").click()
    handed_in = json.loads(saved.value.path().read_text("utf-8"))
    assert [row["state"] for row in handed_in] == ["right", "open"]
    assert handed_in[0]["response"] == "10"


def test_an_exercise_that_goes_leaves_nothing_behind(show):
    region = show(exercise.predict("?", 1))
    region.page.evaluate("clear(); model.set('response', '2')")
    expect(region).to_have_count(0)


def test_a_lesson_under_jupyterlab_takes_answers_from_the_keyboard(jupyter_lab, open_page):
    page = open_page(f"{jupyter_lab}/lab/tree/02_the_loss.ipynb?reset")
    page.wait_for_function(KERNEL_IS_IDLE)
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    page.locator(".kd-findings").first.wait_for(state="attached")
    page.locator(".jp-WindowedPanel-outer").evaluate("(panel) => { panel.scrollTop = 0; }")
    region = page.get_by_role("region", name="Predict")
    result = page.locator(".jp-RenderedText").filter(has_text="0.9 · soft + 0.1 · hard")
    expect(result).to_have_css("filter", "blur(7px)")
    answer(region, "4")
    expect(result).to_have_css("filter", "none")
    region.get_by_role("button", name="Show the outcome").click()
    expect(region.get_by_role("definition").last).to_have_text("4.197 times")
    label, number = (
        region.get_by_role(kind).last.bounding_box() for kind in ("term", "definition")
    )
    assert label["y"] + label["height"] <= number["y"]  # JupyterLab floats them
    expect(page.locator(".jp-mod-editMode")).to_have_count(0)
