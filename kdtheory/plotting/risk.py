"""Risk over penalty and mixing, the sign rule as a plane, and gains and risks round by round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kdtheory.plotting.heat_map import COLOURS
from kdtheory.plotting.style import GUIDE, SHADE, role

MARKERS = "osD^vP"


def risk_surface(axes: Any, x: Any, y: Any, values: Any, *, levels: Sequence[float], best_y: Any) -> Any:
    """Level lines of a risk over two knobs, with the best value of the second for each of the first.

    Parameters
    ----------
    axes : matplotlib Axes
    x : array of shape (columns,)
        On a logarithmic axis.
    y : array of shape (rows,)
    values : array of shape (rows, columns)
        Positive; dark is low.
    levels : sequence of float
        Rising; lines carry their numbers.
    best_y : array of shape (columns,)
    """
    axes.set_xscale("log")
    axes.contourf(x, y, values, levels=list(levels), cmap=COLOURS, norm="log", extend="both")
    lines = axes.contour(x, y, values, levels=list(levels), colors="white", linewidths=0.5)
    axes.clabel(lines, fmt="%g", fontsize=6.5)
    axes.axhline(0.0, color="white", linewidth=0.9)
    axes.plot(x, best_y, color="white", linestyle=(0, (4, 1.5)), linewidth=1.4)
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(y[0], y[-1])
    return axes


def sign_plane(axes: Any, curves: Mapping[str, tuple[Any, Any]], limits: tuple[float, float]) -> Any:
    """Best weight of a teacher against the risk's slope; where both have one sign, the sign rule fails: shaded.

    Parameters
    ----------
    axes : matplotlib Axes
    curves : dict of role to (slopes, weights)
    limits : pair of floats
        Half of the range of slopes, and of weights, shown.
    """
    wide, high = limits
    axes.fill_between([0, wide], 0, high, color=SHADE, linewidth=0, zorder=0)
    axes.fill_between([-wide, 0], -high, 0, color=SHADE, linewidth=0, zorder=0)
    axes.axhline(0.0, color=GUIDE, linewidth=0.8)
    axes.axvline(0.0, color=GUIDE, linewidth=0.8)
    for name, (slopes, weights) in curves.items():
        axes.plot(slopes, weights, **role(name).curve, zorder=2)
    axes.set_xlim(-wide, wide)
    axes.set_ylim(-high, high)
    return axes


def gains_by_rounds(axes: Any, eigenvalues: Any, gains: Sequence[Any], best: Any) -> Any:
    """Gains against eigenvalues, one line for each number of rounds, and the best gains as open circles.

    Parameters
    ----------
    axes : matplotlib Axes
    eigenvalues : array of shape (modes,)
    gains : sequence of arrays of shape (modes,)
    best : array of shape (modes,)
    """
    names = ("teacher", "control", "student", "closed form", "simulation", "networks")
    for values, name, marker in zip(gains, names, MARKERS, strict=False):
        look = role(name)
        axes.plot(
            eigenvalues, values, color=look.colour, linestyle=look.line, linewidth=1.1, marker=marker, markersize=3.2
        )
    axes.plot(
        eigenvalues, best, linestyle="none", marker="o", markersize=8, markerfacecolor="none", markeredgecolor="black"
    )
    return axes


def risk_by_rounds(axes: Any, rounds: Any, risks: Mapping[str, Any]) -> Any:
    """Risk over the least one against the number of rounds, one line per name; NaN where weights were refused.

    Parameters
    ----------
    axes : matplotlib Axes
    rounds : array of shape (rounds,)
    risks : dict of name to array of shape (rounds,)
    """
    for values, marker in zip(risks.values(), MARKERS, strict=False):
        axes.plot(rounds, values, color=role("student").colour, linewidth=1.1, marker=marker, markersize=3.6)
    axes.axhline(1.0, color=GUIDE, linewidth=0.9, linestyle=(0, (1, 1.5)))
    axes.set_yscale("log", base=2)
    axes.yaxis.set_major_formatter("{x:g}")
    return axes
