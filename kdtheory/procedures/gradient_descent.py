"""Gradient descent with a constant step size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kdtheory.procedures._powers import geometric, lost, power
from kdtheory.procedures.base import Array
from kdtheory.procedures.descent import Descent
from kdtheory.procedures.stepwise import Stepwise


@dataclass(frozen=True)
class GradientDescent(Stepwise):
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

    def descent(self, largest_eigenvalue: float, step_size: float | None = None) -> Descent:
        """These very steps."""
        own = self.resolved(largest_eigenvalue)
        return Descent(own.steps, {"step_size": own.step_size})

    def _gain(self, lam: Array) -> Array:
        return lost(self.steps, lam * self.step_size)

    def _residual(self, lam: Array) -> Array:
        return power(self.steps, lam * self.step_size)

    def _dual_gain(self, lam: Array) -> Array:
        return self.step_size * geometric(self.steps, lam * self.step_size)
