"""Several series over one axis, each with its name beside it, and measured points on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kdtheory.plotting.filters import look
from kdtheory.plotting.labels import label

MARKERS = "os^Dv*"


def named_series(
    axes: Any, x: Any, curves: Mapping[str, Any], places: Mapping[str, Any], *, first: int = 0, size: float = 7.5
) -> Any:
    """Lines against x, each in a look of its own, with the names that have a place beside them.

    Parameters
    ----------
    axes : matplotlib Axes
    x : array of shape (points,)
    curves : mapping of names to arrays of shape (points,)
    places : mapping of names to (index, (dx, dy))
        At which point a name is written, and how far from the curve in points.
    first : int
        Look of the first line, as in `look`.
    size : float
        Of the words, in points.
    """
    for index, (name, values) in enumerate(curves.items(), start=first):
        colour, ink, line = look(index)
        axes.plot(x, values, color=colour, linestyle=line, linewidth=1.4, zorder=2)
        if name in places:
            at, offset = places[name]
            label(axes, name, (float(x[at]), float(values[at])), offset, color=ink, fontsize=size)
    return axes


def points_of_series(axes: Any, x: Any, values: Any, *, errors: Any = None, first: int = 0) -> Any:
    """Measured points of several series: hollow markers in the colours of `named_series`.

    Parameters
    ----------
    axes : matplotlib Axes
    x : array of shape (points,)
    values : array of shape (series, points)
    errors : array of that shape, optional
        Standard errors; bars show two of them each way.
    first : int
    """
    for index, row in enumerate(np.asarray(values), start=first):
        colour = look(index)[0]
        bars = None if errors is None else 2.0 * np.asarray(errors)[index - first]
        axes.errorbar(
            x, row, yerr=bars, color=colour, marker=MARKERS[index % len(MARKERS)], linestyle="none", markersize=3.8,
            markerfacecolor="white", markeredgewidth=0.9, elinewidth=0.8, zorder=3,
        )  # fmt: skip
    return axes
