"""Ridge regression: the exact minimizer of a penalized loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from kdtheory.procedures.base import Array, Procedure, parameter
from kdtheory.procedures.weight_decay_descent import WeightDecayDescent
from kdtheory.validation import one_of


@dataclass(frozen=True)
class Ridge(Procedure):
    r"""Ridge regression, :math:`\tfrac12|Xb - y|^2 + \tfrac{c}{2}|b - b_0|^2`, solved exactly.

    The gain of a mode is :math:`\lambda / (\lambda + c)`. Being a minimizer it forgets the state before it: the
    retain is zero, and what the target does not get goes to the anchor.

    Parameters
    ----------
    penalty : float or axis
        :math:`c \ge 0`, added to the eigenvalue of the Gram matrix. scikit-learn's ``KernelRidge`` and ``Ridge``
        call it ``alpha``; with a mean loss it is ``penalty / n`` (see `kdtheory.conventions`). Zero gives the
        least-norm solution.
    center : {"zero", "start"}
        What the penalty pulls towards: ``b_0`` is zero, or the weights with which the fit started.

    Examples
    --------
    >>> Ridge(penalty=1.0).gain([0.0, 1.0, 3.0]).tolist()
    [0.0, 0.5, 0.75]
    """

    instead: ClassVar[str] = "Ridge.as_decay(steps=...)"
    penalty: Any
    center: str = "zero"

    def __post_init__(self) -> None:
        object.__setattr__(self, "penalty", parameter("penalty", self.penalty))
        one_of("center", self.center, ("zero", "start"))

    @property
    def anchored_at_start(self) -> bool:
        """Whether the penalty pulls towards the start."""
        return self.center == "start"

    def as_decay(self, steps: int, step_size: float | None = None) -> WeightDecayDescent:
        """The descent with weight decay whose limit for many steps this is: for worlds that go step by step.

        Its distance from ridge falls like ``(1 - step_size * (eigenvalue + penalty))^steps``.

        >>> Ridge(penalty=1.0).as_decay(steps=100)
        WeightDecayDescent(steps=100, decay=1.0, step_size=None, center='zero')
        """
        return WeightDecayDescent(steps, self.penalty, step_size, self.center)

    def _gain(self, lam: Array) -> Array:
        return self._share(lam, lam, 0.0)

    def _residual(self, lam: Array) -> Array:
        return self._share(np.asarray(self.penalty, dtype=float), lam, 1.0)

    def _share(self, part: Array, lam: Array, limit: float) -> Array:
        total = lam + self.penalty
        return np.divide(part, total, out=np.full(np.shape(total), limit), where=total > 0)

    def _dual_gain(self, lam: Array) -> Array:
        return self._share(np.asarray(1.0), lam, np.inf)

    def _retain(self, lam: Array) -> Array:
        return np.zeros_like(self._residual(lam))

    def _anchoring(self, lam: Array) -> Array:
        return self._residual(lam)

    def _dual_retain(self, lam: Array) -> Array:
        return np.zeros_like(self._residual(lam))
