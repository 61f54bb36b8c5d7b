"""Derivations: named steps that algebra has verified, and in words what it does not carry."""

from __future__ import annotations

from dataclasses import dataclass

from kdtheory import _located
from kdtheory.errors import InvalidArgument
from kdtheory.validation import describe


@dataclass(frozen=True)
class Step:
    """One step of a derivation.

    Attributes
    ----------
    name : str
    shows : str
        What the step shows, in words.
    latex : str
        The formula.
    verified : bool
        Whether algebra confirmed it: computed by the derivation, never written down.
    """

    name: str
    shows: str
    latex: str
    verified: bool


@dataclass(frozen=True)
class Derivation:
    """All steps of a derivation, what stays in words, and how it was verified.

    Every module in ``derivations/`` has a function ``prove() -> Derivation``.
    """

    claim: str
    steps: tuple[Step, ...]
    not_carried: tuple[str, ...] = ()
    method: str = "computer algebra (SymPy)"

    @property
    def verified(self) -> bool:
        """Whether every step was confirmed, and there is at least one."""
        return bool(self.steps) and all(step.verified for step in self.steps)

    def __str__(self) -> str:
        lines = [f"Derivation of {self.claim}, by {self.method}", ""]
        for number, step in enumerate(self.steps, start=1):
            mark = "verified" if step.verified else "NOT VERIFIED"
            lines += [f"{number}. {step.name} [{mark}]", f"   {step.shows}", f"   {step.latex}", ""]
        if self.not_carried:
            lines += ["What algebra does not carry:", *(f"- {words}" for words in self.not_carried), ""]
        return "\n".join(lines)


def derive(name: str) -> Derivation | None:
    """Run the derivation of that id; ``None`` if there is no such module."""
    if name not in _located.available("derivations"):
        return None
    module = _located.load("derivations", name)
    derivation = module.prove() if hasattr(module, "prove") else None
    if not isinstance(derivation, Derivation) or not all(isinstance(s.verified, bool) for s in derivation.steps):
        got = "no prove()" if derivation is None else describe(derivation)
        fix = "return Derivation(claim, steps) with steps verified by True or False"
        raise InvalidArgument(f"derivations/{name}", expected="prove() -> Derivation", got=got, fix=fix)
    return derivation
