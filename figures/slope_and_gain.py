"""Slopes above 1 on test points, and gains of equal self-distillation: do they come together?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory import experiments
from kdtheory.experiments.statistics import interval
from kdtheory.plotting import GUIDE, Dataset, canvas, house_style
from kdtheory.plotting.filters import look

ID = "slope-and-gain"
TITLE = "Exaggeration on test points and gain come apart"
CLAIMS = ("dropout-route", "logit-noise", "slope-at-test-points")
STUDIES = ("o1-confidence", "o1-dropout", "o1-stochastic-depth", "o1-other-noise")
GROUPS = (
    "no noise",
    "dropout",
    "dropout, in the teacher too",
    "stochastic depth",
    "stochastic depth, in the teacher too",
    "batch norm",
    "disturbed images",
    "batches of 8",
)
MARKERS = "o^v^vsDP"
SOURCES = {"minibatch": "batches of 8", "augmentation": "disturbed images"}
SIGNS = (1, 0, -1)


@dataclass(frozen=True)
class Settings:
    """The temperature of the students, and how many cells of each study are drawn (their summaries are the data)."""

    temperature: float = 4.0
    cells: int | None = None


SMALL = Settings(cells=3)
QUICK = Settings()
FULL = Settings()
TOLERANCES = {"settings": {"absolute": 0}, "rank_correlation": {"absolute": 1e-6}, "counts": {"absolute": 0}}


def compute(settings: Settings) -> Dataset:
    """Means with 95 % intervals of every setting of equal teacher and student, and how often signs go together."""
    from scipy.stats import rankdata

    rows = [row for name in STUDIES for row in _rows(name, settings)]
    names = [f"{study}: {cell}, {student}" for study, cell, student, *_ in rows]
    spans = np.array([[_span(slopes), _span(gains)] for *_, slopes, gains in rows])
    signs = _signs(spans - np.array([1.0, 0.0])[:, None])
    counts = [[int(np.sum((signs == (slope, gain)).all(axis=1))) for gain in SIGNS] for slope in SIGNS]
    return Dataset(
        arrays={
            "spans": (("setting", "measure", "end"), spans),
            "group": (("setting",), np.array([row[3] for row in rows])),
        },
        coordinates={
            "setting": np.array(names),
            "measure": np.array(["slope", "gain"]),
            "end": np.array(["mean", "low", "high"]),
        },
        numbers={
            "temperature": settings.temperature,
            "settings": len(rows),
            "counts": counts,
            "rank_correlation": float(np.corrcoef(rankdata(spans[:, :, 0], axis=0).T)[0, 1]),
        },
    )


def _rows(name: str, settings: Settings) -> Iterator[tuple[str, str, str, int, list[float], list[float]]]:
    """Study, cell, student, group, and slopes and gains by seed."""
    summary = experiments.stored(experiments.study(name))
    if summary is None:
        fix = f"run kdtheory experiments run {name}"
        raise kd.errors.DataUnavailable("results", expected=f"a summary of {name}", got="none", fix=fix)
    for each in summary["cells"][: settings.cells]:
        if each["cell"].get("pair") == "cross":
            continue
        for student, group in _students(each["cell"], f"t{settings.temperature:g}").items():
            numbers = each["numbers"]
            found = numbers[f"{student}, test, slope"], numbers[f"{student}, gain"]
            yield name, each["cell"]["name"], student, GROUPS.index(group), *found


def _students(cell: Mapping[str, Any], taught: str) -> dict[str, str]:
    """Names of the students of a cell among its numbers, and their groups."""
    if "doses" not in cell:
        return {taught: "no noise"}
    source = str(SOURCES.get(cell["source"], cell["source"]))
    students = {f"{dose}, {taught}": "no noise" if dose == "twin" else source for dose in cell["doses"]}
    noisy = [dose for dose, modes in cell["modes"].items() if "training" in modes]
    return students | {f"{dose}, {taught} noisy": f"{source}, in the teacher too" for dose in noisy}


def _span(seeds: list[float]) -> list[float]:
    found = interval(seeds)
    return [found.mean, found.low, found.high]


def _signs(spans: Any) -> Any:
    """1 where an interval lies above zero, -1 where below, 0 where it holds zero; shape (settings, measures)."""
    return (spans[..., 1] > 0).astype(int) - (spans[..., 2] < 0).astype(int)


@house_style()
def draw(dataset: Dataset) -> Any:
    """Gain against slope, one mark with its intervals for each setting; corners count."""
    figure, (axes,) = canvas(1, height=4.6)
    axes.axvline(1.0, color=GUIDE, linewidth=0.9, zorder=0)
    axes.axhline(0.0, color=GUIDE, linewidth=0.9, zorder=0)
    for number, group in enumerate(GROUPS):
        chosen = dataset["group"] == number
        if chosen.any():
            _draw_group(axes, dataset["spans"][chosen], group, number)
    axes.set_xlabel("slope of the student's confidence on its teacher's, test points")
    axes.set_ylabel("gain in test accuracy over the equal teacher (points)")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=7.5)
    for (slope, gain), (x, y) in {(0, 0): (0.99, 0.98), (0, 2): (0.99, 0.02), (2, 0): (0.01, 0.98)}.items():
        words = f"{('exaggerates', '', 'shrinks')[slope]}, {('gains', '', 'loses')[gain]}"
        count = dataset.numbers["counts"][slope][gain]
        place = {"ha": "right" if x > 0.5 else "left", "va": "top" if y > 0.5 else "bottom"}
        axes.text(x, y, f"{words}: {count}", transform=axes.transAxes, fontsize=8, color=GUIDE, **place)
    return figure


def _draw_group(axes: Any, spans: Any, group: str, number: int) -> None:
    colour, ink, _ = look(number // 2 if number < 5 else number - 2)
    taught = group.endswith("too")
    slope, gain = spans[:, 0], 100.0 * spans[:, 1]
    reach = {"xerr": np.abs(slope[:, 1:] - slope[:, :1]).T, "yerr": np.abs(gain[:, 1:] - gain[:, :1]).T}
    look_of_marks = {"color": ink, "markerfacecolor": "white" if taught else colour, "markersize": 5.0}
    axes.errorbar(
        slope[:, 0], gain[:, 0], **reach, fmt=MARKERS[number], elinewidth=0.6, alpha=0.9, label=group, **look_of_marks
    )


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n, counts = dataset.numbers, dataset.numbers["counts"]
    return (
        f"Networks taught by their equals at temperature {n['temperature']:g}: {n['settings']} settings of the "
        f"registered studies {', '.join(STUDIES)}, means over seeds with 95 % intervals (of single settings; the "
        f"registered verdicts correct for families). Both intervals clear of their lines: {counts[0][0]} exaggerate "
        f"and gain, {counts[0][2]} exaggerate and lose, {counts[2][0]} shrink and gain, {counts[2][2]} shrink and "
        f"lose; {counts[0][1]} exaggerate without a gain or loss that shows, {counts[1][0]} gain at a slope that "
        f"cannot be told from 1. Rank correlation of slope and gain over settings: {n['rank_correlation']:.2f} "
        f"(settings share data, so it describes and tests nothing)."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    counts = dataset.numbers["counts"]
    return (
        "A scatter plot of gains in accuracy against slopes of confidence on test points, one mark for each setting, "
        "by source of noise. If exaggeration made the gains, marks would lie in the upper right and the lower left; "
        f"upper right {counts[0][0]}, lower right {counts[0][2]}, upper left {counts[2][0]}, lower left {counts[2][2]}."
    )
