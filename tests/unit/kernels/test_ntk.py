"""The neural tangent kernel: recursion, known values, and accuracy against 50 digits."""

import mpmath
import numpy as np
import pytest

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import NTK

TOLERANCE = 1e-12


def _exact(x, y, depth):
    """The recursion as the docstring states it, in 50 digits, with the covariances and not the cosines as its state."""
    with mpmath.workdps(50):
        x, y = ([mpmath.mpf(float(v)) for v in side] for side in (x, y))
        across, left, right = (mpmath.fdot(a, b) / len(x) for a, b in ((x, y), (x, x), (y, y)))
        tangent, norms = across, mpmath.sqrt(left * right)
        if norms == 0:
            return mpmath.mpf(0)
        for _ in range(depth):
            angle = mpmath.acos(max(-1, min(1, across / norms)))
            slope = (mpmath.pi - angle) / mpmath.pi
            across = norms * (mpmath.sin(angle) / mpmath.pi + slope * mpmath.cos(angle))
            tangent = across + tangent * slope
        return tangent


def _allowed(exact, x, y):
    """1e-12 of the value, or of what a relative change of the inputs by 1 does to it where that is more."""
    return TOLERANCE * max(abs(float(exact)), np.linalg.norm(x) * np.linalg.norm(y) / len(x))


def _directions():
    """Points of three lengths at angles from 1e-15 to pi - 1e-15 to the first one."""
    random = np.random.default_rng(0)
    x, z = random.standard_normal((2, 5))
    z -= (z @ x) / (x @ x) * x
    near = [x + 10.0**-k * z for k in range(16)] + [1.1 * x + 0.021 * z, 1.1 * x + 0.025 * z]
    return np.array([x, z, 3 * x, 0.01 * z - x / 3, *near, *(-0.3 * np.array(near)), np.zeros(5)])


@pytest.mark.parametrize("depth", [0, 1, 3, 10])
def test_values_are_right_to_1e_12_at_every_angle(depth):
    points, kernel = _directions(), NTK(depth=depth)
    gram = kernel.gram(points)
    for i in (0, 1, 2):
        for j, y in enumerate(points):
            exact = _exact(points[i], y, depth)
            allowed = _allowed(exact, points[i], y)
            assert abs(gram[i, j] - exact) <= allowed
            assert abs(kernel(points[i], y) - exact) <= allowed


@pytest.mark.parametrize("depth", [1, 3, 10])
def test_small_angles_show_up_at_their_first_order(depth):
    """``1 - k / diagonal`` is proportional to the angle; the arc cosine of a rounded cosine knows none below 1e-8."""
    x = np.array([1.0, 0.0])
    for angle in (1e-5, 1e-8, 1e-10):
        y = np.array([1.0, angle])
        exact = 1 - _exact(x, y, depth) / (depth + 1) * 2
        assert 1 - 2 * NTK(depth).gram([x, y])[0, 1] / (depth + 1) == pytest.approx(float(exact), abs=4e-15)
        assert float(exact) > angle / 10


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 10, 100])
def test_the_diagonal_is_depth_plus_one_times_the_mean_square(depth):
    points = np.random.default_rng(3).standard_normal((50, 7)) * np.geomspace(1e-6, 1e6, 50)[:, None]
    expected = (depth + 1) * np.sum(points**2, axis=1) / 7
    two_ulp = 2**-51
    np.testing.assert_allclose(NTK(depth).diagonal(points), expected, rtol=two_ulp)
    np.testing.assert_allclose(np.diag(NTK(depth).gram(points)), expected, rtol=two_ulp)
    np.testing.assert_allclose(np.diag(NTK(depth).gram(points, points)), expected, rtol=two_ulp)


def test_integers_give_the_diagonal_exactly():
    assert NTK(depth=3).gram([[1.0, 1.0], [2.0, 0.0]]).diagonal().tolist() == [4.0, 8.0]


def test_depth_zero_is_the_linear_kernel_over_the_number_of_columns():
    left, right = np.random.default_rng(0).standard_normal((2, 5, 3))
    np.testing.assert_allclose(NTK(depth=0).gram(left, right), left @ right.T / 3, rtol=1e-13, atol=1e-16)


