"""Lines of a limit, and the draws of finite size beside them."""

from __future__ import annotations

from typing import Any

from kdtheory.plotting.style import GUIDE, role


def limit_line(axes: Any, x: Any, y: Any, name: str) -> Any:
    """The limit as a line, in the look of a role.

    Parameters
    ----------
    axes : matplotlib Axes
    x, y : arrays of shape (points,)
    name : str
        "teacher", "student", "control", ...: see `role`.
    """
    axes.plot(x, y, **role(name).curve, zorder=2)
    return axes


def drawn_points(axes: Any, x: Any, means: Any, errors: Any, name: str) -> Any:
    """Means over draws, with bars of two standard errors each way, as hollow markers of a role.

    Parameters
    ----------
    axes : matplotlib Axes
    x, means, errors : arrays of shape (points,)
        Errors are standard errors of the means.
    name : str
    """
    look = role(name)
    axes.errorbar(
        x, means, yerr=2.0 * errors, color=look.colour, marker=look.marker, linestyle="none", markersize=4.0,
        markerfacecolor="white", markeredgewidth=1.0, elinewidth=0.9, capsize=1.5, zorder=3,
    )  # fmt: skip
    return axes


def level(axes: Any, *, x: float | None = None, y: float | None = None) -> Any:
    """A dotted guide across the axes at one value."""
    look = {"color": GUIDE, "linewidth": 0.9, "linestyle": (0, (1, 1.5)), "zorder": 1}
    if x is not None:
        axes.axvline(x, **look)
    if y is not None:
        axes.axhline(y, **look)
    return axes
