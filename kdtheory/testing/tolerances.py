"""The one home of tolerances: where they come from, instead of numbers that happened to pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

EPSILON = float(np.finfo(np.float64).eps)

# A chain of a dozen operations, each of which may add one rounding, with a factor of two to spare.
_OPERATIONS = 24.0


def tolerance(
    size: ArrayLike = 1, condition: ArrayLike = 1.0, *, operations: float = _OPERATIONS, epsilon: float = EPSILON
) -> NDArray[np.float64]:
    r"""Rounding error to expect, relative to the result: operations :math:`\cdot\, \epsilon \sqrt{n}\, \kappa`.

    Parameters
    ----------
    size : int or array
        Number of terms :math:`n` that are summed; roundings of a sum grow like its square root.
    condition : float or array
        By how much a relative change of the inputs is amplified, :math:`\kappa`.
    operations : float
        How many roundings in a row the formula makes.
    epsilon : float
        Machine epsilon of the type in which it was computed.

    >>> float(tolerance(condition=1e6) / tolerance())
    1000000.0
    """
    return operations * epsilon * np.sqrt(np.asarray(size, dtype=float)) * np.maximum(1.0, condition)
