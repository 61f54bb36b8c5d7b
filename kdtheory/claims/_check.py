"""Checking a claim: everything about it that a program can find out, as evidence."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

import numpy as np

from kdtheory import __version__
from kdtheory.claims._claim import Claim
from kdtheory.claims._derivation import derive
from kdtheory.claims._evaluate import measure
from kdtheory.claims._evidence import Evidence
from kdtheory.claims._levels import (
    Broken,
    CounterexampleRun,
    Derived,
    Extreme,
    MutantRun,
    PropertyTested,
    Simulated,
)
from kdtheory.claims._provenance import commit
from kdtheory.claims._registry import get
from kdtheory.claims._search import Measure, search
from kdtheory.testing.margin import Margin
from kdtheory.validation import count, one_of

Progress = Callable[[int, int, str], None]
LEVELS = ("derived", "tested", "simulated")
MUTANT_DRAWS = 2_000
# A frozen margin is written with its shortest exact digits; another platform's exp and log differ in the last ones.
_FROZEN_DIGITS = 1e-9


def check(
    claim: str | Claim,
    *,
    examples: int = 10_000,
    shrinking: int = 300,
    seed: int = 0,
    levels: Collection[str] = LEVELS,
    progress: Progress | None = None,
) -> Evidence:
    """Check a claim and return the evidence; a broken claim comes back with the simplest counterexample found.

    Parameters
    ----------
    claim : str or Claim
        Its id, or the claim itself.
    examples : int
        Number of cases drawn and checked in vectorized batches.
    shrinking : int
        Number of Hypothesis examples beside them; these seek small margins.
    seed : int
        The same seed gives the same evidence.
    levels : collection of {"derived", "tested", "simulated"}
        What to run. What networks show is attached with `Evidence.with_network`.
    progress : callable, optional
        Called with (cases done, cases in all, what is being done).

    Examples
    --------
    >>> found = check("exaggerated-bias", examples=1000, shrinking=0, levels=["tested"])
    >>> found.held, found.tested.examples
    (True, 1000)
    """
    began = time.perf_counter()
    made = claim if isinstance(claim, Claim) else get(claim)
    examples, shrinking = count("examples", examples, at_least=1), count("shrinking", shrinking)
    seed = count("seed", seed)
    for level in levels:
        one_of("levels", level, LEVELS)
    report = _Reporter(progress, examples + shrinking + MUTANT_DRAWS * len(made.mutants))
    derived = _derived(made, report) if "derived" in levels else None
    tested = _tested(made, examples, shrinking, seed, report) if "tested" in levels else None
    simulated = _simulated(made, report) if "simulated" in levels else None
    seconds = round(time.perf_counter() - began, 3)
    return Evidence(
        claim=made.id,
        title=made.title,
        source=made.source,
        version=__version__,
        commit=commit(),
        derived=derived,
        tested=tested,
        simulated=simulated,
        stamp={"time": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": seconds},
    )


class _Reporter:
    """Adds up what is done and tells the caller."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def __call__(self, cases: int, doing: str) -> None:
        self.done += cases
        if self.progress is not None:
            self.progress(self.done, self.total, doing)


def _derived(claim: Claim, report: _Reporter) -> Derived | None:
    report(0, "deriving")
    derivation = derive(claim.derivation)
    return None if derivation is None else Derived(derivation.steps, derivation.not_carried, derivation.method)


def _tested(claim: Claim, examples: int, shrinking: int, seed: int, report: _Reporter) -> PropertyTested:
    def advance(cases: int) -> None:
        report(cases, "drawing cases")

    found = search(claim, claim.case, examples=examples, shrinking=shrinking, seed=seed, advance=advance)
    return PropertyTested(
        examples=examples,
        shrinking_examples=shrinking,
        seed=seed,
        failures=found.failures,
        smallest={part: Extreme(value, *_told(case)) for part, (value, case) in found.smallest.items()},
        broken=None if found.counterexample is None else _broken(claim, found.counterexample),
        counterexamples=_counterexamples(claim),
        mutants=_mutants(claim, seed, report),
    )


def _broken(claim: Claim, case: Any) -> Broken:
    margin = claim(case)
    at = {name: float(np.min(part)) for name, part in margin.parts.items()}
    part = min(at, key=lambda name: at[name])
    return Broken(at[part], part, *_told(case))


def _told(case: Any) -> tuple[dict[str, float], str]:
    """A case as numbers by name, and in words."""
    values = {name: float(value) for name, value in getattr(case, "values", {}).items()}
    return values, case.describe() if hasattr(case, "describe") else repr(case)


def _counterexamples(claim: Claim) -> tuple[CounterexampleRun, ...]:
    runs = []
    for item in claim.counterexamples:
        margin, restored = claim.margin_of(item), claim.margin_of(item, restored=True)
        as_frozen = abs(margin - item.margin) <= _FROZEN_DIGITS * abs(item.margin)
        confirmed = margin <= 0 < restored and as_frozen
        runs.append(CounterexampleRun(item.name, item.violates, margin, item.margin, restored, confirmed))
    return tuple(runs)


def _mutants(claim: Claim, seed: int, report: _Reporter) -> tuple[MutantRun, ...]:
    cases = claim.case.draw(np.random.default_rng([seed, 0]), MUTANT_DRAWS) if claim.mutants else None
    runs = []
    for mutant in claim.mutants:
        margin = _mutant_measure(claim, mutant.name, mutant.check)(cases)
        runs.append(MutantRun(mutant.name, int(np.count_nonzero(~margin.held)), MUTANT_DRAWS))
        report(MUTANT_DRAWS, "trying mutants")
    return tuple(runs)


def _mutant_measure(claim: Claim, name: str, mutant: Callable[[Any], Margin]) -> Measure:
    return lambda cases: measure(mutant, cases, f"{claim.id}, mutant {name!r}", vectorized=claim.vectorized)


def _simulated(claim: Claim, report: _Reporter) -> Simulated | None:
    if claim.simulation is None:
        return None
    report(0, "simulating")
    margin = claim.simulation()
    return Simulated({name: float(np.min(part)) for name, part in margin.parts.items()})
