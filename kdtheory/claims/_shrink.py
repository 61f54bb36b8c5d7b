"""The smallest counterexample: simplify a failing case field by field for as long as it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kdtheory.testing.margin import Margin


def simplified(measure: Callable[[Any], Margin], case: Any, *, rounds: int = 100) -> Any:
    """The simplest case reachable from ``case`` by simplifying one field at a time, all of them failing.

    Every candidate of a round is measured in one batch, and the simplest that fails is taken. Cases that cannot be
    simplified (classes without ``simpler``) are returned as they are.
    """
    if not hasattr(case, "simpler"):
        return case
    for _ in range(rounds):
        here = case.complexity()
        candidates = [simpler for simpler in case.simpler() if simpler.complexity() < here]
        if not candidates:
            return case
        failing = ~measure(type(case).batch(candidates)).held
        chosen = [candidate for candidate, fails in zip(candidates, failing, strict=True) if fails]
        if not chosen:
            return case
        case = min(chosen, key=lambda candidate: candidate.complexity())
    return case
