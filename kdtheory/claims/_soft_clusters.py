"""Times of cross-entropy's gradient flow on isolated clusters, and literal integrals beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
NODES, SHARES = np.polynomial.legendre.leggauss(64)


def chance(margin: Any, k: Any) -> Array:
    """Probability of the true class, with ``k`` others."""
    return 1.0 / (1.0 + k * np.exp(-np.asarray(margin, dtype=float)))


def drop(told: Any, deficit: Any, k: Any) -> Array:
    """``chance(told) - chance(told - deficit)``, without cancellation."""
    own = told - deficit
    return k * np.exp(-told) * np.expm1(deficit) * chance(told, k) * chance(own, k)


def label_progress(margin: Any, k: Any) -> Array:
    """Eigenvalue times time after which labels have brought the margin there."""
    return (k * margin + np.expm1(margin)) / (k + 1.0)


def soft_progress(told: Any, deficit: Any, k: Any) -> Array:
    """Eigenvalue times time after which soft labels of the margin ``told`` have left the deficit (both over tau)."""
    passed = np.log(np.expm1(-told) / np.expm1(-deficit))
    inside = (told - deficit) + (1.0 + np.exp(told) / k) * passed
    return k / (k + 1.0) * (1.0 + k * np.exp(-told)) * inside


def integral(speed: Callable[[Array], Array], start: Any, end: Any) -> Array:
    """Time from ``start`` to ``end`` at that speed, by Gauss-Legendre quadrature."""
    start, end = np.asarray(start)[..., None], np.asarray(end)[..., None]
    middle, half = (start + end) / 2, (end - start) / 2
    return np.sum(SHARES * half / speed(middle + half * NODES), axis=-1)
