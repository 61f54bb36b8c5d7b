"""Straight lines through confidences: least squares and Theil-Sen, along the last axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array

# Theil-Sen looks at all pairs; above this many points it looks at a subsample.
THEIL_SEN_POINTS = 2000


def least_squares(x: Array, y: Array) -> tuple[Array, Array]:
    r"""Slope and intercept of the ordinary least-squares line of ``y`` on ``x``, shapes ``(*axes, n)`` to ``(*axes,)``.

    :math:`\sum (x - \bar x)(y - \bar y) / \sum (x - \bar x)^2`: errors are in ``y``, the student. (Total least squares
    puts them in both and reports a slope above 1 for pure noise.)

    >>> slope, intercept = least_squares(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]))
    >>> float(slope), float(intercept)
    (2.0, 1.0)
    """
    mean_x, mean_y = x.mean(axis=-1), y.mean(axis=-1)
    centred = x - mean_x[..., None]
    slope = np.sum(centred * (y - mean_y[..., None]), axis=-1) / np.sum(np.square(centred), axis=-1)
    return slope[()], (mean_y - slope * mean_x)[()]


def theil_sen(x: Array, y: Array) -> Array:
    r"""Median of the slopes of all pairs of points with different ``x`` (``theil1950``, ``sen1968``).

    Shapes ``(*axes, n)`` to ``(*axes,)``. It withstands up to 29 % of gross outliers. Memory grows as :math:`n^2`, so
    above 2000 points only 2000 of them are used, at evenly spaced ranks of ``x`` (first and last included, ties in
    order of appearance): no random numbers, and the range of ``x`` stays.

    >>> float(theil_sen(np.arange(5.0), np.array([0.0, 1.0, 2.0, 3.0, 100.0])))
    1.0
    """
    x, y = np.broadcast_arrays(x, y)
    slopes = np.empty(x.shape[:-1])
    for cell in np.ndindex(slopes.shape):
        kept = _evenly_ranked(x[cell])
        slope: Any = scipy.stats.theilslopes(y[cell][kept], x[cell][kept])[0]
        slopes[cell] = slope
    return slopes[()]


def _evenly_ranked(x: Array) -> NDArray[np.intp]:
    ranks = np.round(np.linspace(0, len(x) - 1, min(len(x), THEIL_SEN_POINTS))).astype(int)
    return np.argsort(x, kind="stable")[ranks]


def refuse_constant(argument: str, x: Array, axes: Sequence[str], *, fix: str) -> None:
    """Raise unless ``x`` of shape ``(*axes, n)`` has two values that differ by more than rounding, in every cell."""
    if x.shape[-1] < 2:
        raise InvalidArgument(argument, expected="at least two points for a slope", got=f"{x.shape[-1]}", fix=fix)
    rounding = 64 * np.finfo(float).eps * np.max(np.abs(x), axis=-1)
    flat = np.argwhere(np.ptp(x, axis=-1) <= rounding)
    if len(flat):
        where = ", ".join(f"{name} index {position}" for name, position in zip(axes, flat[0], strict=True))
        value = f"{x[tuple(flat[0])][0]:.6g} at every point" + (f" ({where})" if where else "")
        raise InvalidArgument(argument, expected="values that differ between points", got=value, fix=fix)
