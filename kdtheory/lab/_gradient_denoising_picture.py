"""The pictures of the demonstration ``gradient_denoising``: clouds of gradients, their errors, and the floor of SGD."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdtheory.lab._gradient_denoising import PLANE, TIMES, Choice, Floor, View
from kdtheory.lab._page import INK, SMALL, Drawing, Frame, stepped
from kdtheory.plotting import GUIDE, label, role
from kdtheory.plotting.style import SHADE

_BOLD = {"fontsize": SMALL, "fontweight": "bold"}
_MIXING = "mixing: weight of the teacher"
_ERRORS = Frame(
    "errors",
    "Error against the teacher's time",
    ("teacher's time", "squared error / that with labels"),
    x=(float(TIMES[0]), float(TIMES[-1])),
    y=(0.01, 20.0),
    ticks=(((0.1, "0.1"), (1, "1"), (10, "10"), (100, "100")), ((0.01, "0.01"), (0.1, "0.1"), (1, "1"), (10, "10"))),
    scale="log",
    labelpad=0.0,
)
_FLOOR = Frame(
    "floor", "Noise that never settles", (_MIXING, "noise of SGD / with labels"), x=(-0.04, 1.04), y=(-0.05, 1.1)
)


def draw(view: View, choice: Choice, *, revealed: bool) -> Drawing:
    """Left: gradients of minibatches in the plane of two modes. Right: their error against the teacher's time."""
    marks = lambda axes: _draw_plane(axes, view, revealed), lambda axes: _draw_errors(axes, view, choice, revealed)
    return Drawing(4.1, (1.0, 1.12), (_plane_frame(view), _ERRORS), marks)


def _plane_frame(view: View) -> Frame:
    """It follows labels only, so that it stays while the teacher's time moves."""
    cloud = view.clouds["control"]
    middle, reach = cloud.mean(axis=0), 1.08 * np.abs(cloud - cloud.mean(axis=0)).max()
    inside = np.vstack([view.means["teacher"], middle - reach, middle + reach])
    low, high = inside.min(axis=0), inside.max(axis=0)
    low, high = low - 0.05 * (high - low), high + 0.05 * (high - low)
    return Frame(
        "plane",
        "Gradients of minibatches",
        (f"gradient along mode {PLANE[0] + 1}", f"gradient along mode {PLANE[1] + 1}"),
        x=(float(low[0]), float(high[0])),
        y=(float(low[1]), float(high[1] + 0.2 * (high[1] - low[1]))),
        labelpad=0.0,
    )


def _draw_plane(axes: Any, view: View, revealed: bool) -> None:
    shown = {"control": "with labels", "teacher": "with the teacher"} if revealed else {"control": "with labels"}
    for name in shown:
        dots = {**role(name).points, "markersize": 4.2, "alpha": 0.55, "markeredgewidth": 0}
        axes.plot(*view.clouds[name].T, **dots, gid=f"{name}-cloud")
    for name in shown:
        mean = {**role(name).points, "markersize": 11, "markeredgecolor": "white", "markeredgewidth": 1.5}
        axes.plot(*view.means[name], **mean, zorder=5, gid=f"{name}-mean")
    axes.plot(*view.wanted, color="black", marker="x", markersize=10, markeredgewidth=2.6, zorder=6, gid="wanted")
    for line, (name, text) in enumerate(shown.items()):
        axes.text(0.015, 0.995 - 0.075 * line, text, color=role(name).ink, va="top",
                  transform=axes.transAxes, **_BOLD)  # fmt: skip
    axes.text(1.0, 0.995, "x wanted\nlarge: means", color=INK, ha="right", va="top", transform=axes.transAxes, **_BOLD)
    if revealed:
        arrow = {"arrowstyle": "->", "color": INK, "linewidth": 1.6}
        axes.annotate("", view.means["teacher"], view.wanted, arrowprops=arrow, zorder=7)


