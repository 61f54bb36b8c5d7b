"""Slopes of confidence against time, and what clusters of points do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kdtheory.plotting.style import GUIDE, role


def slopes_against_time(
    axes: Any, time: Any, curves: Mapping[str, Any], *, looks: Sequence[str], marks: Mapping[str, tuple[Any, Any]]
) -> Any:
    """Slopes of student on teacher margins against student time, with the line at 1.

    Parameters
    ----------
    axes : matplotlib Axes
    time : array of shape (times,)
    curves : dict of name to array of shape (times,)
    looks : sequence of roles
        One per curve.
    marks : dict of name to (times, slopes)
        Points on or beside the curves, drawn in the look of the curve of that name.
    """
    axes.axhline(1.0, color=GUIDE, linewidth=0.9, zorder=0)
    for (name, values), who in zip(curves.items(), looks, strict=True):
        look = role(who)
        axes.plot(time, values, **look.curve)
        if name in marks:
            axes.plot(*marks[name], **{**look.points, "markerfacecolor": "white", "markersize": 4.5}, zorder=4)
    axes.set_xscale("log")
    return axes


def margins_by_cluster(axes: Any, teacher: Any, students: Mapping[str, Any], *, sizes: Any) -> Any:
    """Student against teacher margins, one point per cluster, its area that of the number of points.

    Parameters
    ----------
    axes : matplotlib Axes
    teacher : dict of role to array of shape (clusters,)
    students : dict of role to array of shape (clusters,)
    sizes : array of shape (clusters,)
    """
    axes.plot([0, 1], [0, 1], color=GUIDE, linewidth=0.9, transform=axes.transData, zorder=0)
    for name, values in students.items():
        look = role(name)
        axes.scatter(
            teacher[name], values, s=6 + 90 * sizes / sizes.max(), color=look.colour, marker=look.marker, alpha=0.75,
            linewidths=0,
        )  # fmt: skip
    return axes
