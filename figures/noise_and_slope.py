"""Slopes on test points by the dose of dropout and the temperature, and what noisy students say on average."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any

import numpy as np

from kdtheory import experiments
from kdtheory.experiments.statistics import interval
from kdtheory.plotting import GUIDE, Dataset, canvas, house_style, role, title
from kdtheory.plotting.filters import look

ID = "noise-and-slope"
TITLE = "Dropout, temperature, and the slope on test points"
CLAIMS = ("dropout-route", "logit-noise")
DOSES, AVERAGES = "o1-dropout", "o1-noise-average"
MEASURES = {"test, slope": "slope on test points", "gain": "gain (percentage points)"}
MARKERS = "os^"


@dataclass(frozen=True)
class Settings:
    """Which cells with several doses are drawn, and how many of those that were averaged (summaries are the data)."""

    cells: tuple[str, ...] = ("newsgroups", "MNIST pairs", "fashion")
    averaged: int | None = None


SMALL = Settings(cells=("newsgroups",), averaged=2)
QUICK = Settings()
FULL = Settings()
TOLERANCES = {
    "slopes_at_high_dose": {"absolute": 1e-6},
    "noise_share": {"absolute": 1e-6},
    "averaged_above_one": {"absolute": 0},
}


def compute(settings: Settings) -> Dataset:
    """Means with 95 % intervals by dose and temperature, and of slopes in evaluation mode and averaged over noise."""
    doses, averages = _cells(DOSES), _cells(AVERAGES)
    curves = [row for place, name in enumerate(settings.cells) for row in _curves(place, doses[name])]
    read = list(averages.items())[: settings.averaged]
    words = ("slope", "averaged slope")
    spans = np.array([[astuple(interval(cell["numbers"][f"test, {word}"])) for word in words] for _, cell in read])
    highest = [
        max((row for row in curves if row[:2] == [place, 0] and row[3] == 4.0), key=lambda row: row[2])
        for place in range(len(settings.cells))
    ]
    return Dataset(
        arrays={
            "curves": (("point", "column"), np.array(curves)),
            "read": (("setting", "mode", "end"), spans),
        },
        coordinates={
            "column": np.array(["cell", "measure", "rate", "temperature", "mean", "low", "high"]),
            "setting": np.array([name for name, _ in read]),
            "mode": np.array(["evaluation", "averaged"]),
            "end": np.array(["mean", "low", "high"]),
        },
        numbers={
            "cells": list(settings.cells),
            "temperatures": sorted({row[3] for row in curves}),
            "slopes_at_high_dose": [row[4] for row in highest],
            "noise_share": [float(own - mean) for own, mean in spans[:, :, 0]],
            "averaged_above_one": int(np.sum(spans[:, 1, 1] > 1.0)),
            "own_above_one": int(np.sum(spans[:, 0, 1] > 1.0)),
        },
    )


def _cells(name: str) -> dict[str, Any]:
    """Cells of a committed summary by name."""
    summary = experiments.finished(experiments.study(name))
    return {each["cell"]["name"]: each for each in summary["cells"]}


def _curves(place: int, cell: Any) -> list[list[float]]:
    """Rows of cell, measure, rate of dropout, temperature, and mean with its interval."""
    rows = []
    for temperature in cell["cell"]["temperatures"]:
        for dose, network in cell["cell"]["doses"].items():
            for number, measure in enumerate(MEASURES):
                seeds = cell["numbers"][f"{dose}, t{temperature:g}, {measure}"]
                where = [float(place), float(number), network.get("dropout", 0.0), temperature]
                rows.append([*where, *astuple(interval(seeds))])
    return rows


@house_style()
def draw(dataset: Dataset) -> Any:
    """Above: slopes and gains by dose. Below: slopes in evaluation mode beside those averaged over the noise."""
    cells = dataset.numbers["cells"]
    figure, axes = canvas(len(cells), height=6.4, rows=3)
    for place, name in enumerate(cells):
        for number in range(len(MEASURES)):
            _draw_doses(axes[number * len(cells) + place], dataset, place, number)
        title(axes[place], name, "abc"[place])
    for lower in axes[2 * len(cells) :]:
        lower.remove()
    _draw_averages(figure.add_subplot(axes[0].get_gridspec()[2, :]), dataset)
    return figure


def _draw_doses(axes: Any, dataset: Dataset, place: int, number: int) -> None:
    curves = dataset["curves"]
    own = curves[(curves[:, 0] == place) & (curves[:, 1] == number)]
    scale = (1.0, 100.0)[number]
    for order, temperature in enumerate(dataset.numbers["temperatures"]):
        line = own[own[:, 3] == temperature]
        if line.size:
            colour, ink, style = look(order)
            mean, low, high = scale * line[:, 4:].T
            bars = {"yerr": [mean - low, high - mean], "elinewidth": 0.8, "capsize": 1.5, "ecolor": ink}
            marks = {"marker": MARKERS[order], "markersize": 4.0, "color": colour, "linestyle": style}
            axes.errorbar(line[:, 2], mean, **bars, **marks, label=f"temperature {temperature:g}")
    axes.axhline((1.0, 0.0)[number], color=GUIDE, linewidth=0.9, zorder=0)
    axes.set_xlabel("rate of dropout")
    if number == 0 and place == 0:
        axes.legend(fontsize=7, loc="upper left")
    if place == 0:
        axes.set_ylabel(list(MEASURES.values())[number])


def _draw_averages(axes: Any, dataset: Dataset) -> None:
    looks = {"evaluation mode": ("student", "o", True), "averaged over its noise": ("student", "s", False)}
    for mode, (name, (who, marker, filled)) in enumerate(looks.items()):
        spans, ink = dataset["read"][:, mode], role(who).ink
        places = np.arange(len(spans))
        reach = np.abs(spans[:, 1:] - spans[:, :1]).T
        face = ink if filled else "white"
        marks = {"fmt": marker, "color": ink, "markerfacecolor": face, "markersize": 5.0, "elinewidth": 1.0}
        axes.errorbar(spans[:, 0], places, xerr=reach, label=name, **marks)
    for place, (own, mean) in enumerate(dataset["read"][:, :, 0]):
        axes.plot([own, mean], [place, place], color=GUIDE, linewidth=0.7, linestyle=(0, (1, 1.5)), zorder=0)
    axes.axvline(1.0, color=GUIDE, linewidth=0.9, zorder=0)
    axes.set_yticks(range(len(dataset["setting"])), list(dataset["setting"]))
    axes.set_ylim(len(dataset["setting"]) - 0.5, -0.5)
    axes.set_xlabel("slope on test points, temperature 4")
    axes.legend(fontsize=7.5, loc="lower right")
    title(axes, "The same students, read in two ways", "abcd"[len(dataset.numbers["cells"])])


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    high = ", ".join(f"{name} {slope:.3f}" for name, slope in zip(n["cells"], n["slopes_at_high_dose"], strict=True))
    least, most = min(n["noise_share"]), max(n["noise_share"])
    return (
        f"Equal self-distillation with dropout in teacher and student, the teacher answering without it (registered "
        f"study {DOSES}): slope of confidence on test points, and gain in test accuracy, by the rate of dropout and "
        f"the temperature of the student's loss; means over seeds with 95 % intervals. Slopes at the highest rate and "
        f"temperature 4: {high}. Last panel (study {AVERAGES}): slopes of students with dropout in evaluation mode, as "
        f"everywhere else, and of the mean of their probabilities over their own noise at the temperature of their "
        f"loss. The slope in evaluation mode is larger by {least:.3f} to {most:.3f}; intervals above 1: "
        f"{n['own_above_one']} of {len(n['noise_share'])} in evaluation mode, {n['averaged_above_one']} averaged."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    n = dataset.numbers
    return (
        f"Curves over the rate of dropout for {', '.join(n['cells'])}, one for each temperature: above slopes on test "
        f"points, below gains. At the bottom, for {len(n['noise_share'])} settings, the slope of students in "
        f"evaluation mode, and of the same students averaged over their noise, of which {n['averaged_above_one']} lie "
        f"above 1."
    )
