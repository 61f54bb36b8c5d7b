"""Gradient flow with weight decay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.procedures.base import Array, Procedure, parameter
from kdtheory.procedures.descent import Descent
from kdtheory.procedures.gradient_flow import GradientFlow, checked, equal_steps
from kdtheory.procedures.weight_decay_descent import WeightDecayDescent
from kdtheory.validation import one_of


@dataclass(frozen=True)
class WeightDecayFlow(Procedure):
    r"""Gradient flow on :math:`L(b) + \tfrac{w}{2}|b - b_0|^2`.

    The gain of a mode is :math:`\frac{\lambda}{\lambda+w}(1-e^{-(\lambda+w)t})`, the retain :math:`e^{-(\lambda+w)t}`;
    the rest goes to the anchor. Null modes decay too. Without decay it is `GradientFlow`, without end `Ridge`.

    Parameters
    ----------
    time : float or axis
        Time :math:`t \ge 0` in the units of `GradientFlow`; infinity is allowed.
    decay : float or axis
        :math:`w \ge 0`, added to the eigenvalue of the Gram matrix, as a penalty; with a mean loss it is ``decay / n``.
    center : {"zero", "start"}
        Where the weights decay to: zero, or the weights with which the fit started.

    Notes
    -----
    Always stable. Source: textbook; compared with ridge by Ali, Kolter and Tibshirani 2019 (``ali2019``).

    Examples
    --------
    >>> WeightDecayFlow(time=1.0, decay=1.0).gain([0.0, 1.0]).round(3).tolist()
    [0.0, 0.432]
    """

    time: Any
    decay: Any
    center: str = "zero"

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", parameter("time", self.time, infinity=True))
        object.__setattr__(self, "decay", parameter("decay", self.decay))
        one_of("center", self.center, ("zero", "start"))

    @property
    def anchored_at_start(self) -> bool:
        """Whether the weights decay to the start."""
        return self.center == "start"

    def descent(self, largest_eigenvalue: float, step_size: float | None = None) -> Descent:
        """Euler steps, as of `GradientFlow`; ``None`` is half of ``1 / (largest_eigenvalue + decay)``."""
        euler = WeightDecayDescent(0, self.decay, checked(step_size), self.center).resolved(largest_eigenvalue)
        euler.refuse_unstable(largest_eigenvalue)
        steps, size = equal_steps(self.time, euler.step_size)
        literal = euler.descent(largest_eigenvalue)
        return Descent(steps, {**literal.rates, "step_size": size}, literal.rule)

    @property
    def _flow(self) -> GradientFlow:
        return GradientFlow(self.time)

    def _retain(self, lam: Array) -> Array:
        return self._flow.residual(lam + self.decay)

    def _dual_gain(self, lam: Array) -> Array:
        return self._flow.dual_gain(lam + self.decay)

    def _gain(self, lam: Array) -> Array:
        return self._share(lam, lam)

    def _anchoring(self, lam: Array) -> Array:
        return self._share(self.decay, lam)

    def _residual(self, lam: Array) -> Array:
        return self._retain(lam) + self._anchoring(lam)

    def _share(self, part: Any, lam: Array) -> Array:
        """The part of eigenvalue or decay in what the flow has lost; nothing where there is neither."""
        total, part = np.broadcast_arrays(lam + np.asarray(self.decay, dtype=float), part)
        lost = self._flow.gain(total)
        return np.divide(part * lost, total, out=np.zeros(lost.shape), where=np.broadcast_to(total > 0, lost.shape))

    def _dual_retain(self, lam: Array) -> Array:
        frozen, dual = np.broadcast_arrays(self._flow.residual(0 * lam + self.decay), self._flow.dual_gain(lam))
        return np.multiply(frozen, dual, out=np.zeros(dual.shape), where=frozen > 0)
