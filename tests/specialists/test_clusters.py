import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_rand_score

from kdviz.specialists.clusters import (
    class_clusters,
    dustbin_correction,
    equal_clusters,
    prediction_covariance,
    random_clusters,
)
from kdviz.specialists.combine import active_specialists


def test_active_specialists_know_one_of_the_top_classes():
    p = torch.tensor([[0.5, 0.3, 0.2, 0.0], [0.0, 0.2, 0.3, 0.5]])
    sets = [(0,), (1, 2), (2, 3)]
    assert active_specialists(p, sets).tolist() == [[True, False, False], [False, False, True]]
    assert active_specialists(p, sets, top=2).tolist() == [[True, True, False], [False, True, True]]
    assert active_specialists(p, sets, top=4).all()
    assert active_specialists(p, []).shape == (2, 0)


def test_the_correction_restores_the_true_odds():
    """Bayes with counted frequencies: train at 50/50, correct, and get the posterior at π."""
    density = torch.tensor([[0.5, 0.1, 0.4], [0.2, 0.7, 0.3]]).double()  # p(x | class), 2 x's
    prior = torch.tensor([0.01, 0.04, 0.95]).double()  # two special classes and the dustbin
    frequency = 0.05
    trained = density * torch.tensor([0.5 * 0.2, 0.5 * 0.8, 0.5])
    corrected = torch.softmax(dustbin_correction(trained.log(), frequency), 1)
    true = density * prior
    torch.testing.assert_close(corrected, true / true.sum(1, keepdim=True))


def test_the_correction_for_a_whole_cohort_of_specialists():
    logits = torch.randn(3, 5, 4, generator=torch.Generator().manual_seed(0))
    corrected = dustbin_correction(logits, torch.tensor([0.02, 0.5, 1.0])[:, None])
    assert torch.equal(corrected[..., :-1], logits[..., :-1])
    raised = corrected[..., -1] - logits[..., -1]
    torch.testing.assert_close(raised[0], torch.full((5,), 3.8918), rtol=1e-4, atol=0)
    assert raised[1].abs().max() < 1e-6
    assert (corrected[2, :, -1] == -torch.inf).all()


@pytest.mark.parametrize("frequency", [0, -0.1, 1.1, float("nan")])
def test_a_frequency_out_of_range_is_named(frequency):
    with pytest.raises(ValueError, match="special_frequency must be above 0 and at most 1"):
        dustbin_correction(torch.zeros(2, 3), frequency)


def test_shapes_that_do_not_fit_the_correction_are_named():
    with pytest.raises(ValueError, match="special classes and a dustbin"):
        dustbin_correction(torch.zeros(2, 1), 0.5)
    with pytest.raises(ValueError, match=r"must fit the leading shape \(2,\), got \(3, 1\)"):
        dustbin_correction(torch.zeros(2, 3), torch.full((3, 1), 0.5))


def confusable(seed=0, groups=4, size=5, examples=2000):
    """Predictions that spread within the true class's group, and each class's group."""
    rng = torch.Generator().manual_seed(seed)
    group = torch.arange(groups).repeat_interleave(size)[
        torch.randperm(groups * size, generator=rng)
    ]
    true = torch.randint(groups * size, (examples,), generator=rng)
    logits = torch.randn(examples, groups * size, generator=rng)
    logits += 3 * (group[true][:, None] == group) + 2 * torch.eye(groups * size)[true]
    return torch.softmax(logits, 1), group.tolist()


def membership(clusters, classes):
    return [next(k for k, cluster in enumerate(clusters) if c in cluster) for c in range(classes)]


@pytest.mark.parametrize("mini_batch", [False, True])
def test_clusters_recover_confusable_groups_without_labels(mini_batch):
    predictions, group = confusable()
    clusters = class_clusters(predictions, 4, mini_batch=mini_batch, seed=1)
    assert adjusted_rand_score(group, membership(clusters, 20)) == 1
    assert clusters == class_clusters(predictions.numpy(), 4, mini_batch=mini_batch, seed=1)
    assert sorted(c for cluster in clusters for c in cluster) == list(range(20))
    shuffled = random_clusters(clusters, 20, seed=1)
    assert adjusted_rand_score(group, membership(shuffled, 20)) < 0.5


def test_overlapping_clusters_hold_each_class_so_often():
    predictions, _ = confusable()
    clusters = class_clusters(predictions, 4, overlap=2)
    assert np.bincount([c for cluster in clusters for c in cluster]).tolist() == [2] * 20
    plain = class_clusters(predictions, 4)
    assert all(any(set(small) <= set(large) for large in clusters) for small in plain)


