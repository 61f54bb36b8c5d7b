"""A fraction over two quantities, as a map with labelled level lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

COLOURS = "cividis"
"""Made for readers with any colour vision; its lightness grows evenly."""


def heat_map(axes: Any, x: Any, y: Any, values: Any, *, levels: Sequence[float]) -> Any:
    """A map of ``values`` between 0 and 1 with level lines that carry their numbers; no colour bar is needed.

    Parameters
    ----------
    axes : matplotlib Axes
    x : array of shape (columns,)
        On a logarithmic axis.
    y : array of shape (rows,)
    values : array of shape (rows, columns)
    levels : sequence of float
        Where level lines are drawn.
    """
    axes.set_xscale("log")  # first: it decides where the numbers of the lines stand
    axes.pcolormesh(x, y, values, cmap=COLOURS, vmin=0.0, vmax=1.0, shading="gouraud", rasterized=True)
    ink = ["white" if level < 0.6 else "black" for level in levels]
    lines = axes.contour(x, y, values, levels=list(levels), colors=ink, linewidths=0.8)
    axes.clabel(lines, fmt="%g", fontsize=7.5)
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(y[0], y[-1])
    return axes
