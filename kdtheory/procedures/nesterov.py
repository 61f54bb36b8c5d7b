"""Nesterov's accelerated gradient with constant momentum."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.procedures._roots import motion
from kdtheory.procedures.base import Array
from kdtheory.procedures.descent import Descent, State
from kdtheory.procedures.heavy_ball import HeavyBallRule
from kdtheory.procedures.memory import Row, Transition
from kdtheory.procedures.momentum import Momentum, rows
from kdtheory.validation import one_of


@dataclass(frozen=True)
class NesterovRule(HeavyBallRule):
    """Position and velocity; the gradient is taken where the velocity leads."""

    def step(self, state: State, gradient: Callable[[Any], Any], rates: Mapping[str, Any]) -> State:
        """The velocity feels the gradient at the look-ahead point."""
        drift = rates["momentum"] * state["velocity"]
        velocity = drift - rates["step_size"] * gradient(state["position"] + drift)
        return {"position": state["position"] + velocity, "velocity": velocity}


@dataclass(frozen=True)
class LookAheadRule(HeavyBallRule):
    """Look-ahead point and velocity, as in PyTorch."""

    def step(self, state: State, gradient: Callable[[Any], Any], rates: Mapping[str, Any]) -> State:
        """From one look-ahead point to the next."""
        push = rates["step_size"] * gradient(state["position"])
        velocity = rates["momentum"] * state["velocity"] - push
        return {"position": state["position"] + rates["momentum"] * velocity - push, "velocity": velocity}


@dataclass(frozen=True)
class Nesterov(Momentum):
    r"""Nesterov's method: :math:`v \leftarrow \mu v - \eta \nabla L(b + \mu v)`, :math:`b \leftarrow b + v`, from rest.

    What is left of the error of the iterate ``b`` is that of `HeavyBall` with the roots of
    :math:`p^2 - (1-h)(1+\mu)p + (1-h)\mu = 0`, :math:`h = \eta\lambda`: without overshoot for
    :math:`h \le ((1-\mu)/(1+\mu))^2`, oscillating like :math:`(\mu(1-h))^{k/2}` above, alternating for :math:`h > 1`.

    Parameters
    ----------
    steps : int or axis
        Number of steps :math:`k \ge 0`.
    momentum : float or axis
        :math:`0 \le \mu < 1`; zero is gradient descent.
    step_size : float or axis, optional
        :math:`\eta > 0` in the units of `GradientDescent`; converges for
        :math:`\eta\lambda_{\max} < (2+2\mu)/(1+2\mu)`. ``None``: half of ``1 / largest eigenvalue``.
    output : {"iterate", "look-ahead"}
        Which point is *the* position: ``b``, or :math:`b + \mu v`, whose error is :math:`(1+\mu)e_k - \mu e_{k-1}`. It
        predicts, teaches, and is where a phase of another kind goes on.

    Notes
    -----
    Source: Nesterov 1983 (``nesterov1983``) with constant momentum. ``torch.optim.SGD(nesterov=True)`` and optax hold
    the look-ahead point in their parameters; papers report the iterate.

    Examples
    --------
    >>> Nesterov(steps=1, momentum=0.5, step_size=0.5, output="look-ahead").gain(
    ...     [0.0, 1.0]
    ... ).tolist()
    [0.0, 0.75]
    """

    steps: Any
    momentum: Any
    step_size: Any = None
    output: str = "iterate"

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("output", self.output, ("iterate", "look-ahead"))

    @property
    def stable_below(self) -> Any:
        """``(2 + 2 momentum) / (1 + 2 momentum)``."""
        mu = np.asarray(self.momentum)
        return (2.0 + 2.0 * mu) / (1.0 + 2.0 * mu)

    def descent(self, largest_eigenvalue: float, step_size: float | None = None) -> Descent:
        """These very steps."""
        own = self.resolved(largest_eigenvalue)
        rule = NesterovRule() if own.output == "iterate" else LookAheadRule()
        return Descent(own.steps, {"step_size": own.step_size, "momentum": own.momentum}, rule)

    def _transition(self, lam: Array, clock: Any) -> Transition:
        mu = np.asarray(self.momentum, dtype=float)
        h = self.step_size * lam
        critical = np.square((1.0 - mu) / (1.0 + mu))
        discriminant = (1.0 - h) * np.square(1.0 + mu) * (critical - h)
        moved = motion(self.steps, h, mu * (1.0 - h), (1.0 - mu) + h * (1.0 + mu), discriminant)
        iterate = rows(moved, lam, strength=self.step_size, coupling=mu * (1.0 - h))
        return iterate if self.output == "iterate" else _seen_ahead(iterate, moved.response, mu)


def _seen_ahead(iterate: Transition, response: Array, mu: Any) -> Transition:
    """The same motion in the coordinates of position plus momentum times velocity, and velocity."""
    position, velocity = iterate
    return Transition(
        position=Row(
            position.position + mu * velocity.position,
            np.square(mu) * response,
            position.target + mu * velocity.target,
            position.dual_target + mu * velocity.dual_target,
        ),
        memory=velocity._replace(memory=velocity.memory - mu * velocity.position),
    )
