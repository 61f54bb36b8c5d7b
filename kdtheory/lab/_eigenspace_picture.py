"""The picture of the demonstration ``eigenspace``: bars of gains, and two modes against each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdtheory.lab._eigenspace import View
from kdtheory.lab._page import INK, SMALL, Drawing, Frame, stepped
from kdtheory.plotting import GUIDE, coefficient_plane, label, role

_BAR = 0.4


def draw(view: View, lower: int, *, revealed: bool) -> Drawing:
    """Left: gain per mode. Right: the plane of the leading and the lower mode; the student once it is revealed."""
    bars, plane = _bars_frame(view), _plane_frame(view, lower)
    marks = lambda axes: _draw_bars(axes, view, revealed), lambda axes: _draw_plane(axes, view, plane, revealed)
    return Drawing(4.1, (1.12, 1.0), (bars, plane), marks)


def _bars_frame(view: View) -> Frame:
    high = _room(view.teacher, view.student)
    texts = (f"{n}\n{_short(r)}" for n, r in zip(view.numbers, view.ratios, strict=True))
    return Frame(
        "bars",
        "Gain per mode",
        ("mode; below it, eigenvalue / leading one", "gain: share of the target learned"),
        x=(-0.7, len(view.numbers) - 0.3),
        y=(0.0, 1.16 * high),
        ticks=(tuple((float(place), text) for place, text in enumerate(texts)), None),
    )


def _plane_frame(view: View, lower: int) -> Frame:
    width, height = (1.04 * _room(view.labels_path[i], view.student_path[i]) for i in (0, 1))
    labels = ("leading mode (number 1): gain", f"lower mode (number {lower}): gain")
    return Frame("plane", "Two modes along training", labels, x=(0.0, width), y=(0.0, height))


def _room(*gains: Any) -> float:
    """What a frame is to hold: all gains, and 1."""
    return stepped(max(1.0, *(float(np.max(each)) for each in gains)), 0.2)


def _draw_bars(axes: Any, view: View, revealed: bool) -> None:
    places = np.arange(len(view.numbers), dtype=float)
    shown = {"teacher": (view.teacher, -_BAR / 2)}
    if revealed:
        shown["student"] = (view.student, _BAR / 2)
    for name, (gains, shift) in shown.items():
        look = role(name)
        bars = axes.bar(
            places + shift, gains, _BAR, color=look.colour, edgecolor="white", linewidth=0.6,
            hatch="///" if name == "student" else None,
        )  # fmt: skip
        for number, bar in zip(view.numbers, bars, strict=True):
            bar.set_gid(f"{name}-gain-{number}")
    if revealed and view.limit is not None:
        edges = np.append(places - 0.5, places[-1] + 0.5)
        axes.stairs(view.limit, edges, color="black", linewidth=1.6, baseline=None, gid="limit")
    axes.axhline(1.0, color=GUIDE, linewidth=0.9, linestyle=(0, (1, 1.5)), zorder=0)
    _name_bars(axes, view, revealed)


def _short(ratio: float) -> str:
    return "1" if ratio == 1 else f"{ratio:.2f}".lstrip("0") if ratio >= 0.01 else "<.01"


def _name_bars(axes: Any, view: View, revealed: bool) -> None:
    """What is what, at the top right, where gains are small."""
    lines = [("teacher", "teacher (solid)")]
    if revealed:
        lines.append(("student", "student (hatched)"))
        if view.limit is not None:
            lines.append(("closed form", "endless rounds (outline)"))
    for line, (name, text) in enumerate(lines):
        axes.text(
            1.0, 0.99 - 0.075 * line, text, color=role(name).ink, ha="right", va="top", fontsize=SMALL,
            transform=axes.transAxes, bbox={"color": "white", "alpha": 0.8, "pad": 0.8},
        )  # fmt: skip


def _draw_plane(axes: Any, view: View, frame: Frame, revealed: bool) -> None:
    control, taught = role("control"), role("student")
    nothing = (np.full(1, np.nan), np.full(1, np.nan))
    nowhere = np.full(len(view.labels_path[0]), np.nan)
    bound = view.bound if revealed and view.bound is not None else (nowhere, nowhere)
    x, y = view.student_point if revealed else (np.nan, np.nan)
    coefficient_plane(
        axes,
        onehot=view.labels_path,
        student=view.student_path if revealed else nothing,
        bound=bound,
        teacher=view.teacher_point,
        matched={"leading": x, "onehot": np.nan if view.matched is None else view.matched, "student": y},
    )
    _name_lines(axes)
    text = {"fontsize": SMALL, "fontweight": "bold"}
    label(axes, "teacher stops", view.teacher_point, (-9, 5), color=role("teacher").ink, **text)
    label(axes, "run on labels", _halfway(view.labels_path, 0.75), (-8, 0), color=control.ink, **text)
    if revealed:
        beside = (14, 2) if y < 0.1 * frame.y[1] else (0, -12) if x > 0.75 * frame.x[1] else (10, -10)
        label(
            axes, "student", (x, y), beside, color=taught.ink, bbox={"color": "white", "alpha": 0.7, "pad": 0.5}, **text
        )
    if revealed and view.bound is not None:
        axes.text(0.02, 0.99, "shaded: the wedge that\nthe theorem allows", va="top", color=INK, fontsize=SMALL)


def _name_lines(axes: Any) -> None:
    """Names for what `coefficient_plane` has drawn, by the colour and marker of their roles."""
    for line in axes.lines:
        for actor in ("control", "student", "teacher"):
            look = role(actor)
            if line.get_color() == look.colour and line.get_gid() is None:
                marked = line.get_marker() == look.marker
                line.set_gid(f"{actor}-{'point' if marked else 'path'}")
                line.set(linewidth=2.4, markersize=8)


def _halfway(path: Any, height: float) -> tuple[float, float]:
    """The point of a path whose lower gain is closest to ``height``."""
    index = int(np.argmin(np.abs(path[1] - height)))
    return float(path[0][index]), float(path[1][index])
