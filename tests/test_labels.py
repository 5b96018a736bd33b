"""Labels at every door: unlabelled test examples count nowhere, and every integer type is taken."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

import kdviz
from kdviz.data.catalog import Dataset, Split, TransferSet
from kdviz.models import mlp
from kdviz.panels.distill.scenarios import Outcome, Settings

KINDS = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]


@pytest.fixture(scope="module")
def digits():
    return kdviz.load_dataset("digits")


@pytest.fixture(scope="module")
def holes(digits):
    """The digits, with a third of the test labels hidden; and which are left."""
    known = np.arange(len(digits.test)) % 3 > 0
    labels = np.where(known, digits.test.labels, -1)
    return replace(digits, test=Split(digits.test.inputs, labels)), known


def trained(test, **settings):
    run = kdviz.train(
        partial(mlp, 64, (8,), 10),
        TransferSet(kdviz.load_dataset("digits").train),
        soft_weight=0,
        test=test,
        steps=30,
        seeds=(0, 1),
        **settings,
    )
    list(run)
    return run


def test_accuracy_is_that_of_the_labelled_test_examples(digits, holes):
    data, known = holes
    found = trained(data.test).history.accuracy
    only = Split(digits.test.inputs[known], digits.test.labels[known])
    np.testing.assert_array_equal(found, trained(only).history.accuracy)
    none = Split(digits.test.inputs, np.full(len(digits.test), -1))
    assert np.isnan(trained(none).history.accuracy).all()


def test_a_teachers_accuracy_too(digits, holes):
    data, known = holes
    network = trained(None).cohort.member(0)
    right = kdviz.Teacher.of(network, digits).test_logits.argmax(1) == digits.test.labels
    assert kdviz.Teacher.of(network, data).accuracy == right[known].mean()
    nothing = replace(data, test=Split(data.test.inputs, np.full(len(known), -1)))
    assert np.isnan(kdviz.Teacher.of(network, nothing).accuracy)


def test_an_outcomes_too():
    settings = Settings("all-labels", 3, 8, 4.0, 1.0, 1, None)
    logits = np.eye(10)[np.array([[0, 1, 2, 3], [0, 1, 0, 0]])]

    def outcome(*labels):
        return Outcome(settings, tuple("0123456789"), np.array(labels), logits)

    found = outcome(0, -1, 2, 3)
    np.testing.assert_array_equal(found.accuracy, [1, 1 / 3])
    np.testing.assert_array_equal(found.by_class[:, :3], [[1, np.nan, 1], [1, np.nan, 0]])
    assert outcome(-1, -1, -1, -1).comparison.pairs == 0


def test_the_best_bias_too():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(90, 4)), rng.integers(0, 4, 90)
    hidden = np.where(np.arange(90) % 3 > 0, labels, -1)
    found = kdviz.best_bias(logits, hidden, 2)
    assert found == kdviz.best_bias(logits[hidden >= 0], labels[hidden >= 0].astype(np.uint8), 2)


def test_labels_beyond_the_classes_are_refused_for_test_as_for_training(digits):
    wrong = digits.test.labels.copy()
    wrong[5] = 10
    with pytest.raises(ValueError, match="labels of test must lie in 0 to 9, or be -1, got 10"):
        trained(Split(digits.test.inputs, wrong))
    with pytest.raises(ValueError, match="labels must be below the number of classes, 10, got 10"):
        Dataset("mine", digits.classes, digits.train, Split(digits.test.inputs, wrong))


@pytest.mark.parametrize("kind", KINDS)
def test_every_integer_type_is_taken(digits, kind):
    split = Split(digits.train.inputs, digits.train.labels.astype(kind))
    np.testing.assert_array_equal(split.labels, digits.train.labels)
    chosen = TransferSet(split, labels=digits.train.labels.astype(kind))
    assert (chosen.labels == digits.train.labels).all()
    own = kdviz.read_logits(-np.eye(10), labels=np.arange(10).astype(kind))
    assert own.labels.tolist() == list(range(10))
