import numpy as np
import pytest
import scipy.stats

from kdtheory.errors import InvalidArgument
from kdtheory.measures import power_law

WIDTHS = np.array([64.0, 128.0, 256.0, 512.0, 1024.0])


def test_an_exact_power_is_found_with_an_interval_of_no_width():
    got = power_law(WIDTHS, 3.0 * WIDTHS**-0.5)
    np.testing.assert_allclose([got.exponent, got.low, got.high, got.factor], [-0.5, -0.5, -0.5, 3.0], rtol=1e-7)
    assert got.points == 5


def test_repeats_all_enter_the_fit():
    y = WIDTHS**-0.5 * np.exp(0.1 * np.random.default_rng(0).normal(size=(4, 5)))
    got = power_law(WIDTHS, y)
    assert got.points == 20
    line = np.polyfit(np.log(np.tile(WIDTHS, 4)), np.log(y.ravel()), deg=1)
    slopes = [power_law(WIDTHS, row).exponent for row in y]
    half = scipy.stats.t.ppf(0.975, 3) * np.std(slopes, ddof=1) / 2
    expected = [line[0], line[0] - half, line[0] + half, np.exp(line[1])]
    np.testing.assert_allclose([got.exponent, got.low, got.high, got.factor], expected, rtol=1e-9)


def test_a_repeat_that_is_off_as_a_whole_widens_the_interval_of_the_repeats():
    """Points of one seed share its luck: taken as independent, they would promise too much."""
    slopes = np.array([-0.6, -0.5, -0.4])
    got = power_law(WIDTHS, WIDTHS ** slopes[:, None])
    half = scipy.stats.t.ppf(0.975, 2) * 0.1 / np.sqrt(3)
    np.testing.assert_allclose([got.exponent, got.low, got.high], [-0.5, -0.5 - half, -0.5 + half], rtol=1e-9)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    generator = np.random.default_rng(1)
    noise = 0.2 * generator.normal(size=(2000, 5))
    fits = [power_law(WIDTHS, WIDTHS**-0.5 * np.exp(row), level=0.9) for row in noise]
    covered = sum(fit.low <= -0.5 <= fit.high for fit in fits)
    # Binomial(2000, .9): 1800 +- 13.4; four standard deviations.
    assert abs(covered - 1800) < 4 * 13.4


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1.0, 2.0], [1.0, 2.0], r"^x: expected at least three points at two or more values of x, got 2 point\(s\) at 2"),
        ([2.0, 2.0, 2.0], [1.0, 2.0, 3.0], r"^x: expected at least three points .*got 3 point\(s\) at 1 value\(s\) of x;"),
        ([1.0, 2.0, 3.0], [1.0, 0.0, 3.0], r"^y: expected positive numbers, got 0; a power law has no zeros"),
        ([-1.0, 2.0, 3.0], [1.0, 1.0, 3.0], r"^x: expected positive numbers, got -1;"),
        ([1.0, 2.0, 3.0], [1.0, 2.0], r"^y: expected x of shape \(n,\) and y of shape \(n,\) or \(repeats, n\), got shapes"),
        ([1.0, 2.0, 3.0], 1.0, r"^y: expected x of shape \(n,\)"),
        ([1.0, 2.0, 3.0], [1.0, np.nan, 3.0], r"^y: expected finite numbers, got nan"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(x, y, message):
    with pytest.raises(InvalidArgument, match=message):
        power_law(x, y)


def test_a_level_outside_zero_to_one_is_refused():
    with pytest.raises(InvalidArgument, match=r"^level: expected a number above 0 and below 1, got 95.0;"):
        power_law(WIDTHS, WIDTHS, level=95)
