"""Checking a claim: everything about it that a program can find out, as evidence."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np

from kdtheory import __version__
from kdtheory.claims._claim import Claim
from kdtheory.claims._derivation import derive
from kdtheory.claims._evaluate import measure
from kdtheory.claims._evidence import Evidence
from kdtheory.claims._gallery import Known
from kdtheory.claims._levels import (
    Broken,
    Derived,
    Extreme,
    MutantRun,
    PropertyTested,
    Simulated,
)
from kdtheory.claims._provenance import commit
from kdtheory.claims._registry import get
from kdtheory.claims._search import Measure, search
from kdtheory.claims._user_files import replay
from kdtheory.testing.margin import Margin
from kdtheory.testing.profiles import profile as profile_of
from kdtheory.validation import count, number, one_of

Progress = Callable[[int, int, str], None]
LEVELS = ("derived", "tested", "simulated")
MUTANT_DRAWS = 2_000


def check(
    claim: str | Claim,
    *,
    profile: str = "ci",
    examples: int | None = None,
    shrinking: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    levels: Collection[str] = LEVELS,
    progress: Progress | None = None,
) -> Evidence:
    """Check a claim and return the evidence; a broken claim comes back with the simplest counterexample found.

    Parameters
    ----------
    claim : str or Claim
        Its id, or the claim itself.
    profile : {"quick", "ci", "deep"}
        A budget by its name (`kdtheory.testing.PROFILES`); ``examples`` and ``shrinking`` replace its numbers.
    examples : int, optional
        Number of cases drawn and checked in vectorized batches.
    shrinking : int, optional
        Number of Hypothesis examples beside them; these seek small margins.
    seconds : float, optional
        How long to draw cases, in place of their number; with ``examples``, whichever ends first.
    seed : int
        The same seed and numbers give the same evidence.
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
    planned = budget(profile, examples, shrinking, seconds, seed)
    for level in levels:
        one_of("levels", level, LEVELS)
    report = _Reporter(progress, planned.expected + MUTANT_DRAWS * len(made.mutants), planned.seconds)
    derived = _derived(made, report) if "derived" in levels else None
    tested = _tested(made, planned, report) if "tested" in levels else None
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


class Budget(NamedTuple):
    """How much to search, and from which seed; without a number of draws the seconds count."""

    examples: float
    shrinking: int
    seconds: float
    seed: int

    @property
    def expected(self) -> int:
        """Cases in all, as far as that is known beforehand."""
        return self.shrinking + (int(self.examples) if math.isfinite(self.examples) else 0)


def budget(
    profile: str = "ci",
    examples: int | None = None,
    shrinking: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
) -> Budget:
    """What these arguments of `check` amount to; wrong ones are refused."""
    usual = profile_of(profile)
    if examples is None:
        draws = usual.examples if seconds is None else math.inf
    else:
        draws = count("examples", examples, at_least=1)
    time_left = math.inf if seconds is None else number("seconds", seconds, above=0)
    hypotheses = count("shrinking", usual.shrinking if shrinking is None else shrinking)
    return Budget(draws, hypotheses, time_left, count("seed", seed))


class _Reporter:
    """Adds up what is done and tells the caller; with a budget of time, what there will be in all is a projection."""

    def __init__(self, progress: Progress | None, total: int, seconds: float = math.inf) -> None:
        self.progress, self.total, self.done = progress, total, 0
        self.began, self.seconds = time.perf_counter(), seconds

    def __call__(self, cases: int, doing: str) -> None:
        self.done += cases
        if self.progress is not None:
            share = min(1.0, (time.perf_counter() - self.began) / self.seconds)
            self.progress(self.done, max(self.total, int(self.done / share) if share > 0 else 0), doing)


def _derived(claim: Claim, report: _Reporter) -> Derived | None:
    report(0, "deriving")
    derivation = derive(claim.derivation)
    return None if derivation is None else Derived(derivation.steps, derivation.not_carried, derivation.method)


def _tested(claim: Claim, planned: Budget, report: _Reporter) -> PropertyTested:
    def advance(cases: int) -> None:
        report(cases, "drawing cases")

    found = search(claim, claim.case, **planned._asdict(), advance=advance)
    return PropertyTested(
        examples=found.examples,
        shrinking_examples=planned.shrinking,
        seed=planned.seed,
        replay=replay(claim, examples=found.examples, shrinking=planned.shrinking, seed=planned.seed),
        failures=found.failures,
        smallest={part: Extreme(value, *_told(case)) for part, (value, case) in found.smallest.items()},
        broken=None if found.counterexample is None else _broken(claim, found.counterexample),
        counterexamples=tuple(Known(claim, item).run for item in claim.counterexamples),
        mutants=_mutants(claim, planned.seed, report),
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
