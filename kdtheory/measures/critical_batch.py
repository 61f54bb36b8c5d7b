"""Up to which batch size does a biased, less noisy gradient beat an unbiased one?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array
from kdtheory.validation import finite_array


def critical_batch(one_hot_variance: ArrayLike, variance: ArrayLike, squared_bias: ArrayLike) -> Array:
    r"""Batch size below which a teacher's gradient has the smaller mean squared error, :math:`(V_{OH} - V_q)/|b|^2`.

    For i.i.d. batches of size B, :math:`|b|^2 + V_q/B < V_{OH}/B` if and only if B is *below* it (derived here; the
    trade of variance for bias is that of ``menon2021``).

    Parameters
    ----------
    one_hot_variance, variance : arrays, non-negative
        Total variances of one sample's estimate (batch size 1) with labels and with the teacher. They broadcast.
    squared_bias : array, non-negative
        Of the teacher's mean gradient; that of the labels is zero.

    Returns
    -------
    array
        0: never (the teacher's variance is not the smaller one). Infinity: always (it is, and there is no bias).

    >>> critical_batch(6.0, [2.0, 6.0, 2.0], [0.5, 0.0, 0.0]).tolist()
    [8.0, 0.0, inf]
    """
    given = {"one_hot_variance": one_hot_variance, "variance": variance, "squared_bias": squared_bias}
    arrays = []
    for name, value in given.items():
        array = finite_array(name, value)
        if array.min() < 0:
            fix = "pass variances, and the square of the bias"
            raise InvalidArgument(name, expected="numbers of at least 0", got=f"{array.min():g}", fix=fix)
        arrays.append(array)
    one_hot, own, squared = np.broadcast_arrays(*arrays)
    saved = np.maximum(one_hot - own, 0.0)
    with np.errstate(divide="ignore", over="ignore"):
        return np.divide(saved, squared, out=np.zeros_like(saved), where=saved > 0)[()]
