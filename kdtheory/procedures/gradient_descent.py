"""Gradient descent with a constant step size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kdtheory.procedures.base import Array, Procedure, parameter
from kdtheory.procedures.descent import Descent


@dataclass(frozen=True)
class GradientDescent(Procedure):
    r"""Full-batch gradient descent for a number of steps.

    With :math:`h = \eta\lambda` the gain of a mode is :math:`1 - (1 - h)^k`, the retain :math:`(1 - h)^k`.

    Parameters
    ----------
    steps : int or axis
        Number of steps :math:`k \ge 0`.
    step_size : float or axis, optional
        Step :math:`\eta > 0` on the loss "one half the sum over samples and outputs"; converges for
        :math:`\eta\lambda_{\max} < 2`. ``None``: half of ``1 / largest eigenvalue``, filled in by ``solve`` and
        ``simulate``. PyTorch's ``MSELoss`` uses another convention (see `kdtheory.conventions`).

    Notes
    -----
    For :math:`1 < h < 2` the gain overshoots 1 after odd numbers of steps; many claims exclude that range.

    Examples
    --------
    >>> GradientDescent(steps=2, step_size=0.5).gain([0.0, 1.0, 2.0]).tolist()
    [0.0, 0.75, 1.0]
    """

    steps: Any
    step_size: Any = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", parameter("steps", self.steps, whole=True))
        if self.step_size is not None:
            object.__setattr__(self, "step_size", parameter("step_size", self.step_size, positive=True))

    @property
    def largest_stable_eigenvalue(self) -> Array:
        """Eigenvalues below ``2 / step_size`` converge."""
        return np.asarray(2.0 / self.step_size)

    def resolved(self, largest_eigenvalue: float) -> GradientDescent:
        """Fill a step size of ``None`` with half of ``1 / largest_eigenvalue`` (1 where all eigenvalues are zero)."""
        if self.step_size is not None:
            return self
        return replace(self, step_size=0.5 / largest_eigenvalue if largest_eigenvalue > 0 else 1.0)

    def descent(self, largest_eigenvalue: float, step_size: float | None = None) -> Descent:
        """These very steps."""
        own = self.resolved(largest_eigenvalue)
        return Descent(own.steps, {"step_size": own.step_size})

    def _power(self, lam: Array) -> tuple[Array, Array]:
        """Exponent ``steps * log|1 - h|`` and sign of ``(1 - h)^steps``."""
        h = lam * self.step_size
        with np.errstate(divide="ignore"):
            logarithm = np.where(h < 1, np.log1p(-np.minimum(h, 1.0)), np.log1p(np.maximum(h, 1.0) - 2.0))
        steps = np.asarray(self.steps, dtype=float)
        logarithm, steps = np.broadcast_arrays(logarithm, steps)
        exponent = np.multiply(steps, logarithm, out=np.zeros(logarithm.shape), where=steps > 0)
        sign = np.where((h > 1) & (steps % 2 == 1), -1.0, 1.0)
        return exponent, sign

    def _gain(self, lam: Array) -> Array:
        exponent, sign = self._power(lam)
        return np.where(sign > 0, -np.expm1(exponent), 1.0 + np.exp(exponent))

    def _residual(self, lam: Array) -> Array:
        exponent, sign = self._power(lam)
        return sign * np.exp(exponent)

    def _dual_gain(self, lam: Array) -> Array:
        gain = self._gain(lam)
        limit = np.broadcast_to(np.asarray(self.steps * self.step_size, dtype=float), gain.shape).copy()
        return np.divide(gain, lam, out=limit, where=lam > 0)