def test_a_cluster_of_one_class_and_one_of_all():
    predictions, _ = confusable(groups=2, size=3)
    assert class_clusters(predictions, 6) == tuple((c,) for c in range(6))
    assert class_clusters(predictions, 1) == (tuple(range(6)),)


def test_correlation_agrees_with_numpy_and_survives_a_constant_class():
    predictions = torch.rand(50, 4, generator=torch.Generator().manual_seed(0)).double()
    predictions /= predictions.sum(1, keepdim=True)
    expected = np.corrcoef(predictions.numpy(), rowvar=False)
    matrix = prediction_covariance(predictions, correlation=True)
    np.testing.assert_allclose(matrix, expected, atol=1e-12)
    predictions = torch.cat([predictions[:, :2], predictions[:, 2:3] * 0, predictions[:, 3:]], 1)
    predictions /= predictions.sum(1, keepdim=True)
    matrix = prediction_covariance(predictions, correlation=True)
    assert np.isfinite(matrix).all()
    assert (matrix[2] == 0).all()


def test_correlation_finds_groups_of_rare_classes():
    predictions, group = confusable()
    # A class that takes nearly all the mass; what is left to the others keeps its shape.
    large = torch.rand(len(predictions), 1, generator=torch.Generator().manual_seed(1)) ** 0.2
    skewed = torch.cat([(1 - large) * predictions, large], 1)
    clusters = class_clusters(skewed, 5, correlation=True)
    assert adjusted_rand_score([*group, 4], membership(clusters, 21)) > 0.9


def test_equal_clusters_have_one_width_and_keep_the_core():
    predictions, group = confusable()
    clusters = class_clusters(predictions, 4)
    narrow = equal_clusters(predictions, clusters, 3)
    wide = equal_clusters(predictions, clusters, 8)
    for core, cluster, around in zip(narrow, clusters, wide, strict=True):
        assert len(core) == 3
        assert len(around) == 8
        assert set(core) < set(cluster) < set(around)
        assert len({group[c] for c in cluster}) == 1
    with pytest.raises(ValueError, match="width must be from 1 to 20, got 21"):
        equal_clusters(predictions, clusters, 21)
    with pytest.raises(ValueError, match="at least one class each, got an empty one"):
        equal_clusters(predictions, [(1, 2), ()], 3)
    with pytest.raises(ValueError, match="clusters must hold classes 0 to 19"):
        equal_clusters(predictions, [(1, 20)], 3)


def test_random_clusters_keep_sizes_and_overlaps():
    clusters = [(0, 1, 2), (2, 3), (5,)]
    shuffled = random_clusters(clusters, 9, seed=3)
    assert [len(cluster) for cluster in shuffled] == [3, 2, 1]
    assert len(set(shuffled[0]) & set(shuffled[1])) == 1
    assert shuffled == random_clusters(clusters, 9, seed=3)
    with pytest.raises(ValueError, match="classes 0 to 4"):
        random_clusters(clusters, 5)


def test_covariance_agrees_with_numpy():
    predictions, _ = confusable(examples=50)
    expected = np.cov(predictions.double().numpy(), rowvar=False)
    np.testing.assert_allclose(prediction_covariance(predictions), expected, atol=1e-15)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"clusters": 21}, "clusters must be from 1 to 20, got 21"),
        ({"clusters": 0}, "clusters must be from 1 to 20, got 0"),
        ({"clusters": 4, "overlap": 5}, "overlap must be from 1 to 4, got 5"),
        ({"clusters": 4, "overlap": 0}, "overlap must be from 1 to 4, got 0"),
    ],
)
def test_impossible_clusters_are_named(arguments, message):
    predictions, _ = confusable(examples=50)
    with pytest.raises(ValueError, match=message):
        class_clusters(predictions, **arguments)


def test_predictions_that_cannot_be_clustered_are_named():
    with pytest.raises(ValueError, match="at most 1 for these predictions"):
        class_clusters(torch.full((5, 4), 0.25), 2)
    with pytest.raises(ValueError, match="two or more examples"):
        class_clusters(torch.full((1, 4), 0.25), 2)
    with pytest.raises(ValueError, match="NaN"):
        class_clusters(torch.full((5, 4), torch.nan), 2)
    with pytest.raises(ValueError, match=r"probabilities must sum to 1 .* got a sum of 1\.2"):
        class_clusters(torch.full((5, 4), 0.3), 2)
    with pytest.raises(ValueError, match="probabilities must not be negative"):
        prediction_covariance(torch.eye(4) - 0.1)  # logits, say
