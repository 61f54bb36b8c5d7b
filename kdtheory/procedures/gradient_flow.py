"""Gradient flow: gradient descent with infinitely small steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.procedures.base import Array, Procedure, parameter


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
