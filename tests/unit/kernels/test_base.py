"""Gram matrices of any kernel: against one pair at a time, at block boundaries, symmetric, and with bad input."""

import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import NTK, RBF, Function, Kernel, Linear, ProductKernel, products

KERNELS = [Linear(), RBF(gamma=0.3), NTK(depth=0), NTK(depth=2), Function(lambda x, y: np.exp(-np.abs(x - y).sum()))]


def _points(n: int, columns: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, columns))


@dataclass(frozen=True)
class Laplace(Kernel):
    """A kernel that is written for pairs of points."""

    def pairs(self, left, right):
        return np.exp(-np.abs(left - right).sum(axis=1))


@dataclass(frozen=True)
class Lopsided(ProductKernel):
    def formula(self, products, left_squared, right_squared):
        return products * left_squared


@dataclass(frozen=True)
class Power(ProductKernel):
    def formula(self, products, left_squared, right_squared):
        return products**300


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks and strips that do not divide one another, nor the sizes below."""
    monkeypatch.setattr(products, "_BLOCK", 5)
    monkeypatch.setattr(products, "_STRIP", 3)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("kernel", [*KERNELS, Laplace()], ids=str)
@pytest.mark.parametrize("n", [1, 4, 5, 6, 13])
def test_a_gram_matrix_holds_the_kernel_of_every_pair(kernel, n):
    left, right = _points(n), _points(7, seed=1)
    expected = [[kernel(x, y) for y in right] for x in left]
    np.testing.assert_allclose(kernel.gram(left, right), expected, rtol=1e-13, atol=1e-14)
    expected = [[kernel(x, y) for y in left] for x in left]
    np.testing.assert_allclose(kernel.gram(left), expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("kernel", [Linear(), RBF(gamma=0.1), NTK(depth=3)], ids=str)
@pytest.mark.parametrize("n", [511, 512, 513, 1100])
def test_blocks_of_full_size_meet_without_a_seam(kernel, n):
    points = _points(n)
    gram = kernel.gram(points)
    assert np.array_equal(gram, gram.T)
    np.testing.assert_allclose(gram, kernel.gram(points, points), rtol=1e-12, atol=1e-13)
    ends = [0, 31, 32, 510, n - 1]
    expected = [[kernel(points[i], points[j]) for j in ends] for i in ends]
    np.testing.assert_allclose(gram[np.ix_(ends, ends)], expected, rtol=1e-12, atol=1e-13)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_a_gram_matrix_of_one_set_of_points_is_exactly_symmetric(kernel):
    gram = kernel.gram(_points(13) * np.geomspace(1e-3, 1e3, 13)[:, None])
    assert np.array_equal(gram, gram.T)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_one_pair_is_exactly_symmetric(kernel):
    x, y = _points(2) * [[1e-3], [7.0]]
    assert kernel(x, y) == kernel(y, x)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_the_diagonal_is_that_of_the_gram_matrix(kernel):
    points = _points(9)
    diagonal = kernel.diagonal(points)
    assert diagonal.shape == (9,)
    assert diagonal.dtype == np.float64
    np.testing.assert_allclose(diagonal, np.diag(kernel.gram(points)), rtol=1e-14)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_inputs_stay_as_they_were_whatever_their_type_and_layout(kernel):
    points = np.asfortranarray(_points(6).round(1).astype(np.float32))
    before = points.copy()
    gram = kernel.gram(points)
    assert np.array_equal(points, before)
    assert gram.dtype == np.float64
    assert np.array_equal(gram, kernel.gram(np.ascontiguousarray(before, dtype=np.float64)))


def test_equal_parameters_make_equal_kernels_with_equal_hashes():
    def pair(x, y):
        return x @ y

    assert {Linear(): 1, RBF(1): 2, NTK(3): 3, Function(pair): 4} == {
        Linear(): 1,
        RBF(gamma=1.0): 2,
        NTK(depth=3.0): 3,
        Function(pair): 4,  # type: ignore[arg-type]
    }
    assert len({Linear(), RBF(1.0), RBF(2.0), NTK(1), NTK(2), Function(pair), Function(lambda x, y: x @ y)}) == 7
    assert NTK() == NTK(depth=3)


def test_a_kernel_of_products_keeps_its_formula_for_one_pair():
    @dataclass(frozen=True)
    class Cosine(ProductKernel):
        def formula(self, products, left_squared, right_squared):
            return products / np.sqrt(left_squared * right_squared)

    assert Cosine()([3.0, 4.0], [2.0, 0.0]) == pytest.approx(0.6, rel=1e-15)


NAN = [[0.0, 1.0], [np.nan, 2.0]]
FAULTS = [
    (lambda k: k.gram([1.0, 2.0]), "left: expected 2 dimension(s), got 1 (shape (2,)); reshape the array"),
    (lambda k: k.gram(np.zeros((2, 2)), np.zeros((2, 2, 1))),
     "right: expected 2 dimension(s), got 3 (shape (2, 2, 1)); reshape the array"),
    (lambda k: k.gram(NAN),
     "left: expected finite numbers, got nan at index [1, 0] (1 such value(s)); remove or impute these values"),
    (lambda k: k.gram([[1.0]], [[np.inf]]),
     "right: expected finite numbers, got inf at index [0, 0] (1 such value(s)); remove or impute these values"),
    (lambda k: k.gram(np.zeros((2, 3)), np.zeros((4, 1))),
     "right: expected points with 3 column(s), as in left, got 1; pass points of the same space"),
    (lambda k: k.gram(np.zeros((0, 3))),
     "left: expected at least one number, got an empty array of shape (0, 3); pass a non-empty array of real numbers"),
    (lambda k: k.gram([["a"]]),
     "left: expected an array of real numbers, got an array of type <U1; pass a non-empty array of real numbers"),
    (lambda k: k.diagonal([1.0]), "inputs: expected 2 dimension(s), got 1 (shape (1,)); reshape the array"),
    (lambda k: k([[1.0]], [1.0]), "x: expected 1 dimension(s), got 2 (shape (1, 1)); reshape the array"),
    (lambda k: k([1.0], [1.0, 2.0]),
     "y: expected points with 1 column(s), as in x, got 2; pass points of the same space"),
]  # fmt: skip


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
@pytest.mark.parametrize(("call", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_bad_inputs_are_refused_in_one_line(kernel, call, message):
    with pytest.raises(InvalidArgument) as error:
        call(kernel)
    assert str(error.value) == message


def test_a_kernel_that_is_not_symmetric_is_refused():
    with pytest.raises(InvalidArgument) as error:
        Lopsided().gram([[1.0], [5.0], [2.0]])
    assert str(error.value) == (
        "kernel: expected a symmetric function, k(x, y) = k(y, x), of Lopsided(), got 2 and 8 for the first and the "
        "last input; make the formula symmetric, or pass both sets of inputs if you want its values as they are"
    )


@pytest.mark.usefixtures("small_blocks")
def test_values_beyond_floating_point_are_refused_with_their_place():
    points = np.ones((12, 1))
    points[7] = 1e3
    with pytest.raises(InvalidArgument) as error:
        Power().gram(points)
    assert str(error.value) == (
        "kernel: expected finite values of Power(), got inf for the pair [0, 7]; "
        "rescale the inputs, or correct the formula"
    )
    with pytest.raises(InvalidArgument, match=r"got inf for the pair \[0, 7\]"):
        Power().gram(points[:1], points)
    with pytest.raises(InvalidArgument, match=r"got inf for the pair \[0, 7\]"):
        Power().diagonal(points)


@pytest.mark.parametrize("kernel", [Linear(), NTK(depth=3), RBF(gamma=1.0)], ids=str)
def test_points_too_large_to_be_squared_give_an_error_or_the_right_limit(kernel):
    points = np.array([[1e200, 0.0], [0.0, 1e200]])
    if isinstance(kernel, RBF):
        assert np.array_equal(np.diag(kernel.gram(points[:1])), [1.0])
        return
    with pytest.raises(InvalidArgument, match="expected finite values of .* rescale the inputs"):
        kernel.gram(points)


@pytest.mark.parametrize("kernel", [RBF(gamma=1.0), NTK(depth=3)], ids=str)
@pytest.mark.parametrize("columns", [1, 5])
def test_memory_beyond_the_result_is_bounded(kernel, columns):
    """Also where all pairs are computed from the points, as angles between points on a line are."""
    points = _points(1500, columns)
    tracemalloc.start()
    gram = kernel.gram(points)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak - gram.nbytes < 2 * products._BLOCK**2 * 8
