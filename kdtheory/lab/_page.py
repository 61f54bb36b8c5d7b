"""What the demonstrations share: the look of their pages, numbers that can be read back, pictures with a text."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable
from html import escape
from typing import Any

import matplotlib as mpl

from kdtheory.plotting import house_style

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


def opening(title: str, question: str) -> str:
    """The look, the title, and the question that is asked before its answer."""
    return STYLE + asked(title, question)


def asked(title: str, question: str) -> str:
    """A title and a question. (Of two headings by their tags, marimo makes a table of contents in the margin.)"""
    return block(
        f'<p class="title" role="heading" aria-level="1">{escape(title)}</p><p class="question">{question}</p>'
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


def picture(draw: Callable[[], Any], alt: str) -> str:
    """What ``draw`` draws in the house style, in letters for a projector, as an image with a text alternative."""
    file = io.BytesIO()
    with _DRAWING, house_style():
        mpl.rcParams.update(
            {
                "font.size": SMALL,
                "axes.labelsize": SMALL,
                "axes.titlesize": LARGE,
                "xtick.labelsize": SMALL,
                "ytick.labelsize": SMALL,
                "axes.edgecolor": INK,
                "axes.linewidth": 1.0,
                # Panels stay where they are while a slider moves, and nothing has to be laid out.
                "figure.constrained_layout.use": False,
                "axes.titley": 1.0,
            }
        )
        draw().savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    data = base64.b64encode(file.getvalue()).decode("ascii")
    return block(f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}">')


def canvas(height: float, width_ratios: tuple[float, float]) -> tuple[Any, list[Any]]:
    """A figure with two panels side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    place = {"left": 0.09, "right": 0.98, "bottom": 0.72 / height, "top": 1 - 0.34 / height, "wspace": 0.24}
    return figure, list(figure.subplots(1, 2, width_ratios=width_ratios, gridspec_kw=place))


def framed(axes: Any, name: str, x: tuple[float, float], y: tuple[float, float]) -> None:
    """Fix what the axes show, and name their area in the picture, so that programs can read coordinates back."""
    axes.set_xlim(x)
    axes.set_ylim(y)
    axes.patch.set_gid(f"{name}-frame")
