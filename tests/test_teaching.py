"""The instructor's guide: its numbers come out again, its controls are there, its answers right."""

import ast
import json
import re
from functools import cache, partial

import pytest

import kdviz
from kdviz.evaluation.compare import interval
from kdviz.exercises.check import check_function
from kdviz.page.bundle import ROOT
from kdviz.panels.distill.scenarios import Outcome, transfer_sets
from kdviz.panels.distill.session import BATCH_SIZE, EPOCHS, LR
from scripts.teaching_numbers import GUIDE, LESSONS, RUNS, exercises_of, fill, marked

TEXT = GUIDE.read_text()
NUMBERS = dict(marked(TEXT))
PLAIN = re.sub(r"<!--.*?-->", "", TEXT)
PLANS = {"50 minutes": 50, "90 minutes": 90, "3 hours": 180}


def section(title, text=PLAIN):
    return re.search(rf"^##+ {title}\n(.*?)(?=^##+ |\Z)", text, re.DOTALL | re.MULTILINE)[1]


# Numbers.


@cache
def outcome(name):
    """What Python finds in a run of Distill that the guide tells of."""
    settings, digits = RUNS[name], kdviz.load_dataset("digits")
    students, baselines = transfer_sets(settings, digits)
    run = kdviz.train(
        partial(kdviz.mlp, 64, (settings.width,), 10),
        students + baselines,
        kdviz.load_teacher("digits").train_logits,
        seeds=[*range(settings.seeds)] * 2,
        temperature=settings.temperature,
        soft_weight=[1.0] * settings.seeds + [0.0] * settings.seeds,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        lr=LR,
    )
    list(run)
    logits = run.cohort.logits(digits.test.inputs)
    return Outcome(settings, digits.classes, digits.test.labels, logits)


def points(name):
    return float(NUMBERS[name].replace("−", "-").rstrip("%"))


@pytest.mark.parametrize("name", ["unseen", "few", "all.units8"])
def test_a_gain_lies_within_the_interval_that_is_found_anew(name):
    found = outcome(name).comparison
    assert 100 * found.low <= points(f"{name}.gain") <= 100 * found.high
    assert NUMBERS[f"{name}.verdict"].lower() == found.verdict


@pytest.mark.parametrize("name", ["unseen", "unseen.cold"])
def test_a_share_lies_within_the_interval_that_is_found_anew(name):
    made = outcome(name)
    shares = 100 * made.recall[: made.settings.seeds, made.settings.omitted]
    low, high = interval(shares)
    assert low - 0.5 <= points(f"{name}.found") <= high + 0.5  # the page rounds to one percent


@pytest.mark.filterwarnings("ignore:reduction")  # lesson 2 shows what it warns of
def test_lessons_that_train_nothing_come_out_as_the_guide_says():
    for number in "12":
        (lesson,) = LESSONS.glob(f"0{number}*.ipynb")
        made = exercises_of(lesson)
        (guess,) = (each.answer for each in made if each.kind == "prediction")
        assert f"{guess:.2g}" == NUMBERS[f"lesson{number}.1"]


def test_a_number_that_nobody_reads_is_named():
    with pytest.raises(ValueError, match="'strange'"):
        fill("<!--known-->1<!--/--> <!--strange-->2<!--/-->", {"known": "3"})
    assert fill("<!--known-->1<!--/-->", {"known": "3"}) == "<!--known-->3<!--/-->"


# Controls and links.


def said_on_the_page():
    """Patterns of all that stands between quotes or tags in the page's sources."""
    sources = [*ROOT.glob("panels/**/*.js"), *ROOT.glob("app/shell/*.js")]
    sources += [*ROOT.glob("page/[ps]*/*.js"), *ROOT.glob("panels/sweep/questions.*")]
    texts = [path.read_text() for path in sources]
    texts += [re.sub(r"\$\{[^{}]*\}", "\0", text) for text in texts]
    for text in texts:
        for literal in re.findall(r"(?<=[\"'`>\n])[^\"'`<>\n]{2,60}(?=[\"'`<$\n])", text):
            fixed = [re.escape(part) for part in literal.strip().split("\0")]
            if any(re.search(r"\w\w|T²", part) for part in fixed):
                yield ".{0,12}".join(fixed)