def test_values_worked_out_by_hand():
    """Right angle, one layer: 1/pi. Straight angle: 0. Right angle, two layers: see the recursion by hand below."""
    x, y = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert 2 * NTK(1)(x, y) == pytest.approx(1 / np.pi, rel=1e-15)
    assert NTK(1)(x, -x) == 0.0
    assert NTK(1)(x, -2 * x) == 0.0
    assert 2 * NTK(2)(x, -x) == pytest.approx(1 / np.pi, rel=1e-15)
    angle = np.arccos(1 / np.pi)
    nngp = (np.sin(angle) + (np.pi - angle) / np.pi) / np.pi
    assert 2 * NTK(2)(x, y) == pytest.approx(nngp + (1 / np.pi) * (1 - angle / np.pi), rel=1e-14)


def test_the_kernel_is_that_of_the_gaussian_integrals_it_stands_for():
    """One layer by quadrature of 2 E[relu relu'] and 2 E[step step'], with no arc-cosine formula in sight."""
    x, y, d = np.array([1.0, 2.0]), np.array([0.5, -0.3]), 2
    phi = np.linspace(0, 2 * np.pi, 2_000_001)[:-1]
    gaussian = np.stack([np.cos(phi), np.sin(phi)])  # E over the radius: E r^2 = 2 for the products, 1 for the steps
    a, b = (x @ gaussian) / np.sqrt(d), (y @ gaussian) / np.sqrt(d)
    sigma = 2 * 2 * np.mean(np.maximum(a, 0) * np.maximum(b, 0))
    sigma_dot = 2 * np.mean((a > 0) & (b > 0))
    assert NTK(depth=1)(x, y) == pytest.approx(sigma + x @ y / d * sigma_dot, rel=1e-6)


def test_zero_inputs_give_zero_not_nan():
    points = np.array([[0.0, 0.0], [1.0, 2.0], [0.0, 0.0]])
    for depth in (0, 1, 4):
        gram = NTK(depth).gram(points)
        assert np.array_equal(gram[[0, 2]], np.zeros((2, 3)))
        assert NTK(depth)(points[0], points[0]) == NTK(depth)(points[0], points[1]) == 0.0
    assert np.array_equal(NTK(3).gram(np.zeros((3, 2)), np.zeros((2, 2))), np.zeros((3, 2)))


def test_points_on_a_line_are_parallel_or_opposite():
    points = np.array([[3.0], [-0.1], [7.0], [-11.0]])
    same = np.sign(points) == np.sign(points.T)
    expected = np.where(same, 2 * points @ points.T, 0.0)
    np.testing.assert_allclose(NTK(depth=1).gram(points), expected, rtol=1e-15, atol=1e-14)


@pytest.mark.parametrize("depth", [1, 3, 10])
def test_the_kernel_is_linear_in_each_norm(depth):
    x, y = np.random.default_rng(5).standard_normal((2, 6))
    value = NTK(depth)(x, y)
    for scale in (1e-100, 1e-3, 1e100):
        assert NTK(depth)(scale * x, y) == pytest.approx(scale * value, rel=1e-14)
        assert NTK(depth).gram([scale * x], [y / scale])[0, 0] == pytest.approx(value, rel=1e-13)
        assert NTK(depth)(scale * x, scale * y) == pytest.approx(scale**2 * value, rel=1e-14)


def test_the_gram_matrix_is_positive_semidefinite():
    points = np.random.default_rng(0).standard_normal((60, 2))
    eigenvalues = np.linalg.eigvalsh(NTK(depth=3).gram(points))
    assert eigenvalues[0] > -60 * np.finfo(float).eps * eigenvalues[-1]


@pytest.mark.parametrize(
    ("depth", "got", "fix"),
    [
        (-1, "-1", "change depth"),
        (1.5, "1.5", "change depth"),
        (True, "True", "pass one real number"),
        ("3", "'3'", "pass one real number"),
        (None, "None", "pass one real number"),
    ],
)
def test_depth_is_a_whole_number(depth, got, fix):
    with pytest.raises(InvalidArgument) as error:
        NTK(depth=depth)
    assert str(error.value) == f"depth: expected a whole number of at least 0, got {got}; {fix}"


def test_points_at_ordinary_angles_need_no_more_than_the_matrix_product(monkeypatch):
    asked, pairs = [], NTK.pairs

    def counted(kernel, left, right):
        asked.append(len(left))
        return pairs(kernel, left, right)

    monkeypatch.setattr(NTK, "pairs", counted)
    NTK(depth=2).gram(np.random.default_rng(0).standard_normal((300, 20)))
    assert sum(asked) == 300 + 2
