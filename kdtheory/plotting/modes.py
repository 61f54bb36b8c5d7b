"""Something per mode, against the mode's eigenvalue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kdtheory.plotting.labels import label
from kdtheory.plotting.style import GUIDE, SHADE, role


def lag_by_mode(axes: Any, ratios: Any, lags: Sequence[tuple[str, Any]], *, lower: Any, upper: float = 1.0) -> Any:
    """Lag of every mode against its eigenvalue ratio, between the two bounds of claim C1.

    Parameters
    ----------
    axes : matplotlib Axes
    ratios : array of shape (modes,)
        Eigenvalue over that of the leading mode, descending.
    lags : sequence of (label, array of shape (modes,))
        One curve of points per teacher; the label is written left of the smallest ratio.
    lower : array of shape (modes,)
        The lower bound.
    upper : float
        The upper bound.
    """
    student = role("student")
    axes.fill_between(ratios, lower, upper, color=SHADE, linewidth=0, zorder=0)
    axes.plot(ratios, lower, color=GUIDE, linewidth=0.9, linestyle=(0, (1, 1.5)))
    axes.axhline(upper, color=GUIDE, linewidth=0.9)
    for (text, values), marker in zip(lags, "osDv^", strict=False):
        axes.plot(ratios, values, **{**student.points, "marker": marker, "markersize": 2.6}, markeredgewidth=0)
        label(axes, text, (float(ratios[-1]), float(values[-1])), (-5, 0), color=student.ink)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(float(ratios[-1]) * 0.28, 1.15)
    return axes


def gain_by_mode(
    axes: Any, eigenvalues: Any, closed: tuple[Any, Any], simulated: Any, networks: Any, *, actor: str
) -> Any:
    """Effective gain of every mode in the three worlds: a line, crosses and markers with intervals.

    Parameters
    ----------
    axes : matplotlib Axes
    eigenvalues, simulated : arrays of shape (modes,)
    closed : pair of arrays
        Eigenvalues, as densely as a curve wants them, and the gains of the closed form there.
    networks : array of shape (seeds, modes)
        Drawn as the mean over seeds with the range between the smallest and the largest.
    actor : {"teacher", "student"}
    """
    look = role(actor)
    middle, low, high = networks.mean(axis=0), networks.min(axis=0), networks.max(axis=0)
    axes.plot(*closed, color=look.colour, linestyle=look.line, linewidth=1.2, zorder=2)
    axes.errorbar(
        eigenvalues, middle, yerr=(middle - low, high - middle), fmt=look.marker, markersize=3.6, linewidth=0.8,
        color=look.colour, markerfacecolor="white", markeredgewidth=0.9, zorder=3,
    )  # fmt: skip
    axes.plot(eigenvalues, simulated, **{**role("simulation").points, "color": "black"}, markeredgewidth=0.8, zorder=4)
    axes.set_xscale("log")
    return axes


def gain_curves(
    axes: Any, progress: Any, curves: Sequence[tuple[str, str, Any]], points: Sequence[tuple[Any, Any]]
) -> Any:
    """Gains against the eigenvalue: formulas as lines, and modes of a solved recipe as dots on them.

    Parameters
    ----------
    axes : matplotlib Axes
    progress : array of shape (progress,)
        Eigenvalue in units of the panel, ascending.
    curves : sequence of (role, label, array of shape (progress,))
        The label stands in the legend; lines of one role are told apart by their width.
    points : sequence of (progress, gain) arrays of one shape
        One pair per curve.
    """
    seen: dict[str, int] = {}
    for (actor, words, gain), (at, measured) in zip(curves, points, strict=True):
        look, number = role(actor), seen.get(actor, 0)
        axes.plot(progress, gain, **{**look.curve, "linewidth": 1.0 + 0.8 * number}, label=words)
        axes.plot(at, measured, **{**look.points, "markersize": 2.6 + 0.6 * number}, zorder=3)
        seen[actor] = number + 1
    axes.set_xscale("log")
    axes.set_ylim(-0.03, 1.05)
    axes.set_yticks([0.0, 0.5, 1.0])
    return axes
