"""A class: links that can't go wrong, codes of predictions, and their plot on the projector."""

import csv
import re

import pytest
from playwright.sync_api import expect

from kdviz.export.page import page_of, whole_lab
from kdviz.page.bundle import ROOT, join_modules
from tests.browser.conftest import watch

pytestmark = pytest.mark.browser

SHARE = {"name": "unseen", "of": "T = 8", "at": "T = 8", "low": 0, "high": 100, "near": 10}
GAIN = {"name": "few-labels", "of": "T = 8", "low": -100, "high": 100, "near": 2}
CHOICE = {"name": "labels", "of": "digits, 5 seeds", "options": ["10", "20", "more"]}
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
READ = "([question, codes]) => codes.map((code) => codes_.readCode(question, code))"
WRITE = "([question, ...rest]) => codes_.writeCode(question, ...rest)"


@pytest.fixture(scope="module")
def in_page(chromium):
    page = chromium.new_page()
    modules = join_modules(ROOT / "app" / "shell" / "codes.js").rpartition("\nexport default")[0]
    page.add_script_tag(content=f"{modules}\nwindow.codes_ = $app_shell_codes;")
    yield page.evaluate
    page.close()


@pytest.fixture(scope="module")
def lab_text():
    return page_of(whole_lab(panels=("start", "soft_targets", "distill"), width=4, epochs=3))


@pytest.fixture(scope="module")
def lab_file(lab_text, tmp_path_factory):
    path = tmp_path_factory.mktemp("class") / "lab.html"
    path.write_text(lab_text, encoding="utf-8")
    return path.as_uri()


def choose(page, name):
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name=name).click()


def add(page, text):
    page.get_by_label("Codes", exact=True).fill(text)
    page.get_by_role("button", name="Add", exact=True).click()


# Codes.


@pytest.mark.parametrize(
    ("question", "value"),
    [(SHARE, 0), (SHARE, 100), (SHARE, 12.3), (GAIN, -100), (GAIN, 100), (GAIN, -0.1), (CHOICE, 2)],
)
def test_a_code_says_again_what_was_predicted(in_page, question, value):
    for learner in (0, 77, 2**17 - 1):
        code = in_page(WRITE, [question, value, learner])
        assert re.fullmatch(f"[{LETTERS}]{{5}}-[{LETTERS}]{{5}}", code)
        lower = code.lower().replace("0", "o").replace("1", "l").replace("-", "")
        for found in in_page(READ, [question, [code, lower]]):
            assert found == {"code": code, "value": value, "learner": learner}


def test_a_slip_of_the_fingers_is_found(in_page):
    code = in_page(WRITE, [SHARE, 83, 12345]).replace("-", "")
    slips = [
        code[:i] + each + code[i + 1 :] for i in range(10) for each in LETTERS if each != code[i]
    ]
    slips += [code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(9)]
    read = in_page(READ, [SHARE, [each for each in slips if each != code]])
    assert sum("problem" not in each for each in read) <= 3  # one in 512 passes by chance


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("hello", "hello is no code: it takes ten letters and digits"),
        ("UUUUU-UUUUU", "without U"),
        ("<b>" * 30, "… is no code"),
        (("CHOICE", 1), "is a prediction for Sweep, how few labels; here it is Distill, a digit"),
        (("SHARE at 1", 50), "was made at other settings than here (T = 8)"),
    ],
)
def test_what_is_no_code_for_this_question_is_refused_by_name(in_page, asked, problem):
    if isinstance(asked, tuple):
        made = {"CHOICE": CHOICE, "SHARE at 1": SHARE | {"of": "T = 1"}}[asked[0]]
        asked = in_page(WRITE, [made, asked[1], 5])
    (found,) = in_page(READ, [SHARE, [asked]])
    assert found.keys() == {"problem"}
    assert problem in found["problem"]


def test_of_one_learner_the_last_code_counts(in_page):
    codes = [in_page(WRITE, [SHARE, value, who]) for value, who in ((10, 1), (20, 2), (30, 1))]
    script = "([question, text]) => codes_.addCodes(question, [], text)"
    found = in_page(script, [SHARE, f"{codes[0]}, {codes[1]}\nAnna {codes[2]}"])
    assert [each["value"] for each in found["kept"]] == [30, 20]
    assert (found["added"], found["replaced"], len(found["problems"])) == (2, 1, 1)


@pytest.mark.parametrize(
    ("question", "values", "outcome"),
    [
        (SHARE, [0, 2.4, 50, 100], 83.4),
        (GAIN, [0.5, -0.3], 0.1),
        (GAIN, [-100, 100, 3], 11.5),
        (CHOICE, [0, 2, 2], 1),
        (GAIN, [], None),
    ],
)
def test_each_prediction_has_its_dot_and_the_outcome_one_column(in_page, question, values, outcome):
    script = "([question, values, outcome]) => codes_.columnsOf(question, values, outcome)"
    columns = in_page(script, [question, values, outcome])
    assert sum(each["count"] for each in columns) == len(values)
    assert sum(each["hit"] for each in columns) == (outcome is not None)
    assert len(columns) <= 21


# The class.


