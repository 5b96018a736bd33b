import subprocess
import sys

import numpy as np
import pytest

from kdviz.data.catalog import Dataset, Split, TransferSet, load_dataset


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture
def whole(digits):
    return TransferSet(digits.train)


# The embedded datasets


def test_digits_are_scikit_learns(digits):
    from sklearn.datasets import load_digits

    theirs = load_digits()
    # The images differ from each other, so sorting both sides pairs them up.
    ours = np.concatenate([digits.train.inputs, digits.test.inputs]).reshape(-1, 64) * 16
    labels = np.concatenate([digits.train.labels, digits.test.labels])
    mine = sorted(zip(map(tuple, ours), labels, strict=True))
    assert mine == sorted(zip(map(tuple, theirs.data), theirs.target, strict=True))


def test_digits_split_is_stratified_and_fixed(digits):
    assert digits.train.inputs.shape == (1000, 8, 8)
    assert digits.test.inputs.shape == (797, 8, 8)
    assert digits.train.inputs.dtype == np.float32
    assert digits.train.labels.dtype == np.int64
    assert digits.train.inputs.max() == 1
    share = np.bincount(digits.train.labels) / 1000
    assert np.abs(share - np.bincount(digits.test.labels) / 797).max() < 0.002


def test_loading_digits_loads_neither_torch_nor_scikit_learn():
    code = (
        "import sys; from kdviz import load_dataset; load_dataset('digits');"
        "assert not {'torch', 'sklearn', 'pooch'} & sys.modules.keys(), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_python_docs_predicts_the_next_character():
    docs = load_dataset("python-docs")
    assert docs.train.inputs.shape == (40000, 8, 24)
    assert docs.test.inputs.shape == (8000, 8, 24)
    assert len(docs.classes) == 97
    # Codes tell characters apart: a window read back is text that Python's reference holds.
    from pydoc_data.topics import topics

    from kdviz.data.python_docs import character_codes

    numbers = (docs.train.inputs[:50] @ character_codes().T).argmax(-1)
    text = "\n\n".join(topics.values())
    for window, label in zip(numbers, docs.train.labels, strict=False):
        snippet = "".join(docs.classes[i] for i in [*window, label])
        assert "�" in snippet or "\n\n" in snippet or snippet in text


def test_python_docs_test_text_is_not_in_training():
    docs = load_dataset("python-docs")
    train = {window.tobytes() for window in docs.train.inputs}
    shared = np.mean([window.tobytes() in train for window in docs.test.inputs])
    assert shared < 0.5  # common words only; a leaked topic would give nearly 1


def test_hierarchy_is_balanced_the_same_each_time_and_names_its_groups():
    made, again = load_dataset("hierarchy"), load_dataset("hierarchy")
    np.testing.assert_array_equal(made.train.inputs, again.train.inputs)
    assert made.train.inputs.shape == made.test.inputs.shape == (4000, 16)
    assert (np.bincount(made.train.labels) == 100).all()
    assert (np.bincount(made.test.labels) == 100).all()
    assert sorted(made.classes) == [
        f"{group}{number}" for group in "ABCDEFGH" for number in "12345"
    ]


def test_hierarchy_puts_classes_of_a_group_closer_to_each_other():
    made = load_dataset("hierarchy")
    means = np.stack([made.train.inputs[made.train.labels == c].mean(0) for c in range(40)])
    apart = np.linalg.norm(means[:, None] - means, axis=-1)
    group = np.array([name[0] for name in made.classes])
    same = (group[:, None] == group) & ~np.eye(40, dtype=bool)
    assert apart[same].max() < apart[group[:, None] != group].min()


def test_unknown_dataset_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"digits, mnist.*got 'cifar'"):
        load_dataset("cifar")


# Splits


@pytest.mark.parametrize(
    ("inputs", "labels", "message"),
    [
        (np.zeros((3, 2)), np.zeros(2, int), r"inputs must have shape \(2, ...\)"),
        (np.zeros((2, 2)), np.zeros(2), "labels must be one whole number per example"),
        (np.full((2, 2), np.nan), np.zeros(2, int), "inputs must be finite"),
        (np.zeros((2, 2)), np.array([0, -2]), "labels must be class numbers or -1, got -2"),
    ],
)
def test_bad_splits_are_refused(inputs, labels, message):
    with pytest.raises(ValueError, match=message):
        Split(inputs, labels)


