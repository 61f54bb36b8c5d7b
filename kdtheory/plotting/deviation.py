"""A deviation that falls with the size of something, on logarithmic axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdtheory.plotting.style import role


def deviation_against_size(
    axes: Any, sizes: Any, deviations: Any, *, actor: str, line: tuple[Any, Any], shift: float = 1.0
) -> Any:
    """Deviations of single runs, their geometric mean, and a fitted power law.

    Parameters
    ----------
    axes : matplotlib Axes
    sizes : array of shape (sizes,)
        For example widths.
    deviations : array of shape (seeds, sizes)
    actor : {"teacher", "student"}
    line : pair of arrays
        Sizes and values of the fitted law, over the range it was fitted on.
    shift : float
        Factor by which points are moved along the x axis, so that two actors do not hide each other.
    """
    look = role(actor)
    moved = np.asarray(sizes) * shift
    for row in deviations:
        axes.plot(moved, row, **{**look.points, "markersize": 2.4, "alpha": 0.45}, markeredgewidth=0, zorder=2)
    middle = np.exp(np.mean(np.log(deviations), axis=0))
    axes.plot(moved, middle, **look.points, markerfacecolor="white", zorder=3)
    axes.plot(*line, **{**look.curve, "linewidth": 1.1}, zorder=1)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    return axes
