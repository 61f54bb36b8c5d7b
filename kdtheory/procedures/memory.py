"""Procedures whose state is more than a position: momentum remembers a velocity, averaging an average."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.procedures.base import Array, Procedure


class Row(NamedTuple):
    """How one component of the state is made: weights of position, memory and target, per eigenvalue.

    ``dual_target`` is ``target / eigenvalue`` with its limit at eigenvalue 0.
    """

    position: Array
    memory: Array
    target: Array
    dual_target: Array


class Transition(NamedTuple):
    """The affine map of ``(position, memory)`` over a whole run."""

    position: Row
    memory: Row


@dataclass(frozen=True)
class Remembering(Procedure):
    """A procedure with a second component of state.

    The memory begins at zero (velocity) or is not used in the beginning (average, whose weight is the clock). It
    goes on from one phase to the next if procedure and parameters are the same, the duration aside, and ``restart``
    is not set. ``gain`` and ``retain`` are those of the *output* of a run that begins without memory. A subclass states
    its ``_transition``.
    """

    duration: ClassVar[str] = "time"
    """Name of the parameter that says how long to run; the clock of a fit adds it up over continued phases."""

    def transition(self, eigenvalues: ArrayLike, clock: Any = 0.0) -> Transition:
        """The map of the state over the run; ``clock`` is how long the continued phases before it have run."""
        return self._apply(lambda lam: self._transition(lam, clock), eigenvalues)

    @abstractmethod
    def _transition(self, lam: Array, clock: Any) -> Transition: ...

    def _gain(self, lam: Array) -> Array:
        return self._shown(lam, "target")

    def _residual(self, lam: Array) -> Array:
        return self._shown(lam, "position")

    def _dual_gain(self, lam: Array) -> Array:
        return self._shown(lam, "dual_target")

    def _shown(self, lam: Array, weight: str) -> Array:
        """A weight of what predicts and teaches, after a run that begins without memory."""
        one, other = self.output_weights
        position, memory = self._transition(lam, 0.0)
        return one * getattr(position, weight) + other * getattr(memory, weight)

    @property
    def output_weights(self) -> tuple[Any, Any]:
        """Weights of position and memory in what predicts and teaches: ``(1, 0)`` is the position itself."""
        return 1.0, 0.0

    def continues(self, other: Procedure | None) -> bool:
        """Whether the memory of ``other``'s run goes on in this one."""
        if other is None or type(other) is not type(self):
            return False
        mine, theirs = self.parameters, other.parameters
        return all(_same(mine[name], theirs[name]) for name in mine if name != self.duration)


def _same(one: Any, other: Any) -> bool:
    return one is other or np.array_equal(one, other)
