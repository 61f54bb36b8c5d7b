"""Public classes of a room found by looking into its folder, so that a new file needs no entry in a list."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType
from typing import Any


def find(room: ModuleType, name: str) -> Any:
    """The class called ``name`` that a module of ``room`` defines; AttributeError if there is none.

    Modules whose names begin with an underscore are not looked into.
    """
    if not name.startswith("_"):
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            if not module.name.rpartition(".")[2].startswith("_"):
                found = vars(import_module(module.name)).get(name)
                if isinstance(found, type) and found.__module__ == module.name:
                    return found
    raise AttributeError(f"module {room.__name__!r} has no attribute {name!r}")
