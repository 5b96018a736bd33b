"""The page judges pairs of students as Python does, and says it in the same words."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from kdviz.evaluation.compare import compare
from kdviz.page.bundle import ROOT, join_modules
from kdviz.panels.distill.page import describe_outcome
from kdviz.panels.distill.scenarios import Outcome, Settings

pytestmark = pytest.mark.browser

JUDGE = """(cases) => cases.map(([these, those]) => {
  const found = compare(these.map((v) => v ?? NaN), those.map((v) => v ?? NaN));
  return { ...found, low: String(found.low), high: String(found.high), text: sentence(found) };
})"""


def pairs():
    """Yield accuracies in steps of 1/797: close, apart, equal in their differences, diverged."""
    rng = np.random.default_rng(0)
    for number in (1, 2, 3, 5, 8, 16, 64):
        for gain in (-0.2, -0.004, 0.0, 0.0004, 0.004, 0.2):
            those = np.round(797 * rng.uniform(0.5, 0.75, number)) / 797
            yield those + np.round(797 * rng.normal(gain, 0.01, number)) / 797, those
            yield those + 3 / 797, those
    lost = np.array([np.nan, 0.9, 0.8])
    yield lost, np.array([0.5, 0.6, 0.7])
    yield lost[:1], lost[:1]


@pytest.fixture(scope="module")
def in_page(chromium):
    """in_page(script, argument) runs with the page's judges and words at hand."""
    page = chromium.new_page()
    entry = ROOT / "panels" / "distill" / "session.js"
    modules = join_modules(entry).rpartition("\nexport default")[0]
    page.add_script_tag(
        content=f"{modules}\nObject.assign(window, $page_maths_compare, $panels_distill_session, "
        "$panels_distill_words);"
    )
    yield page.evaluate
    page.close()


def test_the_page_judges_and_speaks_as_python_does(in_page):
    cases = list(pairs())
    plain = [[[None if np.isnan(v) else v for v in side] for side in case] for case in cases]
    for (these, those), found in zip(cases, in_page(JUDGE, plain), strict=True):
        expected = compare(these, those)
        assert found["text"] == expected.sentence()
        assert found["verdict"] == expected.verdict
        for name, value in asdict(expected).items():
            if name != "confidence" and expected.pairs:
                assert float(found[name]) == pytest.approx(value, rel=1e-9, abs=1e-12), name


UNSEEN = Settings("unseen", 3, 8, 4.0, 1.0, 2, 20.0)


@pytest.mark.parametrize("scenario", ["unseen", "all-labels"])
@pytest.mark.parametrize("diverged", [(), (1,), (0, 1, 2, 3)])
def test_an_outcome_of_the_page_is_pythons(in_page, scenario, diverged):
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(4, 60, 5)).astype(np.float32)
    logits[0, 5] = 1.0  # a tie goes to the first
    labels = rng.integers(-1, 4, 60)  # no 4s
    settings = replace(UNSEEN, scenario=scenario)
    expected = describe_outcome(Outcome(settings, tuple("abcde"), labels, logits, diverged))
    found = in_page(
        """([settings, logits, labels, diverged]) => JSON.parse(JSON.stringify(judge(
            settings, logits.map((each) => Float32Array.from(each)), labels, 5, diverged)))""",
        [asdict(settings), logits.reshape(4, -1).tolist(), labels.tolist(), list(diverged)],
    )
    expected["comparison"].pop("confidence")
    assert json.dumps(found["by_class"]) == json.dumps(expected["by_class"]) or all(
        a == pytest.approx(b)
        for rows in zip(found["by_class"], expected["by_class"], strict=True)
        for a, b in zip(*rows, strict=True)
    )
    assert found["found"] == pytest.approx(expected["found"])
    assert found["diverged"] == list(diverged)
    for name, value in expected["comparison"].items():
        assert found["comparison"][name] == pytest.approx(value), name


def test_what_is_said_of_an_outcome(in_page):
    def say(found=50.0, verdict="better", pairs=2, difference=0.25, diverged=(), **run):
        return in_page(
            """([run, outcome]) => [sentenceOf(outcome), besidePrediction(run, outcome, "3"),
                nextStep(run, outcome, "3")]""",
            [
                asdict(replace(UNSEEN, **run)),
                {
                    "found": found,
                    "diverged": list(diverged),
                    "comparison": {"verdict": verdict, "pairs": pairs, "difference": difference,
                                   "low": 0.2, "high": 0.3, "left_out": 2 - pairs},
                },
            ],
        )  # fmt: skip

    sentence, beside, after = say()
    assert sentence.startswith("Soft targets beat hard labels by 25.0 points")
    assert beside == "You predicted 20% of the 3s; it was 50%."
    assert "bias of class 3" in after
    _, beside, after = say(found=25.0, scenario="all-labels", prediction=-2.5)
    assert beside == "You predicted a gain of −2.5 points; it was 25.0."
    assert "smaller" in after
    _, beside, after = say(prediction=None, soft_weight=0.0)
    assert beside.startswith("The students recognize 50% of the 3s. You made no prediction")
    assert "no soft targets" in after
    assert "not always" in say(verdict="worse", scenario="all-labels")[2]
    sentence, beside, _ = say(found=None, pairs=0, diverged=(0, 1, 2, 3))
    assert sentence == "Nothing to compare: all 2 pairs diverged."
    assert beside == "So nothing can be held against your prediction."
    assert say(found=None, pairs=0)[0] == "Nothing to compare: no test example has a label."
