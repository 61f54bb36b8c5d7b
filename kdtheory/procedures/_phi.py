r"""Divided differences of the exponential and of powers: what an average or a velocity accumulates.

.. math:: \varphi_1(z) = \frac{1-e^{-z}}{z}, \qquad \varphi_2(z) = \frac{1-\varphi_1(z)}{z}

A second difference at the points :math:`0, a, b`, where ``a`` and ``b`` are real or conjugate, is entire in their sum
and product: its power series needs no root, and does not notice where the two meet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.procedures._cases import choose

Array = NDArray[np.float64]
_TERMS = 24  # the last is below 1e-16 of the first where |a|, |b| <= 1


def phi1(z: ArrayLike) -> Array:
    """``(1 - exp(-z)) / z`` for ``z >= 0``."""
    return choose(np.asarray(z) > 0, lambda z: -np.expm1(-z) / z, np.ones_like, z)


def phi2(z: ArrayLike) -> Array:
    """``(z - 1 + exp(-z)) / z^2`` for ``z >= 0``; 1/2 at 0.

    >>> phi2([0.0, 1.0]).round(6).tolist()
    [0.5, 0.367879]
    """
    return choose(
        np.asarray(z) < 1, lambda z: exponential_difference(z, 0.0), lambda z: (1.0 + np.expm1(-z) / z) / z, z
    )


def exponential_difference(total: ArrayLike, product: ArrayLike) -> Array:
    """Second difference of ``exp(-x)`` at ``0, a, b``, from ``a + b`` and ``a b``, where ``|a|, |b| <= 1``."""
    total = np.asarray(total, dtype=float)
    return _series(total, product, np.full(total.shape, 0.5), lambda n: 1.0 / (n + 2))


def power_difference(steps: ArrayLike, total: ArrayLike, product: ArrayLike) -> Array:
    """Second difference of ``(1 - x)^(steps + 1)`` at ``0, a, b``, where ``steps * max(|a|, |b|) <= 1``."""
    steps = np.asarray(steps, dtype=float)
    return _series(np.asarray(total, dtype=float), product, 0.5 * steps * (steps + 1), lambda n: (steps - n) / (n + 2))


def _series(total: Array, product: ArrayLike, first: Array, ratio: Callable[[int], Any]) -> Array:
    """Sum of ``(-1)^n weight_n h_n(a, b)``: complete homogeneous polynomials, and weights by their ratios."""
    last: Any = 0.0
    term, before, value = first, np.zeros_like(first), first
    for n in range(1, _TERMS):
        weight = ratio(n)
        term, before, last = -weight * (total * term + last * product * before), term, weight
        value = value + term
    return value
