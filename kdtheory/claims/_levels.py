"""The four levels of evidence, each as produced by one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kdtheory.claims._derivation import Step


@dataclass(frozen=True)
class Derived:
    """What algebra verified, and what it does not carry."""

    steps: tuple[Step, ...]
    not_carried: tuple[str, ...]
    method: str

    @property
    def held(self) -> bool:
        """Whether every step was verified."""
        return bool(self.steps) and all(step.verified for step in self.steps)

    @property
    def summary(self) -> str:
        """One line."""
        verified = sum(step.verified for step in self.steps)
        return f"{verified} of {len(self.steps)} steps verified by {self.method}"


@dataclass(frozen=True)
class Extreme:
    """The smallest margin met, and the case where."""

    margin: float
    case: Mapping[str, float]
    words: str


@dataclass(frozen=True)
class Broken:
    """The simplest case found where the statement fails."""

    margin: float
    part: str
    case: Mapping[str, float]
    words: str


@dataclass(frozen=True)
class CounterexampleRun:
    """A known counterexample as computed in this run, beside its frozen margin."""

    name: str
    violates: str
    margin: float
    frozen: float
    restored: float
    confirmed: bool


@dataclass(frozen=True)
class MutantRun:
    """A wrong formula, and in how many draws it was caught."""

    name: str
    caught: int
    draws: int


@dataclass(frozen=True)
class PropertyTested:
    """What drawing cases showed; ``replay`` is the command, or call, that shows it again."""

    examples: int
    shrinking_examples: int
    seed: int
    failures: int
    smallest: Mapping[str, Extreme]
    replay: str = ""
    broken: Broken | None = None
    counterexamples: tuple[CounterexampleRun, ...] = ()
    mutants: tuple[MutantRun, ...] = ()

    @property
    def held(self) -> bool:
        """No case failed, every known counterexample failed as it should, every mutant was caught."""
        confirmed = all(run.confirmed for run in self.counterexamples)
        return self.broken is None and self.failures == 0 and confirmed and all(run.caught for run in self.mutants)

    @property
    def summary(self) -> str:
        """One line."""
        if self.broken is not None:
            where = f"at {self.broken.words} (seed {self.seed})"
            return f"broken ({self.broken.part} {self.broken.margin:.6g}) {where}"
        smallest = ", ".join(f"{part} {extreme.margin:.3g}" for part, extreme in self.smallest.items())
        text = f"held in {self.examples} draws and {self.shrinking_examples} Hypothesis examples (smallest {smallest})"
        if self.counterexamples:
            confirmed = sum(run.confirmed for run in self.counterexamples)
            text += f"; {confirmed} of {len(self.counterexamples)} counterexamples confirmed"
        if self.mutants:
            text += f"; {sum(run.caught > 0 for run in self.mutants)} of {len(self.mutants)} mutants caught"
        return text


@dataclass(frozen=True)
class Simulated:
    """Margins of the statement when it is run step by step."""

    margins: Mapping[str, float]

    @property
    def held(self) -> bool:
        """Whether every margin is positive."""
        return all(margin > 0 for margin in self.margins.values())

    @property
    def summary(self) -> str:
        """One line."""
        margins = ", ".join(f"{part} {margin:.6g}" for part, margin in self.margins.items())
        return f"{'held' if self.held else 'FAILED'} step by step ({margins})"


@dataclass(frozen=True)
class Networks:
    """What a network study found; attached by whoever ran it, and never part of whether a claim held."""

    experiment: str
    held: bool
    verdict: str
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """One line."""
        return self.verdict


Level = Derived | PropertyTested | Simulated | Networks


def level_from_json(kind: type[Any], data: Mapping[str, Any] | None) -> Any:
    """A level from the dictionary that ``dataclasses.asdict`` made of it."""
    if data is None:
        return None
    data = dict(data)
    if kind is Derived:
        data["steps"] = tuple(Step(**step) for step in data["steps"])
        data["not_carried"] = tuple(data["not_carried"])
    if kind is PropertyTested:
        data["smallest"] = {part: Extreme(**extreme) for part, extreme in data["smallest"].items()}
        data["broken"] = None if data["broken"] is None else Broken(**data["broken"])
        data["counterexamples"] = tuple(CounterexampleRun(**run) for run in data["counterexamples"])
        data["mutants"] = tuple(MutantRun(**run) for run in data["mutants"])
    return kind(**data)
