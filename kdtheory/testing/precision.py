"""Decisions below the resolution of float64."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray


def decided(values: ArrayLike, error: ArrayLike, exactly: Callable[[int], float]) -> NDArray[np.float64]:
    """``values``, with those whose sign float64 cannot vouch for replaced by the exact ones.

    Parameters
    ----------
    values : array of shape (cases,) or ()
        What was computed in float64.
    error : array of the same shape
        Bound on the rounding error of each; values at most this large are decided again.
    exactly : callable
        The value of case ``index``, computed in higher precision (mpmath) and rounded at the end.

    >>> decided([0.5, 1e-17], [1e-16, 1e-16], exactly=lambda index: -2e-17).tolist()
    [0.5, -2e-17]
    """
    result = np.array(values, dtype=float)
    doubtful = ~(np.abs(result) > np.asarray(error, dtype=float))
    flat = result.reshape(-1)
    for index in np.flatnonzero(doubtful.reshape(-1)):
        flat[index] = exactly(int(index))
    return flat.reshape(result.shape)
