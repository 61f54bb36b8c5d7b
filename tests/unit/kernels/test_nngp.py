"""The covariance of wide networks: recursion in 50 digits, networks drawn at random, and its place in the NTK."""

import mpmath
import numpy as np
import pytest

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import NNGP, NTK, ArcCosine


def _exact(x, y, depth):
    with mpmath.workdps(50):
        x, y = ([mpmath.mpf(float(v)) for v in side] for side in (x, y))
        across, left, right = (mpmath.fdot(a, b) / len(x) for a, b in ((x, y), (x, x), (y, y)))
        norms = mpmath.sqrt(left * right)
        for _ in range(depth):
            angle = mpmath.acos(max(-1, min(1, across / norms)))
            across = norms * (mpmath.sin(angle) + (mpmath.pi - angle) * mpmath.cos(angle)) / mpmath.pi
        return across


@pytest.mark.parametrize("depth", [0, 1, 3, 10])
def test_values_are_right_to_1e_12_at_every_angle(depth):
    random = np.random.default_rng(0)
    x, z = random.standard_normal((2, 5))
    near = [x + 10.0**-k * z for k in range(0, 16, 2)]
    points = np.array([x, z, 3 * x, *near, *(-0.3 * np.array(near))])
    gram = NNGP(depth).gram(points)
    for i in (0, 1, 2):
        for j, y in enumerate(points):
            allowed = 1e-12 * np.linalg.norm(points[i]) * np.linalg.norm(y) / 5
            assert abs(gram[i, j] - _exact(points[i], y, depth)) <= allowed
            assert abs(NNGP(depth)(points[i], y) - _exact(points[i], y, depth)) <= allowed


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_random_networks_have_this_covariance(depth):
    """1000 networks of width 200: five standard errors, and 3 / width for the width being finite."""
    random, width, count = np.random.default_rng(depth), 200, 1000
    inputs = np.array([[1.0, 2.0, 0.0], [0.5, -1.0, 1.0]])
    outputs = []
    for _ in range(count):
        hidden = inputs
        for _ in range(depth):
            weights = random.standard_normal((hidden.shape[1], width)) / np.sqrt(hidden.shape[1])
            hidden = np.sqrt(2) * np.maximum(hidden @ weights, 0)
        outputs.append(hidden @ random.standard_normal(hidden.shape[1]) / np.sqrt(hidden.shape[1]))
    samples = np.array(outputs)[:, [0, 0, 1]] * np.array(outputs)[:, [0, 1, 1]]
    error = 5 * samples.std(axis=0) / np.sqrt(count) + 3 / width
    expected = NNGP(depth).gram(inputs)[[0, 0, 1], [0, 1, 1]]
    assert np.all(np.abs(samples.mean(axis=0) - expected) < error)


def test_the_ntk_is_the_sum_of_covariances_times_what_is_behind_them():
    """Theta_1 = Sigma_1 + Sigma_0 (1 - angle / pi), with the last factor from the arc-cosine kernel of order 0."""
    points = np.random.default_rng(4).standard_normal((7, 3))
    expected = NNGP(1).gram(points) + NNGP(0).gram(points) * ArcCosine(0).gram(points)
    np.testing.assert_allclose(NTK(1).gram(points), expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("depth", [0, 1, 5, 100])
def test_every_depth_keeps_norms(depth):
    points = np.random.default_rng(3).standard_normal((20, 7)) * np.geomspace(1e-6, 1e6, 20)[:, None]
    np.testing.assert_allclose(np.diag(NNGP(depth).gram(points)), np.mean(points**2, axis=1), rtol=2**-51)


def test_zero_inputs_give_zero_and_deep_networks_forget_angles():
    assert np.array_equal(NNGP(2).gram([[0.0, 0.0], [1.0, 2.0]])[0], [0.0, 0.0])
    correlations = [
        NNGP(depth)([1.0, 0.0], [0.0, 1.0]) / NNGP(depth)([1.0, 0.0], [1.0, 0.0]) for depth in (0, 1, 5, 50)
    ]
    assert correlations == sorted(correlations)
    assert correlations[0] == 0.0
    assert correlations[1] == pytest.approx(1 / np.pi, rel=1e-14)
    assert correlations[-1] > 0.98


def test_depth_is_a_whole_number():
    with pytest.raises(InvalidArgument) as error:
        NNGP(depth=-1)
    assert str(error.value) == "depth: expected a whole number of at least 0, got -1; change depth"
