"""Elasticities as functions of the gain, in closed form: the second column of the table of C2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import jv

from kdtheory.procedures import Procedure
from kdtheory.procedures.matching import Estimate

Array = NDArray[np.float64]
Closed = Callable[..., Any]


def flow(u: Any, left: Any) -> Any:
    """Gradient flow; ``left`` is ``1 - u``."""
    progress = -np.where(u < 0.5, np.log1p(-np.minimum(u, 0.5)), np.log(left))
    return left * progress / u


def ridge(u: Any, left: Any) -> Any:
    """Ridge."""
    return left


def iterated(u: Any, left: Any, order: Any) -> Any:
    """Iterated Tikhonov of that order, and gradient descent of ``-order`` steps of any size."""
    logarithm = np.where(u < 0.5, np.log1p(-np.minimum(u, 0.5)), np.log(left))
    return -order * np.expm1(logarithm / order) * left / u


def undamped(u: Any, left: Any) -> Any:
    """Momentum without damping, up to the target."""
    half = np.arcsin(np.sqrt(0.5 * u))
    return half / np.tan(half)


def nesterov_flow(u: Any, x: Any) -> Any:
    """Nesterov flow, at ``x = sqrt(lambda) t``."""
    return jv(2, x) / u


def averaged(u: Any, z: Any) -> Any:
    """Averaged gradient flow, at ``z = lambda t``."""
    return (-np.expm1(-z) / z - np.exp(-z)) / u


def decay(rho: Any, flow_gain: Any) -> Any:
    """Gradient flow with weight decay: the largest gain, and the gain over it."""
    return (1.0 - rho) + rho * flow(flow_gain, 1.0 - flow_gain)


def stable(u: Any, exponent: Any) -> Any:
    """The stable filter."""
    return -exponent * np.log(u)


@dataclass(frozen=True)
class Elasticities:
    """The closed forms; mutants replace them."""

    flow: Closed = flow
    ridge: Closed = ridge
    iterated: Closed = iterated
    undamped: Closed = undamped
    nesterov_flow: Closed = nesterov_flow
    averaged: Closed = averaged
    decay: Closed = decay
    stable: Closed = stable

    def of(self, family: str, run: Any) -> Array | None:
        """Elasticity of a family's member at eigenvalue 1, from its gain there; none where there is no closed form."""
        one = np.ones(np.shape(run.gain(1.0)))
        u, left = run.gain(one), run.residual(one)
        forms: dict[str, Callable[[], Any]] = {
            "gradient flow": lambda: self.flow(u, left),
            "ridge": lambda: self.ridge(u, left),
            "iterated ridge": lambda: self.iterated(u, left, run.iterations),
            "descent, step size": lambda: self.iterated(u, left, -run.steps),
            "undamped flow": lambda: self.undamped(u, left),
            "Nesterov flow": lambda: self.nesterov_flow(u, run.time),
            "averaged flow": lambda: self.averaged(u, run.time),
            "little decay": lambda: self._decayed(u, run.decay),
            "much decay": lambda: self._decayed(u, run.decay),
            "stable": lambda: self.stable(u, run.exponent),
        }
        return forms[family]() if family in forms else None

    def _decayed(self, u: Array, decay: Any) -> Any:
        rho = 1.0 / (1.0 + decay)
        return self.decay(rho, u / rho)

    def margin(self, family: str, run: Procedure, found: Estimate) -> Array:
        """What is not needed of the allowed difference between the closed form and the differences."""
        closed = self.of(family, run)
        if closed is None:
            return np.full(found.value.shape, np.inf)
        with np.errstate(invalid="ignore", divide="ignore"):
            return 1.0 - np.abs(closed - found.value) / (1e-8 * np.abs(found.value) + 4 * found.error)


NAMES = tuple(field.name for field in fields(Elasticities))
