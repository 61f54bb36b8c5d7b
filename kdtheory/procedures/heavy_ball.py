"""Gradient descent with momentum."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.procedures._roots import motion
from kdtheory.procedures.base import Array
from kdtheory.procedures.descent import Descent, State, StepRule
from kdtheory.procedures.memory import Transition
from kdtheory.procedures.momentum import Momentum, rows


@dataclass(frozen=True)
class HeavyBallRule(StepRule):
    """Position and velocity."""

    def begin(self, position: Any, start: Any) -> State:
        """At rest."""
        return {"position": position, "velocity": 0.0 * position}

    def step(self, state: State, gradient: Callable[[Any], Any], rates: Mapping[str, Any]) -> State:
        """The velocity feels the gradient where the position is."""
        slope = gradient(state["position"])
        velocity = rates["momentum"] * state["velocity"] - rates["step_size"] * slope
        return {"position": state["position"] + velocity, "velocity": velocity}


@dataclass(frozen=True)
class HeavyBall(Momentum):
    r"""Heavy ball: :math:`v \leftarrow \mu v - \eta \nabla L(b)`, :math:`b \leftarrow b + v`, from rest.

    With :math:`h = \eta\lambda` and the roots of :math:`p^2 - (1+\mu-h)p + \mu = 0`, what is left of the error is
    :math:`[(1-p_2)p_1^{k+1} - (1-p_1)p_2^{k+1}]/(p_1-p_2)`. It falls without overshoot for
    :math:`h \le (1-\sqrt\mu)^2`, where the roots meet, and oscillates like :math:`\mu^{k/2}` above.

    Parameters
    ----------
    steps : int or axis
        Number of steps :math:`k \ge 0`.
    momentum : float or axis
        :math:`0 \le \mu < 1`; zero is gradient descent.
    step_size : float or axis, optional
        :math:`\eta > 0` in the units of `GradientDescent`; converges for :math:`\eta\lambda_{\max} < 2(1+\mu)`.
        ``None``: half of ``1 / largest eigenvalue``.

    Notes
    -----
    Source: Polyak 1964 (``polyak1964``). The positions are those of ``torch.optim.SGD(momentum=mu)`` without dampening;
    PyTorch keeps :math:`-v/\eta`, so the two differ where its rate changes in mid-run. With ``dampening=d`` its step is
    ours with :math:`(1-d)\eta`, except the very first; Adam and JAX's exponential averages damp by ``d = mu``.

    Examples
    --------
    >>> HeavyBall(steps=2, momentum=0.5, step_size=0.5).gain([0.0, 1.0]).round(3).tolist()
    [0.0, 1.0]
    """

    steps: Any
    momentum: Any
    step_size: Any = None

    @property
    def stable_below(self) -> Any:
        """``2 (1 + momentum)``."""
        return 2.0 * (1.0 + np.asarray(self.momentum))

    def descent(self, largest_eigenvalue: float, step_size: float | None = None) -> Descent:
        """These very steps."""
        own = self.resolved(largest_eigenvalue)
        return Descent(own.steps, {"step_size": own.step_size, "momentum": own.momentum}, HeavyBallRule())

    def _transition(self, lam: Array, clock: Any) -> Transition:
        mu = np.asarray(self.momentum, dtype=float)
        h = self.step_size * lam
        critical = np.square((1.0 - mu) / (1.0 + np.sqrt(mu)))
        discriminant = (critical - h) * (np.square(1.0 + np.sqrt(mu)) - h)
        moved = motion(self.steps, h, mu, (1.0 - mu) + h, discriminant)
        return rows(moved, lam, strength=self.step_size, coupling=mu)
