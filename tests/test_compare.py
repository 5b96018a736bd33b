import math
import re

import numpy as np
import pytest
from scipy import stats

from kdviz.evaluation.compare import Comparison, compare, early_stopped, judge


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("pairs", [2, 8, 100])
def test_interval_is_scipys(pairs, confidence):
    rng = np.random.default_rng(pairs)
    these, those = rng.normal(size=(2, pairs))
    ours = compare(these, those, confidence=confidence)
    theirs = stats.ttest_rel(these, those).confidence_interval(confidence)
    np.testing.assert_allclose([ours.low, ours.high], [theirs.low, theirs.high], rtol=1e-9)
    assert ours.difference == pytest.approx(np.mean(these - those))
    assert ours.pairs == pairs


def test_swapping_the_sides_mirrors_the_comparison():
    these, those = np.random.default_rng(0).normal(size=(2, 9))
    one, other = compare(these, those), compare(those, these)
    assert (one.difference, one.low, one.high) == (-other.difference, -other.high, -other.low)


def test_what_pairs_have_in_common_cancels():
    rng = np.random.default_rng(0)
    luck, gain = rng.normal(size=16), rng.normal(0.1, 0.01, size=16)
    assert compare(luck + gain, luck).verdict == "better"
    assert compare(luck, luck + gain).verdict == "worse"
    assert compare(luck + gain, rng.permutation(luck)).verdict == "inconclusive"


def test_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    runs = [compare(rng.normal(0.3, 1, 8), rng.normal(0, 1, 8)) for _ in range(2000)]
    assert np.mean([run.low <= 0.3 <= run.high for run in runs]) == pytest.approx(0.95, abs=0.02)


def test_equal_differences_are_inconclusive_and_say_why():
    equal = compare([0.5, 0.25], [0.5, 0.25])
    assert (equal.low, equal.high, equal.verdict) == (0, 0, "inconclusive")
    rng = np.random.default_rng(0)
    for pairs, right in ((2, 40), (2, -3), (5, 7)):
        those = rng.integers(400, 700, pairs) / 797
        these = those + right / 797  # equal up to rounding
        found = compare(these, those)
        assert found.verdict == "inconclusive"
        assert f"in each of {pairs} paired seeds. Equal differences leave" in found.sentence()
        these[0] += 1 / 797
        assert "Equal differences" not in compare(these, those).sentence()
    assert compare([0.91, 0.92, 0.92], [0.81, 0.82, 0.81]).verdict == "better"


def test_many_verdicts_are_the_verdicts_of_each():
    low, high = (
        np.array([0.1, 0.1, -2, -1, 0, np.nan, -np.inf]),
        np.array([0.2, 0.1, -1, 1, 0, np.nan, np.inf]),
    )
    each = [Comparison(0, *ends, 2).verdict for ends in zip(low, high, strict=True)]
    assert judge(low, high).tolist() == each
    assert each == ["better", "inconclusive", "worse", *["inconclusive"] * 4]


@pytest.mark.parametrize("size", [1e-1, 4e-4, 3e-5, 2e-7])
def test_what_beats_does_not_beat_by_nothing(size):
    for sign in (1, -1):
        ends = sorted([sign * size * 0.5, sign * size * 1.5])
        found = Comparison(sign * size, *ends, 8)
        numbers = re.findall(r"[\d.]+(?= points| to|,)", found.sentence())
        assert len(numbers) == 3
        assert all(float(number) for number in numbers)
    nothing = Comparison(-0.0004, -0.01, 0.01, 8)
    assert nothing.in_points(nothing.difference) == "0.0"


def test_one_pair_is_inconclusive():
    single = compare([0.9], [0.1])
    assert single.verdict == "inconclusive"
    assert (single.low, single.high) == (-math.inf, math.inf)
    assert "train more seeds" in single.sentence()


def test_diverged_pairs_are_left_out_and_said_so():
    whole = compare([0.9, 0.8, 0.95], [0.7, 0.7, 0.7])
    holes = compare([0.9, np.nan, 0.8, 0.95], [0.7, 0.7, 0.7, 0.7])
    assert (holes.low, holes.high, holes.pairs, holes.left_out) == (whole.low, whole.high, 3, 1)
    assert holes.sentence().endswith("1 pair was left out because a member diverged.")
    assert compare([np.inf, 1, 2], [0, np.nan, 1]).left_out == 2


def test_all_diverged():
    nothing = compare([np.nan, np.nan], [0.5, 0.5])
    assert nothing.verdict == "inconclusive"
    assert math.isnan(nothing.difference)
    assert nothing.sentence() == "Nothing to compare: all 2 pairs diverged."


def test_sentences():
    assert Comparison(0.065, 0.062, 0.068, 16).sentence() == (
        "Soft targets beat hard labels by 6.5 points (95% interval 6.2 to 6.8, 16 paired seeds)."
    )
    assert (
        Comparison(-0.025, -0.03, -0.02, 8)
        .sentence()
        .startswith("Soft targets lose to hard labels by 2.5 points (95% interval −3.0 to −2.0")
    )
    assert (
        Comparison(-0.0001, -0.01, 0.01, 8)
        .sentence("A", "B")
        .startswith("A minus B: 0.0 points (95% interval −1.0 to 1.0, 8 paired seeds).")
    )


@pytest.mark.parametrize(
    ("these", "those"), [([1, 2], [1, 2, 3]), ([], []), (1.0, 2.0), ([[1, 2]], [[1, 2]])]
)
def test_lists_that_do_not_pair_up_are_refused(these, those):
    with pytest.raises(ValueError, match="two lists of one length, at least 1"):
        compare(these, those)


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5, np.nan])
def test_confidence_is_checked(confidence):
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1, got"):
        compare([1, 2], [1, 2], confidence=confidence)


def test_early_stopping_is_chosen_by_one_curve_and_judged_by_the_other():
    rng = np.random.default_rng(0)
    validation, test = rng.random((2, 12, 5))
    stopped = early_stopped(validation, test)
    expected = [test[validation[:, member].argmax(), member] for member in range(5)]
    np.testing.assert_array_equal(stopped, expected)
    np.testing.assert_array_equal(early_stopped(test, test), test.max(0))
    assert early_stopped(validation[:, 0], test[:, 0]) == expected[0]


@pytest.mark.parametrize("shapes", [((3,), (4,)), ((0, 2), (0, 2))])
def test_curves_that_do_not_fit_are_named(shapes):
    with pytest.raises(ValueError, match="validation and test must be curves of one shape"):
        early_stopped(*(np.zeros(shape) for shape in shapes))
