"""A figure: a module of ``figures/`` that keeps the protocol, found by its id."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any

from kdtheory import _located
from kdtheory.errors import InvalidArgument, MissingPackage
from kdtheory.plotting import Dataset

PROTOCOL = {
    "ID": str,
    "TITLE": str,
    "CLAIMS": tuple,
    "TOLERANCES": Mapping,
    "SMALL": object,
    "QUICK": object,
    "FULL": object,
    "compute": Callable,
    "draw": Callable,
    "caption": Callable,
    "alt": Callable,
}
"""What a module of ``figures/`` offers, and its type; CONTRIBUTING.md explains each."""
OPTIONAL = {"NEEDS": tuple, "findings": Callable}
"""What it may offer beside them: figures of networks do."""


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes
    ----------
    id, title : str
    claims : tuple of str
        Ids of the claims it illustrates.
    tolerances : dict
        For each number compared with the stored reference: ``{"relative": ...}`` or ``{"absolute": ...}``.
    small, quick, full : dataclasses
        Settings: so small that tests compute them in about a second, for every report, and at full size.
    compute, draw, caption, alt : functions
        Settings to `Dataset`; `Dataset` to matplotlib figure, caption and text alternative.
    needs : tuple of str
        Optional packages without which it cannot be computed.
    findings : function
        `Dataset` to what networks showed of claims: ``{claim: {"held": ..., "verdict": ..., "numbers": ...}}``.
    """

    id: str
    title: str
    claims: tuple[str, ...]
    tolerances: Mapping[str, Mapping[str, float]]
    small: Any
    quick: Any
    full: Any
    compute: Callable[[Any], Dataset]
    draw: Callable[[Dataset], Any]
    caption: Callable[[Dataset], str]
    alt: Callable[[Dataset], str]
    needs: tuple[str, ...] = ()
    findings: Callable[[Dataset], dict[str, dict[str, Any]]] = lambda _: {}

    def __reduce__(self) -> tuple[Callable[[str], Figure], tuple[str]]:
        # To another process it goes by its id.
        return figure, (self.id,)

    def settings(self, full: bool = False) -> Any:
        """The quick or the full settings."""
        return self.full if full else self.quick

    def computed(self, full: bool = False) -> Dataset:
        """The data at quick or full settings; a missing optional package is one line."""
        for package in self.needs:
            if importlib.util.find_spec(package) is None:
                fix = "install it with pip install 'kdtheory[networks]'"
                raise MissingPackage(self.id, expected=f"the package {package!r}", got="none", fix=fix)
        return self.compute(self.settings(full))


def names() -> tuple[str, ...]:
    """Ids of all figures, in alphabetical order."""
    return _located.available("figures")


def figure(name: str) -> Figure:
    """The figure of that id.

    >>> figure("exaggerated-bias").claims
    ('exaggerated-bias',)
    """
    return from_module(_located.load("figures", name))


def from_module(module: ModuleType) -> Figure:
    """The figure that a module defines; raises one line for what the protocol misses."""
    offered = PROTOCOL | {name: kind for name, kind in OPTIONAL.items() if hasattr(module, name)}
    for name, kind in offered.items():
        if not isinstance(getattr(module, name, None), kind):
            fix = "give the module everything that CONTRIBUTING.md lists for a figure"
            got = "nothing" if not hasattr(module, name) else repr(getattr(module, name))
            raise InvalidArgument(module.__name__, expected=f"{name}", got=got, fix=fix)
    identifier = module.__name__.rpartition(".")[2].replace("_", "-")
    if identifier != module.ID:
        fix = "name the file after the id"
        raise InvalidArgument(module.__name__, expected=f"ID = {identifier!r}", got=repr(module.ID), fix=fix)
    return Figure(**{name.lower(): getattr(module, name) for name in offered})


def as_json(settings: Any) -> dict[str, Any]:
    """Settings as JSON values."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(settings).items()}
