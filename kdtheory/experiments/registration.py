"""What a study says before it runs: question, settings, predictions, and how a verdict follows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from kdtheory.errors import DataUnavailable, InvalidArgument
from kdtheory.validation import count, describe, number, one_of

DIRECTIONS = ("above", "below")


@dataclass(frozen=True)
class Prediction:
    """One sentence about the numbers, decided in advance.

    Attributes
    ----------
    id, words : str
    measure : str
        Name of one of the numbers that a run of the study returns; its seeds are tested against the threshold.
    direction : {"above", "below"}
    threshold : float
    where : dict
        Which cells it speaks of: those with these values.
    needed : float
        Share of these cells that must show it, in (0, 1].
    family : str
        Predictions of one family are corrected together, over all their cells (Holm).
    """

    id: str
    words: str
    measure: str
    direction: str
    threshold: float = 0.0
    where: Mapping[str, Any] = field(default_factory=dict)
    needed: float = 1.0
    family: str = "main"

    def __post_init__(self) -> None:
        one_of(f"{self.id}: direction", self.direction, DIRECTIONS)
        number(f"{self.id}: threshold", self.threshold)
        number(f"{self.id}: needed", self.needed, above=0.0, at_most=1.0)

    def speaks_of(self, cell: Mapping[str, Any]) -> bool:
        """Whether a cell is one of those it is about; a list in ``where`` is a choice.

        >>> said = Prediction("a", "...", "gain", "above", where={"data": ["mnist", "digits"]})
        >>> said.speaks_of({"data": "digits", "rate": 0.5}), said.speaks_of({"data": "spam"})
        (True, False)
        """
        return all(cell.get(key) in (v if isinstance(v, list) else [v]) for key, v in self.where.items())


@dataclass(frozen=True)
class Ratio:
    """What is left of a gain: mean of ``part`` over mean of ``whole``, refused where ``whole`` is not there."""

    id: str
    part: str
    whole: str


@dataclass(frozen=True)
class Registration:
    """A study as declared in its JSON file.

    Attributes
    ----------
    name, title, question, claim : str
    verdict, overturned_by : str
        How the verdict follows from the numbers, and what would overturn it.
    seeds : int
        Number of seeds, 5 or more; which they are follows from the commit (`kdtheory.experiments.seeds`).
    settings : dict
        For the study's own ``cells`` and ``run``.
    predictions : tuple of Prediction
    ratios : tuple of Ratio
    check : dict
        ``cell``: name of the one that continuous integration computes again; ``tolerance``: by how much numbers may
        differ.
    estimate : dict
        What a unit was expected to cost.
    sha256 : str
        Of the file.
    """

    name: str
    title: str
    question: str
    claim: str
    verdict: str
    overturned_by: str
    seeds: int
    settings: Mapping[str, Any]
    predictions: tuple[Prediction, ...]
    check: Mapping[str, Any]
    ratios: tuple[Ratio, ...] = ()
    estimate: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""


def registration(path: Path) -> Registration:
    """Read a registration, or say in one line what it lacks."""
    try:
        content = path.read_bytes()
        given = json.loads(content)
    except (OSError, ValueError) as error:
        got = str(error).splitlines()[0]
        raise DataUnavailable(str(path), expected="a registration in JSON", got=got, fix="write it first") from None
    told = _complete(Registration, given, path.name, derived=("name", "sha256"))
    count(f"{path.name}: seeds", told["seeds"], at_least=5)
    parts = {"predictions": Prediction, "ratios": Ratio}
    for name, kind in parts.items():
        items: Sequence[Any] = told.get(name, ())
        told[name] = tuple(kind(**_complete(kind, item, f"{path.name}: {name}")) for item in items)
    _complete_check(told["check"], path.name)
    ids = [item.id for item in told["predictions"]]
    if not ids or len(set(ids)) < len(ids):
        fix = "give every prediction an id of its own"
        raise InvalidArgument(path.name, expected="one prediction or more, each once", got=describe(ids), fix=fix)
    name = path.stem.replace("_", "-")
    return Registration(**told, name=name, sha256=hashlib.sha256(content).hexdigest())


def _complete(kind: type, given: Any, where: str, derived: tuple[str, ...] = ()) -> dict[str, Any]:
    known = {item.name: item for item in fields(kind) if item.name not in derived}
    optional = {name for name, f in known.items() if (f.default, f.default_factory) != (MISSING, MISSING)}
    if not isinstance(given, dict) or set(given) - set(known) or set(known) - optional - set(given):
        got = ", ".join(given) if isinstance(given, dict) else describe(given)
        fix = "see the docstring of kdtheory.experiments.Registration"
        raise InvalidArgument(where, expected=f"an object with {', '.join(known)}", got=got, fix=fix)
    return dict(given)


def _complete_check(check: Any, where: str) -> None:
    if not isinstance(check, dict) or set(check) != {"cell", "tolerance"}:
        fix = "say which cell is computed again"
        raise InvalidArgument(f"{where}: check", expected="cell and tolerance", got=describe(check), fix=fix)
    number(f"{where}: check: tolerance", check["tolerance"], above=0.0)