def _draw_errors(axes: Any, view: View, choice: Choice, revealed: bool) -> None:
    unit, look = view.along["labels"], role("teacher")
    control = {**role("control").curve, "linewidth": 2.4}
    axes.plot(TIMES, unit / unit, **control, gid="control-error")
    label(axes, "with labels", (float(TIMES[-1]), 1.0), (-2, 5), ha="right", va="bottom", color=role("control").ink,
          **_BOLD)  # fmt: skip
    if not revealed:
        return
    axes.plot(TIMES, view.along["error"] / unit, color=look.colour, linewidth=2.8, gid="teacher-error")
    for name, line in (("squared_bias", (0, (5, 2))), ("variance", (0, (1, 1.4)))):
        values = view.along[name] / unit
        axes.plot(TIMES, np.where(values > 0, values, np.nan), color=look.colour, linewidth=1.6, linestyle=line)
    axes.plot(choice.time, view.ratio, **{**look.points, "markersize": 10}, zorder=5, gid="teacher-point")
    words = "with the teacher (solid) = bias\u00b2 (dashed)\n+ variance (dotted)"
    axes.text(0.99, 0.99, words, color=look.ink, ha="right", va="top", transform=axes.transAxes, fontsize=SMALL)
    if view.break_even:
        axes.axvspan(float(TIMES[0]), view.break_even, color=SHADE, linewidth=0, zorder=0)
        axes.axvline(view.break_even, color=INK, linewidth=1.4, gid="break-even")
        axes.text(0.03, 0.03, "shaded: stopped there,\nthe teacher hurts", color=INK, fontsize=SMALL,
                  transform=axes.transAxes, bbox={"color": "white", "alpha": 0.75, "pad": 1.0})  # fmt: skip


def draw_floor(found: Floor, *, revealed: bool) -> Drawing:
    """Left: the noise in which SGD stays, against the mixing. Right: with the bias that is paid."""
    most = float(np.max(found.noise + found.bias) / found.noise[0])
    high = 1.2 * stepped(max(1.0, most), 0.5)
    paid = Frame("paid", "What is paid for it", (_MIXING, "loss / noise with labels"), x=(-0.04, 1.04), y=(0.0, high))
    marks = lambda axes: _draw_noise(axes, found, revealed), lambda axes: _draw_paid(axes, found, revealed)
    return Drawing(3.0, (1.0, 1.0), (_FLOOR, paid), marks)


def _draw_noise(axes: Any, found: Floor, revealed: bool) -> None:
    unit, last = found.noise[0], len(found.mixing) - 1
    fine = np.linspace(0.0, 1.0, 101)
    points = {**role("student").points, "markersize": 8}
    shown = slice(None) if revealed else slice(0, 1)
    if revealed:
        axes.plot(fine, np.square(1 - fine), color=role("closed form").colour, linewidth=1.6)
        label(axes, "(1 \u2212 mixing)\u00b2", (0.35, 0.4225), (9, 4), color=INK, fontsize=SMALL)
        ring = {**points, "markersize": 13, "markerfacecolor": "none", "markeredgewidth": 2.2}
        axes.plot(found.mixing[last], found.noise[last] / unit, **ring, gid="student-chosen")
    axes.plot(found.mixing[shown], found.noise[shown] / unit, **points, gid="student-floor", zorder=4)


def _draw_paid(axes: Any, found: Floor, revealed: bool) -> None:
    if not revealed:
        return
    order, unit, look = np.argsort(found.mixing), found.noise[0], role("student")
    total = (found.noise + found.bias) / unit
    biased = {"color": GUIDE, "marker": "v", "markersize": 7, "linewidth": 1.2}
    axes.plot(found.mixing[order], found.bias[order] / unit, **biased)
    axes.plot(
        found.mixing[order], total[order], **{**look.points, "markersize": 8, "linestyle": look.line},
        gid="student-total",
    )  # fmt: skip
    axes.text(0.02, 0.98, "squares: noise + bias\ntriangles: bias", va="top", transform=axes.transAxes, fontsize=SMALL)
