"""What was predicted, and what seeds showed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kdtheory.plotting.style import GUIDE, role

MARKS = {"for": ("student", "o", True), "against": ("teacher", "X", True), "open": ("closed form", "o", False)}
"""Role that lends its colour, marker, and whether it is filled, by what a cell says of a prediction."""


def intervals_by_cell(
    axes: Any, rows: Sequence[Mapping[str, Any]], *, threshold: float, direction: str, names: bool = True
) -> Any:
    """Mean and interval of every cell, top down, beside the threshold; the predicted side is shaded.

    Parameters
    ----------
    axes : matplotlib Axes
    rows : sequence of dict
        ``cell`` (its name), ``mean``, ``low``, ``high`` and ``verdict``: for, against or open.
    threshold : float
    direction : {"above", "below"}
    names : bool
        Whether the cells are named at the left.
    """
    for place, row in enumerate(rows):
        who, marker, filled = MARKS[row["verdict"]]
        ink = role(who).ink
        axes.plot([row["low"], row["high"]], [place, place], color=ink, linewidth=1.3, solid_capstyle="butt")
        face = ink if filled else "white"
        axes.plot(row["mean"], place, marker=marker, color=ink, markerfacecolor=face, markersize=4.5, linestyle="none")
    low, high = axes.get_xlim()
    low, high = min(low, threshold), max(high, threshold)
    margin = 0.06 * (high - low)
    low, high = low - margin, high + margin
    axes.axvline(threshold, color=GUIDE, linewidth=0.9, zorder=0)
    side = (threshold, high) if direction == "above" else (low, threshold)
    axes.axvspan(*side, color="#f3efe4", zorder=-1, linewidth=0)
    axes.set_xlim(low, high)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), [row["cell"] for row in rows] if names else [""] * len(rows), fontsize=7)
    axes.locator_params(axis="x", nbins=5)
    axes.tick_params(axis="x", labelsize=7)
    return axes
