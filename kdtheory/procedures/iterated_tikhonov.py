"""Iterated Tikhonov regularization: gradient flow by implicit Euler steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from kdtheory.procedures._powers import raised
from kdtheory.procedures.base import Array, Procedure, parameter


@dataclass(frozen=True)
class IteratedTikhonov(Procedure):
    r"""Ridge regression iterated: :math:`b \leftarrow \arg\min_a \tfrac12|Xa - y|^2 + \tfrac{c}{2}|a - b|^2`.

    Each iteration is centred at the iterate before it (a proximal step, an implicit Euler step of length :math:`1/c`),
    so the gain of a mode is :math:`1 - (1 + \lambda/c)^{-m}`, and what the target does not get stays.

    Parameters
    ----------
    penalty : float or axis
        :math:`c > 0`, added to the eigenvalue of the Gram matrix (as in `Ridge`).
    iterations : int or axis
        Their number :math:`m \ge 0`; one is ``Ridge(penalty, center="start")`` from the start of a fit. With
        :math:`c = m/t` many of them are gradient flow for the time :math:`t`.

    Notes
    -----
    Stable for any penalty. Source: textbook, e.g. Engl, Hanke and Neubauer 1996 (``engl1996``).

    Examples
    --------
    >>> IteratedTikhonov(penalty=1.0, iterations=2).gain([0.0, 1.0]).tolist()
    [0.0, 0.75]
    """

    instead: ClassVar[str] = "GradientFlow(time=iterations / penalty)"
    penalty: Any
    iterations: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "penalty", parameter("penalty", self.penalty, positive=True))
        object.__setattr__(self, "iterations", parameter("iterations", self.iterations, whole=True))

    def _log_residual(self, lam: Array) -> Array:
        """Logarithm of what one iteration leaves."""
        with np.errstate(over="ignore"):
            return -np.log1p(lam / self.penalty)

    def _gain(self, lam: Array) -> Array:
        logarithm, iterations = np.broadcast_arrays(self._log_residual(lam), self.iterations)
        return -np.expm1(np.multiply(iterations, logarithm, out=np.zeros(logarithm.shape), where=iterations > 0))

    def _residual(self, lam: Array) -> Array:
        return raised(self._log_residual(lam), self.iterations)

    def _dual_gain(self, lam: Array) -> Array:
        gain = self._gain(lam)
        limit = np.array(np.broadcast_to(np.divide(self.iterations, self.penalty), gain.shape))
        return np.divide(gain, lam, out=limit, where=lam > 0)
