"""LaTeX statements as HTML with MathML, which browsers show without scripts and fonts from elsewhere."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_PARTS = re.compile(r"\\\[(?P<display>.+?)\\\]|\$(?P<inline>[^$]+)\$", re.DOTALL)


def mathematics(text: str) -> Markup:
    r"""Text with ``$inline$`` and ``\[display\]`` formulas as HTML; everything else is escaped.

    >>> str(mathematics("a < b"))
    'a &lt; b'
    """
    pieces, position = [], 0
    for found in _PARTS.finditer(text):
        pieces.append(escape(text[position : found.start()]))
        latex, display = found["inline"] or found["display"], found["display"] is not None
        pieces.append(formula(latex, display=display))
        position = found.end()
    pieces.append(escape(text[position:]))
    return Markup("").join(pieces)


def formula(latex: str, *, display: bool = False) -> Markup:
    """One formula as MathML; one that cannot be converted is shown as its LaTeX source."""
    from latex2mathml.converter import convert
    from latex2mathml.exceptions import __dict__ as exceptions

    refused = tuple(kind for kind in exceptions.values() if isinstance(kind, type) and issubclass(kind, Exception))
    try:
        mathml = convert(" ".join(latex.split()), display="block" if display else "inline")
    except (*refused, ValueError, KeyError, IndexError):
        return Markup("<code>{}</code>").format(latex)
    return Markup(mathml)  # noqa: S704  # made by latex2mathml, which escapes what it takes over
