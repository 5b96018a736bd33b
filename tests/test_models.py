"""Factories build what they say, and name what they can't build."""

import pytest
import torch

from kdviz.models import mlp


def test_an_mlp_has_the_papers_shape():
    student = mlp(784, (800, 800), 10)
    assert sum(p.numel() for p in student.parameters()) == 785 * 800 + 801 * 800 + 801 * 10
    assert student(torch.zeros(3, 28, 28)).shape == (3, 10)
    assert mlp(4, (), 2)(torch.zeros(3, 2, 2)).shape == (3, 2)


@pytest.mark.parametrize(
    ("sizes", "rates", "message"),
    [
        ((0, (4,), 10), {}, "inputs must be a whole number of at least 1, got 0"),
        ((64, (0,), 10), {}, "hidden must be a whole number of at least 1, got 0"),
        ((64, (4,), -1), {}, "classes must be a whole number of at least 1, got -1"),
        ((64, (4.5,), 10), {}, "hidden must be a whole number of at least 1, got 4.5"),
        ((64, (4,), 10), {"dropout": 1.0}, r"dropout must lie in \[0, 1\), got 1.0"),
        ((64, (4,), 10), {"input_dropout": -0.1}, r"input_dropout must lie in \[0, 1\), got -0.1"),
    ],
)
def test_bad_sizes_and_rates_are_named(sizes, rates, message):
    with pytest.raises(ValueError, match=message):
        mlp(*sizes, **rates)
