"""The arc-cosine kernels: the expectation they stand for, the published formulas, accuracy at every angle."""

import mpmath
import numpy as np
import pytest

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import NNGP, ArcCosine


def _exact(x, y, order):
    """The formulas of Cho & Saul, 2009, in 50 digits."""
    with mpmath.workdps(50):
        x, y = ([mpmath.mpf(float(v)) for v in side] for side in (x, y))
        norms = mpmath.sqrt(mpmath.fdot(x, x) * mpmath.fdot(y, y))
        angle = mpmath.acos(max(-1, min(1, mpmath.fdot(x, y) / norms)))
        rest = mpmath.pi - angle
        functions = (
            rest,
            mpmath.sin(angle) + rest * mpmath.cos(angle),
            3 * mpmath.sin(angle) * mpmath.cos(angle) + rest * (1 + 2 * mpmath.cos(angle) ** 2),
        )
        return norms**order * functions[order] / mpmath.pi


def _directions():
    """Points of three lengths at angles from 1e-15 to pi - 1e-15 to the first one."""
    random = np.random.default_rng(0)
    x, z = random.standard_normal((2, 5))
    z -= (z @ x) / (x @ x) * x
    near = [x + 10.0**-k * z for k in range(16)] + [1.1 * x + 0.021 * z, 1.1 * x + 0.025 * z]
    return np.array([x, z, 3 * x, 0.01 * z - x / 3, *near, *(-0.3 * np.array(near))])


@pytest.mark.parametrize("order", [0, 1, 2])
def test_values_are_right_to_1e_12_at_every_angle(order):
    """Of the larger of the value and ``(|x| |x'|)^order``, by which a relative change of the inputs moves it."""
    points, kernel = _directions(), ArcCosine(order)
    gram = kernel.gram(points)
    for i in (0, 1, 2):
        for j, y in enumerate(points):
            exact = _exact(points[i], y, order)
            allowed = 1e-12 * max(float(exact), (np.linalg.norm(points[i]) * np.linalg.norm(y)) ** order)
            assert abs(gram[i, j] - exact) <= allowed
            assert abs(kernel(points[i], y) - exact) <= allowed


@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_kernel_is_twice_the_mean_product_of_features(order):
    """A million directions: within five standard errors of the mean, which are below 0.2 %."""
    x, y = np.array([1.0, 2.0, 0.5]), np.array([0.5, 0.3, -1.0])
    directions = np.random.default_rng(3).standard_normal((1_000_000, 3))
    left, right = ((directions @ point > 0) * (directions @ point) ** order for point in (x, y))
    for one, two, value in ((left, right, ArcCosine(order)(x, y)), (left, left, ArcCosine(order)(x, x))):
        samples = 2 * one * two
        assert np.mean(samples) == pytest.approx(value, abs=5 * np.std(samples) / 1000)


def test_the_diagonal_is_as_stated():
    points = np.random.default_rng(1).standard_normal((20, 4)) * np.geomspace(1e-3, 1e3, 20)[:, None]
    squared = np.sum(points**2, axis=1)
    for order, expected in enumerate((np.ones(20), squared, 3 * squared**2)):
        np.testing.assert_allclose(np.diag(ArcCosine(order).gram(points)), expected, rtol=1e-14)


def test_order_one_is_a_hidden_layer_times_the_columns():
    points = _directions()
    np.testing.assert_allclose(ArcCosine(1).gram(points), 5 * NNGP(1).gram(points), rtol=1e-14, atol=1e-15)


def test_order_zero_is_one_minus_the_angle_over_pi_however_small():
    x = np.array([1.0, 0.0])
    for angle in (1e-5, 1e-8, 1e-10):
        assert 1 - ArcCosine(0).gram([x, [1.0, angle]])[0, 1] == pytest.approx(angle / np.pi, abs=3e-16)


def test_a_zero_input_has_the_value_stated_everywhere():
    """Features [w.x > 0] with a step of one half at 0: 2 * 1/2 * 1/2; the kernel is the same however it is asked."""
    points = np.array([[0.0, 0.0], [1.0, 2.0], [0.0, 0.0]])
    for order, value in ((0, 0.5), (1, 0.0), (2, 0.0)):
        for gram in (ArcCosine(order).gram(points), ArcCosine(order).gram(points, points)):
            np.testing.assert_array_equal(gram[[0, 2]], np.full((2, 3), value))
        assert ArcCosine(order)(points[0], points[1]) == ArcCosine(order)(points[0], points[0]) == value
        np.testing.assert_array_equal(ArcCosine(order).diagonal(points)[[0, 2]], [value, value])


@pytest.mark.parametrize("order", [-1, 3, 1.5])
def test_order_is_0_1_or_2(order):
    with pytest.raises(InvalidArgument, match=f"^order: expected a whole number from 0 to 2, got {order};"):
        ArcCosine(order=order)
