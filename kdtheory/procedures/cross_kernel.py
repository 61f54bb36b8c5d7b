r"""A teacher on another kernel with the same eigenvectors: how much flatter its eigenvalues may be.

Mode 1 has progress :math:`a` in the teacher and :math:`b` in the student; mode 2 has the ratio r of eigenvalues in the
student's kernel and :math:`r_T` in the teacher's. With :math:`g_r(u) = 1 - (1-u)^r` the student's gain over that of the
matched reference (on the student's kernel) is :math:`g_{r_T}(u)\,g_r(v) / g_r(uv)`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.errors import InvalidArgument
from kdtheory.procedures.matching import Array, matched_progress
from kdtheory.validation import finite_array


def flattest_teacher(teacher_progress: ArrayLike, student_progress: ArrayLike, ratio: ArrayLike) -> Array:
    r"""The ratio of eigenvalues in the teacher's kernel below which a gradient-flow student lags on mode 2.

    .. math:: r_T^* = -\tfrac1a \log\Bigl(1 - \frac{g_r(uv)}{g_r(v)}\Bigr), \qquad r < r_T^* < 1.

    A teacher on a kernel that falls at least as steeply as the student's (:math:`r_T \le r`) always makes it lag; a
    flatter one does so up to here. Derived here.

    Parameters
    ----------
    teacher_progress, student_progress : arrays of positive numbers
        Eigenvalue times time on mode 1, each in its own kernel.
    ratio : array of numbers between 0 and 1
        Second over first eigenvalue in the student's kernel.

    >>> flattest_teacher(1.0, 1.0, [0.25, 0.5]).round(4).tolist()
    [0.7793, 0.849]
    """
    a, b = _positive("teacher_progress", teacher_progress), _positive("student_progress", student_progress)
    r = _positive("ratio", ratio)
    if r.max() >= 1:
        fix = "order the modes by falling eigenvalue"
        raise InvalidArgument("ratio", expected="numbers below 1", got=f"{r.max():g}", fix=fix)
    matched = matched_progress(a, b)
    share = np.expm1(-r * matched) / np.expm1(-r * b)
    # 1 - share without cancellation: exp(b - matched) = 1 + (1 - exp(-b)) exp(b - a).
    ahead = np.logaddexp(0.0, b - a + np.log(-np.expm1(-b)))
    rest = -r * matched + np.log(-np.expm1(-r * ahead)) - np.log(-np.expm1(-r * b))
    return np.where(share < 0.5, -np.log1p(-np.minimum(share, 0.5)), -rest) / a


def _positive(argument: str, value: ArrayLike) -> Array:
    array = finite_array(argument, value)
    if array.min() <= 0:
        fix = f"change {argument}"
        raise InvalidArgument(argument, expected="positive numbers", got=f"{array.min():g}", fix=fix)
    return array