def test_codes_of_a_class_become_a_plot_and_the_outcome_is_revealed(
    open_page, lab_file, chromium, tmp_path
):
    place = f"{lab_file}#panel=distill&seeds=2&temperature=8"
    codes, problems = [], []
    for prediction in ("60", "12.5"):
        own = chromium.new_context()  # somebody's own device
        pupil = own.new_page()
        watch(pupil, problems)
        pupil.goto(f"{place}&codes=1")
        expect(pupil.locator(".kd-code")).to_contain_text("Predict, and your code")
        field = pupil.get_by_label("Your prediction, in percent")
        field.fill(prediction)
        codes.append(pupil.locator(".kd-code b").inner_text())
        expect(pupil).to_have_url(re.compile(f"prediction={prediction}"))
        pupil.reload()  # is no second learner
        expect(pupil.locator(".kd-code b")).to_have_text(codes[-1])
        if prediction == "60":  # is the same in every language
            choose(pupil, "Deutsch")
            expect(pupil.locator(".kd-code")).to_have_text(re.compile(f"die Klasse: {codes[-1]}"))
        if prediction == "12.5":
            pupil.get_by_role("button", name="Train", exact=True).click()
            pupil.locator(".kd-verdict[data-verdict]").wait_for()
            field.fill("99")  # too late: it is known
            expect(pupil.locator(".kd-code b")).to_have_text(codes[-1])
        own.close()
    assert problems == []

    page = open_page(place)
    choose(page, "Collect predictions …")
    dialog = page.get_by_role("dialog")
    plot = dialog.get_by_role("img")
    expect(dialog.get_by_role("button", name="Reveal")).to_be_disabled()
    add(page, f"{codes[0]}\nnonsense")
    expect(dialog.get_by_text("1 added.")).to_be_visible()
    expect(dialog.get_by_text("nonsense is no code")).to_be_visible()
    expect(dialog.get_by_label("Codes", exact=True)).to_have_value("nonsense")
    add(page, codes[1].lower())
    expect(plot).to_have_accessible_name("15: 1, 60: 1")
    expect(dialog).to_contain_text("2 predictions; half say 12.5% or less.")
    page.reload()
    choose(page, "Collect predictions …")
    expect(plot).to_have_accessible_name("15: 1, 60: 1")
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Train", exact=True).click()
    page.locator(".kd-verdict[data-verdict]").wait_for()
    choose(page, "Collect predictions …")
    expect(dialog).not_to_contain_text("It was")
    dialog.get_by_role("button", name="Reveal").click()
    expect(dialog).to_contain_text(re.compile(r"It was [\d.]+%. 2 predictions;.* of 2 within 10"))
    expect(dialog.locator(".kd-hit")).to_have_count(1)
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Save as CSV").click()
    rows = list(csv.DictReader(saved.value.path().read_text("utf-8").splitlines()))
    assert [(row["code"], row["prediction"]) for row in rows] == list(
        zip(codes, ("60", "12.5"), strict=True)
    )
    assert {row["right_or_near"] for row in rows} <= {"yes", "no"}
    page.keyboard.press("Escape")

    page.get_by_role("radio", name="Few labels").check()  # asks something else
    choose(page, "Collect predictions …")
    add(page, codes[0])
    expect(dialog).to_contain_text("is a prediction for Distill, a digit it never saw; here it is")
    expect(dialog).to_contain_text("No codes yet.")


def test_a_curve_rides_along_and_stands_behind_the_teachers_chart(open_page, tmp_path):
    (tmp_path / "sweep.html").write_text(page_of(whole_lab(panels=("sweep",))), "utf-8")
    place = f"{(tmp_path / 'sweep.html').as_uri()}#codes=1"
    pupil, page = (open_page(place) for _ in range(2))
    pupil.locator(".kd-sweep").get_by_role("combobox").first.select_option(index=2)
    code = pupil.locator(".kd-code b")
    expect(code).to_have_text(re.compile(r"^\w{5}-\w{5}$"))
    dots = pupil.get_by_role("slider", name=re.compile("^Your curve at"))
    dots.first.press("ArrowUp")
    expect(code).to_have_text(re.compile(rf"^\w{{5}}-\w{{5}}-\w{{{dots.count() + 1}}}$"))
    long = code.inner_text()
    choose(page, "Collect predictions …")
    slip = long[:-1] + ("A" if long[-1] != "A" else "B")
    add(page, f"{long} {slip}")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 added.")
    expect(dialog).to_contain_text("has a slip")
    expect(dialog).to_contain_text("1 curve stands behind the chart.")
    expect(page.locator(".kd-sketch .kd-drawn-others")).to_have_count(1)
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Save as CSV").click()
    (row,) = csv.DictReader(saved.value.path().read_text("utf-8").splitlines())
    drawn, *rest = row["curve"].split()
    assert float(drawn) == pytest.approx(0.76, abs=0.01)  # a key's step above the middle, 75%
    assert set(rest) == {"-"}


