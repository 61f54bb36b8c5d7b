"""The heavy ball with infinitely small steps: a damped oscillator in every mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from kdtheory.errors import InvalidArgument
from kdtheory.procedures._oscillator import oscillation
from kdtheory.procedures.base import Array, parameter
from kdtheory.procedures.descent import Descent, State
from kdtheory.procedures.gradient_flow import checked, equal_steps
from kdtheory.procedures.heavy_ball import HeavyBall, HeavyBallRule
from kdtheory.procedures.memory import Remembering, Transition
from kdtheory.procedures.momentum import rows


@dataclass(frozen=True)
class DampedRule(HeavyBallRule):
    """Semi-implicit Euler steps: first the velocity, whose friction is taken implicitly, then the position."""

    free: ClassVar[frozenset[str]] = frozenset({"step_size"})

    def step(self, state: State, gradient: Callable[[Any], Any], rates: Mapping[str, Any]) -> State:
        """The velocity is per unit of time, so that steps of another size can go on with it."""
        time = rates["step_size"]
        velocity = (state["velocity"] - time * gradient(state["position"])) / (1.0 + time * rates["friction"])
        return {"position": state["position"] + time * velocity, "velocity": velocity}


@dataclass(frozen=True)
class HeavyBallFlow(Remembering):
    r"""Heavy-ball flow :math:`\ddot b + g\,\dot b + \nabla L(b) = 0` for a given time, from rest.

    With :math:`\omega^2 = g^2/4 - \lambda`, what is left of a mode's error is
    :math:`e^{-gt/2}[\cosh \omega t + \tfrac{g}{2\omega}\sinh \omega t]`: over-damped, without overshoot, for
    :math:`\lambda \le g^2/4`, and a damped oscillation above.

    Parameters
    ----------
    time : float or axis
        :math:`t \ge 0`, finite. It is of the kind of :math:`1/\sqrt\lambda`, unlike that of `GradientFlow`.
    friction : float or axis
        :math:`g \ge 0` per unit of time; zero oscillates for ever. With large friction it is gradient flow for the time
        :math:`t/g`.

    Notes
    -----
    Always stable. Source: Polyak 1964 (``polyak1964``). Others write :math:`m\ddot b + \dot b + \nabla L = 0` with a
    mass: :math:`m = 1/g^2` in the time :math:`t/g`. `as_descent` is the `HeavyBall` of small steps near it.

    Examples
    --------
    >>> HeavyBallFlow(time=1.0, friction=2.0).gain([0.0, 1.0]).round(3).tolist()
    [0.0, 0.264]
    """

    time: Any
    friction: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", parameter("time", self.time))
        object.__setattr__(self, "friction", parameter("friction", self.friction))

    def descent(self, largest_eigenvalue: float, step_size: float | None = None) -> Descent:
        """Semi-implicit Euler steps in time, all equal; the error falls in proportion to their size.

        A step size of ``None`` is half of one over the largest of ``sqrt(largest_eigenvalue)`` and the friction.
        """
        fastest = max(np.sqrt(largest_eigenvalue), self.friction)
        longest = checked(step_size) or (0.5 / fastest if fastest > 0 else 1.0)
        self._refuse_long(longest, largest_eigenvalue)
        steps, size = equal_steps(self.time, longest)
        return Descent(steps, {"step_size": size, "friction": self.friction}, DampedRule())

    def _refuse_long(self, step: float, largest: float) -> None:
        if step**2 * largest >= 2.0 * (2.0 + self.friction * step):
            limit = (self.friction + np.sqrt(self.friction**2 + 4.0 * largest)) / largest
            raise InvalidArgument(
                "step_size",
                expected=f"less than {limit:.6g}, the stability limit at largest eigenvalue {largest:.6g}",
                got=f"{step:.6g}",
                fix="take a smaller step, or step_size=None",
            )

    def as_descent(self, steps: int) -> HeavyBall:
        """The heavy ball of ``steps`` small steps whose limit this is, for procedures that must be literal.

        >>> HeavyBallFlow(time=2.0, friction=1.0).as_descent(4).step_size
        0.25
        """
        time = self.time / steps
        return HeavyBall(steps, momentum=float(np.exp(-self.friction * time)), step_size=time**2)

    def _transition(self, lam: Array, clock: Any) -> Transition:
        return rows(oscillation(self.time, self.friction, lam), lam, strength=1.0, coupling=1.0)
