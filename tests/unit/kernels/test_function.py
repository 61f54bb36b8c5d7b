"""Kernels from any Python function."""

import numpy as np
import pytest

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import RBF, Function

POINTS = np.random.default_rng(0).standard_normal((6, 2))


def test_a_function_gives_what_the_kernel_of_the_same_formula_gives():
    slow = Function(lambda x, y: np.exp(-0.7 * np.sum((x - y) ** 2)))
    np.testing.assert_allclose(slow.gram(POINTS), RBF(gamma=0.7).gram(POINTS), rtol=1e-14)
    np.testing.assert_allclose(slow.gram(POINTS, POINTS[:2]), RBF(gamma=0.7).gram(POINTS, POINTS[:2]), rtol=1e-14)


def test_a_symmetric_gram_matrix_asks_each_pair_once_and_one_pair_both_ways():
    calls = []

    def pair(x, y):
        calls.append(1)
        return x @ y

    Function(pair).gram(POINTS)
    assert len(calls) == 6 * 7 // 2 + 2
    calls.clear()
    Function(pair).gram(POINTS, POINTS[:2])
    assert len(calls) == 12


@pytest.mark.parametrize("value", [1, np.float32(1.0), np.array(1.0), True])
def test_any_real_scalar_is_a_value(value):
    assert Function(lambda x, y: value).gram(POINTS).tolist() == np.ones((6, 6)).tolist()


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (lambda x, y: x - y,
         "pair: expected one real number per pair of points, got an array of shape (2,) and type float64; "
         "let the function return a scalar"),
        (lambda x, y: None,
         "pair: expected one real number per pair of points, got None; let the function return a scalar"),
        (lambda x, y: 1j,
         "pair: expected one real number per pair of points, got a value of type complex; "
         "let the function return a scalar"),
        (lambda x: 1.0,
         "pair: expected a function of two points, got TypeError: <lambda>() takes 1 positional argument but 2 were "
         "given; correct the function: it gets two vectors of shape (columns,)"),
    ],
)  # fmt: skip
def test_a_function_that_is_no_kernel_is_refused_in_one_line(pair, message):
    with pytest.raises(InvalidArgument) as error:
        Function(pair).gram(POINTS)
    assert str(error.value) == message


def test_a_value_that_is_not_a_number_is_refused_with_its_place():
    with pytest.raises(InvalidArgument, match=r"got nan for the pair \[1, 3\]; rescale the inputs, or correct"):
        Function(lambda x, y: np.nan if x[0] * y[0] == 3.0 else 0.0).gram([[0.0], [1.0], [5.0], [3.0], [0.0]])


@pytest.mark.parametrize(
    ("pair", "got"), [(3.0, "3.0"), (None, "None"), ("rbf", "'rbf'"), (RBF, "a value of type ABCMeta")]
)
def test_only_a_function_is_taken(pair, got):
    with pytest.raises(InvalidArgument) as error:
        Function(pair)
    assert str(error.value) == (
        f"pair: expected a function of two points, got {got}; pass a function such as lambda x, y: x @ y"
    )
