"""Specialists trained as a cohort: where they start, what they see, and what they then say."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

import kdviz
from kdviz.data.catalog import Split, TransferSet
from kdviz.models import mlp
from kdviz.specialists.clusters import random_clusters
from kdviz.specialists.combine import combine_specialists
from kdviz.specialists.dustbin import specialist_heads
from kdviz.specialists.training import train_specialists


@pytest.fixture(scope="module")
def made():
    return kdviz.load_dataset("hierarchy")


@pytest.fixture(scope="module")
def whole(made):
    return TransferSet(made.train)


@pytest.fixture(scope="module")
def generalist(made):
    run = kdviz.train(
        partial(mlp, 16, (30,), 40), TransferSet(made.train), soft_weight=0, epochs=10, lr=0.01
    )
    for _ in run:
        pass
    return run.cohort.member(0)


@pytest.fixture(scope="module")
def groups(made):
    return [tuple(c for c in range(40) if made.classes[c][0] == letter) for letter in "ABCDEFGH"]


@torch.no_grad()
def says(network, split):
    return network(torch.from_numpy(split.inputs)).softmax(1)


def accuracy(probabilities, split):
    return np.mean(probabilities.argmax(1).numpy() == split.labels)


def test_untrained_specialists_nearly_say_what_the_generalist_says(generalist, made, whole, groups):
    specialists = train_specialists(generalist, whole, groups, steps=1)
    before = says(generalist, made.test)
    told = specialists.probabilities(made.test.inputs)
    for special, said in zip(groups, told, strict=True):
        expected = torch.cat([before[:, special], 1 - before[:, special].sum(1, keepdim=True)], 1)
        assert (said - expected).abs().sum(1).mean() / 2 < 0.05
    full = train_specialists(generalist, whole, groups, steps=1, full_softmax=True)
    for special, said in zip(groups, full.probabilities(made.test.inputs), strict=True):
        torch.testing.assert_close(said[:, :-1], before[:, special], rtol=1e-4, atol=1e-6)


def test_half_of_the_examples_are_special_and_all_others_have_their_turn(generalist, whole, groups):
    special = groups[2]
    specialists = train_specialists(generalist, whole, [special], steps=1)
    source = specialists.run._recipe.sets[0]
    of_special = np.isin(whole.labels[source.indices], special)
    assert of_special.mean() == 0.5
    assert len(np.unique(source.indices)) == len(whole)
    named = np.array([*special, -1])[source.labels]
    np.testing.assert_array_equal(named[of_special], whole.labels[source.indices][of_special])
    assert (source.labels[~of_special] == len(special)).all()


def test_training_as_a_cohort_is_training_each_alone(generalist, whole, groups):
    shared = {"steps": 20, "batch_size": 32, "dtype": torch.float64}
    uneven = [groups[0], groups[1][:2], (*groups[2], 0)]
    uneven[2] = tuple(set(uneven[2]))
    together = train_specialists(generalist, whole, uneven, **shared)
    again = train_specialists(generalist, whole, uneven, **shared)
    sets = again.run._recipe.sets
    for _ in together:
        pass
    for m, maker in enumerate(again.run._recipe.makers):
        alone = kdviz.train(maker, sets[m], seeds=m, soft_weight=0, **shared)
        for _ in alone:
            pass
        for name, value in together.run.cohort.params.items():
            torch.testing.assert_close(value[m], alone.cohort.params[name][0], rtol=0, atol=1e-10)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_outputs_that_pad_have_no_probability_and_never_learn(
    generalist, made, whole, groups, optimizer
):
    sets = [groups[0], groups[1][:1]]
    specialists = train_specialists(generalist, whole, sets, steps=30, optimizer=optimizer, lr=0.05)
    for _ in specialists:
        pass
    params = specialists.run.cohort.params
    assert params["3.weight"].shape == (2, 6, 30)
    assert (params["3.weight"][1, 1:5] == 0).all()
    assert (params["3.bias"][1, 1:5] == -1e4).all()
    assert (params["3.weight"][1, 5] != 0).any()
    logits = torch.from_numpy(specialists.run.cohort.logits(made.test.inputs))
    assert (logits[1].softmax(1)[:, 1:5] == 0).all()
    told = specialists.probabilities(made.test.inputs)
    assert told.shape == (2, 4000, 6)
    assert (told[1, :, 1:5] == 0).all()
    torch.testing.assert_close(told.sum(2), torch.ones(2, 4000))


@pytest.mark.parametrize("full_softmax", [False, True])
def test_specialists_of_the_true_groups_help(generalist, made, whole, groups, full_softmax):
    before = says(generalist, made.test)
    gains = []
    for sets in (groups, random_clusters(groups, 40)):
        specialists = train_specialists(
            generalist, whole, sets, full_softmax=full_softmax, steps=400, test=made.test
        )
        assert len(list(specialists)) == len(specialists.run.history)
        after = combine_specialists(before, specialists.asker(made.test.inputs), sets)
        gains.append(accuracy(after, made.test) - accuracy(before, made.test))
    assert gains[0] > 0.015
    assert gains[0] > gains[1]


def test_an_asker_says_what_the_whole_array_says(generalist, made, whole, groups):
    specialists = train_specialists(generalist, whole, groups[:3], steps=3)
    for _ in specialists:
        pass
    before = says(generalist, made.test)
    torch.testing.assert_close(
        combine_specialists(before, specialists.asker(made.test.inputs), groups[:3]),
        combine_specialists(before, specialists.probabilities(made.test.inputs), groups[:3]),
    )


def test_dustbins_are_right_about_how_often_on_average(generalist, made, whole, groups):
    """Corrected, they hold the share of other classes; as trained, about half."""
    specialists = train_specialists(generalist, whole, groups, steps=300)
    for _ in specialists:
        pass
    dustbin = specialists.probabilities(made.test.inputs)[:, :, -1].mean(1)
    assert (dustbin - 7 / 8).abs().max() < 0.03
    raw = torch.from_numpy(specialists.run.cohort.logits(made.test.inputs)).softmax(2)
    assert (raw[:, :, -1].mean(1) < dustbin).all()


def test_records_tell_the_accuracy_among_special_classes(generalist, made, whole, groups):
    absent = Split(made.test.inputs[:1], made.test.labels[:1])
    sets = [special for special in groups if absent.labels[0] not in special][:2]
    specialists = train_specialists(generalist, whole, sets, steps=20, test=made.test)
    *_, last = specialists
    np.testing.assert_array_equal(last.accuracy, specialists.special_accuracy(made.test))
    np.testing.assert_array_equal(specialists.run.history.accuracy[-1], last.accuracy)
    assert np.isnan(specialists.special_accuracy(absent)).all()
    rows = np.isin(made.test.labels, sets[1])
    inside = says(specialists.run.cohort.member(1), made.test)[rows, : len(sets[1])]
    right = np.array(sets[1])[inside.argmax(1)] == made.test.labels[rows]
    assert last.accuracy[1] == right.mean()


def test_a_specialist_of_one_class_and_one_of_everything(generalist, made, whole):
    sets = [(7,), tuple(range(40))]
    specialists = train_specialists(generalist, whole, sets, steps=20)
    for _ in specialists:
        pass
    one, everything = specialists.probabilities(made.test.inputs)
    assert one[:, 0].mean() == pytest.approx(1 / 40, abs=0.02)
    assert (everything[:, -1] == 0).all()
    assert (accuracy(everything[:, :-1], made.test)) > 0.6
    before = says(generalist, made.test)
    after = combine_specialists(before, specialists.asker(made.test.inputs), sets)
    torch.testing.assert_close(after.sum(1), torch.ones(4000))


def test_only_labelled_examples_count(generalist, whole, groups):
    few = whole.keep_labels(80, seed=0)
    specialists = train_specialists(generalist, few, groups[:1], steps=1)
    assert set(specialists.run._recipe.sets[0].indices) == set(few.labelled().indices)
    assert specialists.special_frequency == (10 / 80,)


def test_full_softmax_specialists_keep_only_labels_of_their_own(generalist, whole, groups):
    specialists = train_specialists(generalist, whole, groups[:1], steps=1, full_softmax=True)
    source = specialists.run._recipe.sets[0]
    truth = whole.labels[source.indices]
    np.testing.assert_array_equal(source.labels, np.where(np.isin(truth, groups[0]), truth, -1))
    assert specialists.run._recipe.soft_weight == [0.5]


class Branching(nn.Module):
    """No Sequential; its last layer has no bias."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(16, 9)
        self.out = nn.Linear(9, 40, bias=False)

    def forward(self, x):
        return self.out(torch.tanh(self.body(x)))


