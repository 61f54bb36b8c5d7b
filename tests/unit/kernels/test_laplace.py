"""The Laplace kernel, above all where squared norms cancel and the square root makes it worse."""

import mpmath
import numpy as np
import pytest
from sklearn.gaussian_process.kernels import Matern
from sklearn.metrics.pairwise import laplacian_kernel

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import Laplace


def _exact(x, y, gamma):
    with mpmath.workdps(50):
        squared = mpmath.fsum((mpmath.mpf(float(a)) - mpmath.mpf(float(b))) ** 2 for a, b in zip(x, y, strict=True))
        exponent = mpmath.mpf(gamma) * mpmath.sqrt(squared)
        return mpmath.exp(-exponent), float(exponent)


def test_the_distance_is_euclidean():
    left, right = np.random.default_rng(0).standard_normal((2, 30, 4))
    expected = Matern(length_scale=1 / 0.4, nu=0.5)(left, right)
    np.testing.assert_allclose(Laplace(gamma=0.4).gram(left, right), expected, rtol=1e-13)
    assert np.abs(laplacian_kernel(left, right, gamma=0.4) - expected).max() > 0.1


def test_on_one_column_it_is_that_of_scikit_learn():
    left, right = np.random.default_rng(0).standard_normal((2, 30, 1))
    np.testing.assert_allclose(
        Laplace(gamma=2.0).gram(left, right), laplacian_kernel(left, right, gamma=2.0), rtol=1e-12
    )


@pytest.mark.parametrize("offset", [0.0, 1.0, 1e4, 1e8])
@pytest.mark.parametrize("spread", [1e-6, 1.0, 1e3])
def test_values_are_right_near_coincident_points_and_far_from_the_origin(offset, spread):
    """Within 1e-12 of the larger of the value and its sensitivity to the distance, against 50 digits."""
    random = np.random.default_rng(1)
    points = offset + spread * random.standard_normal((8, 3))
    points = np.vstack([points, points[:4] + 1e-5 * spread * random.standard_normal((4, 3)), -points[:1]])
    gamma = 0.5 / spread
    gram, cross = Laplace(gamma=gamma).gram(points), Laplace(gamma=gamma).gram(points[:5], points)
    for i, x in enumerate(points):
        for j, y in enumerate(points):
            exact, exponent = _exact(x, y, gamma)
            allowed = 1e-12 * float(exact) * max(1.0, exponent) + 1e-300  # underflow
            assert abs(gram[i, j] - exact) <= allowed
            assert i >= 5 or abs(cross[i, j] - exact) <= allowed


def test_the_fall_from_one_is_right_for_nearly_coincident_points():
    """``1 - k`` is gamma times the distance, 2^-26: from cancelling products it would be 0, or 100 times too large."""
    points = np.array([[100.0, 1.0], [100.0, 1.0 + 2.0**-26], [-100.0, 7.0]])
    fall = 1 - Laplace(gamma=1.0).gram(points)[0, 1]
    assert fall == pytest.approx(2.0**-26, rel=1e-7)


def test_coincident_points_give_exactly_one():
    points = np.random.default_rng(0).standard_normal((40, 7)) * 1e3 + 5
    kernel = Laplace(gamma=3.0)
    assert np.array_equal(np.diag(kernel.gram(points)), np.ones(40))
    assert np.array_equal(np.diag(kernel.gram(points, points)), np.ones(40))
    assert np.array_equal(kernel.gram(np.zeros((3, 2))), np.ones((3, 3)))
    assert kernel.gram(points).max() <= 1.0


@pytest.mark.parametrize(("gamma", "got"), [(0.0, "0.0"), (-1.0, "-1.0"), (np.nan, "nan"), ("1", "'1'")])
def test_gamma_is_a_positive_number(gamma, got):
    with pytest.raises(InvalidArgument, match=f"^gamma: expected a number above 0, got {got}; "):
        Laplace(gamma=gamma)
