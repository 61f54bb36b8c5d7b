"""What a claim consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kdtheory.claims._evaluate import measure
from kdtheory.errors import InvalidArgument
from kdtheory.testing.margin import Margin
from kdtheory.validation import one_of

Check = Callable[[Any], Margin]
DERIVED_HERE = "derived here"
TOPICS = (
    "procedures",
    "eigenspace",
    "rounds and mixing",
    "stopping and switching",
    "gradients",
    "risk",
    "high dimension",
    "confidence",
    "kernels and width",
    "earlier findings",
    "open questions",
    "your own",
)
"""What claims are about, in the reader's order."""


@dataclass(frozen=True)
class Assumption:
    """One assumption of a statement: a short name, and the sentence."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Counterexample:
    """A case outside one assumption where the statement fails, and holds again once the assumption is restored.

    Attributes
    ----------
    name : str
    violates : str
        Name of the one assumption that does not hold.
    words : str
        What happens, in a sentence.
    case, restored : object
        The failing case, and the same with the assumption restored.
    margin : float
        The frozen margin of the failing case: zero or negative.
    check : callable, optional
        Margin of the two cases; default: the claim's own check.
    """

    name: str
    violates: str
    words: str
    case: Any
    restored: Any
    margin: float
    check: Check | None = None


@dataclass(frozen=True)
class Mutant:
    """A wrong variant of one of the claim's formulas, which drawing cases must catch; made by `Mutate`.

    ``replaces`` names the formulas that are wrong in it; empty if it claims another sign or bound.
    """

    name: str
    words: str
    check: Check
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claim:
    """A statement with all it stands on. Made by the decorator `kdtheory.claims.claim`; calling it runs its check.

    Attributes
    ----------
    id, title : str
    topic : str
        What it is about: one of `TOPICS`.
    statement, words : str
        The statement in LaTeX, and in words.
    assumptions : tuple of Assumption
    source : str
        Keys of ``references.bib``, or "derived here", or both, separated by semicolons.
    case : type
        What the check is drawn from: the annotation of its argument.
    check : callable
        From a case (or a batch of them) to a `Margin`.
    counterexamples, mutants : tuples
    derivation, figure : str
        Ids of the modules in ``derivations/`` and ``figures/``.
    simulation : callable, optional
        Without arguments; runs the statement step by step and returns a `Margin`.
    experiment : str, optional
        Name of the network study that looks for the effect.
    vectorized : bool
        Whether ``check`` takes batches.
    """

    id: str
    title: str
    topic: str
    statement: str
    words: str
    assumptions: tuple[Assumption, ...]
    source: str
    case: Any
    check: Check
    counterexamples: tuple[Counterexample, ...]
    mutants: tuple[Mutant, ...]
    derivation: str
    figure: str
    simulation: Callable[[], Margin] | None
    experiment: str | None
    vectorized: bool

    def __post_init__(self) -> None:
        one_of("topic", self.topic, TOPICS)
        known = [assumption.name for assumption in self.assumptions]
        for item in self.counterexamples:
            if item.violates not in known:
                names = ", ".join(repr(name) for name in known) or "no assumptions at all"
                fix = "name the one assumption that it violates"
                raise InvalidArgument(
                    f"counterexample {item.name!r}", expected=f"one of {names}", got=repr(item.violates), fix=fix
                )

    def __call__(self, case: Any) -> Margin:
        """Margin of one case or of a batch, checked for its shape and for NaN."""
        return measure(self.check, case, self.id, vectorized=self.vectorized)

    def margin_of(self, counterexample: Counterexample, *, restored: bool = False) -> float:
        """The margin of a counterexample as computed now (not the frozen one), or of its restored case."""
        case = counterexample.restored if restored else counterexample.case
        check = counterexample.check or self.check
        return float(measure(check, case, f"{self.id}, counterexample {counterexample.name!r}").values.min())

    def __repr__(self) -> str:
        return f"Claim({self.id!r}: {self.title})"
