"""The page judges pairs of students as Python does, and says it in the same words."""

from dataclasses import asdict

import numpy as np
import pytest

from kdviz.evaluation.compare import compare
from kdviz.page.bundle import ROOT, join_modules

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


def test_the_page_judges_and_speaks_as_python_does(chromium):
    cases = list(pairs())
    page = chromium.new_page()
    modules = join_modules(ROOT / "page" / "maths" / "compare.js").rpartition("\nexport default")[0]
    page.add_script_tag(content=f"{modules}\nObject.assign(window, $page_maths_compare);")
    plain = [[[None if np.isnan(v) else v for v in side] for side in case] for case in cases]
    for (these, those), found in zip(cases, page.evaluate(JUDGE, plain), strict=True):
        expected = compare(these, those)
        assert found["text"] == expected.sentence()
        assert found["verdict"] == expected.verdict
        for name, value in asdict(expected).items():
            if name != "confidence" and expected.pairs:
                assert float(found[name]) == pytest.approx(value, rel=1e-9, abs=1e-12), name
    page.close()
