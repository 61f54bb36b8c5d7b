"""Infinitely many rounds of self-distillation with labels mixed in, as one procedure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kdtheory.errors import InvalidArgument
from kdtheory.procedures.base import Array, Procedure, parameter
from kdtheory.procedures.memory import Remembering
from kdtheory.validation import describe


@dataclass(frozen=True)
class InfiniteRounds(Procedure):
    r"""The student that infinitely many rounds of self-distillation arrive at.

    Every round runs ``procedure`` from the same start on ``mixing * previous outputs + (1 - mixing) * labels``. If a
    run has the gain :math:`g`, the limit has

    .. math:: g_\infty = \frac{(1 - \xi) g}{1 - \xi g}, \qquad
              \frac{g_\infty}{1 - g_\infty} = (1 - \xi) \frac{g}{1 - g}

    with :math:`\xi` the mixing: the odds of the gain are multiplied by the labels' weight.

    Parameters
    ----------
    procedure : Procedure
        What one round does; without memory (momentum, averages).
    mixing : float or axis
        Weight of the previous fit. The rounds converge where ``|mixing * gain| < 1``; the run is refused elsewhere.
        Pure distillation (1) collapses to zero.

    Notes
    -----
    For ridge the limit is ridge with ``penalty / (1 - mixing)`` (``borup2021``); the odds law for every procedure is
    derived here.

    Examples
    --------
    >>> from kdtheory.procedures import Ridge
    >>> InfiniteRounds(Ridge(penalty=1.0), mixing=0.5).gain([0.0, 1.0, 2.0]).round(3).tolist()
    [0.0, 0.333, 0.5]
    """

    procedure: Procedure
    mixing: Any

    def __post_init__(self) -> None:
        if not isinstance(self.procedure, Procedure) or isinstance(self.procedure, Remembering):
            fix = "pass for example GradientFlow(time=1.0)"
            expected = "a procedure without memory"
            raise InvalidArgument("procedure", expected=expected, got=describe(self.procedure), fix=fix)
        object.__setattr__(self, "mixing", parameter("mixing", self.mixing, signed=True))

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of the round, and the mixing."""
        return {**self.procedure.parameters, "mixing": self.mixing}

    @property
    def anchored_at_start(self) -> bool:
        """As the procedure of the rounds."""
        return self.procedure.anchored_at_start

    @property
    def largest_stable_eigenvalue(self) -> Array:
        """As the procedure of the rounds."""
        return self.procedure.largest_stable_eigenvalue

    def refuse_unstable(self, largest_eigenvalue: float) -> None:
        """As the procedure of the rounds."""
        self.procedure.refuse_unstable(largest_eigenvalue)

    def resolved(self, largest_eigenvalue: float) -> InfiniteRounds:
        """With the procedure of the rounds resolved."""
        return replace(self, procedure=self.procedure.resolved(largest_eigenvalue))

    def placed(self, place: Callable[[Any], Any]) -> InfiniteRounds:
        """With sweeps placed in the procedure of the rounds too."""
        return InfiniteRounds(self.procedure.placed(place), place(self.mixing))

    def _share(self, part: Array, lam: Array, limit: float) -> Array:
        """``part / (1 - mixing * gain)``; ``limit`` where a round changes nothing and only teachers speak."""
        gain = self.procedure._gain(lam)
        if np.any(np.abs(self.mixing * gain) > 1.0):
            got = f"{float(np.max(np.abs(self.mixing * gain))):.6g}"
            fix = "take a smaller mixing, or gains that do not overshoot"
            raise InvalidArgument("mixing", expected="|mixing * gain| below 1 in every mode", got=got, fix=fix)
        left = self.procedure._residual(lam) + (1.0 - np.asarray(self.mixing)) * gain
        part = np.broadcast_to(part, left.shape)
        return np.divide(part, left, out=np.full(left.shape, limit), where=left > 0)

    def _gain(self, lam: Array) -> Array:
        return self._share((1.0 - np.asarray(self.mixing)) * self.procedure._gain(lam), lam, 1.0)

    def _residual(self, lam: Array) -> Array:
        return self._share(self.procedure._residual(lam), lam, 0.0)

    def _dual_gain(self, lam: Array) -> Array:
        return self._share((1.0 - np.asarray(self.mixing)) * self.procedure._dual_gain(lam), lam, np.inf)

    def _retain(self, lam: Array) -> Array:
        return self._share(self.procedure._retain(lam), lam, 0.0)

    def _anchoring(self, lam: Array) -> Array:
        return self._share(self.procedure._anchoring(lam), lam, 0.0)

    def _dual_retain(self, lam: Array) -> Array:
        at_zero = self.procedure._retain(np.zeros(1))
        drop = self.procedure._dual_retain(lam) - at_zero * self.mixing * self.procedure._dual_gain(lam)
        return self._share(drop, lam, 0.0)
