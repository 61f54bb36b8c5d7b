"""Shapes of spectra, and of targets along them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.validation import count, finite_array, number

Array = NDArray[np.float64]


def power_law(modes: int, exponent: float, *, largest: float = 1.0) -> Array:
    r"""Values :math:`k^{-\text{exponent}}`, :math:`k = 1, 2, \dots`, times the largest: shape (modes,).

    As eigenvalues, the usual model of natural data ("capacity"); as coefficients, that of a target ("source"): the
    faster they fall, the more of the target stands in the top modes. Exponent 0 is flat.

    >>> power_law(3, exponent=1.0, largest=6.0).tolist()
    [6.0, 3.0, 2.0]
    """
    ranks = np.arange(1.0, count("modes", modes, at_least=1) + 1)
    return number("largest", largest, above=0.0) * ranks ** -number("exponent", exponent, at_least=0.0)


def clusters(values: ArrayLike, sizes: Sequence[int]) -> Array:
    """Groups of equal values, one after the other: ``sizes[i]`` times ``values[i]``.

    As eigenvalues they are ties: only the span of a group's eigenvectors is determined.

    >>> clusters([9.0, 1.0], sizes=[1, 3]).tolist()
    [9.0, 1.0, 1.0, 1.0]
    """
    levels = finite_array("values", values, ndim=1)
    if len(sizes) != len(levels):
        fix = "say how often each value stands"
        raise InvalidArgument("sizes", expected=f"{len(levels)} sizes, one per value", got=f"{len(sizes)}", fix=fix)
    return np.repeat(levels, [count("sizes", size, at_least=1) for size in sizes])


def checked(eigenvalues: ArrayLike, coefficients: ArrayLike) -> tuple[Array, Array]:
    """Eigenvalues of shape (modes,), descending and not negative, and coefficients of shape (modes, outputs)."""
    lam = finite_array("eigenvalues", eigenvalues, ndim=1)
    targets = finite_array("coefficients", coefficients, ndim=(1, 2)).reshape(len(np.atleast_1d(coefficients)), -1)
    if lam.min() < 0 or np.any(np.diff(lam) > 0):
        got = np.array2string(lam, threshold=8, precision=4)
        fix = "sort them, largest first"
        raise InvalidArgument("eigenvalues", expected="non-negative numbers in descending order", got=got, fix=fix)
    if len(targets) != len(lam):
        fix = "pass one coefficient per mode"
        raise InvalidArgument("coefficients", expected=f"{len(lam)} rows, one per mode", got=f"{len(targets)}", fix=fix)
    return lam, targets