def test_choices_have_codes_too_and_their_outcome(open_page, lab_file):
    page = open_page(f"{lab_file}#panel=soft_targets&codes=1")
    page.get_by_role("radio", name="above 10").check(force=True)
    soft = page.locator(".kd-code b").inner_text()
    choose(page, "Collect predictions …")
    add(page, soft)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Reveal").click()
    expect(dialog).to_contain_text("1 prediction. 0 of 1 right.")
    expect(dialog.locator(".kd-hit")).to_have_text("6 to 10")
    page.keyboard.press("Escape")

    page.get_by_role("tab", name="Start").click()
    page.get_by_role("radio", name="Nearly all").check(force=True)
    start = page.locator(".kd-code b").inner_text()
    choose(page, "Collect predictions …")
    add(page, f"{soft} {start}")
    expect(dialog).to_contain_text("is a prediction for Soft targets; here it is Start.")
    expect(dialog.get_by_role("img")).to_have_accessible_name("Nearly all: 1")


# Its links.


def test_a_step_of_a_lesson_is_a_link_with_looks_and_a_qr_code(open_page, lab_file):
    page = open_page(f"{lab_file}#panel=start&guess=most&prediction=7&seeds=4", color_scheme="dark")
    choose(page, "Link for the class …")
    link = page.get_by_role("textbox", name="Link", exact=True)
    expect(link).to_have_value(re.compile("seeds=4$"))
    assert not re.search("guess|prediction", link.input_value())
    qr_code = page.get_by_role("button", name="QR code")
    expect(qr_code).to_be_disabled()
    steps = page.get_by_label("What it opens")
    expect(steps.get_by_role("option")).to_have_count(10)  # no Loss, Sweep and Specialists here
    steps.select_option(label="Lesson 5: The same, cold")
    page.get_by_label("Lock: Soft weight").check()
    page.get_by_label("Large type", exact=True).check()
    page.get_by_label("Codes of predictions", exact=True).check()
    page.get_by_role("radio", name="Light").check(force=True)
    place = page.get_by_label("Where the class opens the file")
    place.fill("school")
    expect(page.get_by_text("That is no address")).to_be_visible()
    place.fill("https://school.example/lab.html?a=1#b")
    settings = (
        "#temperature=1&large=1&colors=light&codes=1&scenario=unseen&seeds=8"
        "&lock=scenario,temperature,soft_weight&hide=start,soft_targets"
    )
    expect(link).to_have_value(re.compile("^https://school.example/lab.html#panel=distill&"))
    told = link.input_value()
    assert set(told.partition("#")[2].split("&")) == {"panel=distill", *settings[1:].split("&")}
    qr_code.click()
    code = page.get_by_role("img", name="The link as a QR code")
    assert code.bounding_box()["width"] >= 400
    assert code.locator("rect").get_attribute("fill") == "#fff"  # in the dark, too
    drawn = code.locator("path").get_attribute("d")
    page.get_by_role("button", name="Back").click()
    page.get_by_label("Hide: A closer look").check()
    qr_code.click()
    assert code.locator("path").get_attribute("d") != drawn

    pupil = open_page(lab_file + "#" + told.partition("#")[2], color_scheme="dark")
    expect(pupil.locator(".kd-news")).to_have_text("")
    expect(pupil.locator("[role=tab]")).to_have_count(1)
    expect(pupil.locator(".kdviz")).to_have_css("zoom", "1.5")
    expect(pupil.locator(".kdviz")).to_have_css("background-color", "rgb(252, 251, 248)")
    expect(pupil.locator("body")).to_have_css("background-color", "rgb(252, 251, 248)")
    expect(pupil.get_by_label("Your prediction, in percent")).to_have_value("")
    choose(pupil, "Colors: light")
    expect(pupil.locator(".kdviz")).to_have_css("background-color", "rgb(21, 24, 28)")


def test_a_link_to_this_computer_alone_says_so_and_names_its_address(window, lab_text):
    page = window.new_page()
    text = lab_text.replace('"network":""', '"network":"192.168.7.5"')
    assert text != lab_text
    page.route(
        "http://localhost:8/**", lambda route: route.fulfill(body=text, content_type="text/html")
    )
    page.goto("http://localhost:8/lab.html")
    choose(page, "Link for the class …")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("http://192.168.7.5:8000/lab.html, this computer's address")
    expect(dialog.get_by_role("button", name="QR code")).to_be_disabled()
    page.get_by_label("Where the class opens the file").fill("http://192.168.7.5:8000/lab.html")
    expect(dialog.get_by_role("button", name="QR code")).to_be_enabled()
    expect(dialog).not_to_contain_text("this computer's address")
    page.close()


def test_codes_come_by_the_folder_that_a_class_shares(open_page, voila_app):
    pupil, page = (open_page(f"{voila_app}/?panel=soft_targets&codes=1") for _ in range(2))
    pupil.get_by_role("radio", name="above 10").check(force=True)
    expect(pupil.locator(".kd-code")).to_contain_text("Your teacher has it.")
    choose(page, "Collect predictions …")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 prediction.")
    dialog.get_by_role("button", name="Start over").click()
    expect(dialog).to_contain_text("No codes yet.")
    pupil.get_by_role("radio", name="6 to 10").check(force=True)
    expect(dialog).to_contain_text("1 prediction.")
