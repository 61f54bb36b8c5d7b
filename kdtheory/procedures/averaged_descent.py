"""Gradient descent with averaged iterates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from kdtheory.procedures._cases import choose
from kdtheory.procedures._phi import power_difference
from kdtheory.procedures._powers import geometric
from kdtheory.procedures.averaging import AveragingRule, blended
from kdtheory.procedures.base import Array
from kdtheory.procedures.descent import Descent
from kdtheory.procedures.gradient_descent import GradientDescent
from kdtheory.procedures.memory import Remembering, Row, Transition
from kdtheory.procedures.stepwise import Stepwise


@dataclass(frozen=True)
class AveragedDescent(Stepwise, Remembering):
    r"""The average of the iterates ``0, ..., k - 1`` of gradient descent.

    With :math:`h = \eta\lambda` the gain of a mode is :math:`1 - (1-(1-h)^k)/(kh)`. The average predicts and teaches;
    training goes on from the last iterate, number ``k``.

    Parameters
    ----------
    steps : int or axis
        Number of steps :math:`k \ge 0`, and of iterates averaged. A continued run is averaged from its own beginning;
        the average of none is the position itself.
    step_size : float or axis, optional
        :math:`\eta > 0` in the units of `GradientDescent`; converges for :math:`\eta\lambda_{\max} < 2`. ``None``: half
        of ``1 / largest eigenvalue``.

    Notes
    -----
    Source: Polyak and Juditsky 1992 (``polyak1992``). PyTorch's ``AveragedModel``, updated after each step, averages
    the iterates ``1, ..., k``: its gain is ours of ``k + 1`` steps times :math:`(k+1)/k`.

    Examples
    --------
    >>> AveragedDescent(steps=2, step_size=0.5).gain([0.0, 1.0]).tolist()
    [0.0, 0.25]
    """

    duration: ClassVar[str] = "steps"
    steps: Any
    step_size: Any = None

    @property
    def output_weights(self) -> tuple[Any, Any]:
        """The average."""
        return 0.0, 1.0

    def descent(self, largest_eigenvalue: float, step_size: float | None = None) -> Descent:
        """These very steps."""
        own = self.resolved(largest_eigenvalue)
        return Descent(own.steps, {"step_size": own.step_size}, AveragingRule())

    def _transition(self, lam: Array, clock: Any) -> Transition:
        descent = GradientDescent(self.steps, self.step_size)
        residual, gain, dual = descent.residual(lam), descent.gain(lam), descent.dual_gain(lam)
        position = Row(residual, np.zeros_like(residual), gain, dual)
        h, steps = self.step_size * lam, np.asarray(self.steps, dtype=float)
        total = geometric(steps, h)
        left = np.divide(total, steps, out=np.ones(total.shape), where=steps > 0)
        short = (steps <= 1) | (steps * h <= 1)
        learned = choose(short, _early, _late, steps, h, left)
        mean = Row(left, np.zeros_like(left), h * learned, self.step_size * learned)
        return Transition(position, blended(mean, steps, clock))


def _early(steps: Array, h: Array, left: Array) -> Array:
    """``(1 - left) / h`` by its power series."""
    return power_difference(np.maximum(steps - 1.0, 0.0), h, np.zeros_like(h)) / np.maximum(steps, 1.0)


def _late(steps: Array, h: Array, left: Array) -> Array:
    return (1.0 - left) / h
