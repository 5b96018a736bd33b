from dataclasses import replace

import numpy as np
import pytest

from kdviz.data.catalog import load_dataset
from kdviz.panels.distill.scenarios import FEW, Outcome, Settings, name_diverged, transfer_sets

UNSEEN = Settings("unseen", 3, 64, 4.0, 1.0, 2, 20.0)


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def outcome(predicted, labels=(0, 1, 2, 3), settings=UNSEEN, diverged=()):
    """What members conclude, (members, examples), as an outcome over the digits."""
    logits = np.eye(10)[np.array(predicted)]
    return Outcome(settings, tuple("0123456789"), np.array(labels), logits, diverged)


def test_unseen_hides_the_class_from_students_and_baselines(digits):
    for sets in transfer_sets(UNSEEN, digits):
        assert len(sets) == 2
        for one in sets:
            assert 3 not in digits.train.labels[one.indices]
            assert len(one) == (digits.train.labels != 3).sum()


def test_few_labels_gives_baselines_only_the_labelled_images(digits):
    students, baselines = transfer_sets(replace(UNSEEN, scenario="few-labels"), digits)
    for student, baseline in zip(students, baselines, strict=True):
        assert len(student) == 1000
        labelled = student.indices[student.labels >= 0]
        np.testing.assert_array_equal(np.sort(labelled), np.sort(baseline.indices))
        assert len(baseline) == FEW
    assert not np.array_equal(students[0].labels, students[1].labels)


def test_all_labels_is_an_equal_budget(digits):
    students, baselines = transfer_sets(replace(UNSEEN, scenario="all-labels"), digits)
    for one in students + baselines:
        np.testing.assert_array_equal(one.labels, digits.train.labels)


def test_outcome_counts_by_member_and_class():
    found = outcome([[0, 1, 2, 3], [0, 1, 2, 0], [0, 1, 2, 0], [0, 1, 0, 0]], settings=UNSEEN)
    np.testing.assert_array_equal(found.accuracy, [1, 0.75, 0.75, 0.5])
    np.testing.assert_array_equal(found.by_class[:, :4], [[1, 1, 1, 0.5], [1, 1, 0.5, 0]])
    assert found.found == 50
    assert found.comparison.difference == 0.25


def test_a_class_without_test_examples_has_no_share():
    assert np.isnan(outcome([[0, 1, 2, 3]] * 4).by_class[:, 4:]).all()


def test_what_was_found_is_a_gain_where_no_class_is_missing():
    settings = replace(UNSEEN, scenario="all-labels")
    assert outcome([[0, 1, 2, 3]] * 2 + [[0, 1, 2, 2]] * 2, settings=settings).found == 25


def test_members_that_diverged_do_not_count():
    found = outcome([[0, 1, 2, 3], [0, 0, 0, 0], [0, 1, 2, 2], [0, 1, 2, 2]], diverged=(1,))
    assert found.found == 100
    assert (found.comparison.pairs, found.comparison.left_out) == (1, 1)
    nothing = outcome([[0, 0, 0, 0]] * 4, diverged=(0, 1, 2, 3))
    assert (nothing.comparison.pairs, nothing.comparison.left_out) == (0, 2)


def test_diverged_members_are_named():
    assert name_diverged((), 2) == ""
    assert "number: student 2. The" in name_diverged((1,), 2)
    assert "number: student 2, baseline 1 and baseline 2. The" in name_diverged((1, 2, 3), 2)
    assert "number: network 3. The" in name_diverged((2,), 0)  # of a teacher
    _, listed = name_diverged((1, 2), 2).plain
    assert listed == ["{} and {}", ["student {}", 2], ["baseline {}", 1]]
