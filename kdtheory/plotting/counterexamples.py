"""Counterexamples: the margin around one, the courses that one compares, and all of them beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import Any, Protocol

import numpy as np

from kdtheory.plotting.labels import label
from kdtheory.plotting.style import GUIDE, SHADE, WIDTH, house_style, role

_COLUMNS = 3
_FAR = 30.0
_ROW = 0.13  # inches
_EDGE = 30.0  # margins beyond are drawn here, as arrows
_HEAD: dict[str, Any] = {"fontsize": 5.8, "fontweight": "bold"}
_NUMBER: dict[str, Any] = {"fontsize": 5.5, "color": role("student").ink}
_SCALES = {"logarithmic": "log", "odds": "logit"}


class _Along(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def scale(self) -> str: ...
    @property
    def values(self) -> Any: ...
    @property
    def margins(self) -> Any: ...
    @property
    def at(self) -> float: ...


class _Courses(Protocol):
    @property
    def reference(self) -> Any: ...
    @property
    def teacher(self) -> tuple[float, float]: ...
    @property
    def student(self) -> tuple[float, float]: ...
    @property
    def matched(self) -> tuple[float, float]: ...


def margin_along(axes: Any, along: _Along) -> Any:
    """The margin along one number of a case, which the diamond marks; in the shade the statement fails."""
    fails, holds = role("student"), role("teacher")
    shown = np.where(np.isfinite(along.margins), along.margins, np.nan)
    own = float(shown[np.argmin(np.abs(along.values - along.at))])
    look = {"marker": "o", "markersize": 2.5} if along.scale == "whole" else {}
    axes.plot(along.values, np.where(shown > 0, shown, np.nan), **{**holds.curve, **look})
    axes.plot(along.values, np.where(shown > 0, np.nan, shown), **{**fails.curve, "linestyle": "solid", **look})
    axes.plot(along.at, own, **{**fails.points, "marker": "D", "markersize": 6}, zorder=5)
    axes.plot(along.values, shown, color=GUIDE, linewidth=0.6, zorder=1)
    axes.axhline(0.0, color=GUIDE, linewidth=0.9, zorder=1)
    axes.set_xscale(_SCALES.get(along.scale, "linear"))
    if along.scale == "odds":
        axes.set_xticks([0.01, 0.5, 0.99], ["0.01", "0.5", "0.99"])
        axes.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
    _scale_margins(axes, shown, max(abs(own), 1e-12))
    axes.axhspan(axes.get_ylim()[0], 0.0, color=SHADE, linewidth=0, zorder=0)
    axes.set_xlabel(f"{along.name} = {along.at:.6g}")
    return axes


def _scale_margins(axes: Any, shown: Any, own: float) -> None:
    """Linear, or logarithmic beyond the case's own margin where others are far larger."""
    least, most = min(float(np.nanmin(shown)), 0.0), max(float(np.nanmax(shown)), 0.0)
    if max(most, -least) <= _FAR * own:
        space = 0.15 * max(most - least, 1e-12)
        axes.set_ylim(least - space, most + space)
        return
    axes.set_yscale("symlog", linthresh=3 * own)
    ends = [np.sign(end) * 10.0 ** np.floor(np.log10(abs(end))) for end in (least, most) if abs(end) > 10 * own]
    axes.set_yticks([0.0, *ends], ["0", *(f"{end:.0e}" if abs(np.log10(abs(end))) > 3 else f"{end:g}" for end in ends)])
    axes.minorticks_off()
    axes.set_ylim(3 * min(least, -own), 3 * max(most, own))


