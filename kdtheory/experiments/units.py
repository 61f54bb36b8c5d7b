"""One cell with one seed, kept by the content of all that its numbers depend on."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

import kdtheory
from kdtheory._files import atomic_write
from kdtheory.errors import InvalidArgument
from kdtheory.experiments.study import Cell, Study
from kdtheory.validation import describe

PACKAGES = ("numpy", "scipy", "scikit-learn", "torch")


@dataclass(frozen=True)
class Unit:
    """A finished unit.

    Attributes
    ----------
    cell : dict
    seed : int
    numbers : dict of str to float
    seconds : float
    finished : str
        Time of day in UTC, ISO 8601.
    """

    cell: Cell
    seed: int
    numbers: Mapping[str, float]
    seconds: float
    finished: str


def versions() -> dict[str, str | None]:
    """Versions that a unit's numbers depend on; ``None`` for what is not installed."""
    found: dict[str, str | None] = {"kdtheory": kdtheory.__version__}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def key(study: Study, cell: Cell, seed: int) -> str:
    """SHA-256 of registration, source, cell, seed and versions: other content is another unit."""
    content = [study.registration.sha256, study.source, cell, seed, versions()]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def kept(study: Study, cell: Cell, seed: int, cache: Path) -> Unit | None:
    """The unit, if it was finished before; a file that cannot be read is as good as none."""
    try:
        found = Unit(**json.loads(_path(study, cell, seed, cache).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found if (found.cell, found.seed) == (cell, seed) else None


def computed(study: Study, cell: Cell, seed: int, cache: Path) -> Unit:
    """Run a unit and keep it; one thread for linear algebra, so that sums do not depend on what else runs."""
    started = time.perf_counter()
    with threadpool_limits(1):
        numbers = _finite(study, study.run(dict(cell), seed))
    seconds = round(time.perf_counter() - started, 3)
    unit = Unit(cell, seed, numbers, seconds, datetime.now(UTC).isoformat(timespec="seconds"))
    content = json.dumps(vars(unit), allow_nan=False)
    atomic_write(_path(study, cell, seed, cache), content)
    # As it will be read: a resumed run cannot differ from one that was never killed.
    return Unit(**json.loads(content))


def _path(study: Study, cell: Cell, seed: int, cache: Path) -> Path:
    return cache / study.name / f"{key(study, cell, seed)[:32]}.json"


def _finite(study: Study, numbers: Any) -> dict[str, float]:
    clean = {name: float(value) for name, value in numbers.items()}
    bad = next((name for name, value in clean.items() if not math.isfinite(value)), None)
    if bad is not None or not clean:
        got = "nothing" if bad is None else f"{describe(clean[bad])} for {bad}"
        fix = "mend the study, and register it anew"
        raise InvalidArgument(study.name, expected="finite numbers by name", got=got, fix=fix)
    return clean
