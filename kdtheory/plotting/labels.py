"""Direct labels: words beside what they name, in its colour, instead of legends."""

from __future__ import annotations

from typing import Any


def label(axes: Any, text: str, at: tuple[float, float], offset: tuple[float, float] = (6, 0), **look: Any) -> Any:
    """Write ``text`` at a point in data units, moved by ``offset`` points; ``look`` goes to matplotlib's text.

    The side of the text that faces the point is the one the offset leads away from.
    """
    horizontal = "left" if offset[0] > 0 else "right" if offset[0] < 0 else "center"
    vertical = "center" if offset[0] else ("bottom" if offset[1] > 0 else "top")
    style = {"ha": horizontal, "va": vertical, "fontsize": 8, **look}
    return axes.annotate(text, at, xytext=offset, textcoords="offset points", annotation_clip=False, **style)


def pointer(axes: Any, text: str, at: tuple[float, float], text_at: tuple[float, float], **look: Any) -> Any:
    """Write ``text`` at ``text_at`` (data units) with a thin line to the point ``at``."""
    colour = look.pop("color", "black")
    line = {"arrowstyle": "-", "color": colour, "linewidth": 0.7, "shrinkA": 2, "shrinkB": 3}
    style = {"ha": "center", "va": "center", "fontsize": 8, **look}
    return axes.annotate(text, at, xytext=text_at, textcoords="data", arrowprops=line, color=colour, **style)
