"""Slopes above 1 on test points, and gains of equal self-distillation: do they come together?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np

from kdtheory import experiments
from kdtheory.experiments.statistics import interval
from kdtheory.plotting import GUIDE, Dataset, canvas, house_style, title
from kdtheory.plotting.filters import look

ID = "slope-and-gain"
TITLE = "Exaggeration on test points, and gains: do they come together?"
CLAIMS = ("dropout-route", "logit-noise", "slope-at-test-points")
STUDIES = ("o1-confidence", "o1-dropout", "o1-stochastic-depth", "o1-other-noise", "o1-exaggeration-and-gain")
GROUPS = {
    "no added noise": ("o", 0),
    "dropout": ("^", 1),
    "dropout, at temperature 2": (">", 1),
    "dropout, in the teacher too": ("^", 1),
    "stochastic depth": ("s", 2),
    "stochastic depth, in the teacher too": ("s", 2),
    "batch norm": ("v", 4),
    "disturbed images": ("D", 5),
    "batches of 8": ("P", 3),
}
"""Marker and colour of each."""
SOURCES = {"minibatch": "batches of 8", "augmentation": "disturbed images"}
SIGNS = (1, 0, -1)
PANELS = {
    "itself": ("slope on the teacher's confidence", "gain over the equal teacher (percentage points)", 1.0),
    "control": ("slope, less the control's", "gain over the control (percentage points)", 0.0),
}
"""Labels of both axes, and the slope at which nothing is exaggerated: of the student itself, and over its control."""


@dataclass(frozen=True)
class Settings:
    """How many cells of each study are drawn (their summaries are the data)."""

    cells: int | None = None


SMALL = Settings(cells=3)
QUICK = Settings()
FULL = Settings()
TOLERANCES = {
    "settings": {"absolute": 0},
    "counts": {"absolute": 0},
    "rank_correlation": {"absolute": 1e-6},
    "within": {"absolute": 1e-6},
}


def compute(settings: Settings) -> Dataset:
    """Means with 95 % intervals of every setting of equal teacher and student, and how often signs go together."""
    rows = [row for name in STUDIES for row in _rows(name, settings)]
    spans = np.array([[[astuple(interval(seeds)) for seeds in pair] for pair in row.numbers] for row in rows])
    signs = _signs(spans - np.array([[part[2], 0.0] for part in PANELS.values()])[..., None])
    return Dataset(
        arrays={
            "spans": (("setting", "panel", "measure", "end"), spans),
            "group": (("setting",), np.array([list(GROUPS).index(row.group) for row in rows])),
        },
        coordinates={
            "setting": np.array([row.name for row in rows]),
            "panel": np.array(list(PANELS)),
            "measure": np.array(["slope", "gain"]),
            "end": np.array(["mean", "low", "high"]),
        },
        numbers={
            "settings": len(rows),
            "counts": [_counts(signs[:, panel]) for panel in range(len(PANELS))],
            "rank_correlation": [_ranked(spans[:, panel, :, 0]) for panel in range(len(PANELS))],
            "within": [_within([row.numbers[panel] for row in rows]) for panel in range(len(PANELS))],
        },
    )


@dataclass(frozen=True)
class Row:
    """One student of one cell: slopes and gains by seed, of itself and over its control."""

    name: str
    group: str
    numbers: tuple[tuple[list[float], list[float]], ...]


def _rows(name: str, settings: Settings) -> Iterator[Row]:
    summary = experiments.finished(experiments.study(name))
    for each in summary["cells"][: settings.cells]:
        if each["cell"].get("pair") == "cross":
            continue
        for student, group in _students(each["cell"]).items():
            of = {word: each["numbers"][f"{student}, {word}"] for word in ("test, slope", "gain")}
            over = [each["numbers"][f"{student}, {word}"] for word in ("test, slope, difference", "gain over control")]
            told = f"{name}: {each['cell']['name']}, {student}"
            yield Row(told, group, ((of["test, slope"], of["gain"]), (over[0], over[1])))


def _students(cell: Mapping[str, Any]) -> dict[str, str]:
    """Names of the students of a cell among its numbers, and their groups; temperatures are 4 where not said."""
    if "networks" in cell:
        # Teachers that were stopped early are no equals of their students.
        return {} if "teacher_epochs" in cell else {"dropout, t2": "dropout, at temperature 2"}
    if "doses" not in cell:
        return {"t4": "no added noise"}
    source = str(SOURCES.get(cell["source"], cell["source"]))
    students = {f"{dose}, t4": "no added noise" if dose == "twin" else source for dose in cell["doses"]}
    noisy = [dose for dose, modes in cell["modes"].items() if "training" in modes]
    return students | {f"{dose}, t4 noisy": f"{source}, in the teacher too" for dose in noisy}


def _signs(spans: Any) -> Any:
    """1 where an interval lies above zero, -1 where below, 0 where it holds zero; shape (settings, measures)."""
    return (spans[..., 1] > 0).astype(int) - (spans[..., 2] < 0).astype(int)


def _counts(signs: Any) -> list[list[int]]:
    """How many settings have each pair of signs; rows are slopes, columns gains, from above to below."""
    return [[int(np.sum((signs == (slope, gain)).all(axis=1))) for gain in SIGNS] for slope in SIGNS]


def _ranked(pairs: Any) -> float:
    """Spearman's rank correlation of two columns."""
    from scipy.stats import spearmanr

    return float(np.asarray(spearmanr(pairs[:, 0], pairs[:, 1]))[0])


