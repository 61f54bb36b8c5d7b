"""Claims of users: files of theirs that register claims."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from kdtheory.claims import _registry
from kdtheory.claims._claim import Claim
from kdtheory.errors import DataUnavailable, InvalidArgument, KdtheoryError, UnknownName

SEPARATOR = "::"
_WHAT = "a Python file that registers claims"
_origins: dict[str, str] = {}


def load(path: str | Path) -> tuple[str, ...]:
    """Import a file and return the ids of the claims that it registers; ``file.py::ID`` asks for one of them.

    The file is run as Python runs a script, with its folder on the path; what it prints goes to standard error.

    Raises
    ------
    DataUnavailable
        One line: there is no such file, or it cannot be imported.
    InvalidArgument
        It registers no claim.
    """
    name, _, wanted = str(path).partition(SEPARATOR)
    file = Path(name)
    if not file.is_file():
        got = "a folder" if file.is_dir() else "no such file"
        raise DataUnavailable(name, expected=_WHAT, got=got, fix="check the path")
    before = dict(_registry._claims)
    _imported(file)
    built_in = _registry._built_in()  # which the file may have asked for
    ids = tuple(id for id, claim in _registry._claims.items() if before.get(id) is not claim and id not in built_in)
    if not ids:
        fix = "decorate a function with @kd.claims.claim(id=..., title=...)"
        raise InvalidArgument(name, expected=_WHAT, got="none", fix=fix)
    _origins.update(dict.fromkeys(ids, name))
    if wanted and wanted not in ids:
        raise UnknownName(name, expected=f"one of {', '.join(ids)}", got=repr(wanted), fix="check the id")
    return (wanted,) if wanted else ids


def is_file(name: str) -> bool:
    """Whether an argument means a file rather than the id of a claim."""
    return SEPARATOR in name or name.endswith(".py") or "/" in name or Path(name).is_file()


def replay(claim: Claim, *, examples: int, shrinking: int, seed: int) -> str:
    """What runs the same check again: a command line, or a call where no file is known."""
    if claim.id in _registry._built_in() or claim.id in _origins:
        origin = _origins.get(claim.id)
        name = f"{origin}{SEPARATOR}{claim.id}" if origin else claim.id
        return f"kdtheory claims check {name} --examples {examples} --shrinking {shrinking} --seed {seed}"
    return f"kd.claims.check({claim.id!r}, examples={examples}, shrinking={shrinking}, seed={seed})"


def _imported(file: Path) -> ModuleType:
    place = file.resolve()
    name = f"{place.stem}_{hashlib.sha256(str(place).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, place)
    if spec is None or spec.loader is None:
        raise DataUnavailable(
            str(file), expected=_WHAT, got=f"a {file.suffix or 'file without suffix'}", fix="name it .py"
        )
    module = importlib.util.module_from_spec(spec)
    with _as_a_script(place.parent):
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except (KdtheoryError, KeyboardInterrupt):
            raise
        except BaseException as error:
            got = f"{type(error).__name__}: {error}{_line(error, place)}"
            raise DataUnavailable(str(file), expected="a file that can be imported", got=got, fix="mend it") from error
    return module


def _line(error: BaseException, place: Path) -> str:
    """Where in the user's file it happened; a syntax error says so itself."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(place)]
    return f" (line {lines[-1]})" if lines else ""


@contextlib.contextmanager
def _as_a_script(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder))
