"""How long to search: named budgets."""

from __future__ import annotations

from dataclasses import dataclass

from kdtheory.validation import lookup


@dataclass(frozen=True)
class Profile:
    """A budget of one check: vectorized draws, and Hypothesis examples beside them."""

    name: str
    examples: int
    shrinking: int


PROFILES = {
    made.name: made for made in (Profile("quick", 2_000, 30), Profile("ci", 10_000, 100), Profile("deep", 100_000, 300))
}


def profile(name: str) -> Profile:
    """The profile of that name: quick (while you write), ci (every change), deep (before you publish).

    >>> profile("quick").examples
    2000
    """
    return lookup(PROFILES, name, "profile")
