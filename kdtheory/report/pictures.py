"""Pictures as bytes: PNG, PDF and SVG without dates, the same for the same data."""

from __future__ import annotations

import io
from typing import Any

from kdtheory.plotting import house_style

KINDS = ("png", "pdf", "svg")

_NO_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
    "svg": {"Creator": None, "Date": None, "Format": None, "Type": None},
}


def picture(figure: Any, kind: str) -> bytes:
    """One matplotlib figure as a file of the given kind.

    Fonts are embedded, and nothing is written that depends on when, where or in which process it was made.
    """
    buffer = io.BytesIO()
    with house_style():
        figure.savefig(buffer, format=kind, metadata=_NO_METADATA[kind])
    return buffer.getvalue()
