"""The polynomial kernel."""

import mpmath
import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import Linear, Polynomial


@pytest.mark.parametrize("degree", [1, 2, 5])
@pytest.mark.parametrize("constant", [0.0, 0.7])
def test_parameters_mean_what_they_mean_in_scikit_learn(degree, constant):
    left, right = np.random.default_rng(0).standard_normal((2, 30, 4))
    expected = polynomial_kernel(left, right, degree=degree, gamma=0.3, coef0=constant)
    ours = Polynomial(degree=degree, gamma=0.3, constant=constant).gram(left, right)
    np.testing.assert_allclose(ours, expected, rtol=1e-11, atol=1e-13)


def test_values_are_right_to_1e_12_of_the_value_or_its_sensitivity():
    """Sensitivity to the products: degree |base|^(degree - 1) gamma |x| |x'|."""
    points = np.random.default_rng(1).standard_normal((10, 5)) * np.geomspace(1e-3, 1e3, 10)[:, None]
    degree, gamma, constant = 4, 0.3, 1.0
    gram = Polynomial(degree, gamma, constant).gram(points)
    with mpmath.workdps(50):
        for i, x in enumerate(points):
            for j, y in enumerate(points):
                product = mpmath.fdot([mpmath.mpf(float(v)) for v in x], [mpmath.mpf(float(v)) for v in y])
                base = mpmath.mpf(gamma) * product + constant
                size = gamma * np.linalg.norm(x) * np.linalg.norm(y) + constant
                allowed = 1e-12 * max(abs(float(base)) ** degree, degree * abs(float(base)) ** (degree - 1) * size)
                assert abs(gram[i, j] - base**degree) <= allowed


def test_degree_one_without_a_constant_is_the_linear_kernel():
    points = np.random.default_rng(2).standard_normal((6, 3))
    np.testing.assert_array_equal(Polynomial(1, 1.0, 0.0).gram(points), Linear().gram(points))


@pytest.mark.parametrize("options, message", [
    (dict(degree=0), "degree: expected a whole number of at least 1, got 0; change degree"),
    (dict(degree=1.5), "degree: expected a whole number of at least 1, got 1.5; change degree"),
    (dict(gamma=0.0), "gamma: expected a number above 0, got 0.0; change gamma"),
    (dict(constant=-0.1), "constant: expected a number of at least 0, got -0.1; change constant"),
])  # fmt: skip
def test_what_would_be_no_kernel_gets_one_line(options, message):
    with pytest.raises(InvalidArgument) as caught:
        Polynomial(**options)
    assert str(caught.value) == message


def test_values_too_large_are_refused():
    with pytest.raises(InvalidArgument, match=r"^kernel: expected finite values of Polynomial\(degree=200, .* got inf"):
        Polynomial(degree=200).gram([[1e3], [1.0]])
