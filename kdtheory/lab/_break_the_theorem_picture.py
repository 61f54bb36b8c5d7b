"""The picture of the demonstration ``break_the_theorem``: two gains against the eigenvalue, and their slopes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdtheory.lab._break_the_theorem import Contest
from kdtheory.lab._page import INK, SMALL, canvas, framed
from kdtheory.plotting import GUIDE, label, role, title

_NAMES = {"control": "run on labels", "student": "student"}
_LEAST = 1e-4


def draw(contest: Contest, *, revealed: bool) -> Any:
    """Left: gains on logarithmic axes, where slopes are elasticities. Right: the slopes at the leading mode."""
    figure, (gains, slopes) = canvas(3.6, (1.6, 1.0))
    _draw_gains(gains, contest, revealed)
    _draw_slopes(slopes, contest, revealed)
    return figure


def _draw_gains(axes: Any, contest: Contest, revealed: bool) -> None:
    first, second = contest.eigenvalues
    points = {"control": contest.labels, "student": contest.student}
    shown = ("control", "student") if revealed else ("control",)
    values = [np.array(each) for each in points.values()] + list((contest.curves or {}).values())
    everything = np.clip(np.concatenate(values), _LEAST, None)
    axes.set_xscale("log")
    axes.set_yscale("log")
    bottom, top = float(everything.min()) / 1.5, float(everything.max()) * 1.6
    framed(axes, "gains", (float(contest.grid[0]), first * 1.25), (bottom, top))
    for axis, ends in ((axes.xaxis, (contest.grid[0], first)), (axes.yaxis, (bottom, top))):
        ticks = _ticks(*ends)
        axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.axvline(second, color=GUIDE, linewidth=1.2, linestyle=(0, (2, 2)), zorder=0)
    for name in shown:
        look, curve = role(name), None if contest.curves is None else contest.curves[name]
        if curve is not None:
            line = {**look.curve, "linewidth": 2.4}
            axes.plot(contest.grid, np.clip(curve, _LEAST, None), **line, gid=f"{name}-path")
        axes.plot(second, points[name][1], **{**look.points, "markersize": 9}, zorder=4, gid=f"{name}-point")
    axes.plot(first, contest.labels[0], color="black", marker="o", markersize=8, zorder=4)
    label(axes, "match", (first, contest.labels[0]), (-6, 10), color=INK, fontsize=SMALL)
    _name(axes, contest, shown)
    axes.set_xlabel("eigenvalue (dotted: that of the lower mode)")
    axes.set_ylabel("gain")
    title(axes, "Gain against eigenvalue, both logarithmic")


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between two: powers of ten, and 2 and 5 times those if there are few."""
    powers = [float(f"1e{e}") for e in range(-6, 7)]
    within = [[f * p for p in powers for f in factors if low <= f * p <= high] for factors in ((1.0,), (1.0, 2.0, 5.0))]
    return within[0] if len(within[0]) > 2 else within[1]


def _name(axes: Any, contest: Contest, shown: tuple[str, ...]) -> None:
    """Names beside the points on the lower mode: the higher one above, the lower one below."""
    heights = {"control": contest.labels[1], "student": contest.student[1]}
    for name in shown:
        higher = name == max(shown, key=lambda other: (heights[other], other))
        look = {"color": role(name).ink, "fontsize": SMALL, "fontweight": "bold"}
        label(axes, _NAMES[name], (contest.eigenvalues[1], heights[name]), (-9, 9) if higher else (9, -11), **look)


def _draw_slopes(axes: Any, contest: Contest, revealed: bool) -> None:
    title(axes, "Slopes at the match")
    axes.set_xticks([0, 1], ["teacher\n+ student", "run on\nlabels"])
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("slope (elasticity)")
    axes.axhline(0.0, color=INK, linewidth=1.0)
    slopes = contest.slopes
    if slopes is None or not revealed:
        text = "not defined here" if slopes is None else "after your\nprediction"
        axes.set_yticks([])
        axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=SMALL, transform=axes.transAxes)
        framed(axes, "slopes", (-0.6, 1.6), (0.0, 1.0))
        return
    total = slopes["teacher"] + slopes["student"]
    for name, x, start in (("teacher", 0, 0.0), ("student", 0, slopes["teacher"]), ("control", 1, 0.0)):
        hatch = "///" if name == "student" else None
        look = {"color": role(name).colour, "edgecolor": "white", "hatch": hatch, "linewidth": 0.6}
        (bar,) = axes.bar([x], [slopes[name]], 0.7, bottom=start, **look)
        bar.set_gid(f"{name}-slope")
    for x, height in ((0, total), (1, slopes["control"])):
        axes.plot([x - 0.4, x + 0.4], [height, height], color="black", linewidth=2.2)
        label(axes, f"{height:.2f}", (x, height), (0, 4), fontsize=SMALL, fontweight="bold")
    low, high = min(0.0, total, slopes["teacher"]), max(0.0, total, slopes["control"], 0.1)
    room = 0.12 * (high - low)
    framed(axes, "slopes", (-0.6, 1.6), (low - (room if low < 0 else 0), high + room))
