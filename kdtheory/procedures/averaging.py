"""Running averages: what averaged flow and averaged descent have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from kdtheory.procedures.base import Array
from kdtheory.procedures.descent import State, StepRule
from kdtheory.procedures.memory import Row


@dataclass(frozen=True)
class AveragingRule(StepRule):
    """Gradient descent; what predicts is the average of the positions before each step."""

    def begin(self, position: Any, start: Any) -> State:
        """Nothing averaged yet: the average of no time at all is the position itself."""
        return {"position": position, "average": position, "elapsed": 0.0 * position}

    def step(self, state: State, gradient: Callable[[Any], Any], rates: Mapping[str, Any]) -> State:
        """The position enters the average before it moves."""
        position, elapsed = state["position"], state["elapsed"] + rates["step_size"]
        average = state["average"] + rates["step_size"] / elapsed * (position - state["average"])
        return {**super().step(state, gradient, rates), "average": average, "elapsed": elapsed}

    def output(self, state: State) -> Any:
        """The average."""
        return state["average"]


@dataclass(frozen=True)
class TimeAveragingRule(AveragingRule):
    """The same for a flow, whose phases may be cut into steps of different sizes."""

    free: ClassVar[frozenset[str]] = frozenset({"step_size"})


def blended(mean: Row, duration: Any, clock: Any) -> Row:
    """The average over clock and run together, from the mean over the run alone."""
    whole = np.asarray(clock, dtype=float) + duration
    share = np.divide(duration, whole, out=np.ones(np.shape(whole)), where=whole > 0)
    kept = np.divide(clock, whole, out=np.zeros(np.shape(whole)), where=whole > 0)
    weights: list[Array] = [share * mean.position, kept + mean.memory, share * mean.target, share * mean.dual_target]
    return Row(*weights)
