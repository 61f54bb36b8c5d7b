"""How much better than its teacher a student can become that only regularizes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.validation import finite_array


def weak_to_strong_barrier(teacher_error: ArrayLike) -> Array:
    r"""The least error of a student, relative to the target's squared norm, :math:`\tfrac14(\sqrt{1+3e}-\sqrt{1-e})^2`.

    The teacher projects the target orthogonally onto what it can express and has the relative error e; the student
    applies any symmetric filter with eigenvalues from 0 to 1 (early stopping, ridge, any kernel). Attained by some
    filter, for every e; at least :math:`\tfrac34 e^2` (there at :math:`e = 2/3`) and at most :math:`e^2`. Derived
    here; the setting and a bound of order :math:`e^2` are those of ``medvedev2025``.

    Parameters
    ----------
    teacher_error : array of numbers from 0 to 1

    >>> weak_to_strong_barrier([0.0, 2 / 3, 1.0]).round(12).tolist()
    [0.0, 0.333333333333, 1.0]
    """
    error = finite_array("teacher_error", teacher_error)
    if error.min() < 0 or error.max() > 1:
        got = f"{error.min() if error.min() < 0 else error.max():g}"
        fix = "divide by the target's squared norm"
        raise InvalidArgument("teacher_error", expected="numbers from 0 to 1", got=got, fix=fix)
    return np.square(2.0 * error / (np.sqrt(1.0 + 3.0 * error) + np.sqrt(1.0 - error)))
