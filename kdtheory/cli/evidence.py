"""Evidence as the command line shows it: words, tables, and everything for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kdtheory.cli.output import table

if TYPE_CHECKING:
    from kdtheory.claims import Evidence

LEVELS = ("derived", "property-tested", "simulated", "seen in networks")
COLUMNS = ("claim", "statement", "derived", "draws", "counterexamples", "mutants", "simulated", "verdict")


def levels_of(evidence: Evidence | None) -> dict[str, dict[str, Any] | None]:
    """Per level: whether it held, and its line; ``None`` where it was not run."""
    levels = dict.fromkeys(LEVELS) if evidence is None else evidence.levels
    return {name: None if lv is None else {"held": lv.held, "summary": lv.summary} for name, lv in levels.items()}


def words_of(levels: dict[str, dict[str, Any] | None]) -> list[str]:
    """One word per level; what networks show is a finding and no failure."""
    good = {name: ("seen", "not seen") if name == "seen in networks" else ("held", "FAILED") for name in levels}
    return ["not run" if lv is None else good[name][0 if lv["held"] else 1] for name, lv in levels.items()]


def in_full(evidence: Evidence) -> dict[str, Any]:
    """Everything that the run found, and its stamp, as the stored file has it."""
    stored = json.loads(evidence.to_json())
    return {"evidence": stored["evidence"], "stamp": stored["stamp"]}


def table_of(found: Sequence[Evidence]) -> Any:
    """The table of evidence: one row per claim, numbers of this run only."""
    return table(*COLUMNS, rows=[_row(evidence) for evidence in found])


def failures_of(evidence: Evidence) -> str:
    """The levels at which a claim failed, and the command that shows it again."""
    failed = {name: level for name, level in evidence.levels.items() if level is not None and not level.held}
    failed.pop("seen in networks", None)
    lines = [f"{evidence.claim} FAILED: {name}: {level.summary}" for name, level in failed.items()]
    if evidence.tested is not None and not evidence.tested.held and evidence.tested.replay:
        lines.append(f"    again: {evidence.tested.replay}")
    return "\n".join(lines)


def _row(evidence: Evidence) -> tuple[str, ...]:
    derived, tested, simulated = evidence.derived, evidence.tested, evidence.simulated
    steps = "-" if derived is None else _share([step.verified for step in derived.steps])
    draws = failing = mutants = "-"
    if tested is not None:
        draws = f"{tested.examples} + {tested.shrinking_examples}"
        failing = _share([run.confirmed for run in tested.counterexamples])
        mutants = _share([run.caught > 0 for run in tested.mutants])
    ran = "-" if simulated is None else "held" if simulated.held else "FAILED"
    verdict = "held" if evidence.held else "FAILED"
    return evidence.claim, evidence.title, steps, draws, failing, mutants, ran, verdict


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right)} of {len(right)}" if right else "-"
