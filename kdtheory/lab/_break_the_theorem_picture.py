"""The picture of the demonstration ``break_the_theorem``: two gains against the eigenvalue, and their slopes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdtheory.lab._break_the_theorem import Contest
from kdtheory.lab._page import INK, SMALL, Drawing, Frame, Ticks, stepped
from kdtheory.plotting import GUIDE, label, role

_NAMES = {"control": "run on labels", "student": "student"}
_LEAST = 1e-4


def draw(contest: Contest, *, revealed: bool) -> Drawing:
    """Left: gains on logarithmic axes, where slopes are elasticities. Right: the slopes at the leading mode."""
    slopes = contest.slopes if revealed else None
    marks = lambda axes: _draw_gains(axes, contest, revealed), lambda axes: _draw_slopes(axes, contest, slopes)
    return Drawing(3.6, (1.6, 1.0), (_gains_frame(contest), _slopes_frame(slopes)), marks)


def _gains_frame(contest: Contest) -> Frame:
    first, gains = contest.eigenvalues[0], [contest.student, contest.labels, *(contest.curves or {}).values()]
    everything = np.clip(np.concatenate(gains), _LEAST, None)
    x = float(contest.grid[0]), first * 1.25
    y = _round(float(everything.min()) / 1.3, -1), _round(float(everything.max()) * 1.4, 1)
    return Frame(
        "gains",
        "Gain against eigenvalue, log axes",
        ("eigenvalue (dotted: that of the lower mode)", "gain"),
        x=x,
        y=y,
        ticks=(_ticks(x[0], first), _ticks(*y)),
        scale="log",
    )


def _round(value: float, side: int) -> float:
    """A round number below (-1) or above (1): frames stay while a slider moves a little."""
    numbers = _numbers((1.0, 1.5, 2.0, 3.0, 5.0, 7.0))
    return max(n for n in numbers if n <= value) if side < 0 else min(n for n in numbers if n >= value)


def _numbers(factors: tuple[float, ...]) -> list[float]:
    return [float(f"{factor:g}e{exponent}") for exponent in range(-6, 7) for factor in factors]


def _ticks(low: float, high: float) -> Ticks:
    """Round numbers between two: powers of ten, and 2 and 5 times those if there are few."""
    few, many = ([each for each in _numbers(factors) if low <= each <= high] for factors in ((1.0,), (1.0, 2.0, 5.0)))
    return tuple((each, f"{each:g}") for each in (few if len(few) > 2 else many))


def _draw_gains(axes: Any, contest: Contest, revealed: bool) -> None:
    first, second = contest.eigenvalues
    points = {"control": contest.labels, "student": contest.student}
    shown = ("control", "student") if revealed else ("control",)
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


def _name(axes: Any, contest: Contest, shown: tuple[str, ...]) -> None:
    """Names beside the points on the lower mode: the higher one above, the lower one below."""
    heights = {"control": contest.labels[1], "student": contest.student[1]}
    for name in shown:
        higher = name == max(shown, key=lambda other: (heights[other], other))
        look = {"color": role(name).ink, "fontsize": SMALL, "fontweight": "bold"}
        label(axes, _NAMES[name], (contest.eigenvalues[1], heights[name]), (-9, 9) if higher else (9, -11), **look)


def _slopes_frame(slopes: dict[str, float] | None) -> Frame:
    names = ((0.0, "teacher\n+ student"), (1.0, "run on\nlabels"))
    labels, x = ("", "slope (elasticity)"), (-0.6, 1.6)
    if slopes is None:
        return Frame("slopes", "Slopes at the match", labels, x=x, y=(0.0, 1.0), ticks=(names, ()))
    total = slopes["teacher"] + slopes["student"]
    low, high = min(0.0, total, slopes["teacher"]), max(0.0, total, slopes["control"], 0.1)
    room = 0.12 * (high - low)
    y = -stepped(room - low, 0.2) if low < 0 else 0.0, stepped(high + room, 0.2)
    return Frame("slopes", "Slopes at the match", labels, x=x, y=y, ticks=(names, None))


def _draw_slopes(axes: Any, contest: Contest, slopes: dict[str, float] | None) -> None:
    axes.axhline(0.0, color=INK, linewidth=1.0)
    if slopes is None:
        text = "not defined here" if contest.slopes is None else "after your\nprediction"
        axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=SMALL, transform=axes.transAxes)
        return
    for name, x, start in (("teacher", 0, 0.0), ("student", 0, slopes["teacher"]), ("control", 1, 0.0)):
        hatch = "///" if name == "student" else None
        look = {"color": role(name).colour, "edgecolor": "white", "hatch": hatch, "linewidth": 0.6}
        (bar,) = axes.bar([x], [slopes[name]], 0.7, bottom=start, **look)
        bar.set_gid(f"{name}-slope")
    for x, height in ((0, slopes["teacher"] + slopes["student"]), (1, slopes["control"])):
        axes.plot([x - 0.4, x + 0.4], [height, height], color="black", linewidth=2.2)
        label(axes, f"{height:.2f}", (x, height), (0, 4), fontsize=SMALL, fontweight="bold")