@house_style()
def margins_around(along: Sequence[_Along], heading: str) -> Any:
    """A figure with one panel per number of the case; the diamond is the case."""
    from matplotlib.figure import Figure

    rows = -(-len(along) // _COLUMNS)
    figure = Figure(figsize=(WIDTH, 0.6 + 1.7 * rows))
    grid = figure.subplots(rows, min(_COLUMNS, len(along)), squeeze=False)
    for axes, item in zip(grid.flat, along, strict=False):
        margin_along(axes, item)
    for axes in list(grid.flat)[len(along) :]:
        axes.set_visible(False)
    for axes in grid[:, 0]:
        axes.set_ylabel("margin")
    key = "Diamond: the case. Shaded: the statement fails. Each panel varies one number."
    figure.suptitle(f"{fill(heading, 100)}\n{key}", x=0.01, ha="left", fontsize=8.5)
    return figure


@house_style()
def courses_side_by_side(failing: _Courses, restored: _Courses, heading: str) -> Any:
    """A figure of two panels: two modes against each other where the statement fails, and once it is restored."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, 3.3))
    for axes, item, name in zip(figure.subplots(1, 2), (failing, restored), ("fails", "restored"), strict=True):
        two_courses(axes, item)
        axes.set_title(name)
    figure.axes[0].set_ylabel("mode 2, share of its target")
    figure.suptitle(fill(heading, 100), x=0.01, ha="left", fontsize=9)
    return figure


def two_courses(axes: Any, item: _Courses) -> Any:
    """Mode 2 against mode 1: the reference's course, teacher, student, and the reference as far as the student."""
    control, taught, teaching = role("control"), role("student"), role("teacher")
    axes.plot(item.reference[:, 0], item.reference[:, 1], **control.curve)
    axes.plot(*item.matched, **control.points, zorder=4)
    axes.plot(*item.student, **taught.points, zorder=5)
    axes.plot(*item.teacher, **teaching.points, zorder=4)
    below = item.student[1] < item.matched[1]
    label(axes, "student", item.student, (8, -8 if below else 8), color=taught.ink)
    label(axes, "reference", item.matched, (-8, 8) if below else (8, -8), color=control.ink)
    label(axes, "teacher", item.teacher, (-6, 10), color=teaching.ink)
    axes.margins(0.18)
    axes.set_xlabel("mode 1, share of its target")
    return axes


Row = tuple[str, str, float, float]
"""Claim, counterexample, failing margin, restored margin."""


@house_style()
def failing_and_restored(columns: Sequence[Sequence[Row]], heading: str = "") -> Any:
    """A figure of rows, in columns of equal height: the failing margin (with its number) and the restored one."""
    from matplotlib.figure import Figure

    lines = [_lines(rows) for rows in columns]
    most = max(len(column) for column in lines)
    figure = Figure(figsize=(WIDTH, 0.8 + _ROW * most))
    for axes, column in zip(figure.subplots(1, len(lines), squeeze=False)[0], lines, strict=True):
        margin_rows(axes, column, most)
    figure.axes[0].set_ylabel("counterexample, by claim")
    if heading:
        figure.suptitle(fill(heading, 100), x=0.01, ha="left", fontsize=8.5)
    return figure


def margin_rows(axes: Any, lines: Sequence[Row], most: int) -> Any:
    """One line per counterexample; a line without a name is the heading of a claim."""
    fails, holds = role("student"), role("teacher")
    for y, (claim, name, failing, restored) in enumerate(lines):
        if not name:
            axes.text(-0.02, y, claim, transform=axes.get_yaxis_transform(), ha="right", va="center", **_HEAD)
            continue
        left, right = max(failing, -_EDGE), min(restored, _EDGE)
        axes.plot([left, right], [y, y], color=GUIDE, linewidth=0.5, zorder=1)
        axes.plot(left, y, **{**fails.points, "markersize": 3.5, "marker": "s" if left == failing else "<"}, zorder=3)
        axes.plot(
            right, y, **{**holds.points, "markersize": 3.5, "marker": "o" if right == restored else ">"}, zorder=2
        )
        axes.text(1.02, y, f"{failing + 0.0:.4g}", transform=axes.get_yaxis_transform(), va="center", **_NUMBER)
    named = [y for y, line in enumerate(lines) if line[1]]
    axes.set_yticks(named, [lines[y][1] for y in named], fontsize=5.5)
    axes.set_ylim(most - 0.3, -0.7)
    axes.axvline(0.0, color=GUIDE, linewidth=0.7, zorder=0)
    axes.set_xscale("symlog", linthresh=0.1, linscale=0.5)
    axes.set_xlim(-1.6 * _EDGE, 1.6 * _EDGE)
    axes.set_xticks([-10.0, -1.0, 0.0, 1.0, 10.0], ["-10", "-1", "0", "1", "10"], fontsize=6)
    axes.minorticks_off()
    axes.tick_params(axis="y", length=0, pad=2)
    axes.set_xlabel("margin: failing (square), restored (circle)", fontsize=6.5)
    return axes


def _lines(rows: Sequence[Row]) -> list[Row]:
    """The rows with a heading before each claim's first one."""
    found: list[Row] = []
    for row in rows:
        if not found or found[-1][0] != row[0]:
            found.append((row[0], "", np.nan, np.nan))
        found.append(row)
    return found