def test_a_label_without_class_name_is_refused(digits):
    with pytest.raises(ValueError, match="labels must be below the number of classes, 9, got 9"):
        Dataset("nine", tuple("012345678"), digits.train, digits.test)


# Transfer sets


def test_every_maker_keeps_inputs_and_labels_with_their_examples(whole, digits):
    made = whole.without_classes(3).sample(0.5, seed=1).keep_labels(40, seed=2)
    assert len(made) == 449  # half of the 899 that are no 3 (banker's rounding)
    np.testing.assert_array_equal(made.inputs, digits.train.inputs[made.indices])
    named = made.labels >= 0
    np.testing.assert_array_equal(made.labels[named], digits.train.labels[made.indices][named])


def test_makers_leave_the_original_as_it_was(whole):
    whole.unlabelled()
    whole.without_classes(0)
    whole.keep_labels(0, seed=0)
    assert len(whole) == 1000
    assert whole.labels.min() == 0
    with pytest.raises(AttributeError):
        whole.indices = np.arange(3)


def test_without_and_only_are_complements(whole):
    left, kept = whole.without_classes(7, 8), whole.only_classes(7, 8)
    assert set(kept.labels) == {7, 8}
    assert sorted([*left.indices, *kept.indices]) == list(range(1000))


def test_a_class_is_left_out_even_where_labels_are_hidden(whole, digits):
    made = whole.unlabelled().without_classes(3)
    assert 3 not in digits.train.labels[made.indices]


def test_kept_labels_are_spread_evenly_over_the_classes(whole):
    counts = np.bincount(whole.keep_labels(53, seed=0).labelled().labels, minlength=10)
    assert counts.sum() == 53
    assert set(counts) == {5, 6}
    assert len(whole.keep_labels(1000, seed=0).labelled()) == 1000


def test_random_makers_depend_on_the_seed_alone(whole):
    for make in (lambda s, seed: s.sample(0.1, seed), lambda s, seed: s.keep_labels(50, seed)):
        first, again, other = make(whole, 0), make(whole, 0), make(whole, 1)
        np.testing.assert_array_equal(first.labels, again.labels)
        np.testing.assert_array_equal(first.indices, again.indices)
        assert not (
            np.array_equal(first.labels, other.labels)
            and np.array_equal(first.indices, other.indices)
        )


def test_fewer_labels_are_a_subset_of_more(whole):
    few, more = whole.keep_labels(20, seed=0), whole.keep_labels(50, seed=0)
    assert (more.labels[few.labels >= 0] >= 0).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda s: s.without_classes(11), "classes must be among .*got 11"),
        (lambda s: s.without_classes("3"), "classes must be among .*got '3'"),
        (lambda s: s.without_classes(3, 3), "must differ from each other, got 3 twice"),
        (lambda s: s.without_classes(), "at least one"),
        (lambda s: s.only_classes(-1), "classes must be among .*got -1"),
        (lambda s: s.only_classes(3).without_classes(3), "a transfer set without examples"),
        (lambda s: s.unlabelled().labelled(), "a transfer set without examples"),
        (lambda s: s.sample(0, seed=0), "fraction must be above 0 and at most 1, got 0"),
        (lambda s: s.sample(1.01, seed=0), "fraction must be above 0 and at most 1, got 1.01"),
        (lambda s: s.sample(float("nan"), seed=0), "fraction must be .* got nan"),
        (lambda s: s.keep_labels(-1, seed=0), "n must be a whole number from 0 to 1000"),
        (lambda s: s.keep_labels(2.5, seed=0), "n must be a whole number from 0 to 1000"),
        (lambda s: s.unlabelled().keep_labels(1, seed=0), "from 0 to 0.*got 1"),
        (lambda s: TransferSet(s.split, indices=[1000]), "indices must lie in 0 to 999"),
        (lambda s: TransferSet(s.split, labels=np.zeros(1000, int)), "those of the split, or -1"),
    ],
)
def test_impossible_transfer_sets_say_what_is_allowed(whole, make, message):
    with pytest.raises(ValueError, match=message):
        make(whole)
