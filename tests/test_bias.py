import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from kdviz import best_bias, bias_for_frequency, mean_probability

CLASSES = (3, (7, 8))


def some_logits(scale=3.0, examples=200, seed=0):
    return scale * np.random.default_rng(seed).normal(size=(examples, 10))


def raised(logits, classes, bias):
    return logits + bias * np.isin(np.arange(10), classes)


@pytest.mark.parametrize("bias", [-3.0, 0.0, 7.6])
@pytest.mark.parametrize("classes", CLASSES)
def test_the_mean_probability_is_the_softmaxs(classes, bias):
    logits = some_logits()
    shares = softmax(raised(logits, classes, bias), axis=1)
    expected = shares[:, np.atleast_1d(classes)].sum(1).mean()
    assert mean_probability(logits, classes, bias) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
@pytest.mark.parametrize("frequency", [0.001, 0.1, 0.999])
@pytest.mark.parametrize("classes", CLASSES)
def test_the_bias_brings_the_mean_probability_to_the_frequency(classes, frequency, scale):
    logits = some_logits(scale)
    bias = bias_for_frequency(logits, classes, frequency)
    assert mean_probability(logits, classes, bias) == pytest.approx(frequency, abs=1e-9)
    moved = bias_for_frequency(raised(logits, classes, 5.0), classes, frequency)
    assert moved == pytest.approx(bias - 5, abs=1e-6)


def test_a_bias_that_was_taken_off_is_found_again():
    """Labels drawn from a model's own probabilities have the frequencies that it predicts."""
    logits = some_logits()
    frequency = mean_probability(logits, 3)
    assert bias_for_frequency(raised(logits, 3, -3.5), 3, frequency) == pytest.approx(3.5)


def test_one_example_needs_the_difference_of_log_odds():
    shares = np.array([[0.1, 0.2, 0.7]])
    bias = bias_for_frequency(np.log(shares), 0, 0.4)
    assert bias == pytest.approx(np.log(0.4 / 0.6) - np.log(0.1 / 0.9))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("classes", CLASSES)
def test_no_bias_gets_more_right_than_the_best(classes, seed):
    logits = some_logits(1.0, 60, seed)
    labels = np.random.default_rng(seed + 100).integers(10, size=60)

    def right(bias):
        return (raised(logits, classes, bias).argmax(1) == labels).sum()

    best = right(best_bias(logits, labels, classes))
    assert best == max(right(bias) for bias in np.linspace(-10, 10, 4001))


def test_the_best_bias_is_in_the_middle_of_its_stretch():
    logits = np.array(
        [[2.0, 0.0], [5.0, 0.0]]
    )  # above 2 the first is right, from 5 the second wrong
    assert best_bias(logits, np.array([1, 0]), 1) == pytest.approx(3.5)


def test_a_bias_chosen_on_the_test_set_is_optimistic():
    """On noise no bias helps; the best one seems to, on the examples that chose it."""
    rng = np.random.default_rng(0)
    gains = []
    for _ in range(50):
        logits, labels = rng.normal(size=(40, 10)), rng.integers(10, size=40)
        bias = best_bias(logits, labels, 3)
        gains.append((raised(logits, 3, bias).argmax(1) == labels).mean() - 0.1)
    assert np.mean(gains) > 0.03


def test_cross_entropy_agrees_where_the_model_is_right():
    """For labels drawn from the shifted model the frequency's bias also has the least loss."""
    rng = np.random.default_rng(1)
    logits = some_logits(1.0, 20_000)
    shares = softmax(raised(logits, 3, 2.0), axis=1)
    labels = (shares.cumsum(1) < rng.random((len(shares), 1))).sum(1)

    def loss(bias):
        chosen = log_softmax(raised(logits, 3, bias), axis=1)[np.arange(len(labels)), labels]
        return -chosen.mean()

    by_labels = minimize_scalar(loss, bounds=(-5, 5), method="bounded").x
    by_frequency = bias_for_frequency(logits, 3, float((labels == 3).mean()))
    assert by_frequency == pytest.approx(by_labels, abs=0.05)
    assert by_frequency == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda z: bias_for_frequency(z, 3, 0), "frequency must lie between 0 and 1, got 0"),
        (lambda z: bias_for_frequency(z, 3, np.nan), "frequency must lie between 0 and 1"),
        (lambda z: mean_probability(z, 10), "classes must be some of 0 to 9, .* got 10"),
        (lambda z: mean_probability(z, (7, 7)), r"classes must be some of .* got \(7, 7\)"),
        (lambda z: mean_probability(z, ()), "classes must be some of"),
        (lambda z: mean_probability(z, range(10)), "classes must be some of .* not all"),
        (lambda z: mean_probability(z[0], 3), r"logits must have shape .* got \(10,\)"),
        (lambda z: mean_probability(z / 0, 3), "logits must be finite, got NaN or infinite"),
        (lambda z: best_bias(z, np.zeros(3), 3), r"labels must be 200 class numbers .* \(3,\)"),
        (lambda z: best_bias(z, np.full(200, -2), 3), "labels must be 200 class numbers"),
        (lambda z: best_bias(z, np.full(200, -1), 3), "labels must name .* at least one"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(some_logits())
