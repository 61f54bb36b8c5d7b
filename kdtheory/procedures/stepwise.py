"""Procedures that take a number of constant steps: their step size, its default and its limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self

import numpy as np

from kdtheory.axes import Axis
from kdtheory.errors import InvalidArgument
from kdtheory.procedures.base import Array, Procedure, parameter


class Stepwise(Procedure):
    r"""A procedure with parameters ``steps`` and ``step_size``, stable for :math:`\eta(\lambda + w) <` a number.

    That number is 2 for gradient descent. The decay ``w`` is zero for most. A step size of ``None`` is filled in by
    ``solve`` and ``simulate`` with half of one over the largest :math:`\lambda + w`.
    """

    steps: Any
    step_size: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", parameter("steps", self.steps, whole=True))
        if self.step_size is not None:
            object.__setattr__(self, "step_size", parameter("step_size", self.step_size, positive=True))

    @property
    def stable_below(self) -> Any:
        """What ``step_size * (eigenvalue + decay)`` must stay below."""
        return 2.0

    @property
    def pull(self) -> Any:
        """What is added to every eigenvalue: the decay of the weights."""
        return 0.0

    @property
    def largest_stable_eigenvalue(self) -> Array:
        """Eigenvalues below this limit converge; where it is not above 0, none does."""
        return np.asarray(self.stable_below / self.step_size - self.pull)

    def resolved(self, largest_eigenvalue: float) -> Self:
        """Fill a step size of ``None`` with half of ``1 / largest_eigenvalue``, decay added (1 where that is zero)."""
        if self.step_size is not None:
            return self

        def half(pull: Any) -> Any:
            total = np.asarray(largest_eigenvalue + pull, dtype=float)
            return np.divide(0.5, total, out=np.ones(total.shape), where=total > 0)[()]

        return replace(self, step_size=_mapped(half, self.pull))  # type: ignore[type-var]

    def refuse_unstable(self, largest_eigenvalue: float) -> None:
        """Raise unless the run converges on modes up to ``largest_eigenvalue``, and on null modes."""
        limits, sizes, pulls, bounds = (
            np.ravel(array)
            for array in np.broadcast_arrays(
                self.largest_stable_eigenvalue, self.step_size, self.pull, self.stable_below
            )
        )
        worst = int(np.argmin(limits))
        if largest_eigenvalue < limits[worst]:
            return
        decayed = pulls[worst] > 0
        limit = f"{bounds[worst] / (largest_eigenvalue + pulls[worst]):.6g}, the stability limit"
        at = f"largest eigenvalue {largest_eigenvalue:.6g}" + (f" and decay {pulls[worst]:.6g}" if decayed else "")
        rate = "(largest eigenvalue + decay)" if decayed else "largest eigenvalue"
        raise InvalidArgument(
            "step_size",
            expected=f"less than {limit} at {at}",
            got=f"{sizes[worst]:.6g}",
            fix=f"take a smaller step, or step_size=None for half of 1 / {rate}",
        )


def _mapped(function: Callable[[Any], Any], value: Any) -> Any:
    """The function of a number, an array, or a sweep's values."""
    return replace(value, values=function(value.values)) if isinstance(value, Axis) else function(value)
