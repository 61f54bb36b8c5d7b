"""Sums, products and multiples of kernels."""

import numpy as np
import pytest

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import NNGP, NTK, RBF, ArcCosine, Function, Laplace, Linear, Polynomial, products

POINTS = np.random.default_rng(0).standard_normal((14, 3))
OTHERS = np.random.default_rng(1).standard_normal((9, 3))
A, B = RBF(gamma=0.5), NTK(depth=2)
CALLABLE = Function(lambda x, y: 1.0 + x @ y)


@pytest.mark.parametrize("kernel, combine", [
    (A + B, lambda a, b: a + b),
    (A * B, lambda a, b: a * b),
    (2.5 * A + B * 3, lambda a, b: 2.5 * a + 3 * b),
    (np.float64(2.0) * (A + B) * A, lambda a, b: 2 * (a + b) * a),
], ids=["sum", "product", "weighted sum", "product of a sum"])  # fmt: skip
def test_values_are_combined_value_by_value(kernel, combine):
    for points in ((POINTS,), (POINTS, OTHERS)):
        expected = combine(A.gram(*points), B.gram(*points))
        np.testing.assert_allclose(kernel.gram(*points), expected, rtol=1e-15)
    np.testing.assert_allclose(kernel.diagonal(POINTS), combine(A.diagonal(POINTS), B.diagonal(POINTS)), rtol=1e-15)
    assert kernel(POINTS[0], OTHERS[0]) == pytest.approx(combine(A(POINTS[0], OTHERS[0]), B(POINTS[0], OTHERS[0])))


@pytest.mark.parametrize(
    "kernel",
    [Laplace(1.0), Polynomial(3), NNGP(2), A + B, A * CALLABLE, 0.1 * B, *(ArcCosine(order) for order in (0, 1, 2))],
    ids=str,
)
def test_gram_matrices_are_exactly_symmetric_and_positive_semidefinite(kernel, monkeypatch):
    monkeypatch.setattr(products, "_BLOCK", 5)
    monkeypatch.setattr(products, "_STRIP", 3)
    points = np.vstack([POINTS, POINTS[:3], POINTS[:2] * (1 + 1e-9), -POINTS[:1]])
    gram = kernel.gram(points)
    assert np.array_equal(gram, gram.T)
    np.testing.assert_allclose(gram, kernel.gram(points, points), rtol=1e-12, atol=1e-13)
    eigenvalues = np.linalg.eigvalsh(gram)
    assert eigenvalues[0] > -len(points) * np.finfo(float).eps * eigenvalues[-1]


def test_kernels_are_equal_and_hash_by_value():
    makers = [
        lambda: Laplace(1.0), lambda: Laplace(2.0), lambda: Polynomial(2), lambda: Polynomial(2, constant=0.0),
        lambda: ArcCosine(0), lambda: ArcCosine(1), lambda: NNGP(3), lambda: NTK(3), lambda: A + B, lambda: B + A,
        lambda: A * B, lambda: 2 * A, lambda: 3 * A, lambda: RBF(1.0),
    ]  # fmt: skip
    first, again = [make() for make in makers], [make() for make in makers]
    assert first == again
    assert len(set(first)) == len(set(first + again)) == len(makers)
    assert 2 * A == A * 2.0


def test_a_combination_says_what_it_is():
    assert repr(2.0 * (A + B) * Linear()) == "(2.0 * (RBF(gamma=0.5) + NTK(depth=2)) * Linear())"


def test_the_sum_of_linear_kernels_is_that_of_features_side_by_side():
    left, right = POINTS[:, :1], POINTS[:, 1:]
    first = Function(lambda x, y: float(x[:1] @ y[:1]))
    second = Function(lambda x, y: float(x[1:] @ y[1:]))
    np.testing.assert_allclose((first + second).gram(POINTS), left @ left.T + right @ right.T, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("call, message", [
    (lambda: A + 1.0, "kernel: expected a kernel to add, got 1.0; add a kernel; Function(lambda x, y: 1.0) is a constant one"),
    (lambda: 0 + A, "kernel: expected a kernel to add, got 0; add a kernel; Function(lambda x, y: 1.0) is a constant one"),
    (lambda: -1.0 * A, "factor: expected a number above 0, got -1.0; change factor"),
    (lambda: A * "2", "factor: expected a number above 0, got '2'; pass one real number"),
    (lambda: np.ones(2) * A, "factor: expected a number above 0, got an array of shape (2,) and type float64; pass one real number"),
    (lambda: (1e300 * Polynomial(2)).gram([[1.0], [1e9], [1.0]]),
     "kernel: expected finite values of 1e+300 * Polynomial(degree=2, gamma=1.0, constant=1.0), got inf for the pair [0, 1]; "
     "rescale the inputs, or correct the formula"),
    (lambda: (Polynomial(100) * Polynomial(100)).gram([[1.0], [9.0], [1.0]], [[1.0], [9.0]]),
     "kernel: expected finite values of (Polynomial(degree=100, gamma=1.0, constant=1.0) * Polynomial(degree=100, gamma=1.0, "
     "constant=1.0)), got inf for the pair [1, 1]; rescale the inputs, or correct the formula"),
])  # fmt: skip
def test_combinations_that_are_no_kernel_get_one_line(call, message):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert str(caught.value) == message
