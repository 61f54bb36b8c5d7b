r"""Gradient-flow distillation of one mode against another, in the numbers it depends on.

A teacher trained on labels for a time :math:`T` and a student trained on the teacher's outputs for a time :math:`s`
give a mode of eigenvalue :math:`\lambda` the gain :math:`(1-e^{-\lambda T})(1-e^{-\lambda s})`. The reference is a
single training on labels that gives mode 1 the same gain. Everything depends on the progress of the two trainings on
mode 1, :math:`a = \lambda_1 T` and :math:`b = \lambda_1 s`, and on the ratio :math:`r = \lambda_2 / \lambda_1`.

All formulas are symmetric in teacher and student, and keep their relative accuracy where gains are tiny (both trainings
short) and where they are close to 1 (one of them long, or infinite). Arguments broadcast.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
_EPSILON = float(np.finfo(np.float64).eps)


class Estimate(NamedTuple):
    """A number and a bound on its rounding error."""

    value: Array
    error: Array


def matched_progress(teacher: ArrayLike, student: ArrayLike) -> Array:
    r"""Progress of the reference on mode 1, :math:`c = -\log(1 - uv)` with :math:`u = 1-e^{-a}`, :math:`v = 1-e^{-b}`.

    It is shorter than either training.

    >>> float(matched_progress(1.0, 1.0).round(6))
    0.51012
    """
    short, long = _ordered(teacher, student)
    product = np.expm1(-short) * np.expm1(-long)
    with np.errstate(divide="ignore"):
        through_gains = -np.log1p(-product)
    return np.where(product <= 0.5, through_gains, short - np.log1p(_kept(short, long, 1.0)))


def residual_gap(teacher: ArrayLike, student: ArrayLike, ratio: ArrayLike) -> Estimate:
    r"""Log of the student's residual on mode 2 over the reference's: positive where the student lags.

    .. math:: G = \log\frac{1 - (1-e^{-ra})(1-e^{-rb})}{(1-uv)^r}

    Computed from the gains while both trainings are short, and otherwise, with :math:`a \le b`, as
    :math:`\log(1 + (e^{ra}-1)e^{-rb}) - r \log(1 + (e^a-1)e^{-b})`, where no term is larger than what is left.
    """
    ratio = np.asarray(ratio, dtype=float)
    short, long = _ordered(teacher, student)
    early, early_error = _early_gap(short, long, ratio)
    late, late_error = _late_gap(short, long, ratio)
    first = early_error < late_error
    return Estimate(np.where(first, early, late), np.where(first, early_error, late_error))


def log_lag(gap: ArrayLike, teacher: ArrayLike, student: ArrayLike, ratio: ArrayLike) -> Array:
    r"""Log of the reference's gain on mode 2 over the student's, from `residual_gap`: positive where the student lags.

    .. math:: -\log\frac{g_r(u)\,g_r(v)}{g_r(uv)} = -\log\Bigl(1 - \frac{e^G - 1}{e^{rc} - 1}\Bigr),
        \quad g_r(u) = 1-(1-u)^r
    """
    ratio = np.asarray(ratio, dtype=float)
    reference = ratio * matched_progress(teacher, student)
    share = np.expm1(gap) * np.exp(-reference) / -np.expm1(-reference)
    with np.errstate(divide="ignore", invalid="ignore"):
        near_the_bound = -np.log(ratio) - log_lag_above_bound(teacher, student, ratio)
        return np.where(share > 0.5, near_the_bound, -np.log1p(-np.minimum(share, 0.5)))


def log_lag_above_bound(teacher: ArrayLike, student: ArrayLike, ratio: ArrayLike) -> Array:
    r"""Log of the student's gain on mode 2 over the reference's, above its lower bound :math:`\log r`."""
    reference = matched_progress(teacher, student)
    return log_flattening(teacher, ratio) + log_flattening(student, ratio) - log_flattening(reference, ratio)


def log_flattening(progress: ArrayLike, ratio: ArrayLike) -> Array:
    r"""By how much training flattens the gains of two modes, :math:`\log\frac{g_r(u)}{r u}`, :math:`u = 1-e^{-z}`.

    It grows with the progress :math:`z`, from 0 (gains in proportion to eigenvalues) to :math:`-\log r` (both modes
    learned). Up to one half it is :math:`(1-r)z/2` and the series of ``log(sinh(x) / x)`` at ``rz/2`` and ``z/2``.
    """
    progress, ratio = np.asarray(progress, dtype=float), np.asarray(ratio, dtype=float)
    near = np.minimum(progress, 0.5)
    series = (1 - ratio) * near / 2 + _log_sinhc(ratio * near / 2) - _log_sinhc(near / 2)
    far = np.maximum(progress, 0.5)
    return np.where(progress < 0.5, series, np.log(np.expm1(-ratio * far) / (ratio * np.expm1(-far))))


def _ordered(teacher: ArrayLike, student: ArrayLike) -> tuple[Array, Array]:
    one, other = np.broadcast_arrays(np.asarray(teacher, dtype=float), np.asarray(student, dtype=float))
    return np.minimum(one, other), np.maximum(one, other)


def _kept(short: Array, long: Array, ratio: Array | float) -> Array:
    """``(exp(ratio * short) - 1) * exp(-ratio * long)`` without overflow."""
    return -np.expm1(-ratio * short) * np.exp(-ratio * (long - short))


def _early_gap(short: Array, long: Array, ratio: Array) -> tuple[Array, Array]:
    lower = np.expm1(-ratio * short) * np.expm1(-ratio * long)
    upper = np.expm1(-short) * np.expm1(-long)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.log1p(-lower) - ratio * np.log1p(-upper)
        error = lower / (1 - lower) + ratio * upper / (1 - upper)
    return gap, np.where(upper < 1, 8 * _EPSILON * error, np.inf)


def _late_gap(short: Array, long: Array, ratio: Array) -> tuple[Array, Array]:
    lower = np.log1p(_kept(short, long, ratio))
    upper = ratio * np.log1p(_kept(short, long, 1.0))
    exponents = np.minimum(ratio * long, 1e3), np.minimum(long, 1e3)  # exp(-1e3) is zero in float64
    return lower - upper, _EPSILON * ((8 + exponents[0]) * lower + (8 + exponents[1]) * upper)


def _log_sinhc(half: Any) -> Array:
    """``log(sinh(x) / x)`` for x up to 1/4, to machine precision."""
    square = np.square(half)
    coefficients = (1 / 6, -1 / 180, 1 / 2835, -1 / 37800, 1 / 467775, -691 / 3831077250, 2 / 127702575)
    return square * np.polynomial.polynomial.polyval(square, coefficients)
