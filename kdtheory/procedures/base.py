"""What one training run does to one eigenmode: the protocol that every procedure keeps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.axes import Axis
from kdtheory.errors import InvalidArgument, UnsupportedRecipe
from kdtheory.procedures.descent import Descent
from kdtheory.validation import describe, finite_array

Array = NDArray[np.float64]
_Outcome = TypeVar("_Outcome")


@dataclass(frozen=True)
class Procedure(ABC):
    """One training run on squared loss, as an affine map of each mode's coefficient.

    A mode with eigenvalue ``lam``, coefficient ``c`` and target ``y`` goes to::

        gain * y + retain * c + anchoring * anchor,        gain + retain + anchoring = 1

    where the anchor is zero or the coefficient with which the whole fit started.
    A subclass is a frozen dataclass of parameters and states the formulas for one eigenvalue, each
    in a form that is accurate from eigenvalue zero upwards; NumPy does the batching.

    Parameters are numbers, `kdtheory.axis` sweeps, or arrays that broadcast against the eigenvalues.
    """

    instead: ClassVar[str] = "GradientFlow(time=...) or GradientDescent(steps=...)"
    """What to run step by step in place of a procedure that takes no steps."""

    @property
    def anchored_at_start(self) -> bool:
        """Whether the anchor is the state with which the whole fit started, rather than zero."""
        return True

    @property
    def has_clock(self) -> bool:
        """Whether the run depends on the time since its own beginning, so that no second one can continue it."""
        return False

    @property
    def largest_stable_eigenvalue(self) -> Array:
        """Eigenvalues must stay below this limit; infinite where the procedure is always stable."""
        return np.asarray(np.inf)

    def refuse_unstable(self, largest_eigenvalue: float) -> None:  # noqa: B027  most procedures are always stable
        """Raise unless the run converges on modes up to ``largest_eigenvalue``."""

    def resolved(self, largest_eigenvalue: float) -> Self:
        """The procedure with parameters left to the toolkit (a step size of ``None``) filled in."""
        return self

    def placed(self, place: Callable[[Any], Any]) -> Self:
        """The procedure with ``place`` applied to every parameter: it turns sweeps into arrays."""
        return replace(self, **{name: place(value) for name, value in self.parameters.items()})

    def descent(self, largest_eigenvalue: float, step_size: float | None = None) -> Descent:
        """The run as literal steps, which ``simulate`` takes; refused by procedures that are no descent.

        Parameters are numbers here. ``step_size`` is that of procedures which have none of their own (gradient flow).
        """
        raise UnsupportedRecipe(
            "procedure",
            expected="a descent to run step by step",
            got=f"{self!r}, which takes no steps",
            fix=f"use {self.instead}, or kd.solve",
        )

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def gain(self, eigenvalues: ArrayLike) -> Array:
        """Weight of the target after the run, per eigenvalue; 0 at eigenvalue 0."""
        return self._apply(self._gain, eigenvalues)

    def retain(self, eigenvalues: ArrayLike) -> Array:
        """Weight of the state before the run, per eigenvalue."""
        return self._apply(self._retain, eigenvalues)

    def residual(self, eigenvalues: ArrayLike) -> Array:
        """``1 - gain`` without cancellation."""
        return self._apply(self._residual, eigenvalues)

    def dual_gain(self, eigenvalues: ArrayLike) -> Array:
        """``gain / eigenvalue``, with its limit at eigenvalue 0: what predictions and weights need."""
        return self._apply(self._dual_gain, eigenvalues)

    def anchoring(self, eigenvalues: ArrayLike) -> Array:
        """``1 - gain - retain`` without cancellation: the weight of the anchor."""
        return self._apply(self._anchoring, eigenvalues)

    def dual_retain(self, eigenvalues: ArrayLike) -> Array:
        """``(retain(0) - retain) / eigenvalue``, with its limit at eigenvalue 0."""
        return self._apply(self._dual_retain, eigenvalues)

    @abstractmethod
    def _gain(self, lam: Array) -> Array: ...

    @abstractmethod
    def _residual(self, lam: Array) -> Array: ...

    @abstractmethod
    def _dual_gain(self, lam: Array) -> Array: ...

    def _retain(self, lam: Array) -> Array:
        return self._residual(lam)

    def _anchoring(self, lam: Array) -> Array:
        return np.zeros_like(self._residual(lam))

    def _dual_retain(self, lam: Array) -> Array:
        return self._dual_gain(lam)

    def _apply(self, formula: Callable[[Array], _Outcome], eigenvalues: ArrayLike) -> _Outcome:
        self._refuse_unresolved()
        lam = finite_array("eigenvalues", eigenvalues)
        if lam.min() < 0:
            got = f"{lam.min():g}"
            raise InvalidArgument(
                "eigenvalues", expected="no negative number", got=got, fix="pass those of a Gram matrix"
            )
        self.refuse_unstable(float(lam.max()))
        try:
            np.broadcast_shapes(lam.shape, *(np.shape(value) for value in self.parameters.values()))
        except ValueError:
            shapes = ", ".join(f"{name} {np.shape(value)}" for name, value in self.parameters.items() if np.ndim(value))
            fix = "give the parameter a trailing axis of length 1"
            raise InvalidArgument(
                "eigenvalues", expected=f"a shape that broadcasts with {shapes}", got=f"shape {lam.shape}", fix=fix
            ) from None
        return formula(lam)

    def _refuse_unresolved(self) -> None:
        for name, value in self.parameters.items():
            if isinstance(value, Axis) or value is None:
                got = "None" if value is None else f"the sweep {value!r}"
                fix = "pass numbers here, or let solve and simulate fill it in"
                raise InvalidArgument(name, expected="a number", got=got, fix=fix)


def parameter(
    name: str,
    value: object,
    *,
    positive: bool = False,
    whole: bool = False,
    infinity: bool = False,
    signed: bool = False,
    below: float = np.inf,
) -> Any:
    """A procedure's parameter: a number, sweep or array, checked; numbers become floats (or ints).

    It must not be negative unless ``signed``.
    """
    values = value.values if isinstance(value, Axis) else value
    if isinstance(value, str | bool) or value is None:
        raise InvalidArgument(
            name, expected="a number", got=describe(value), fix=f"pass a number or kd.axis(...) as {name}"
        )
    array = finite_array(name, values, infinity=infinity)
    kind = "whole numbers" if whole else "numbers"
    bad = array[(array <= 0) if positive else (array < (-np.inf if signed else 0))]
    if whole and not bad.size:
        bad = array[array != np.round(array)]
    if below < np.inf and not bad.size:
        bad = array[array >= below]
    if bad.size:
        upper = f" and below {below:g}" if below < np.inf else ""
        expected = f"{kind} {'above 0' if positive else 'of at least 0'}{upper}"
        raise InvalidArgument(name, expected=expected, got=f"{bad[0]:g}", fix=f"change {name}")
    if isinstance(value, Axis):
        return value
    if array.ndim:
        return array
    return int(array) if whole else float(array)
