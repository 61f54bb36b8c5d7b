"""Confidences against confidences, and slopes with their seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kdtheory.plotting.style import GUIDE, role


def confidence_scatter(axes: Any, teacher: Any, others: Mapping[str, Any], lines: Mapping[str, tuple[Any, Any]]) -> Any:
    """Confidence of a student and of its control minus the teacher's, against the teacher's: one point per input.

    Parameters
    ----------
    axes : matplotlib Axes
    teacher : array of shape (points,)
    others : dict of role to array of shape (points,)
        For example ``{"control": ..., "student": ...}``; drawn in this order.
    lines : dict of role to pair of arrays
        Ends of the fitted line of each, as teacher's and as own confidence.
    """
    axes.axhline(0.0, color=GUIDE, linewidth=0.9, zorder=3)
    for name, values in others.items():
        look = role(name)
        dots = {**look.points, "markersize": 2.2, "alpha": 0.4, "markeredgewidth": 0}
        axes.plot(teacher, values - teacher, **dots, rasterized=True, zorder=1)
    for name, (x, y) in lines.items():
        axes.plot(x, y - x, color="white", linewidth=4.0, zorder=4)
        axes.plot(x, y - x, **{**role(name).curve, "linewidth": 1.8}, zorder=4)
    return axes


def slopes_by_seed(
    axes: Any, groups: Sequence[str], slopes: Mapping[str, Any], intervals: Mapping[str, Any], *, unit: float = 1.0
) -> Any:
    """Slopes of every seed with their mean and interval, side by side in groups.

    Parameters
    ----------
    axes : matplotlib Axes
    groups : sequence of str
        What the groups are called on the x axis.
    slopes : dict of role to array of shape (groups, seeds)
    intervals : dict of role to array of shape (groups, 3)
        Mean, low and high.
    unit : float
        Height of the reference line.
    """
    axes.axhline(unit, color=GUIDE, linewidth=0.9, zorder=0)
    places = np.arange(len(groups), dtype=float)
    for shift, (name, values) in zip((-0.14, 0.14), slopes.items(), strict=False):
        look = role(name)
        for group, seeds in enumerate(values):
            spread = np.linspace(-0.05, 0.05, len(seeds))
            dots = {**look.points, "markersize": 2.6, "alpha": 0.6, "markeredgewidth": 0}
            axes.plot(places[group] + shift + spread, seeds, **dots)
        middle, low, high = np.asarray(intervals[name]).T
        axes.errorbar(
            places + shift + 0.1, middle, yerr=(middle - low, high - middle), fmt=look.marker, color=look.colour,
            markersize=4.5, markerfacecolor="white", capsize=2.5, linewidth=1.2,
        )  # fmt: skip
    axes.set_xticks(places, groups)
    axes.set_xlim(-0.5, len(groups) - 0.5)
    return axes
