"""Eigenvalues of a student's filter times a teacher's on another kernel."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array
from kdtheory.validation import finite_array


def product_eigenvalues(student: ArrayLike, teacher: ArrayLike) -> Array:
    r"""Eigenvalues of :math:`A_S A_T`, falling, for symmetric positive semidefinite filters; shape ``(..., n)``.

    The product is not symmetric, but similar to :math:`A_S^{1/2} A_T A_S^{1/2}`, from which they are computed: real
    and not negative, however the two sets of eigenvectors are turned against each other. They are squares of singular
    values of :math:`A_T^{1/2} A_S^{1/2}`, so that small ones keep their digits.

    Parameters
    ----------
    student, teacher : arrays of shape ``(..., n, n)``
        For example ``fit.operator()`` of two fits on the same inputs.

    Raises
    ------
    InvalidArgument
        For matrices that are not symmetric or not positive semidefinite within rounding.

    >>> product_eigenvalues([[0.5, 0.5], [0.5, 0.5]], [[0.8, 0.0], [0.0, 0.2]]).round(
    ...     12
    ... ).tolist()
    [0.5, 0.0]
    """
    one, other = _root("student", student), _root("teacher", teacher)
    if one.shape[-1] != other.shape[-1]:
        fix = "pass filters on the same inputs"
        raise InvalidArgument("teacher", expected=f"{one.shape[-1]} rows", got=f"{other.shape[-1]}", fix=fix)
    return np.square(np.linalg.svd(other @ one, compute_uv=False))


def _root(argument: str, matrix: ArrayLike) -> Array:
    """The symmetric square root."""
    array = finite_array(argument, matrix)
    if array.ndim < 2 or array.shape[-1] != array.shape[-2]:
        fix = "pass fit.operator()"
        raise InvalidArgument(argument, expected="square matrices", got=f"shape {array.shape}", fix=fix)
    tolerance = 16 * array.shape[-1] * np.finfo(float).eps * np.max(np.abs(array))
    turned = np.swapaxes(array, -1, -2)
    if np.max(np.abs(array - turned)) > tolerance:
        fix = "pass the filters, not their product"
        raise InvalidArgument(argument, expected="a symmetric matrix", got="one that is not", fix=fix)
    values, vectors = np.linalg.eigh((array + turned) / 2)
    if values.min() < -tolerance:
        fix = "use filters without overshoot"
        got = f"an eigenvalue of {values.min():.3g}"
        raise InvalidArgument(argument, expected="a positive semidefinite matrix", got=got, fix=fix)
    return (vectors * np.sqrt(values.clip(0.0))[..., None, :]) @ np.swapaxes(vectors, -1, -2)
