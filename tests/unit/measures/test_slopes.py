import tracemalloc

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kdtheory.errors import InvalidArgument
from kdtheory.measures.slopes import THEIL_SEN_POINTS, least_squares, refuse_constant, theil_sen

whole = st.integers(-50, 50).map(float)


def all_pairs(x, y):
    """The slow obvious twin of Theil-Sen."""
    return np.median(
        [(y[j] - y[i]) / (x[j] - x[i]) for i in range(len(x)) for j in range(i + 1, len(x)) if x[i] != x[j]]
    )


@given(arrays(float, (3, 9), elements=whole), arrays(float, (3, 9), elements=whole))
def test_slopes_are_those_of_each_cell_by_itself(x, y):
    x = x + 200 * np.arange(9)  # distinct
    slope, intercept = least_squares(x, y)
    robust = theil_sen(x, y)
    for cell in range(3):
        line = scipy.stats.linregress(x[cell], y[cell])
        np.testing.assert_allclose(slope[cell], line.slope, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(intercept[cell], line.intercept, rtol=1e-12, atol=1e-10)
        np.testing.assert_allclose(robust[cell], all_pairs(x[cell], y[cell]), rtol=1e-12, atol=1e-14)


def test_theil_sen_leaves_out_pairs_with_equal_x():
    x, y = np.array([0.0, 0.0, 1.0, 2.0, 2.0]), np.array([0.0, 5.0, 1.0, 2.0, -3.0])
    assert theil_sen(x, y) == all_pairs(x, y)


def test_least_squares_is_not_total_least_squares():
    generator = np.random.default_rng(0)
    truth = generator.normal(size=4000)
    x, y = truth + generator.normal(size=4000), truth + generator.normal(size=4000)
    # Attenuated by 1 / (1 + noise / signal) = 1/2; total least squares would say 1, the regression of x on y says 2.
    assert least_squares(x, y)[0] == pytest.approx(0.5, abs=0.05)


def test_theil_sen_of_many_points_takes_evenly_spaced_ranks_and_little_memory():
    generator = np.random.default_rng(1)
    x = generator.normal(size=20_000)
    y = 1.2 * x + generator.normal(size=20_000)
    tracemalloc.start()
    slope = theil_sen(x, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 400e6  # all pairs of 20000 points: 3.2e9 for a single array of them
    # The scatter of a slope from 2000 points is sqrt(1 / 2000) = .022, times 1.02 for Theil-Sen at normal noise.
    assert slope == pytest.approx(1.2, abs=4 * 0.023)
    assert theil_sen(x, y) == slope
    assert THEIL_SEN_POINTS == 2000


def test_theil_sen_subsample_keeps_both_ends_and_is_used_only_above_the_limit():
    x = np.arange(2001.0)
    y = np.random.default_rng(0).normal(size=2001)
    kept = np.delete(np.arange(2001), 1000)  # 2000 even ranks of 2001 skip the middle one
    assert theil_sen(x, y) == scipy.stats.theilslopes(y[kept], x[kept]).slope
    assert theil_sen(x, y) != scipy.stats.theilslopes(y, x).slope
    assert theil_sen(x[:2000], y[:2000]) == scipy.stats.theilslopes(y[:2000], x[:2000]).slope


def test_a_constant_x_is_refused_with_its_cell():
    x = np.array([[1.0, 2.0, 3.0], [0.1 + 0.2, 0.3, 0.3]])
    message = (
        r"^teacher confidence: expected values that differ between points, got 0.3 at every point \(seed index 1\); x$"
    )
    with pytest.raises(InvalidArgument, match=message):
        refuse_constant("teacher confidence", x, ["seed"], fix="x")
    refuse_constant("teacher confidence", x[:1], ["seed"], fix="x")
