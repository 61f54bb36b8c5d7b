"""The pictures of the demonstration ``gradient_denoising``: clouds of gradients, their errors, and the floor of SGD."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdtheory.lab._gradient_denoising import PLANE, TIMES, Choice, Floor, View
from kdtheory.lab._page import INK, SMALL, canvas, framed
from kdtheory.plotting import GUIDE, label, role, title
from kdtheory.plotting.style import SHADE

_BOLD = {"fontsize": SMALL, "fontweight": "bold"}


def draw(view: View, choice: Choice, *, revealed: bool) -> Any:
    """Left: gradients of minibatches in the plane of two modes. Right: their error against the teacher's time."""
    figure, (plane, errors) = canvas(4.1, (1.0, 1.12))
    _draw_plane(plane, view, revealed)
    _draw_errors(errors, view, choice, revealed)
    return figure


def _draw_plane(axes: Any, view: View, revealed: bool) -> None:
    shown = {"control": "with labels", "teacher": "with the teacher"} if revealed else {"control": "with labels"}
    # The frame follows labels only, so that it stays while the teacher's time moves.
    cloud = view.clouds["control"]
    middle, reach = cloud.mean(axis=0), 1.08 * np.abs(cloud - cloud.mean(axis=0)).max()
    inside = np.vstack([view.means["teacher"], middle - reach, middle + reach])
    low, high = inside.min(axis=0), inside.max(axis=0)
    low, high = low - 0.05 * (high - low), high + 0.05 * (high - low)
    framed(axes, "plane", (low[0], high[0]), (low[1], high[1] + 0.2 * (high[1] - low[1])))
    for name in shown:
        dots = {**role(name).points, "markersize": 4.2, "alpha": 0.55, "markeredgewidth": 0}
        axes.plot(*view.clouds[name].T, **dots, gid=f"{name}-cloud")
    for name in shown:
        mean = {**role(name).points, "markersize": 11, "markeredgecolor": "white", "markeredgewidth": 1.5}
        axes.plot(*view.means[name], **mean, zorder=5, gid=f"{name}-mean")
    axes.plot(*view.wanted, color="black", marker="x", markersize=10, markeredgewidth=2.6, zorder=6, gid="wanted")
    for line, (name, text) in enumerate(shown.items()):
        axes.text(0.0, 0.995 - 0.075 * line, text, color=role(name).ink, va="top",
                  transform=axes.transAxes, **_BOLD)  # fmt: skip
    axes.text(1.0, 0.995, "x wanted\nlarge: means", color=INK, ha="right", va="top", transform=axes.transAxes, **_BOLD)
    if revealed:
        arrow = {"arrowstyle": "->", "color": INK, "linewidth": 1.6}
        axes.annotate("", view.means["teacher"], view.wanted, arrowprops=arrow, zorder=7)
    axes.set_xlabel(f"gradient along mode {PLANE[0] + 1}")
    axes.set_ylabel(f"gradient along mode {PLANE[1] + 1}", labelpad=0)
    title(axes, "Gradients of minibatches")


def _draw_errors(axes: Any, view: View, choice: Choice, revealed: bool) -> None:
    unit, look = view.along["labels"], role("teacher")
    axes.set_xscale("log")
    axes.set_yscale("log")
    framed(axes, "errors", (float(TIMES[0]), float(TIMES[-1])), (0.01, 20.0))
    axes.set_xticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
    axes.set_yticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
    axes.minorticks_off()
    control = {**role("control").curve, "linewidth": 2.4}
    axes.plot(TIMES, unit / unit, **control, gid="control-error")
    label(axes, "with labels", (float(TIMES[-1]), 1.0), (-2, 5), ha="right", va="bottom", color=role("control").ink,
          **_BOLD)  # fmt: skip
    axes.set_xlabel("teacher's time")
    axes.set_ylabel("squared error / that with labels", labelpad=0)
    title(axes, "Error against the teacher's time")
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


def draw_floor(found: Floor, *, revealed: bool) -> Any:
    """Left: the noise in which SGD stays, against the mixing. Right: with the bias that is paid."""
    figure, (noise, paid) = canvas(3.0, (1.0, 1.0))
    unit, last = found.noise[0], len(found.mixing) - 1
    fine = np.linspace(0.0, 1.0, 101)
    look, points = role("student"), {**role("student").points, "markersize": 8}
    shown = slice(None) if revealed else slice(0, 1)
    if revealed:
        noise.plot(fine, np.square(1 - fine), color=role("closed form").colour, linewidth=1.6)
        label(noise, "(1 \u2212 mixing)\u00b2", (0.35, 0.4225), (9, 4), color=INK, fontsize=SMALL)
        ring = {**points, "markersize": 13, "markerfacecolor": "none", "markeredgewidth": 2.2}
        noise.plot(found.mixing[last], found.noise[last] / unit, **ring, gid="student-chosen")
    noise.plot(found.mixing[shown], found.noise[shown] / unit, **points, gid="student-floor", zorder=4)
    framed(noise, "floor", (-0.04, 1.04), (-0.05, 1.1))
    noise.set_xlabel("mixing: weight of the teacher")
    noise.set_ylabel("noise of SGD / with labels")
    title(noise, "Noise that never settles")
    order = np.argsort(found.mixing)
    total = (found.noise + found.bias) / unit
    if revealed:
        biased = {"color": GUIDE, "marker": "v", "markersize": 7, "linewidth": 1.2}
        paid.plot(found.mixing[order], found.bias[order] / unit, **biased)
        paid.plot(found.mixing[order], total[order], **{**points, "linestyle": look.line}, gid="student-total")
        paid.text(
            0.02, 0.98, "squares: noise + bias\ntriangles: bias", va="top", transform=paid.transAxes, fontsize=SMALL
        )
    framed(paid, "paid", (-0.04, 1.04), (0.0, max(1.2, 1.15 * float(total.max()))))
    paid.set_xlabel("mixing: weight of the teacher")
    paid.set_ylabel("loss / noise with labels")
    title(paid, "What is paid for it")
    return figure
