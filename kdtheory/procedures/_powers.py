r"""Powers :math:`(1-s)^k` and their sums, for :math:`0 \le s \le 2`: what constant steps leave and what they add up to.

Accurate relative to the value from the smallest ``s`` on; where ``s`` is close to 1, and the power lives on the
rounding of ``s`` itself, accurate relative to its sensitivity.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def power(steps: ArrayLike, s: ArrayLike) -> Array:
    """``(1 - s)^steps``; 1 without steps."""
    sign, exponent = _signed(steps, s)
    return sign * np.exp(exponent)


def lost(steps: ArrayLike, s: ArrayLike) -> Array:
    """``1 - (1 - s)^steps`` without cancellation."""
    sign, exponent = _signed(steps, s)
    return np.where(sign > 0, -np.expm1(exponent), 1.0 + np.exp(exponent))


def geometric(steps: ArrayLike, s: ArrayLike) -> Array:
    """``sum of (1 - s)^i over i < steps``, which is ``steps`` at ``s = 0``.

    >>> geometric([1, 2, 3], 0.5).tolist()
    [1.0, 1.5, 1.75]
    """
    s = np.asarray(s, dtype=float)
    limit = np.array(np.broadcast_to(np.asarray(steps, dtype=float), np.broadcast_shapes(np.shape(steps), s.shape)))
    return np.divide(lost(steps, s), s, out=limit, where=s > 0)


def raised(logarithm: ArrayLike, steps: ArrayLike) -> Array:
    """``exp(steps * logarithm)``; 1 without steps, also where the logarithm is minus infinity."""
    return np.exp(_times(steps, logarithm))


def _signed(steps: ArrayLike, s: ArrayLike) -> tuple[Array, Array]:
    steps, s = np.asarray(steps, dtype=float), np.asarray(s, dtype=float)
    with np.errstate(divide="ignore"):
        logarithm = np.where(s < 1, np.log1p(-np.minimum(s, 1.0)), np.log1p(np.maximum(s, 1.0) - 2.0))
    return np.where((s > 1) & (steps % 2 == 1), -1.0, 1.0), _times(steps, logarithm)


def _times(steps: ArrayLike, logarithm: ArrayLike) -> Array:
    """Their product, with zero times infinity zero."""
    steps, logarithm = np.broadcast_arrays(np.asarray(steps, dtype=float), np.asarray(logarithm, dtype=float))
    return np.multiply(steps, logarithm, out=np.zeros(steps.shape), where=steps > 0)
