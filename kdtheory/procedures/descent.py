"""A procedure as literal steps: what a simulation runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from kdtheory.errors import InvalidArgument

State = dict[str, Any]
MOST_STEPS = 2**31 - 1  # what a 32-bit counter holds; weeks of computing


@dataclass(frozen=True)
class StepRule:
    """One step of a procedure, in plain arithmetic that NumPy and JAX arrays both understand: here, gradient descent.

    A family with more to remember than a position overrides `begin` and `step` (velocity), or `output` (an average).
    Subclasses are frozen dataclasses without fields: numbers come in as ``rates``, so that one compiled loop serves
    all.
    """

    free: ClassVar[frozenset[str]] = frozenset()
    """Rates that may change from one phase to the next of one run: the step by which a flow is cut up."""

    def begin(self, position: Any, start: Any) -> State:
        """The state before the first step; every array in it has the shape of ``position``.

        ``start`` is the position with which the whole fit began (what an anchored penalty pulls towards).
        """
        return {"position": position}

    def step(self, state: State, gradient: Callable[[Any], Any], rates: Mapping[str, Any]) -> State:
        """The next state; ``gradient`` is the loss's gradient as a function of the position."""
        return {"position": state["position"] - rates["step_size"] * gradient(state["position"])}

    def output(self, state: State) -> Any:
        """The position that predicts and teaches; training goes on from ``state["position"]``."""
        return state["position"]


@dataclass(frozen=True)
class Descent:
    """A number of equal steps.

    Attributes
    ----------
    steps : int
    rates : dict of str to float
        The numbers of the rule, ``step_size`` among them.
    rule : StepRule
        Two descents of one rule and equal rates (those that it leaves free aside) continue each other: the second
        takes over the whole state of the first.
    """

    steps: int
    rates: Mapping[str, float]
    rule: StepRule = StepRule()

    def __post_init__(self) -> None:
        if not self.steps <= MOST_STEPS:
            fix = "take fewer steps, or larger ones"
            raise InvalidArgument("steps", expected=f"at most {MOST_STEPS}", got=f"{self.steps:g}", fix=fix)
        object.__setattr__(self, "steps", int(self.steps))

    def continues(self, other: Descent | None) -> bool:
        """Whether the state of ``other``, beyond its position, goes on in this descent."""
        return other is not None and self.rule == other.rule and self._fixed() == other._fixed()

    def _fixed(self) -> dict[str, float]:
        return {name: rate for name, rate in self.rates.items() if name not in self.rule.free}
