"""Numbers that are in their range are taken in every type; all else is refused by name."""

import math

import numpy as np
import pytest
import torch

from kdviz.checks import number, whole


def test_numbers_of_every_type_are_taken():
    for five in (5, np.int8(5), np.uint64(5)):
        assert whole("n", five, 5, 5) == number("x", five, 5, 5) == 5
    for half in (0.5, np.float32(0.5), torch.tensor(0.5), np.array(0.5)):
        assert number("x", half, 0, above=True) == 0.5


@pytest.mark.parametrize("value", [0, 4, 1.0, True, "1", None, math.nan, [1]])
def test_what_is_no_whole_number_in_its_range_is_refused(value):
    with pytest.raises(ValueError, match="n must be a whole number from 1 to 3, got"):
        whole("n", value, 1, 3)


@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan, True, "1", None, [1, 2], 1j])
def test_what_is_no_number_in_its_range_is_refused(value):
    with pytest.raises(ValueError, match="x must be a finite number above 0, got"):
        number("x", value, 0, above=True)
