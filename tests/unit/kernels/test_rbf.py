"""The Gaussian kernel, above all where squared norms cancel."""

import mpmath
import numpy as np
import pytest
from sklearn.metrics.pairwise import rbf_kernel

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import RBF


def _exact(x, y, gamma):
    with mpmath.workdps(50):
        squared = mpmath.fsum((mpmath.mpf(float(a)) - mpmath.mpf(float(b))) ** 2 for a, b in zip(x, y, strict=True))
        return mpmath.exp(-mpmath.mpf(gamma) * squared), float(gamma * squared)


def test_gamma_means_what_it_means_in_scikit_learn():
    left, right = np.random.default_rng(0).standard_normal((2, 30, 4))
    np.testing.assert_allclose(RBF(gamma=0.4).gram(left, right), rbf_kernel(left, right, gamma=0.4), rtol=1e-13)


@pytest.mark.parametrize("offset", [0.0, 1.0, 1e4, 1e8])
@pytest.mark.parametrize("spread", [1e-6, 1.0, 1e3])
def test_values_are_right_near_coincident_points_and_far_from_the_origin(offset, spread):
    """Within 1e-12 of the larger of the value and its sensitivity to the distance, against 50 digits."""
    random = np.random.default_rng(1)
    points = offset + spread * random.standard_normal((8, 3))
    points = np.vstack([points, points[:4] + 1e-5 * spread * random.standard_normal((4, 3)), -points[:1]])
    gamma = 0.5 / spread**2
    gram, cross = RBF(gamma=gamma).gram(points), RBF(gamma=gamma).gram(points[:5], points)
    for i, x in enumerate(points):
        for j, y in enumerate(points):
            exact, exponent = _exact(x, y, gamma)
            allowed = 1e-12 * float(exact) * max(1.0, exponent) + 1e-300  # underflow
            assert abs(gram[i, j] - exact) <= allowed
            assert i >= 5 or abs(cross[i, j] - exact) <= allowed


def test_the_fall_from_one_is_right_for_nearly_coincident_points():
    """``1 - k`` is gamma times the squared distance there: six digits of it are left, none without care."""
    points = np.array([[100.0, 1.0], [100.0, 1.0 + 2.0**-16], [-100.0, 7.0]])
    fall = 1 - RBF(gamma=1.0).gram(points)[0, 1]
    assert fall == pytest.approx(2.0**-32, rel=1e-6)


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_points_far_from_the_origin_are_no_more_work(offset, monkeypatch):
    """Around their mean, no pair of these points but each with itself needs more than the matrix product."""
    asked, pairs = [], RBF.pairs

    def counted(kernel, left, right):
        asked.append(len(left))
        return pairs(kernel, left, right)

    points = offset + np.random.default_rng(0).standard_normal((300, 20))
    monkeypatch.setattr(RBF, "pairs", counted)
    RBF(gamma=0.1).gram(points)
    assert sum(asked) == 300 + 2
    RBF(gamma=0.1).gram(points[:100], points[100:])
    assert sum(asked) == 300 + 2


def test_coincident_points_give_exactly_one():
    points = np.random.default_rng(0).standard_normal((40, 7)) * 1e3 + 5
    kernel = RBF(gamma=3.0)
    assert np.array_equal(np.diag(kernel.gram(points)), np.ones(40))
    assert np.array_equal(np.diag(kernel.gram(points, points)), np.ones(40))
    assert np.array_equal(kernel.diagonal(points), np.ones(40))
    assert kernel(points[0], points[0]) == 1.0
    assert np.array_equal(kernel.gram(np.zeros((3, 2))), np.ones((3, 3)))
    assert kernel.gram(points).max() <= 1.0


@pytest.mark.parametrize(
    ("gamma", "got"), [(0.0, "0.0"), (-1.0, "-1.0"), (np.nan, "nan"), ("1", "'1'"), (None, "None")]
)
def test_gamma_is_a_positive_number(gamma, got):
    with pytest.raises(InvalidArgument, match=f"^gamma: expected a number above 0, got {got}; "):
        RBF(gamma=gamma)
