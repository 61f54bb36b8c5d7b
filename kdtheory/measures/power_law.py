"""The exponent with which one thing falls or grows with another, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.stats
from numpy.typing import ArrayLike

from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array
from kdtheory.validation import finite_array, number


@dataclass(frozen=True)
class PowerLaw:
    """``y = factor * x ** exponent``, fitted by `power_law`.

    Attributes
    ----------
    exponent : float
    low, high : float
        Ends of the exponent's interval.
    factor : float
    level : float
        Confidence level of the interval.
    points : int
    """

    exponent: float
    low: float
    high: float
    factor: float
    level: float
    points: int

    def __str__(self) -> str:
        interval = f"{100 * self.level:g} % interval {self.low:.3g} to {self.high:.3g}"
        return f"exponent {self.exponent:.3g} ({interval}, {self.points} points)"


def power_law(x: ArrayLike, y: ArrayLike, *, level: float = 0.95) -> PowerLaw:
    r"""Fit :math:`y = a\,x^b` by least squares on logarithms, with a Student-t interval for the exponent :math:`b`.

    Parameters
    ----------
    x : array of positive numbers, shape (n,)
        For example widths.
    y : array of positive numbers, shape (n,) or ``(repeats, n)``
        For example deviations, one row per seed.
    level : float
        Confidence level. With three repeats or more the interval is that of the mean of their exponents, each repeat
        being one independent observation. Otherwise it takes the logarithms as independent and equally spread about a
        straight line: a curve (a deviation that levels off) shows up as a wide one.

    >>> str(power_law([1.0, 2.0, 4.0, 8.0], [1.0, 0.7, 0.5, 0.35]))
    'exponent -0.503 (95 % interval -0.521 to -0.485, 4 points)'
    """
    level = number("level", level, above=0.0, below=1.0)
    log_x, log_y = (np.log(_positive(name, value)) for name, value in (("x", x), ("y", y)))
    if log_x.ndim != 1 or log_y.ndim > 2 or log_y.shape[-1:] != log_x.shape:
        got = f"shapes {log_x.shape} and {log_y.shape}"
        fix = "pass one row of y per repeat"
        raise InvalidArgument("y", expected="x of shape (n,) and y of shape (n,) or (repeats, n)", got=got, fix=fix)
    repeats = log_y if log_y.ndim == 2 and len(log_y) >= 3 else None
    column, log_x = log_x, np.broadcast_to(log_x, log_y.shape).ravel()
    if log_y.size < 3 or np.ptp(log_x) == 0:
        got = f"{log_y.size} point(s) at {len(np.unique(log_x))} value(s) of x"
        expected = "at least three points at two or more values of x"
        raise InvalidArgument("x", expected=expected, got=got, fix="measure at more values of x")
    line = scipy.stats.linregress(log_x, log_y.ravel())
    slope, intercept, error = float(line[0]), float(line[1]), float(line[4])  # pyright: ignore[reportArgumentType]
    freedom = log_y.size - 2
    if repeats is not None:
        slopes = np.polyfit(column, repeats.T, 1)[0]
        freedom, error = len(slopes) - 1, float(scipy.stats.sem(slopes))
    half = float(scipy.stats.t.ppf(0.5 + level / 2, freedom)) * error
    return PowerLaw(slope, slope - half, slope + half, float(np.exp(intercept)), level, log_y.size)


def _positive(argument: str, value: ArrayLike) -> Array:
    array = finite_array(argument, value)
    if array.min() <= 0:
        fix = "a power law has no zeros; leave such points out"
        raise InvalidArgument(argument, expected="positive numbers", got=f"{array.min():g}", fix=fix)
    return array
