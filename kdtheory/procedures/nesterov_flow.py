"""The differential equation of Nesterov's method with growing momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import j1

from kdtheory.procedures._cases import choose
from kdtheory.procedures.base import Array, Procedure, parameter

_TERMS = 14  # the last is below 1e-20 of the first where x <= 2


@dataclass(frozen=True)
class NesterovFlow(Procedure):
    r"""Nesterov flow :math:`\ddot b + \tfrac3t \dot b + \nabla L(b) = 0` for a given time, from rest.

    With :math:`x = \sqrt\lambda\,t` the gain of a mode is :math:`1 - 2J_1(x)/x`. It passes the target first at
    :math:`x = 3.8317`, the first zero of :math:`J_1`, and settles like :math:`x^{-3/2}`.

    Parameters
    ----------
    time : float or axis
        :math:`t \ge 0`, finite; of the kind of :math:`1/\sqrt\lambda`, unlike that of `GradientFlow`.

    Notes
    -----
    Always stable. The friction depends on the time since the beginning, so that no second phase can go on with it:
    one is refused, or restarts. Source: Su, Boyd and Candès 2014 (``su2014``), who derive it from the momentum
    :math:`(k-1)/(k+2)`; with constant momentum the limit is `HeavyBallFlow`.

    Examples
    --------
    >>> NesterovFlow(time=2.0).gain([0.0, 1.0]).round(3).tolist()
    [0.0, 0.423]
    """

    instead: ClassVar[str] = "Nesterov(steps=..., momentum=...)"
    time: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", parameter("time", self.time))

    @property
    def has_clock(self) -> bool:
        """Its friction is 3 over the time since the beginning."""
        return True

    def _argument(self, lam: Array) -> Array:
        return np.sqrt(lam) * self.time

    def _residual(self, lam: Array) -> Array:
        x = self._argument(lam)
        return choose(x > 2, lambda x: 2.0 * j1(x) / x, lambda x: 1.0 - _early_gain(x), x)

    def _gain(self, lam: Array) -> Array:
        x = self._argument(lam)
        return choose(x > 2, lambda x: 1.0 - 2.0 * j1(x) / x, _early_gain, x)

    def _dual_gain(self, lam: Array) -> Array:
        x = self._argument(lam)
        time = np.asarray(self.time, dtype=float)
        return choose(
            x > 2,
            lambda x, lam, time: (1.0 - 2.0 * j1(x) / x) / lam,
            lambda x, lam, time: 0.25 * np.square(time) * _series(0.25 * np.square(x)),
            *(x, lam, time),
        )


def _early_gain(x: Array) -> Array:
    square = 0.25 * np.square(x)
    return square * _series(square)


def _series(square: Array) -> Array:
    """``1/2 - square/12 + ...``, whose terms are those of the Bessel function: ``(-square)^n / ((n+1)! (n+2)!)``."""
    term = value = np.full(square.shape, 0.5)
    for n in range(1, _TERMS):
        term = -term * square / ((n + 1) * (n + 2))
        value = value + term
    return value
