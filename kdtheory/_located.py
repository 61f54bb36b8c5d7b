"""The one locator of ``figures/``, ``derivations/``, ``studies/`` and ``references.bib``.

They stand at the top of a checkout for readers and travel in the wheel as ``kdtheory/_figures``,
``kdtheory/_derivations``, ``kdtheory/_studies`` and ``kdtheory/references.bib``. In both places their modules carry the
same name, ``kdtheory._figures.exaggerated_bias``: the import system finds it in the wheel; in a checkout this module
registers the folder under that name first. Inside these folders modules import each other relatively
(``from . import _house``).

Public ids use hyphens (``exaggerated-bias``), module names underscores; modules with a leading underscore are private.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from kdtheory.errors import DataUnavailable, InvalidArgument, UnknownName

KINDS = ("figures", "derivations", "studies")

_PACKAGE = Path(__file__).resolve().parent


def folder(kind: str) -> Path:
    """Where the modules of a kind lie: inside the installed package, or beside it in a checkout.

    Parameters
    ----------
    kind : {"figures", "derivations", "studies"}
    """
    if kind not in KINDS:
        raise InvalidArgument("kind", expected=f"one of {_quoted(KINDS)}", got=repr(kind), fix="choose one of these")
    inside = _PACKAGE / f"_{kind}"
    if (inside / "__init__.py").is_file():
        return inside
    beside = _PACKAGE.parent / kind
    if _in_checkout() and (beside / "__init__.py").is_file():
        return beside
    raise _missing(f"{kind}/__init__.py")


def available(kind: str) -> tuple[str, ...]:
    """Public ids of a kind in alphabetical order, for example ``("confidence-exaggeration", "exaggerated-bias")``."""
    names = (path.stem for path in folder(kind).glob("*.py"))
    return tuple(sorted(name.replace("_", "-") for name in names if not name.startswith("_")))


def load(kind: str, module_name: str) -> ModuleType:
    """Import one module of a kind, by its id or its module name; a second call returns the same module."""
    identifier = module_name.replace("_", "-")
    ids = available(kind)
    if identifier not in ids:
        known = f"one of {_quoted(ids)}" if ids else "the name of a module"
        singular = kind.removesuffix("s") if kind != "studies" else "study"
        raise UnknownName(singular, expected=known, got=repr(module_name), fix=f"see what {folder(kind).name}/ holds")
    return importlib.import_module(f"{_registered(kind)}.{identifier.replace('-', '_')}")


def references() -> Path:
    """Path of ``references.bib``: inside the installed package, or beside it in a checkout."""
    inside = _PACKAGE / "references.bib"
    if inside.is_file():
        return inside
    beside = _PACKAGE.parent / "references.bib"
    if _in_checkout() and beside.is_file():
        return beside
    raise _missing("references.bib")


def _registered(kind: str) -> str:
    """Name of the private subpackage; in a checkout its folder is made importable under that name."""
    name = f"kdtheory._{kind}"
    path = folder(kind)
    if name in sys.modules or path.parent == _PACKAGE:
        return name
    spec = importlib.util.spec_from_file_location(name, path / "__init__.py", submodule_search_locations=[str(path)])
    if spec is None or spec.loader is None:
        raise _missing(f"{kind}/__init__.py")
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    try:
        spec.loader.exec_module(package)
    except BaseException:
        del sys.modules[name]
        raise
    setattr(sys.modules["kdtheory"], f"_{kind}", package)
    return name


def _in_checkout() -> bool:
    """Whether what lies beside the package is ours: in site-packages, ``figures/`` could be anybody's."""
    return (_PACKAGE.parent / "pyproject.toml").is_file()


def _missing(name: str) -> DataUnavailable:
    return DataUnavailable(
        name,
        expected="it inside the installed package or beside it in a checkout",
        got=f"neither at {_PACKAGE}",
        fix="reinstall kdtheory",
    )


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(repr(name) for name in names)
