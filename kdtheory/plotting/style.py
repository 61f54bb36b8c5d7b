"""The house style: one look for every figure, and one colour, line and marker for every role.

Colours are those of Okabe and Ito, which stay apart under the common colour-vision deficiencies and in print; no role
is told by its colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kdtheory.validation import lookup


@dataclass(frozen=True)
class Role:
    """How one actor looks in every figure: colour of lines and markers, its darker ``ink`` for words, line, marker."""

    name: str
    colour: str
    ink: str
    line: Any
    marker: str

    @property
    def curve(self) -> dict[str, Any]:
        """Keywords of ``Axes.plot`` for a line without markers."""
        return {"color": self.colour, "linestyle": self.line, "linewidth": 1.6}

    @property
    def points(self) -> dict[str, Any]:
        """Keywords of ``Axes.plot`` for markers without a line."""
        return {"color": self.colour, "linestyle": "none", "marker": self.marker, "markersize": 4.5}


ROLES = {
    role.name: role
    for role in (
        Role("teacher", "#0072B2", "#005D92", "solid", "o"),
        Role("student", "#D55E00", "#A34700", (0, (5, 1.5)), "s"),
        Role("control", "#009E73", "#006B4E", (0, (4, 1.2, 1, 1.2)), "^"),
        Role("closed form", "#000000", "#000000", "solid", "."),
        Role("simulation", "#CC79A7", "#8F3F6C", (0, (1, 1)), "x"),
        Role("networks", "#E69F00", "#7D5600", (0, (6, 2)), "D"),
    )
}

GUIDE = "#6b6b6b"
"""Colour of reference lines, bounds and their labels: dark enough to be read as text on white."""

SHADE = "#e9e4da"
"""Fill of regions that a theorem allows."""

WIDTH = 7.2
"""Width of a figure in inches: two columns of a paper."""


def role(name: str) -> Role:
    """The role of that name: teacher, student, control, closed form, simulation or networks.

    >>> role("teacher").colour
    '#0072B2'
    """
    return lookup(ROLES, name, "role")


_HOUSE: dict[str, Any] = {
    "axes.grid": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.labelsize": 9,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.edgecolor": "#333333",
    "axes.linewidth": 0.8,
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "mathtext.fontset": "dejavusans",
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
    "svg.fonttype": "path",
    "svg.hashsalt": "kdtheory",
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Within this context, matplotlib draws in the house style and writes the same bytes every time."""
    import matplotlib as mpl
    import seaborn as sns

    with mpl.rc_context():
        mpl.rcdefaults()
        settings: Any = {**sns.axes_style("ticks"), **sns.plotting_context("paper"), **_HOUSE}
        mpl.rcParams.update(settings)
        yield


def canvas(
    columns: int = 1, height: float = 3.1, width_ratios: list[float] | None = None, rows: int = 1
) -> tuple[Any, list[Any]]:
    """A figure of full width with ``columns`` axes side by side, and its axes row by row."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    axes = figure.subplots(rows, columns, squeeze=False, width_ratios=width_ratios)
    return figure, list(axes.reshape(-1))


def title(axes: Any, text: str, letter: str = "") -> None:
    """A panel's title at its left, with its letter before it."""
    axes.set_title(f"{letter}   {text}" if letter else text)
