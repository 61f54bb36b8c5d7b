"""Filters: gains against eigenvalues, several at once; and rounds against what bounds their number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kdtheory.plotting.labels import label
from kdtheory.plotting.style import GUIDE, ROLES, SHADE, role

LOOKS = tuple((each.colour, each.ink, each.line) for each in ROLES.values())
"""Colour, colour of words, and line of the series of a plot, in order; then over again with the next line."""


def look(index: int) -> tuple[str, str, Any]:
    """Colour, ink and line of a series: after six the colours repeat with other lines.

    >>> look(0)[0] == look(6)[0], look(0)[2] == look(6)[2]
    (True, False)
    """
    turn, place = divmod(index, len(LOOKS))
    return LOOKS[place][0], LOOKS[place][1], LOOKS[(place + 2 * turn) % len(LOOKS)][2]


def filters_by_eigenvalue(
    axes: Any, eigenvalues: Any, curves: Mapping[str, Any], places: Mapping[str, Any], *, limit: Any = None
) -> Any:
    """Gains of several filters against the eigenvalue, on a logarithmic axis, each with its name beside it.

    Parameters
    ----------
    axes : matplotlib Axes
    eigenvalues : array of shape (points,)
    curves : mapping of names to arrays of shape (points,)
    places : mapping of names to (index, (dx, dy))
        At which point a name is written, and how far from the curve in points; names that are not in it stay away.
    limit : array of shape (points,), optional
        What the curves tend to: drawn as a broad pale line behind them.
    """
    if limit is not None:
        axes.plot(eigenvalues, limit, color=SHADE, linewidth=6.0, solid_capstyle="butt", zorder=0)
    axes.axhline(1.0, color=GUIDE, linewidth=0.7, linestyle=(0, (1, 1.5)), zorder=1)
    for index, (name, values) in enumerate(curves.items()):
        colour, ink, line = look(index)
        axes.plot(eigenvalues, values, color=colour, linestyle=line, linewidth=1.4)
        if name in places:
            at, offset = places[name]
            label(axes, name, (float(eigenvalues[at]), float(values[at])), offset, color=ink, fontsize=7.5)
    axes.set_xscale("log")
    axes.set_xlim(float(eigenvalues[0]), float(eigenvalues[-1]))
    return axes


def rounds_by_ratio(axes: Any, ratios: Any, counts: Mapping[str, Any], bounds: tuple[Any, Any], places: Any) -> Any:
    """Numbers of rounds against the ratio of norms, between the two bounds, on logarithmic axes.

    Parameters
    ----------
    axes : matplotlib Axes
    ratios : array of shape (points,)
    counts : mapping of names to arrays of shape (points,)
    bounds : pair of arrays of shape (points,)
    places : mapping of names to (index, (dx, dy))
    """
    axes.fill_between(ratios, *bounds, color=SHADE, linewidth=0, zorder=0)
    for values in bounds:
        axes.plot(ratios, values, color=role("closed form").colour, linewidth=1.0, zorder=1)
    for index, (name, values) in enumerate(counts.items()):
        colour, ink, line = look(index)
        axes.step(ratios, values, where="mid", color=colour, linestyle=line, linewidth=1.3)
        at, offset = places[name]
        label(axes, name, (float(ratios[at]), float(values[at])), offset, color=ink, fontsize=7.5)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(float(ratios[0]), float(ratios[-1]))
    return axes
