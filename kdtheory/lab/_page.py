"""What the demonstrations share: the look of their pages, numbers that can be read back, pictures with a text."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

import matplotlib as mpl
import numpy as np

from kdtheory.plotting import house_style, title

Ticks = tuple[tuple[float, str], ...]

INK = "#1a1a1a"
SMALL, LARGE = 10.5, 12.0  # points in a picture of WIDTH inches that fills two thirds of a page
WIDTH = 7.6

STYLE = """<style>
html { font-size: 20px !important; color-scheme: light; }
/* The server's page leaves wide margins. */
#App > div { padding: 0 24px 8px !important; }
#App > div > div { padding-bottom: 8px !important; }
#App .output { margin: 6px 0 !important; }
.lab, .lab * { font-family: "DejaVu Sans", "PT Sans", sans-serif; color: #1a1a1a; }
.lab { line-height: 1.4; font-size: 18px; }
.lab .title { font-size: 26px; font-weight: 700; margin: 0 0 4px; }
.lab .question { font-size: 20px; margin: 0; }
.lab .verdict { font-size: 20px; font-weight: 700; margin: 4px 0; }
.lab p { margin: 4px 0; }
.lab .source { font-size: 15px; }
.lab .small { font-size: 16px; line-height: 1.3; }
.lab data { font-weight: 700; white-space: nowrap; }
.lab img { width: 100%; height: auto; display: block; }
.lab table { border-collapse: collapse; font-size: 18px; }
.lab th, .lab td { text-align: right; padding: 2px 14px 2px 0; font-weight: 400; }
.lab th:first-child, .lab td:first-child { text-align: left; }
.lab tr:first-child th { border-bottom: 1.5px solid #1a1a1a; }
.lab .teacher { color: #005D92; font-weight: 700; }
.lab .student { color: #A34700; font-weight: 700; }
.lab .control { color: #006B4E; font-weight: 700; }
</style>"""

# Settings of matplotlib belong to the process, and every open page draws in a thread of its own.
_DRAWING = threading.Lock()


def block(html: str) -> str:
    """Part of a page."""
    return f'<div class="lab">{html}</div>'


def opening(heading: str, question: str) -> str:
    """The look, the title, and the question that is asked before its answer."""
    return STYLE + asked(heading, question)


def asked(heading: str, question: str) -> str:
    """A title and a question. (Of two headings by their tags, marimo makes a table of contents in the margin.)"""
    return block(
        f'<p class="title" role="heading" aria-level="1">{escape(heading)}</p><p class="question">{question}</p>'
    )


def source(text: str) -> str:
    """Where a demonstration's statement comes from."""
    return block(f'<p class="source">Source: {escape(text)}.</p>')


def number(name: str, value: float | None, form: str = ".3f", none: str = "none") -> str:
    """A number as it is read, with all its digits for programs; ``none`` stands where there is none.

    >>> number("lag", 2 / 3)
    '<data id="lag" value="0.6666666666666666">0.667</data>'
    """
    if value is None:
        return f'<data id="{name}" value="">{escape(none)}</data>'
    return f'<data id="{name}" value="{float(value)!r}">{format(value, form)}</data>'


def word(actor: str, text: str) -> str:
    """A word in the ink of its role in the figures."""
    return f'<span class="{actor}">{escape(text)}</span>'


@dataclass(frozen=True)
class Frame:
    """What of a panel stays while a slider moves: its axes, and what they are called.

    Attributes
    ----------
    name : str
        Of the panel's area in the picture, so that programs can read coordinates back.
    title : str
    labels : (str, str)
        Below and beside.
    x, y : (float, float)
        Ends of the axes.
    ticks : (ticks, ticks)
        Pairs of a place and its text; None leaves them to matplotlib.
    scale : str
        "linear" or "log", of both axes.
    labelpad : float
        Points between the ticks of the vertical axis and its label.
    """

    name: str
    title: str
    labels: tuple[str, str]
    x: tuple[float, float]
    y: tuple[float, float]
    ticks: tuple[Ticks | None, Ticks | None] = (None, None)
    scale: str = "linear"
    labelpad: float = 4.0


def stepped(value: float, step: float) -> float:
    """The next multiple of a step: the end of a frame that seldom moves with a slider.

    >>> stepped(1.0, 0.2), stepped(1.01, 0.2)
    (1.0, 1.2)
    """
    return float(np.ceil(round(value / step, 6)) / round(1 / step, 6))


@dataclass(frozen=True)
class Drawing:
    """A picture of panels side by side: its height in inches, their widths, and each one's frame and marks.

    ``marks`` are functions that draw what moves into a panel's axes.
    """

    height: float
    widths: tuple[float, ...]
    frames: tuple[Frame, ...]
    marks: tuple[Callable[[Any], None], ...]


def picture(drawing: Drawing, alt: str) -> str:
    """A drawing in the house style, in letters for a projector, as an image with a text alternative."""
    with _DRAWING, _look():
        figure, places = _canvas(drawing.height, drawing.widths)
        for place, frame, draw in zip(places, drawing.frames, drawing.marks, strict=True):
            axes = figure.add_subplot(place)
            axes.set_axis_off()
            axes.set(xscale=frame.scale, yscale=frame.scale)
            draw(axes)
            axes.set(xlim=frame.x, ylim=frame.y)
        frames = [_framed(drawing.height, drawing.widths, i, frame) for i, frame in enumerate(drawing.frames)]
        whole = _svg(figure).replace("</svg>", "".join(frames) + "</svg>")
    data = base64.b64encode(whole.encode()).decode("ascii")
    return block(f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}">')


@lru_cache(maxsize=64)
def _framed(height: float, widths: tuple[float, ...], position: int, frame: Frame) -> str:
    """A panel's frame alone. Ticks and their texts take matplotlib longer than all marks do: once for many moves."""
    figure, places = _canvas(height, widths)
    axes = figure.add_subplot(places[position])
    axes.set(xscale=frame.scale, yscale=frame.scale, xlim=frame.x, ylim=frame.y)
    axes.minorticks_off()
    for axis, ticks in zip((axes.xaxis, axes.yaxis), frame.ticks, strict=True):
        if ticks is not None:
            axis.set_ticks([place for place, _ in ticks], [text for _, text in ticks])
    axes.set_xlabel(frame.labels[0])
    axes.set_ylabel(frame.labels[1], labelpad=frame.labelpad)
    title(axes, frame.title)
    axes.patch.set_gid(f"{frame.name}-frame")
    # It lies on the marks, which show through.
    svg = _svg(figure, transparent=True)
    return svg[svg.index("<g ") : svg.rindex("</svg>")]


def _canvas(height: float, widths: tuple[float, ...]) -> tuple[Any, list[Any]]:
    """A figure, and places of panels side by side: fixed, so that nothing has to be laid out."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    margins = {"left": 0.115, "right": 0.98, "bottom": 0.72 / height, "top": 1 - 0.34 / height, "wspace": 0.25}
    grid = figure.add_gridspec(1, len(widths), width_ratios=widths, **margins)
    return figure, [grid[0, i] for i in range(len(widths))]


@contextmanager
def _look() -> Iterator[None]:
    with house_style():
        mpl.rcParams.update(
            {
                "font.size": SMALL,
                "axes.labelsize": SMALL,
                "axes.titlesize": LARGE,
                "xtick.labelsize": SMALL,
                "ytick.labelsize": SMALL,
                "axes.edgecolor": INK,
                "axes.linewidth": 1.0,
                "figure.constrained_layout.use": False,
                "axes.titley": 1.0,
            }
        )
        yield


def _svg(figure: Any, *, transparent: bool = False) -> str:
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=transparent, metadata={"Date": None, "Creator": None})
    return file.getvalue()
