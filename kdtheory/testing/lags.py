"""By how much a student lags on a lower mode, for any procedures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.procedures import Procedure
from kdtheory.procedures.exaggeration import log_ahead, matched

Array = NDArray[np.float64]


def matched_lag(
    teacher: Procedure,
    student: Procedure,
    family: Callable[[Any], Procedure],
    ratio: ArrayLike,
    *,
    longest: ArrayLike | None = None,
) -> Array:
    """Log of the reference's gain over the student's on a lower mode: positive where the student lags.

    The reference is trained on labels, by the member of ``family`` that brings mode 1 as far as the student.

    Parameters
    ----------
    teacher, student : Procedure
        In units of the leading eigenvalue, which is 1 here; parameters of shape (cases,).
    family : callable
        From a parameter (a time, a penalty) to a procedure whose gain rises, or falls, with it.
    ratio : array of shape (cases,)
        Lower eigenvalue over the leading one.
    longest : array, optional
        Up to where the family's gain rises, for momentum that overshoots later.

    Notes
    -----
    Accurate to about 1e-13; `kdtheory.procedures.exaggeration` gives the verdict for whole families.

    Examples
    --------
    >>> import kdtheory as kd
    >>> run = kd.GradientFlow(time=1.0)
    >>> float(matched_lag(run, run, kd.GradientFlow, ratio=0.5).round(6))
    0.374427
    """
    return log_ahead(*matched(teacher, student, family, longest=longest), np.asarray(ratio, dtype=float))
