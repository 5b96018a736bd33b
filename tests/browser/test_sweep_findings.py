"""What the page says of a sweep's accuracies: numbers as Python has them, and the words."""

import math

import numpy as np
import pytest

from kdviz.evaluation.compare import compare
from kdviz.page.bundle import ROOT, join_modules
from kdviz.panels.sweep.questions import QUESTIONS
from kdviz.sweeps.results import Results
from kdviz.sweeps.store import Result

pytestmark = pytest.mark.browser

FIND = """([table, accuracies, predictions]) => {
  const numbers = accuracies.map((kind) => kind.map((a) => (a === "diverged" ? NaN : a)));
  const found = findingsOf(table, numbers);
  return { ...found, beside: predictions.map((each) => found.beside(each)) };
}"""


@pytest.fixture(scope="module")
def in_page(chromium):
    page = chromium.new_page()
    modules = join_modules(ROOT / "panels" / "sweep" / "findings.js")
    modules = modules.rpartition("\nexport default")[0]
    page.add_script_tag(content=f"{modules}\nObject.assign(window, $panels_sweep_findings);")
    yield page.evaluate
    page.close()


@pytest.fixture
def find(in_page):
    """find(name, seeds, accuracy, *predictions) -> findings, and the results they are of.

    accuracy(point) is what a student came to: NaN if it diverged, None if it is not trained.
    """

    def find_(name, seeds, accuracy, *predictions):
        question = QUESTIONS[name](seeds, "digits")
        results = [Results(grid) for grid in question.grids]
        for each in results:
            points = {point: accuracy(point) for point in each.grid.points()}
            each.found |= {
                point: Result(point, value, None, 0.0, 0.0, math.isnan(value))
                for point, value in points.items()
                if value is not None
            }
        arguments = [question.plain(), question.accuracies(results), predictions]
        return in_page(FIND, arguments), results

    return find_


def around(mean, point):
    """Accuracies of the seeds, apart by what soft targets did for each."""
    return mean + (point.soft_weight > 0) * (point.seed % 3 - 1) / 1024


@pytest.mark.parametrize("name", QUESTIONS)
def test_cells_have_the_numbers_of_the_library(find, name):
    rng = np.random.default_rng(0)

    def accuracy(point):
        value, lot = rng.normal(0.85 + 0.02 * (point.soft_weight > 0), 0.02), rng.random()
        return None if lot < 0.1 else math.nan if lot < 0.3 else round(797 * value) / 797

    found, results = find(name, 5, accuracy)
    question = QUESTIONS[name](5, "digits")
    for row, cells in zip(question.rows, found["cells"], strict=True):
        for value, cell in zip(question.values, cells, strict=True):
            at = row.at | {question.axis: value}
            expected = results[row.grid].cell(**at)
            base = results[row.grid].cell(**at | {"soft_weight": 0.0})
            for kind, group in ((expected, cell), (base, cell["base"])):
                for number in ("accuracy", "low", "high"):
                    wanted = getattr(kind, number)
                    wanted = pytest.approx(wanted, rel=1e-9) if math.isfinite(wanted) else None
                    assert group[number] == wanted
            gap = expected.difference
            whole = min(c.seeds + c.diverged for c in (expected, base)) == 5
            assert cell["verdict"] == (gap.verdict if whole and gap.pairs else "")
            assert (cell["difference"] is None) == (gap is None or not gap.pairs)
            if cell["difference"] is not None:
                assert cell["difference"] == pytest.approx(100 * gap.difference, abs=1e-9)
            if whole:
                assert cell["sentence"].endswith(gap.sentence("Soft targets", "labels alone"))


def test_a_verdict_waits_for_all_seeds(find):
    missing = (8, 1.0, 2)

    def accuracy(point):
        here = (point.width, point.temperature, point.seed)
        return None if here == missing else around(0.5, point)

    found, _ = find("temperature", 3, accuracy, "T = 1")
    cell, other = found["cells"][0][:2]
    assert cell["verdict"] == ""
    assert cell["sentence"].startswith("8 units, T = 1: ")
    assert "2 of 3 seeds so far" in cell["sentence"]
    assert other["verdict"] == "inconclusive"
    assert found["summary"][0] == "So far 31 of 32 cells are complete: "
    assert (found["known"], found["students"]) == (107, 108)
    assert found["beside"] == [""]
    assert found["answer"] is None


def test_the_summary_counts_verdicts_and_warns_of_luck(find):
    gain = {1.0: 0.1, 20.0: -0.1}
    found, _ = find(
        "temperature",
        5,
        lambda p: around(0.8 + gain.get(p.temperature, 0) + (p.width == 64) * 0.05, p),
    )
    text = "".join(part if isinstance(part, str) else part[0] for part in found["summary"])
    assert text == (
        "Of 32 cells, 4 are better than labels alone, 4 are worse, and 24 are inconclusive."
    )
    assert found["best"].startswith("Best cell: 8 units, T = 1: 90.0% right.")
    assert "about 2 of 32" in found["warning"]


def test_nothing_is_said_of_nothing(find):
    found, _ = find("labels", 3, lambda point: None, "50 labels")
    assert (found["summary"], found["best"], found["warning"]) == ([], "", "")
    assert found["beside"] == [""]
    assert found["cells"][0][0]["sentence"] == "Same images, 10 labels: not trained yet."


def test_a_prediction_is_held_against_the_best_with_an_interval(find):
    rng = np.random.default_rng(0)
    known = {}

    def accuracy(point):
        lucky = point.temperature == 3
        known[point] = 0.8 + 0.05 * lucky + rng.normal(0, 0.01)
        return known[point]

    found, _ = find("temperature", 5, accuracy, "T = 3", "labels alone", None, "50 labels")
    these, those = (
        [value for p, value in known.items() if (p.width, p.temperature) == (8, T)]
        for T in (3.0, None)
    )
    assert found["answer"] == "T = 3"
    right, wrong, *none = found["beside"]
    assert right == f"You predicted T = 3, and it was: {np.mean(these):.1%}."
    assert wrong.endswith(compare(these, those).sentence("T = 3", "labels alone"))
    assert all("no prediction" in text for text in none)


@pytest.mark.parametrize(
    ("better_below", "found"), [(60, "100 labels"), (2000, "more than all"), (0, "10 labels")]
)
def test_labels_keep_up_from_where_soft_targets_no_longer_win(find, better_below, found):
    def accuracy(point):
        ahead = point.soft_weight or point.label_fraction * 1000 > better_below
        return around(0.9 if ahead else 0.5, point)

    said, _ = find("labels", 3, accuracy, found, "500 labels")
    assert said["answer"] == found
    right, wrong = said["beside"]
    assert right == f"You predicted {found}, and so it was."
    assert wrong == f"You predicted 500 labels; it was {found}."


def test_a_student_that_diverged_is_right_about_nothing(find):
    """Else the one that diverges now and then would be best by what is left."""

    def accuracy(point):
        wild = point.soft_weight == 0.9
        return math.nan if wild and point.seed == 0 else 0.9 + 0.05 * wild

    found, _ = find("weight", 3, accuracy, "soft weight 0.9")
    assert found["cells"][0][3]["alive"] == 2
    assert "the best mean was 90.0%, with labels alone" in found["beside"][0]
