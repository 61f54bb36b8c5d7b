"""Where a claim comes from, and where its parts are."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from pathlib import Path

from kdtheory import _located
from kdtheory.claims._claim import Claim


@dataclass(frozen=True)
class Reference:
    """One entry of ``references.bib``.

    Attributes
    ----------
    key, author, title, year, eprint : str
        Fields without braces and accents; empty where the entry has none.
    bibtex : str
        The entry as it stands in the file.
    """

    key: str
    author: str
    title: str
    year: str
    eprint: str
    bibtex: str


def references(source: str) -> tuple[Reference, ...]:
    """The entries of the bibliography whose keys a claim's source names.

    >>> [
    ...     entry.eprint
    ...     for entry in references("nagarajan2023, theorem 4.1; bounds derived here")
    ... ]
    ['2301.12923']
    """
    text = _located.references().read_text(encoding="utf-8")
    found = []
    for entry in re.split(r"\n(?=@)", text):
        key = re.match(r"@\w+\{([^,]+),", entry)
        if key and re.search(rf"\b{re.escape(key[1])}\b", source):
            fields = (_field(entry, name) for name in ("author", "title", "year", "eprint"))
            found.append(Reference(key[1], *fields, bibtex=entry.strip()))
    return tuple(found)


def places(claim: Claim) -> dict[str, Path | None]:
    """The files of a claim's code, derivation and figure; ``None`` where it has none."""
    found: dict[str, Path | None] = {"code": Path(inspect.getfile(claim.check))}
    for part, kind in (("derivation", "derivations"), ("figure", "figures")):
        name = getattr(claim, part)
        there = name in _located.available(kind)
        found[part] = _located.folder(kind) / f"{name.replace('-', '_')}.py" if there else None
    return found


def _field(entry: str, name: str) -> str:
    value = re.search(rf"^\s*{name}\s*=\s*\{{(.+)\}},?$", entry, re.MULTILINE)
    return "" if value is None else re.sub(r"[{}]|\\['\"`^]", "", value[1])