def test_each_control_is_called_as_on_the_page():
    known = re.compile("|".join(set(said_on_the_page())))
    named = set(re.findall(r"\*\*(.+?)\*\*", TEXT)) - {"bold"}
    assert len(named) > 30
    assert {name for name in named if not known.fullmatch(name)} == set()
    assert not known.fullmatch("Begin the training")


def anchors_of(text):
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("name", ["teaching", "classroom", "grading"])
def test_links_lead_somewhere(name):
    page = GUIDE.with_name(f"{name}.md")
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", page.read_text()):
        target = page.parent / path if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors_of(target.read_text()), anchor


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_says_what_to_do_each_five_minutes(plan):
    minutes = re.findall(r"^\| (\d+) \| \S", section(plan), re.MULTILINE)
    assert [int(each) for each in minutes] == list(range(0, PLANS[plan], 5))


def test_each_step_says_what_to_expect_and_what_to_reply():
    steps = re.findall(r"^### (\d+\. .+)$", section_of_steps(), re.MULTILINE)
    assert [int(title.split(".")[0]) for title in steps] == list(range(1, len(steps) + 1))
    for title in steps:
        text = section(re.escape(title))
        assert "*Expect" in text, title
        assert "*If they" in text or "*Exit question:*" in text, title
        assert f"[{title}]" in TEXT, f"no plan has {title}"


def section_of_steps():
    return PLAIN[PLAIN.index("## The steps") : PLAIN.index("## Ten misconceptions")]


def test_there_are_ten_misconceptions():
    assert len(re.findall(r"^\d+\. ", section("Ten misconceptions"), re.MULTILINE)) == 10


# Answers.


def calls_of(lesson):
    """What a lesson asks: (kind, arguments) of each call, in order."""
    cells = json.loads(lesson.read_text())["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    for call in (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)):
        if ast.unparse(call.func).startswith("kdviz.exercise."):
            arguments = call.args + [each.value for each in call.keywords if each.arg == "right"]
            like = [each.value.value for each in call.keywords if each.arg == "like"]
            yield call.func.attr, arguments, like


@pytest.mark.parametrize("lesson", sorted(LESSONS.glob("0*.ipynb")), ids=lambda path: path.name[:2])
def test_every_exercise_has_its_answer(lesson):
    text = section(f"Lesson {lesson.name[1]}")
    space = {}
    for source in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec("import math, torch, kdviz\nfrom torch.nn import functional as F\n" + source, space)
    for kind, arguments, like in calls_of(lesson):
        if kind == "check":
            found = check_function(space[arguments[0].id], *like)
            assert all(each.holds for each in found), found[-1]
        elif kind in ("choice", "number"):
            for each in arguments:
                if isinstance(each, ast.Constant):  # not where numbers stand in the question
                    assert each.value in text
        else:
            assert "prediction" in text


# Handing in.


def test_the_grading_script_judges_notebooks(tmp_path, monkeypatch, capsys):
    (script,) = re.findall(r"```python\n(.*?)```", GUIDE.with_name("grading.md").read_text(), re.S)
    (lesson,) = LESSONS.glob("01*.ipynb")
    repaired = lesson.read_text().replace(
        "torch.softmax(logits, -1) / temperature", "torch.softmax(logits / temperature, -1)"
    )
    (tmp_path / "anna.ipynb").write_text(repaired)
    (tmp_path / "ben.ipynb").write_text(repaired.replace("def my_entropy(", "def my_entropy(("))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["grade.py", "anna.ipynb", "ben.ipynb"])
    exec(compile(script, "grading.md", "exec"), {})
    anna_softmax, anna_entropy, _, ben_entropy = capsys.readouterr().out.splitlines()
    assert anna_softmax == "anna.ipynb\tDoes my_softmax do what tempered_softmax does?\tpassed"
    assert anna_entropy.endswith("\tfails: Two classes alike: 1 bit. Four: 2 bits.")
    assert "\tstops: " in ben_entropy


def test_there_are_as_many_functions_to_repair_as_said():
    checks = [
        like
        for path in LESSONS.glob("0*.ipynb")
        for kind, _, like in calls_of(path)
        if kind == "check"
    ]
    said = re.search(r"^(\w+) functions are there", GUIDE.with_name("grading.md").read_text(), re.M)
    assert (len(checks), said[1]) == (9, "Nine")
