"""Gradient descent with weight decay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.procedures._powers import geometric, power
from kdtheory.procedures.base import Array, parameter
from kdtheory.procedures.descent import Descent, State, StepRule
from kdtheory.procedures.stepwise import Stepwise
from kdtheory.validation import one_of


@dataclass(frozen=True)
class DecayRule(StepRule):
    """Gradient descent pulled to zero; an untrainable offset is no part of the position and stays."""

    def begin(self, position: Any, start: Any) -> State:
        """The anchor is zero."""
        return {"position": position, "anchor": 0.0 * position}

    def step(self, state: State, gradient: Callable[[Any], Any], rates: Mapping[str, Any]) -> State:
        """The pull grows with the distance from the anchor."""
        position, anchor = state["position"], state["anchor"]
        slope = gradient(position) + rates["decay"] * (position - anchor)
        return {"position": position - rates["step_size"] * slope, "anchor": anchor}


@dataclass(frozen=True)
class AnchoredDecayRule(DecayRule):
    """Gradient descent pulled to where the whole fit started."""

    def begin(self, position: Any, start: Any) -> State:
        """The anchor is the start of the fit, not of the phase."""
        return {"position": position, "anchor": start}


@dataclass(frozen=True)
class WeightDecayDescent(Stepwise):
    r"""Gradient descent on :math:`L(b) + \tfrac{w}{2}|b - b_0|^2`.

    With :math:`q = 1 - \eta(\lambda + w)` the gain of a mode is :math:`\frac{\lambda}{\lambda+w}(1-q^k)`, the retain
    :math:`q^k`; the rest goes to the anchor. Null modes decay too. Without decay it is `GradientDescent`, after many
    steps `Ridge`.

    Parameters
    ----------
    steps : int or axis
        Number of steps :math:`k \ge 0`.
    decay : float or axis
        :math:`w \ge 0`, added to the eigenvalue of the Gram matrix, as a penalty.
    step_size : float or axis, optional
        :math:`\eta > 0` in the units of `GradientDescent`; converges for :math:`\eta(\lambda_{\max} + w) < 2`.
        ``None``: half of ``1 / (largest eigenvalue + decay)``.
    center : {"zero", "start"}
        Where the weights decay to: zero, or the weights with which the fit started.

    Notes
    -----
    Same as ``weight_decay=w`` of ``torch.optim.SGD`` on the summed loss (on a mean loss: ``w / n``). ``AdamW`` and
    papers on *decoupled* decay shrink the weights by ``1 - eta * w'`` beside the step: the same for plain descent.

    Examples
    --------
    >>> WeightDecayDescent(steps=2, decay=1.0, step_size=0.25).gain([0.0, 1.0]).tolist()
    [0.0, 0.375]
    """

    steps: Any
    decay: Any
    step_size: Any = None
    center: str = "zero"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "decay", parameter("decay", self.decay))
        one_of("center", self.center, ("zero", "start"))

    @property
    def anchored_at_start(self) -> bool:
        """Whether the weights decay to the start."""
        return self.center == "start"

    @property
    def pull(self) -> Any:
        """The decay."""
        return self.decay

    def descent(self, largest_eigenvalue: float, step_size: float | None = None) -> Descent:
        """These very steps."""
        own = self.resolved(largest_eigenvalue)
        rule = AnchoredDecayRule() if own.anchored_at_start else DecayRule()
        return Descent(own.steps, {"step_size": own.step_size, "decay": own.decay}, rule)

    def _retain(self, lam: Array) -> Array:
        return power(self.steps, self.step_size * (lam + self.decay))

    def _dual_gain(self, lam: Array) -> Array:
        return self.step_size * geometric(self.steps, self.step_size * (lam + self.decay))

    def _gain(self, lam: Array) -> Array:
        return lam * self._dual_gain(lam)

    def _anchoring(self, lam: Array) -> Array:
        return self.decay * self._dual_gain(lam)

    def _residual(self, lam: Array) -> Array:
        return self._retain(lam) + self._anchoring(lam)

    def _dual_retain(self, lam: Array) -> Array:
        return self.step_size * _divided_power(
            self.steps, self.step_size * np.asarray(self.decay), self.step_size * lam
        )


def _divided_power(steps: Any, s: Array, gap: Array) -> Array:
    """``((1 - s)^steps - (1 - s - gap)^steps) / gap``, through the base that is larger in absolute value."""
    first = np.abs(1.0 - s) >= np.abs(1.0 - s - gap)
    larger = np.where(first, s, s + gap)
    size = np.abs(1.0 - larger)
    relative = np.divide(gap, size, out=np.zeros(size.shape), where=size > 0)
    return power(np.maximum(np.asarray(steps) - 1, 0), larger) * geometric(steps, relative)