@pytest.mark.parametrize("network", [Branching(), nn.Linear(16, 40)])
def test_any_network_that_ends_in_a_linear_layer(network, made, whole, groups):
    before = says(network, made.test)
    specialists = train_specialists(network, whole, groups[:2], steps=2)
    for _ in specialists:
        pass
    assert specialists.probabilities(made.test.inputs).shape == (2, 4000, 6)
    torch.testing.assert_close(says(network, made.test), before)  # left as it was


def test_the_first_dustbin_is_the_rest_less_the_oversampling():
    """With one class left for the dustbin the fit is exact: its logit, less log((1 - π) / π)."""
    network = nn.Linear(3, 3)
    x = torch.randn(50, 3, generator=torch.Generator().manual_seed(0))
    logits = network(x).detach()
    (head,) = specialist_heads(network, [(2, 0)], [0.1], logits.numpy())
    expected = logits[:, [2, 0, 1]]
    expected[:, 2] -= np.log(9)
    torch.testing.assert_close(head(x).detach(), expected, rtol=1e-4, atol=1e-4)


def test_a_diverged_specialist_is_named_and_the_others_go_on(generalist, made, whole, groups):
    specialists = train_specialists(
        generalist, whole, groups[:2], steps=4, test=made.test, record_every=2
    )
    specialists.run.cohort.params["1.weight"][1] = torch.nan
    *_, last = specialists
    assert last.diverged == (1,)
    assert np.isnan(last.accuracy).tolist() == [False, True]
    ask = specialists.asker(made.test.inputs)
    assert ask(0, torch.arange(5)).shape == (5, 6)
    with pytest.raises(ValueError, match="specialist 1 diverged in training: use a lower lr"):
        ask(1, torch.arange(5))


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ([], "special_classes must hold at least one set of classes, got none"),
        ([(1, 2), ()], "special_classes of specialist 1 must be one or more different classes"),
        ([(1, 1)], r"special_classes of specialist 0 must be one or more .* got \[1, 1\]"),
        ([(1, 40)], r"special_classes of specialist 0 must be 0 to 39, got \[1, 40\]"),
        ([(-1,)], "special_classes of specialist 0 must be 0 to 39"),
        ([(1,), (3, 4)], r"specialist 1 must have labelled examples .* got \(3, 4\) without any"),
    ],
)
def test_impossible_special_sets_are_named(generalist, whole, sets, message):
    with pytest.raises(ValueError, match=message):
        train_specialists(generalist, whole.without_classes(3, 4), sets, steps=1)


def test_a_class_without_examples_may_stand_beside_others(generalist, whole):
    specialists = train_specialists(generalist, whole.without_classes(3), [(3, 4)], steps=1)
    assert specialists.special_frequency == (100 / 3900,)


def test_an_unfit_generalist_is_named(whole, groups):
    too_few = nn.Linear(16, 39)
    folded = nn.Sequential(nn.Linear(16, 20), nn.PReLU(), Folding())
    with pytest.raises(ValueError, match="output for every class, up to 39, got 39 outputs"):
        train_specialists(too_few, whole, [(0,)], steps=1)
    with pytest.raises(ValueError, match=r"generalist must end in an nn\.Linear with 40"):
        train_specialists(folded, whole, groups)
    with pytest.raises(ValueError, match="without examples"):
        train_specialists(nn.Linear(16, 40), whole.unlabelled(), groups)


class Folding(nn.Module):
    def forward(self, x):
        return torch.cat([x, -x], 1)
