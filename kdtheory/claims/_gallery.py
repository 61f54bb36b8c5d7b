"""The known counterexamples of all claims, by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from kdtheory.claims import _registry
from kdtheory.claims._claim import Claim, Counterexample
from kdtheory.claims._levels import CounterexampleRun
from kdtheory.errors import UnknownName
from kdtheory.testing import Case

# A frozen margin is written with its shortest exact digits; another platform's exp and log differ in the last ones.
_FROZEN_DIGITS = 1e-9


@dataclass(frozen=True)
class Known:
    """A counterexample with the claim that it belongs to."""

    claim: Claim
    item: Counterexample

    @property
    def name(self) -> str:
        """``CLAIM/NAME``, which no other has."""
        return f"{self.claim.id}/{self.item.name}"

    @property
    def run(self) -> CounterexampleRun:
        """The margins of the failing and of the restored case, computed now, and whether they are as they should be."""
        item = self.item
        margin, restored = self.claim.margin_of(item), self.claim.margin_of(item, restored=True)
        as_frozen = abs(margin - item.margin) <= _FROZEN_DIGITS * abs(item.margin)
        confirmed = margin <= 0 < restored and as_frozen
        return CounterexampleRun(item.name, item.violates, margin, item.margin, restored, confirmed)

    @property
    def assumption(self) -> str:
        """The sentence of the assumption that is violated."""
        return next(known.sentence for known in self.claim.assumptions if known.name == self.item.violates)


def counterexamples(ids: Iterable[str] | None = None) -> tuple[Known, ...]:
    """The known counterexamples of these claims, or of all, claim by claim."""
    claims = (_registry.get(id) for id in (_registry.names() if ids is None else ids))
    return tuple(Known(claim, item) for claim in claims for item in claim.counterexamples)


def counterexample(name: str) -> Known:
    """The counterexample of that name, ``CLAIM/NAME``, or ``NAME`` where only one claim has it.

    >>> counterexample("which-procedures-exaggerate/after-the-overshoot").item.violates
    'rising-gains'
    """
    claim = name.rpartition("/")[0]
    every = counterexamples([claim] if claim else None)
    found = [known for known in every if name in (known.name, known.item.name)]
    if len(found) == 1:
        return found[0]
    if found:
        expected = f"one of {', '.join(known.name for known in found)}"
        raise UnknownName("counterexample", expected=expected, got=repr(name), fix="put the claim before it")
    fix = "see kdtheory claims counterexample"
    expected = f"one of the {len(every)} names of counterexamples"
    raise UnknownName("counterexample", expected=expected, got=repr(name), fix=fix)


def exact_numbers(case: Any) -> dict[str, Any]:
    """What a case consists of, with all digits: numbers, texts and sequences by the name of the field."""
    if isinstance(case, Case):
        return {name: case.values[name] for name in case.varied}
    if not is_dataclass(case) or isinstance(case, type):
        return {"case": repr(case)}
    return {item.name: _plain(getattr(case, item.name)) for item in fields(case)}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    owner = getattr(value, "__self__", None)
    if owner is not None and is_dataclass(owner):
        return f"{value.__name__} of {owner!r}"
    name = getattr(value, "__name__", None)
    return _source(value) if name == "<lambda>" else name or " ".join(repr(value).split())


def _source(function: Any) -> str:
    """A function without a name, by what it closes over."""
    known = [cell.cell_contents for cell in function.__closure__ or ()]
    names = [getattr(item, "__qualname__", None) or " ".join(repr(item).split()) for item in known]
    return f"function of {', '.join(names)}" if names else "function"
