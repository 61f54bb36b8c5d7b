"""The coefficient plane: two modes against each other, along training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kdtheory.plotting.style import GUIDE, SHADE, role


def coefficient_plane(
    axes: Any,
    *,
    onehot: tuple[Any, Any],
    student: tuple[Any, Any],
    bound: tuple[Any, Any],
    teacher: tuple[float, float],
    matched: Mapping[str, float],
) -> Any:
    """Trajectories of a one-hot run and of a distilled student, with the wedge that claim C1 leaves for the student.

    Parameters
    ----------
    axes : matplotlib Axes
    onehot, student, bound : pairs of arrays
        Share of its target that the leading mode, and the lower mode, has reached: along the one-hot run, along the
        student's training, and on the lower bound of the wedge (at the leading coordinates of ``onehot``).
    teacher : pair of floats
        Where the teacher stopped, and the student therefore ends.
    matched : dict
        One moment of equal progress: ``leading``, and the lower coefficients ``onehot`` and ``student`` there.
    """
    control, taught, teaching = role("control"), role("student"), role("teacher")
    axes.fill_between(onehot[0], bound[1], onehot[1], color=SHADE, linewidth=0, zorder=0)
    axes.plot(*bound, color=GUIDE, linewidth=0.9, linestyle=(0, (1, 1.5)))
    axes.plot(*onehot, **control.curve)
    axes.plot(*student, **taught.curve)
    axes.plot(*teacher, **{**teaching.points, "markersize": 7}, zorder=4)
    x = matched["leading"]
    axes.plot([x, x], [0, matched["onehot"]], color=GUIDE, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
    axes.plot(x, matched["onehot"], **control.points, zorder=4)
    axes.plot(x, matched["student"], **taught.points, zorder=4)
    axes.set_xlim(0, 1.0)
    axes.set_ylim(0, None)
    return axes
