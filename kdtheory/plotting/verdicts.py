"""Which families hold, fail, or stand on the border."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kdtheory.plotting.labels import label
from kdtheory.plotting.style import GUIDE, SHADE, role

_LOOKS: dict[str, dict[str, Any]] = {
    "holds": {"color": role("teacher").colour, "linestyle": "solid", "marker": "o"},
    "fails": {"color": role("student").colour, "linestyle": (0, (4, 1.5)), "marker": "s"},
    "equality": {"color": GUIDE, "linestyle": (0, (1, 1.2)), "marker": "D"},
}
_INKS = {"holds": role("teacher").ink, "fails": role("student").ink, "equality": GUIDE}
_LINED = 15.0  # points: names farther away get a line


def condition_by_gain(axes: Any, gains: Any, curves: Mapping[str, tuple[str, Any]], places: Mapping[str, Any]) -> Any:
    """One curve per family against the gain, its odds logarithmic; NaN where a family has no such gain.

    Parameters
    ----------
    axes : matplotlib Axes
    gains : array of shape (gains,)
    curves : mapping of names to (verdict, array of shape (gains,))
        The verdict, "holds", "fails" or "equality", chooses colour and line.
    places : mapping of names to (index, (dx, dy))
        At which gain a name is written, and how far from the curve in points.
    """
    odds = gains / (1.0 - gains)
    for name, (verdict, values) in curves.items():
        look = _LOOKS[verdict]
        axes.plot(odds, values, color=look["color"], linestyle=look["linestyle"], linewidth=1.4)
        index, offset = places[name]
        look = {"color": _INKS[verdict], "fontsize": 7.5}
        if np.hypot(*offset) > _LINED:
            look["arrowprops"] = {"arrowstyle": "-", "color": look["color"], "linewidth": 0.7, "shrinkA": 1}
        label(axes, name, (float(odds[index]), float(values[index])), offset, **look)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(float(odds[0]), float(odds[-1]))
    return axes


def ratio_ranges(axes: Any, names: Sequence[str], least: Any, most: Any, verdicts: Sequence[str]) -> Any:
    """One row per comparison: the range of a ratio, with a marker at its upper end, on a logarithmic axis.

    Parameters
    ----------
    axes : matplotlib Axes
    names, verdicts : sequences
    least, most : arrays of shape (names,)
    """
    rows = np.arange(len(names))[::-1]
    right = 4.0 * float(np.max(most))
    axes.axvspan(1.0, right, color=SHADE, linewidth=0, zorder=0)
    axes.axvline(1.0, color=GUIDE, linewidth=0.9, zorder=1)
    for row, low, high, verdict in zip(rows, least, most, verdicts, strict=True):
        look = _LOOKS[verdict]
        axes.plot([low, high], [row, row], color=look["color"], linestyle=look["linestyle"], linewidth=1.3)
        axes.plot(high, row, marker=look["marker"], color=look["color"], markersize=4, linestyle="none", clip_on=False)
    axes.set_yticks(rows, names)
    for text, verdict in zip(axes.get_yticklabels(), verdicts, strict=True):
        text.set_color(_INKS[verdict])
    axes.set_xscale("log")
    axes.set_xlim(float(np.min(least)) / 2.0, right)
    axes.set_ylim(-2.0, len(names) - 0.2)
    axes.tick_params(axis="y", length=0, labelsize=7.5)
    return axes
