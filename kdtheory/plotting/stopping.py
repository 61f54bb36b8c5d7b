"""What distillation changes, against how long the teacher was trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kdtheory.plotting.style import SHADE, role


def deviation_against_time(
    axes: Any, times: Any, onehot: Sequence[Any], teacher: Sequence[Any], *, rounding: float, floor: float
) -> Any:
    """Deviations on train and test points, of one student from the one-hot run and of another from its teacher.

    Parameters
    ----------
    axes : matplotlib Axes
    times : array of shape (times,)
        Of the teacher.
    onehot, teacher : pairs of arrays of shape (times,)
        Deviations on train points (full markers) and on test points (open markers).
    rounding : float
        What float64 cannot tell from zero, shaded.
    floor : float
        Where exact zeros are drawn.
    """
    axes.axhspan(floor / 3, rounding, color=SHADE, linewidth=0, zorder=0)
    for pair, name in ((onehot, "student"), (teacher, "teacher")):
        look = role(name)
        for values, open_ in zip(pair, (False, True), strict=True):
            shown = [max(value, floor) for value in values]
            points = {**look.points, "markersize": 3.6, "markerfacecolor": "white" if open_ else look.colour}
            axes.plot(times, shown, **{**points, "linestyle": look.line}, linewidth=1.0, markevery=4, zorder=3)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(floor / 3, None)
    return axes
