"""Evidence for a claim, as produced by the last run; to and from JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from kdtheory._files import atomic_write
from kdtheory.claims._levels import Derived, Level, Networks, PropertyTested, Simulated, level_from_json
from kdtheory.errors import DataUnavailable

__all__ = ["Derived", "Evidence", "Networks", "PropertyTested", "Simulated", "evidence"]

FOLDER = "build/evidence"
_FORMAT = 1
_KINDS: dict[str, type[Any]] = {
    "derived": Derived,
    "tested": PropertyTested,
    "simulated": Simulated,
    "networks": Networks,
}


@dataclass(frozen=True)
class Evidence:
    """Evidence at four levels; ``None`` where the claim has nothing at a level or it was not run.

    Attributes
    ----------
    claim, title, source : str
    version : str
        Of kdtheory.
    commit : str or None
        Git commit of the checkout that ran, ending in ``-dirty`` if files differed from it.
    derived, tested, simulated, networks : level or None
        Each has ``held`` and a one-line ``summary``.
    stamp : mapping
        When it was run and how long it took; no part of equality, so that equal runs are equal.
    """

    claim: str
    title: str
    source: str
    version: str
    commit: str | None
    derived: Derived | None = None
    tested: PropertyTested | None = None
    simulated: Simulated | None = None
    networks: Networks | None = None
    stamp: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def levels(self) -> dict[str, Level | None]:
        """Levels by the words that tables use."""
        return {
            "derived": self.derived,
            "property-tested": self.tested,
            "simulated": self.simulated,
            "seen in networks": self.networks,
        }

    @property
    def held(self) -> bool:
        """Whether no level that was run failed; what networks show is a finding and does not count."""
        return all(level.held for level in (self.derived, self.tested, self.simulated) if level is not None)

    def with_network(
        self, experiment: str, *, held: bool, verdict: str, numbers: Mapping[str, float] | None = None
    ) -> Evidence:
        """This evidence with the result of a network study; a study that does not show the claim is recorded too.

        Parameters
        ----------
        experiment : str
            Name of the study.
        held : bool
            Whether the networks showed what the claim says.
        verdict : str
            What they showed, in a sentence.
        numbers : mapping, optional
            The numbers behind it.
        """
        found = {name: float(value) for name, value in (numbers or {}).items()}
        return replace(self, networks=Networks(experiment, bool(held), verdict, found))

    def to_json(self) -> str:
        """As text; the time stamp stands apart from what the run found."""
        found = asdict(self)
        stamp = found.pop("stamp")
        return json.dumps(_plain({"format": _FORMAT, "evidence": found, "stamp": stamp}), indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str, name: str = "evidence") -> Evidence:
        """From the text that `to_json` made; ``name`` is what an error calls it."""
        try:
            content = _restored(json.loads(text))
            if content["format"] != _FORMAT:
                raise ValueError(f"format {content['format']}")
            found = dict(content["evidence"])
            for key, kind in _KINDS.items():
                found[key] = level_from_json(kind, found[key])
            return cls(**found, stamp=content["stamp"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            got = f"{type(error).__name__}: {error}"
            fix = "run kdtheory claims check again"
            raise DataUnavailable(name, expected="evidence written by kdtheory", got=got, fix=fix) from error

    def save(self, folder: str | Path = FOLDER) -> Path:
        """Write to ``folder/<claim>.json`` under a temporary name and rename it."""
        return atomic_write(Path(folder) / f"{self.claim}.json", self.to_json() + "\n")

    @classmethod
    def load(cls, path: str | Path) -> Evidence:
        """Read what `save` wrote."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            got = f"{type(error).__name__}: {error}"
            fix = "run kdtheory claims check"
            raise DataUnavailable(str(path), expected="a readable file", got=got, fix=fix) from error
        return cls.from_json(text, str(path))

    def __str__(self) -> str:
        lines = [f"{self.claim}: {self.title}", f"  source: {self.source}"]
        for words, level in self.levels.items():
            lines.append(f"  {words}: {'not run' if level is None else level.summary}")
            if isinstance(level, PropertyTested) and not level.held and level.replay:
                lines.append(f"    again: {level.replay}")
        return "\n".join(lines)


def evidence(folder: str | Path = FOLDER) -> dict[str, Evidence]:
    """What the last runs left in a folder, by claim; empty if nothing was run there."""
    return {path.stem: Evidence.load(path) for path in sorted(Path(folder).glob("[!.]*.json"))}


def _plain(value: Any) -> Any:
    """Strict JSON: numbers that JSON does not have become text."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"float:{value}"
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _restored(value: Any) -> Any:
    if isinstance(value, str) and value in {"float:inf", "float:-inf", "float:nan"}:
        return float(value.removeprefix("float:"))
    if isinstance(value, dict):
        return {key: _restored(item) for key, item in value.items()}
    return [_restored(item) for item in value] if isinstance(value, list) else value
