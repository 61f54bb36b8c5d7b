"""Evidence for the claims, produced now."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kdtheory import claims
from kdtheory.claims import Claim, Evidence
from kdtheory.report.build import Built

PROFILES = {False: "ci", True: "deep"}
"""How long claims are searched, at quick and at full settings."""


@dataclass(frozen=True)
class Checked:
    """A claim with its evidence, or with one line that says why it could not be checked."""

    claim: Claim
    evidence: Evidence | None = None
    fault: str = ""

    @property
    def held(self) -> bool:
        """Whether every level that was run held."""
        return self.evidence is not None and self.evidence.held


def checked(ids: Iterable[str], *, full: bool = False, seed: int = 0) -> Iterator[Checked]:
    """Check claims, one per core at a time; a check that breaks down is a finding, too."""
    settings = {"profile": PROFILES[full], "seed": seed}
    for outcome in claims.check_all(list(ids), jobs=os.cpu_count() or 1, settings=settings):
        fault = outcome.fault
        line = "" if fault is None else f"{type(fault).__name__}: {' '.join(str(fault).split())}"
        yield Checked(claims.get(outcome.id), outcome.evidence, line)


def with_networks(items: Iterable[Checked], figures: Iterable[Built], folder: Path) -> list[Checked]:
    """The claims with what the networks behind the figures showed; the evidence is stored in ``folder``."""
    found = {id: (built.figure.id, said) for built in figures for id, said in built.findings.items()}
    completed = []
    for item in items:
        evidence = item.evidence
        if evidence is not None and item.claim.id in found:
            name, said = found[item.claim.id]
            evidence = evidence.with_network(name, **said)
        if evidence is not None:
            evidence.save(folder)
        completed.append(Checked(item.claim, evidence, item.fault))
    return completed
