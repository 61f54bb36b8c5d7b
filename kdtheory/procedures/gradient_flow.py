"""Gradient flow: gradient descent with infinitely small steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.errors import UnsupportedRecipe
from kdtheory.procedures.base import Array, Procedure, parameter
from kdtheory.procedures.descent import Descent
from kdtheory.procedures.gradient_descent import GradientDescent
from kdtheory.validation import number


def checked(step_size: float | None) -> float | None:
    """A positive step size, or none."""
    return None if step_size is None else number("step_size", step_size, above=0.0)


def equal_steps(time: float, longest: float) -> tuple[int, float]:
    """As few steps as are no longer than ``longest``, all equal, that end exactly at ``time``: number and size."""
    if np.isinf(time):
        fix = "give a finite time, or use kd.solve"
        raise UnsupportedRecipe("time", expected="a finite time to run in steps", got="inf", fix=fix)
    with np.errstate(over="ignore"):  # refused as too many
        steps = np.ceil(np.divide(time, longest) * (1 - 4 * np.finfo(float).eps))
    return steps, (float(time / steps) if steps else longest)


@dataclass(frozen=True)
class GradientFlow(Procedure):
    r"""Gradient flow for a given time.

    The gain of a mode with eigenvalue :math:`\lambda` is :math:`1 - e^{-\lambda t}`, the retain :math:`e^{-\lambda t}`.

    Parameters
    ----------
    time : float or axis
        Flow time :math:`t \ge 0` of the loss "one half the sum over samples and outputs"; infinity is allowed. For the
        mean over ``n`` samples (neural-tangents, PyTorch's ``MSELoss``) the same state is reached after ``n * time``
        (see `kdtheory.conventions`).

    Notes
    -----
    Source: textbook; the comparison with ridge is in Ali, Kolter & Tibshirani 2019 (``ali2019``).

    Examples
    --------
    >>> GradientFlow(time=1.0).gain([0.0, 1.0, 2.0]).round(3).tolist()
    [0.0, 0.632, 0.865]
    """

    time: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", parameter("time", self.time, infinity=True))

    def descent(self, largest_eigenvalue: float, step_size: float | None = None) -> Descent:
        """Euler steps: as few as keep within ``step_size``, all equal, so that they end exactly at the time.

        A step size of ``None`` is half of ``1 / largest_eigenvalue``; the error falls in proportion to it.

        >>> GradientFlow(time=1.0).descent(largest_eigenvalue=4.0, step_size=0.3)
        Descent(steps=4, rates={'step_size': 0.25}, rule=StepRule())
        """
        euler = GradientDescent(0, checked(step_size)).resolved(largest_eigenvalue)
        euler.refuse_unstable(largest_eigenvalue)
        steps, size = equal_steps(self.time, euler.step_size)
        return Descent(steps, {"step_size": size})

    def _exponent(self, lam: Array) -> Array:
        lam, time = np.broadcast_arrays(lam, self.time)
        return np.multiply(lam, time, out=np.zeros(lam.shape), where=lam > 0)

    def _gain(self, lam: Array) -> Array:
        return -np.expm1(-self._exponent(lam))

    def _residual(self, lam: Array) -> Array:
        return np.exp(-self._exponent(lam))

    def _dual_gain(self, lam: Array) -> Array:
        limit = np.broadcast_to(self.time, np.broadcast_shapes(lam.shape, np.shape(self.time))).astype(float)
        return np.divide(self._gain(lam), lam, out=limit, where=lam > 0)
