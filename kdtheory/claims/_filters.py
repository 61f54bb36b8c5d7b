"""Procedures beside the toolkit's: what users may build, and what shows that the criterion can fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.procedures import Procedure
from kdtheory.procedures.base import Array


@dataclass(frozen=True)
class Shrunk(Procedure):
    """Outputs of a procedure times a factor: label smoothing, or a head that is scaled down."""

    procedure: Any
    factor: Any

    @property
    def parameters(self) -> dict[str, Any]:
        """The factor and the procedure's own."""
        return {**self.procedure.parameters, "factor": self.factor}

    def _gain(self, lam: Array) -> Array:
        return self.factor * self.procedure._gain(lam)

    def _residual(self, lam: Array) -> Array:
        return (1.0 - self.factor) + self.factor * self.procedure._residual(lam)

    def _dual_gain(self, lam: Array) -> Array:
        return self.factor * self.procedure._dual_gain(lam)


@dataclass(frozen=True)
class Ensemble(Procedure):
    """The mean of two procedures' outputs."""

    one: Any
    other: Any

    @property
    def parameters(self) -> dict[str, Any]:
        """Those of the two members."""
        return {f"{name}_{i}": v for i, m in enumerate((self.one, self.other)) for name, v in m.parameters.items()}

    def _gain(self, lam: Array) -> Array:
        return 0.5 * (self.one._gain(lam) + self.other._gain(lam))

    def _residual(self, lam: Array) -> Array:
        return 0.5 * (self.one._residual(lam) + self.other._residual(lam))

    def _dual_gain(self, lam: Array) -> Array:
        return 0.5 * (self.one._dual_gain(lam) + self.other._dual_gain(lam))


@dataclass(frozen=True)
class StableFilter(Procedure):
    """``exp(-strength / eigenvalue^exponent)``: distilled by itself it is itself again, of the summed strength.

    >>> StableFilter(strength=1.0, exponent=2.0).gain([0.0, 1.0]).round(3).tolist()
    [0.0, 0.368]
    """

    strength: Any
    exponent: Any

    def _exponent(self, lam: Array) -> Array:
        with np.errstate(divide="ignore", over="ignore"):
            return -self.strength * np.power(lam, -np.asarray(self.exponent, dtype=float))

    def _gain(self, lam: Array) -> Array:
        return np.exp(self._exponent(lam))

    def _residual(self, lam: Array) -> Array:
        return -np.expm1(self._exponent(lam))

    def _dual_gain(self, lam: Array) -> Array:
        gain = self._gain(lam)
        return np.divide(gain, lam, out=np.zeros(gain.shape), where=lam > 0)


@dataclass(frozen=True)
class LogFilter(Procedure):
    """``log(1 + z) / (1 + log(1 + z))``, ``z = scale * eigenvalue``: its elasticity falls all the way, too fast."""

    scale: Any

    def _gain(self, lam: Array) -> Array:
        return np.log1p(self.scale * lam) * self._residual(lam)

    def _residual(self, lam: Array) -> Array:
        return 1.0 / (1.0 + np.log1p(self.scale * lam))

    def _dual_gain(self, lam: Array) -> Array:
        gain = self._gain(lam)
        return np.divide(gain, lam, out=np.array(np.broadcast_to(self.scale, gain.shape), dtype=float), where=lam > 0)
