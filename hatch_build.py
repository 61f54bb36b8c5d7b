"""Puts folders for readers and ``references.bib`` into the wheel, where ``kdtheory/_located.py`` finds them.

A hook and not a table in ``pyproject.toml``, because Hatchling copies what such a table names into editable
installations too, where the copies would go stale beside the checkout that is really used.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TRAVELLERS = {
    "figures": "kdtheory/_figures",
    "derivations": "kdtheory/_derivations",
    "studies": "kdtheory/_studies",
    "references.bib": "kdtheory/references.bib",
}


class Travellers(BuildHookInterface[Any]):
    """Adds the travellers to every wheel that is not editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Extend the force-included files of the build (called by Hatchling)."""
        if version != "editable":
            build_data["force_include"].update(TRAVELLERS)
