"""Stored key numbers of the figures at quick settings: what a change of code must not change unseen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kdtheory import _located
from kdtheory.errors import InvalidArgument
from kdtheory.plotting import Dataset
from kdtheory.report.figure import Figure, as_json
from kdtheory.report.storage import json_as_bytes, read_json, write


@dataclass(frozen=True)
class Difference:
    """One number that is not what the reference says; prints itself as one line."""

    figure: str
    name: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.figure}: {self.name}: expected {self.expected}, got {self.got}"


def reference_path(name: str) -> Path:
    """Where a figure's reference lies."""
    return _located.folder("figures") / "references" / f"{name}.json"


def differences(figure: Figure, dataset: Dataset, reference: Mapping[str, Any] | None = None) -> list[Difference]:
    """Where quick data differ from the reference by more than the tolerance stated beside each number.

    Without ``reference`` the stored one is read; a figure without one differs.
    """
    if reference is None:
        path = reference_path(figure.id)
        if not path.is_file():
            hint = f"none (write it with kdtheory figures check {figure.id} --update)"
            return [Difference(figure.id, "reference", str(path), hint)]
        reference = read_json(path)
    found = []
    settings, expected = as_json(figure.quick), reference.get("settings")
    if settings != expected:
        found.append(Difference(figure.id, "settings", str(expected), str(settings)))
    numbers = dict(flat(dataset.numbers))
    for name, entry in reference.get("numbers", {}).items():
        if not _agrees(numbers.get(name), entry):
            got = "nothing" if name not in numbers else f"{numbers[name]!r}"
            found.append(Difference(figure.id, name, _told(entry), got))
    if not reference.get("numbers"):
        found.append(Difference(figure.id, "numbers", "at least one", "none"))
    return found


def update(figure: Figure, dataset: Dataset) -> Path:
    """Write the reference anew from quick data, with the tolerances that the figure's module states."""
    numbers = {}
    for name, value in flat(dataset.numbers):
        tolerance = figure.tolerances.get(name, figure.tolerances.get(name.split("[")[0]))
        if tolerance is not None:
            numbers[name] = {"value": value, **tolerance}
    missing = [name for name in figure.tolerances if not any(_is_part(number, name) for number in numbers)]
    if missing:
        fix = "correct TOLERANCES in the figure's module"
        raise InvalidArgument("TOLERANCES", expected="names of numbers in the data", got=repr(missing[0]), fix=fix)
    content = {"figure": figure.id, "settings": as_json(figure.quick), "numbers": numbers}
    path = reference_path(figure.id)
    write(path, json_as_bytes(content))
    return path


def flat(numbers: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value with its path: ``slope.test``, ``lags[2]``.

    >>> dict(flat({"slope": {"test": 1.0}, "lags": [0.5, 0.7]}))
    {'slope.test': 1.0, 'lags[0]': 0.5, 'lags[1]': 0.7}
    """
    for name, value in numbers.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        elif isinstance(value, list | tuple):
            yield from ((key.replace(".[", "["), item) for key, item in flat(_indexed(value), f"{prefix}{name}."))
        else:
            yield f"{prefix}{name}", value


def _indexed(values: list[Any] | tuple[Any, ...]) -> dict[str, Any]:
    return {f"[{position}]": value for position, value in enumerate(values)}


def _is_part(number: str, name: str) -> bool:
    return number == name or number.startswith(f"{name}[")


def _agrees(value: Any, entry: Mapping[str, Any]) -> bool:
    wanted = entry["value"]
    numeric = isinstance(value, int | float) and isinstance(wanted, int | float)
    if not numeric or isinstance(value, bool) or isinstance(wanted, bool):
        return value == wanted
    allowed = entry.get("absolute", 0.0) + entry.get("relative", 0.0) * abs(wanted)
    return math.isfinite(value) and abs(value - wanted) <= allowed


def _told(entry: Mapping[str, Any]) -> str:
    tolerance = ", ".join(f"{kind} tolerance {entry[kind]:g}" for kind in ("absolute", "relative") if kind in entry)
    return f"{entry['value']!r}" + (f" ({tolerance})" if tolerance else "")
