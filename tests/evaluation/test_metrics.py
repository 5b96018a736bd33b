import numpy as np
import pytest
import torch

from kdviz.evaluation.metrics import (
    accuracy,
    calibration_error,
    carried_over,
    conditional_accuracy,
    coverage_table,
    mean_distribution,
    negative_log_likelihood,
)


def random_logits(*shape, seed=0):
    return 2 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def test_the_two_means_of_distributions():
    logits = random_logits(3, 20, 5)
    p = logits.softmax(-1)
    torch.testing.assert_close(mean_distribution(logits, "arithmetic"), p.mean(0))
    product = p.prod(0) ** (1 / 3)
    torch.testing.assert_close(mean_distribution(logits), product / product.sum(1, keepdim=True))
    for mean in ("arithmetic", "geometric"):
        torch.testing.assert_close(mean_distribution(logits[:1], mean), p[0])
    with pytest.raises(ValueError, match="mean must be 'geometric' or 'arithmetic', got 'median'"):
        mean_distribution(logits, "median")


def test_labels_drawn_from_the_predictions_find_them_calibrated():
    p = random_logits(20_000, 4).softmax(-1)
    labels = torch.multinomial(p, 1, generator=torch.Generator().manual_seed(1))[:, 0].numpy()
    assert calibration_error(p, labels) < 0.015
    sharper = (p**3) / (p**3).sum(1, keepdim=True)
    assert calibration_error(sharper, labels) > 0.1
    entropy = -(p * p.log()).sum(1).mean().item()
    assert negative_log_likelihood(p, labels) == pytest.approx(entropy, abs=0.02)
    assert negative_log_likelihood(sharper, labels) > entropy + 0.1


def test_calibration_by_hand():
    p = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]])
    labels = np.array([0, 1, 1])
    # Two at 0.9, one of them right; one at 0.6, right: (2·|0.5 - 0.9| + |1 - 0.6|) / 3
    assert calibration_error(p, labels) == pytest.approx(1.2 / 3, abs=1e-6)
    assert calibration_error(p, labels, bins=1) == pytest.approx(abs(2 / 3 - 0.8), abs=1e-6)
    assert calibration_error(torch.tensor([[1.0, 0.0]]), np.array([0])) == 0
    with pytest.raises(ValueError, match="bins must be a whole number of at least 1, got 0"):
        calibration_error(p, labels, bins=0)


def test_a_label_held_impossible_costs_much_and_not_everything():
    p = torch.tensor([[1.0, 0.0]])
    assert 80 < negative_log_likelihood(p, np.array([1])) < 90
    assert negative_log_likelihood(p, np.array([0])) == 0


def test_unlabelled_examples_change_no_measure():
    p = random_logits(60, 5).softmax(-1)
    labels = np.random.default_rng(0).integers(0, 5, 60)
    known = np.arange(60) % 3 > 0
    holes, sets = np.where(known, labels, -1), [(0, 1), (1, 2, 3)]
    measures = [
        accuracy,
        negative_log_likelihood,
        calibration_error,
        lambda p, labels: conditional_accuracy(p, labels, sets),
        lambda p, labels: coverage_table(p, p.roll(1, 1), labels, sets),
    ]
    for measure in measures:
        expected = measure(p[known], labels[known])
        for kind in (np.int64, np.int8):
            assert measure(p, holes.astype(kind)) == expected
        assert measure(p[known], labels[known].astype(np.uint8)) == expected
    for measure in measures[:4]:
        assert np.isnan(measure(p, np.full(60, -1)))
    assert measures[4](p, np.full(60, -1)) == []
    for bad, message in ((5, "got 5"), (-2, "got -2")):
        holes[7] = bad
        for measure in measures:
            with pytest.raises(ValueError, match=rf"labels must lie in 0 to 4, .* {message}"):
                measure(p, holes)
    with pytest.raises(ValueError, match="labels must be 60 class numbers"):
        accuracy(p, labels[:-1])


def test_conditional_accuracy_asks_only_among_special_classes():
    p = torch.tensor([[0.5, 0.4, 0.1], [0.1, 0.3, 0.6], [0.2, 0.1, 0.7]])
    labels = np.array([1, 1, 0])
    assert accuracy(p, labels) == 0
    assert conditional_accuracy(p, labels, [(1, 2)]) == 1 / 2
    assert conditional_accuracy(p, labels, [(1, 2), (0, 1)]) == 3 / 5
    assert conditional_accuracy(p, labels, [(0, 1, 2)]) == 0
    assert np.isnan(conditional_accuracy(p, np.array([2, 2, 2]), [(0, 1)]))


def test_coverage_counts_add_up_to_the_whole():
    before, after = (random_logits(500, 6, seed=seed).softmax(1) for seed in (0, 1))
    labels = np.random.default_rng(0).integers(0, 6, 500)
    sets = [(0, 1, 2), (2, 3), (2,)]
    rows = coverage_table(before, after, labels, sets)
    assert [row.specialists for row in rows] == [0, 1, 3]
    assert rows[2].examples == (labels == 2).sum()
    assert sum(row.examples for row in rows) == 500
    assert sum(row.right_before for row in rows) == round(500 * accuracy(before, labels))
    gained = accuracy(after, labels) - accuracy(before, labels)
    assert sum(row.change for row in rows) == round(500 * gained)
    assert coverage_table(before, after, labels, [])[0][:2] == (0, 500)


def test_what_is_carried_over():
    single, ensemble = np.array([0.58, 0.59, 0.60]), np.array([0.61, 0.61, 0.63])
    student = single + 0.86 * (ensemble - single)
    assert carried_over(student, single, ensemble) == pytest.approx((0.86, 0.86, 0.86))
    ratio, low, high = carried_over(student + np.array([0.001, -0.001, 0.001]), single, ensemble)
    assert low < 0.86 < high
    assert ratio == pytest.approx(0.86, abs=0.05)
    assert np.isnan(carried_over(student, single, single[::-1])).all()
