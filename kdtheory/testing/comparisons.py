"""Helpers for margins: by how much numbers are apart, equal, or in order."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.testing.tolerances import tolerance

Array = NDArray[np.float64]


def log_ratio(larger: ArrayLike, smaller: ArrayLike) -> Array:
    """``log(larger / smaller)`` of positive numbers: positive where the first is larger; 0 where both are 0.

    >>> log_ratio([2.0, 0.0, 1.0], [1.0, 0.0, 2.0]).round(3).tolist()
    [0.693, 0.0, -0.693]
    """
    one, other = np.broadcast_arrays(np.asarray(larger, dtype=float), np.asarray(smaller, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(one == other, 0.0, np.log(one) - np.log(other))


def agreement(one: ArrayLike, other: ArrayLike, *, size: ArrayLike = 1, condition: ArrayLike = 1.0) -> Array:
    """Margin of an identity: the share of the rounding error to expect that was not needed; 1 where exactly equal.

    ``size`` and ``condition`` are those of `tolerance`; the error is relative to the larger of the two.

    >>> agreement(0.1 + 0.2, 0.3) > 0.9, agreement(0.1 + 0.2, 0.3001) < 0
    (np.True_, np.True_)
    """
    left, right = np.broadcast_arrays(np.asarray(one, dtype=float), np.asarray(other, dtype=float))
    scale = np.maximum(np.abs(left), np.abs(right))
    used = np.divide(np.abs(left - right), scale, out=np.zeros(left.shape), where=scale > 0)
    return 1.0 - used / tolerance(size, condition)


def falling(values: ArrayLike, present: ArrayLike | None = None) -> Array:
    """Smallest step down from one mode to the next, shape (cases,): positive where the numbers fall strictly.

    ``present`` marks the modes that a case has (`SpectralProblem.present`); with one mode the margin is infinite.

    >>> falling([[3.0, 1.0, 0.5], [1.0, 2.0, 0.0]]).tolist()
    [0.5, -1.0]
    """
    array = np.asarray(values, dtype=float)
    steps = array[..., :-1] - array[..., 1:]
    if present is not None:
        steps = np.where(np.asarray(present)[..., 1:], steps, np.inf)
    return np.min(steps, axis=-1, initial=np.inf)
