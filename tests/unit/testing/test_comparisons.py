"""Helpers for margins have the sign that they promise."""

import numpy as np
import pytest

from kdtheory.testing import agreement, falling, log_ratio, tolerance


def test_log_ratios_are_positive_where_the_first_is_larger():
    assert log_ratio([2.0, 1.0, 3.0], [1.0, 2.0, 3.0]).tolist() == pytest.approx([np.log(2), -np.log(2), 0.0])
    assert log_ratio([0.0, 1.0, 0.0], [0.0, 0.0, 1.0]).tolist() == [0.0, np.inf, -np.inf]


def test_agreement_is_one_for_equal_numbers_and_negative_beyond_the_tolerance():
    assert agreement([1.0, 0.0], [1.0, 0.0]).tolist() == [1.0, 1.0]
    just, beyond = 1 + 0.9 * tolerance(), 1 + 1.1 * tolerance()
    assert 0 < agreement(just, 1.0) < 0.2
    assert -0.2 < agreement(1.0, beyond) < 0
    assert agreement(1.0, beyond, condition=10.0) > 0.8
    assert agreement(1e-300, -1e-300) < 0


def test_falling_is_the_smallest_step_down():
    assert falling([[3.0, 2.5, 1.0], [3.0, 3.0, 1.0]]).tolist() == [0.5, 0.0]
    present = [[True, True, False], [True, False, False]]
    assert falling([[3.0, 1.0, 9.0], [3.0, 9.0, 9.0]], present).tolist() == [2.0, np.inf]
