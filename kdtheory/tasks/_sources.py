"""What the provenance says of a set that came from elsewhere."""

from __future__ import annotations

from kdtheory import data


def came_from(name: str) -> dict[str, str]:
    """The set's name, the package it is from, and the checksum of its first file."""
    found = data.dataset(name)
    return {
        "source": name,
        "package": f"{found.archive.package} {found.archive.version}",
        "sha256": found.files[0].sha256,
    }