def _within(pairs: list[tuple[list[float], list[float]]]) -> float:
    """Correlation over the seeds of one setting, pooled over settings: means of settings are taken out."""
    slopes, gains = (np.concatenate([np.array(p[i]) - np.mean(p[i]) for p in pairs]) for i in (0, 1))
    return float(slopes @ gains / np.sqrt((slopes @ slopes) * (gains @ gains)))


@house_style()
def draw(dataset: Dataset) -> Any:
    """Gain against slope, one mark with its intervals for each setting: the student itself, and over its control."""
    figure, panels = canvas(2, height=4.4)
    for place, (axes, (across, up, at)) in enumerate(zip(panels, PANELS.values(), strict=True)):
        axes.axvline(at, color=GUIDE, linewidth=0.9, zorder=0)
        axes.axhline(0.0, color=GUIDE, linewidth=0.9, zorder=0)
        for number, group in enumerate(GROUPS):
            chosen = dataset["group"] == number
            if chosen.any():
                _draw_group(axes, dataset["spans"][chosen, place], group)
        axes.margins(y=0.12)
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        _count(axes, dataset.numbers["counts"][place])
        title(axes, ("The student itself", "Over the one-hot control")[place], "ab"[place])
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3, fontsize=7.5)
    return figure


def _draw_group(axes: Any, spans: Any, group: str) -> None:
    marker, number = GROUPS[group]
    colour, ink, _ = look(number)
    face = "white" if group.endswith("too") else colour
    slope, gain = spans[:, 0], 100.0 * spans[:, 1]
    reach = {"xerr": np.abs(slope[:, 1:] - slope[:, :1]).T, "yerr": np.abs(gain[:, 1:] - gain[:, :1]).T}
    marks = {"color": ink, "markerfacecolor": face, "markersize": 4.5, "elinewidth": 0.6}
    axes.errorbar(slope[:, 0], gain[:, 0], **reach, fmt=marker, label=group, **marks)


def _count(axes: Any, counts: list[list[int]]) -> None:
    """Into each corner, how many settings lie there with both intervals."""
    for slope, gain, x, y in ((0, 0, 0.99, 0.98), (0, 2, 0.99, 0.02), (2, 0, 0.01, 0.98), (2, 2, 0.01, 0.02)):
        place = {"ha": "right" if x > 0.5 else "left", "va": "top" if y > 0.5 else "bottom"}
        words = f"{('steeper', '', 'flatter')[slope]}, {('better', '', 'worse')[gain]}: {counts[slope][gain]}"
        axes.text(x, y, words, transform=axes.transAxes, fontsize=7.5, color=GUIDE, **place)


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    itself, over = (
        f"{c[0][0]} steeper and better, {c[0][2]} steeper and worse, {c[2][0]} flatter and better, {c[2][2]} flatter "
        f"and worse; {c[0][1]} steeper without a difference in accuracy that shows, {c[1][0]} better at a slope that "
        f"cannot be told from {part[2]:g}"
        for c, part in zip(n["counts"], PANELS.values(), strict=True)
    )
    ranks, within = ([f"{value:.2f}" for value in n[name]] for name in ("rank_correlation", "within"))
    return (
        f"Networks taught by their equals, at temperature 4 where not said, on test points: {n['settings']} settings "
        f"of the registered studies {', '.join(STUDIES)}; means over seeds with 95 % intervals of single "
        f"settings. (a) The student itself; both intervals clear of the lines: {itself}. (b) The same less the one-hot "
        f"control, which takes out what another training run does to slopes: {over}. Rank correlation over settings "
        f"{ranks[0]} and {ranks[1]}; correlation over the seeds of a setting, pooled, {within[0]} and {within[1]}. "
        f"Settings share data: these describe, and test nothing; the studies' verdicts do."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    corners = "; ".join(
        f"{name}: upper right {c[0][0]}, lower right {c[0][2]}, upper left {c[2][0]}, lower left {c[2][2]}"
        for name, c in zip(("the student itself", "over its control"), dataset.numbers["counts"], strict=True)
    )
    return (
        "Two scatter plots of gains in accuracy against slopes of confidence on test points, one mark for each "
        "setting, by source of noise. If what exaggerates also gained, marks would lie in the upper right and the "
        f"lower left. Counts of settings whose intervals lie in a corner, {corners}."
    )
