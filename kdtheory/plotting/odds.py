"""Gains on logit axes, where multiplying odds is a shift, and the distances of rounds from their limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kdtheory.plotting.style import GUIDE, role

MARKERS = "os^Dv"
_TICKS = {0.001: ".001", 0.01: ".01", 0.1: ".1", 0.5: ".5", 0.9: ".9", 0.99: ".99", 0.999: ".999"}


def odds_plane(
    axes: Any,
    *,
    gains: Any,
    shifted: Any,
    bent: Any,
    points: Mapping[str, tuple[Any, Any]],
    limits: tuple[float, float],
) -> Any:
    """Gain of a limit against gain of one training, both on logit axes.

    Parameters
    ----------
    axes : matplotlib Axes
    gains : array of shape (points,)
        Gain of one training along the curves.
    shifted : array of shape (label weights, points)
        Gain of the limit: parallel lines.
    bent : array of shape (rounds, points)
        Gain after rounds without labels: curves.
    points : dict of name to (gains, limits)
        Modes of trainings, all label weights in one array of each.
    limits : pair of floats
        Smallest and largest gain shown.
    """
    student, line = role("student"), role("closed form")
    axes.plot(limits, limits, color=GUIDE, linewidth=0.9, linestyle=(0, (1, 1.5)))
    for values in bent:
        axes.plot(gains, values, **{**student.curve, "linewidth": 1.2})
    for values in shifted:
        axes.plot(gains, values, color=line.colour, linewidth=1.0, zorder=2)
    look = {"linestyle": "none", "markersize": 3.4, "markeredgewidth": 0.8, "markerfacecolor": "white", "zorder": 3}
    for (name, (x, y)), marker in zip(points.items(), MARKERS, strict=False):
        axes.plot(x, y, label=name, color=role("teacher").colour, marker=marker, **look)
    axes.set_xscale("logit")
    axes.set_yscale("logit")
    for axis in (axes.xaxis, axes.yaxis):
        ticks = [tick for tick in _TICKS if limits[0] <= tick <= limits[1]]
        axis.set_ticks(ticks, [_TICKS[tick] for tick in ticks])
        axis.set_ticks([], minor=True)
    axes.set_xlim(limits)
    axes.set_ylim(limits)
    return axes


def distances_by_round(axes: Any, rounds: Any, distances: Sequence[Any], lines: Sequence[Any]) -> Any:
    """Distances from a limit, one set of points and one line each, on a logarithmic axis.

    Parameters
    ----------
    axes : matplotlib Axes
    rounds : array of shape (rounds,)
    distances, lines : sequences of arrays of shape (rounds,)
        As measured, and as the formula says.
    """
    for values, line, marker in zip(distances, lines, MARKERS, strict=False):
        axes.plot(rounds, line, color=role("closed form").colour, linewidth=1.0, zorder=2)
        axes.plot(rounds, values, **{**role("student").points, "marker": marker, "markersize": 3.6}, zorder=3)
    axes.set_yscale("log")
    return axes


def flow_time_of_limit(axes: Any, lines: tuple[Any, Any], points: tuple[Any, Any]) -> Any:
    """Time of the gradient flow that a limit equals in each mode, over the time of one round.

    Parameters
    ----------
    axes : matplotlib Axes
    lines, points : pairs of arrays
        Eigenvalue times time, shape (points,), and ratios of times, shape (label weights, points): by the formula, and
        as found in the modes.
    """
    axes.axhline(1.0, color=GUIDE, linewidth=0.9, linestyle=(0, (1, 1.5)))
    for line, found, marker in zip(lines[1], points[1], MARKERS, strict=False):
        axes.plot(lines[0], line, color=role("closed form").colour, linewidth=1.0, zorder=2)
        axes.plot(points[0], found, **{**role("student").points, "marker": marker, "markersize": 3.6}, zorder=3)
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = (0.1, 0.2, 0.5, 1.0, 2.0)
    axes.yaxis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.yaxis.set_ticks([], minor=True)
    return axes
