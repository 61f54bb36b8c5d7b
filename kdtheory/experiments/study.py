"""A study: a registration, and a module beside it that runs one unit."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from kdtheory import _located
from kdtheory.errors import DataUnavailable, InvalidArgument
from kdtheory.experiments.registration import Registration, registration
from kdtheory.validation import describe

Cell = dict[str, Any]


@dataclass(frozen=True)
class Study:
    """A registered study, found by `study`.

    Attributes
    ----------
    reference : str
        What it was found by: its name, or the path of its JSON file.
    path : Path
        The JSON file; the module has the same name.
    registration : Registration
    cells : list of dict
        Its settings, each with a ``name`` of its own; every cell is run with every seed.
    run : callable
        From a cell and a seed to numbers by name.
    source : str
        SHA-256 over the module and those modules of `kdtheory.experiments` whose functions it uses.
    """

    reference: str
    path: Path
    registration: Registration
    cells: list[Cell]
    run: Callable[[Cell, int], Mapping[str, float]]
    source: str

    @property
    def name(self) -> str:
        """Its name, with hyphens."""
        return self.registration.name

    @property
    def files(self) -> tuple[Path, Path]:
        """Registration and module: what has to be committed before a run."""
        return self.path, self.path.with_suffix(".py")

    @property
    def results(self) -> Path:
        """Where its summary is kept."""
        return self.path.parent / "results" / f"{self.name}.json"


def names() -> tuple[str, ...]:
    """Names of the studies that come with kdtheory, in alphabetical order."""
    return _located.available("studies")


def study(reference: str) -> Study:
    """The study of that name, or of your own: the path of a registration ``NAME.json`` with ``NAME.py`` beside it.

    >>> study("o1-confidence").registration.seeds >= 5
    True
    """
    if reference.endswith(".json"):
        path = Path(reference).resolve()
        declared = registration(path)
        module = _module(path.with_suffix(".py"))
    else:
        module = _located.load("studies", reference)
        path = Path(str(module.__file__)).with_suffix(".json")
        declared = registration(path)
    for name in ("cells", "run"):
        if not callable(getattr(module, name, None)):
            fix = "define cells(registered) and run(cell, seed)"
            raise InvalidArgument(f"{path.stem}.py", expected=f"a function {name}", got="none", fix=fix)
    return Study(reference, path, declared, _cells(module.cells(declared), path), module.run, _source(module))


def _cells(cells: Any, path: Path) -> list[Cell]:
    proper = isinstance(cells, list) and cells and all(isinstance(cell, dict) for cell in cells)
    called = [cell.get("name") for cell in cells] if proper else []
    if not called or not all(isinstance(name, str) for name in called) or len(set(called)) < len(called):
        expected, fix = "a list of dicts from cells, each with a name of its own", "mend the study"
        raise InvalidArgument(f"{path.stem}.py", expected=expected, got=describe(cells), fix=fix)
    return cells


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"kdtheory_study_{path.stem}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise DataUnavailable(str(path), expected="a module beside the registration", got="none", fix="write it")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _source(module: ModuleType) -> str:
    """Of what makes the numbers: a study's own lines and the measurements it calls, not the machinery that runs it."""
    files = [module, *sorted(_used(module), key=lambda m: m.__name__)]
    return hashlib.sha256(b"\0".join(Path(str(m.__file__)).read_bytes() for m in files)).hexdigest()


def _used(module: ModuleType) -> set[ModuleType]:
    """Measurements whose functions it uses, by itself or through other studies, and these studies."""
    behind = {m for value in vars(module).values() if callable(value) and (m := inspect.getmodule(value)) is not None}
    studies = {m for m in behind - {module} if m.__name__.startswith("kdtheory._studies.")}
    return {m for m in behind if m.__name__.startswith("kdtheory.experiments.")}.union(studies, *map(_used, studies))
