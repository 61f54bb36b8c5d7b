"""Gradient flow, averaged over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from kdtheory.procedures._phi import phi1, phi2
from kdtheory.procedures.averaging import TimeAveragingRule, blended
from kdtheory.procedures.base import Array, parameter
from kdtheory.procedures.descent import Descent
from kdtheory.procedures.gradient_flow import GradientFlow
from kdtheory.procedures.memory import Remembering, Row, Transition


@dataclass(frozen=True)
class AveragedFlow(Remembering):
    r"""The average of gradient flow over its whole time.

    With :math:`z = \lambda t` the gain of a mode is :math:`1 - (1-e^{-z})/z`, which has the slow tail :math:`1 - 1/z`.
    The average predicts and teaches; training goes on from where the flow itself has come.

    Parameters
    ----------
    time : float or axis
        Time :math:`t \ge 0` in the units of `GradientFlow`, finite. A continued run is averaged from its own beginning.

    Notes
    -----
    Always stable. Source: Polyak and Juditsky 1992 (``polyak1992``), here with infinitely small steps. Exponential
    averages of weights, which deep-learning libraries offer, forget the beginning and are another procedure.

    Examples
    --------
    >>> AveragedFlow(time=1.0).gain([0.0, 1.0]).round(3).tolist()
    [0.0, 0.368]
    """

    duration: ClassVar[str] = "time"
    time: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", parameter("time", self.time))

    @property
    def output_weights(self) -> tuple[Any, Any]:
        """The average."""
        return 0.0, 1.0

    def descent(self, largest_eigenvalue: float, step_size: float | None = None) -> Descent:
        """Euler steps, as of `GradientFlow`, averaged; the error falls in proportion to their size."""
        euler = GradientFlow(self.time).descent(largest_eigenvalue, step_size)
        return Descent(euler.steps, euler.rates, TimeAveragingRule())

    def _transition(self, lam: Array, clock: Any) -> Transition:
        flow = GradientFlow(self.time)
        residual, gain, dual = flow.residual(lam), flow.gain(lam), flow.dual_gain(lam)
        position = Row(residual, np.zeros_like(residual), gain, dual)
        time = np.asarray(self.time, dtype=float)
        z = lam * time
        learned = phi2(z)
        mean = Row(phi1(z), np.zeros_like(z), z * learned, time * learned)
        return Transition(position, blended(mean, time, clock))
