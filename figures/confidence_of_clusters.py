"""What square loss makes of confidence on clusters: relative confidence is exaggerated, absolute confidence never."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import (
    GUIDE,
    Dataset,
    canvas,
    house_style,
    label,
    margins_by_cluster,
    pointer,
    role,
    slopes_against_time,
    title,
)

ID = "confidence-of-clusters"
TITLE = "Confidence of clusters on square loss"
CLAIMS = ("no-absolute-exaggeration", "logit-slope-of-clusters", "logit-slope-many-clusters")
LOOKS = ("student", "control")


@dataclass(frozen=True)
class Settings:
    """Clusters of these sizes; times in units of one over the eigenvalue of the largest."""

    sizes: tuple[int, ...] = (32, 24, 18, 13, 9, 6, 4, 2)
    long: float = 3.0
    short: float = 0.5
    teacher_times: tuple[float, ...] = (0.5, 3.0)
    ratio: float = 0.5
    points: int = 121
    solved: int = 9


SMALL = Settings(sizes=(5, 3, 1), points=15, solved=3)
QUICK = Settings()
FULL = Settings(sizes=(320, 240, 180, 130, 90, 60, 40, 20), points=601, solved=25)
TOLERANCES = {
    "slopes": {"relative": 1e-9},
    "origins": {"relative": 1e-9},
    "crossings": {"relative": 1e-9},
    "largest_slopes": {"relative": 1e-9},
    "largest_difference": {"absolute": 1e-11},
}


def compute(settings: Settings) -> Dataset:
    """Solve recipes on clusters, and put formulas beside them."""
    sizes = np.asarray(settings.sizes, dtype=float)
    task = kd.tasks.from_arrays(np.repeat(np.eye(len(sizes)), settings.sizes, axis=0), np.ones(int(sizes.sum())))
    first = np.cumsum([0, *settings.sizes[:-1]])
    shown = [_solved(task, time / sizes[0], first) for time in (settings.long, settings.short)]
    slopes = [kd.measures.cluster_slopes(own, own, settings.sizes) for own, _, _ in shown]
    times = np.geomspace(0.05, 30.0, settings.solved)
    many = [_solved(task, time / sizes[0], first)[2] for time in times]
    curve = np.geomspace(0.05, 30.0, settings.points)
    gains = kd.GradientFlow(curve[:, None] / sizes[0]).gain(sizes)
    formula = kd.measures.cluster_slopes(gains, gains, settings.sizes)
    pair, numbers = _pair(settings, curve)
    exact = kd.GradientFlow(times[:, None] / sizes[0]).gain(sizes)
    law = kd.measures.cluster_slopes(exact, exact, settings.sizes)
    found = np.array(many)
    return Dataset(
        arrays={
            "teacher": (("training", "cluster"), np.stack([own for own, _, _ in shown])),
            "student": (("training", "cluster"), np.stack([taught for _, taught, _ in shown])),
            "line": (("time",), formula.least_squares),
            "origin": (("time",), formula.through_origin),
            "measured_line": (("solved",), found[:, 0]),
            "measured_origin": (("solved",), found[:, 1]),
            **pair,
        },
        coordinates={
            "training": ["long", "short"],
            "cluster": sizes,
            "time": curve,
            "solved": times,
            "teacher_time": settings.teacher_times,
        },
        numbers={
            "clusters": len(sizes),
            "largest": int(sizes[0]),
            "smallest": int(sizes[-1]),
            "long": settings.long,
            "short": settings.short,
            "ratio": settings.ratio,
            "slopes": [float(each.least_squares) for each in slopes],
            "intercepts": [float(_intercept(own, taught, sizes)) for own, taught, _ in shown],
            "origins": [float(each.through_origin) for each in slopes],
            "largest_difference": float(
                np.max(np.abs(found - np.stack([law.least_squares, law.through_origin], axis=-1)))
            ),
            **numbers,
        },
    )


def _solved(task: Any, time: float, first: Any) -> tuple[Any, Any, list[float]]:
    """Margins of teacher and student on clusters, and their slopes as they are measured."""
    flow = kd.GradientFlow(time)
    result = kd.solve(kd.self_distillation(flow, flow), kd.LinearModel(), task)
    own, taught = (np.asarray(result[name].train)[:, 0] for name in ("teacher", "student"))
    measured = kd.measures.confidence(result["teacher"], result["student"], scale="value")
    return own[first], taught[first], [float(measured.slope), float(own @ taught / (own @ own))]


def _intercept(own: Any, taught: Any, sizes: Any) -> Any:
    slope = kd.measures.cluster_slopes(own, taught / own, sizes).least_squares
    return np.average(taught, weights=sizes) - slope * np.average(own, weights=sizes)


def _pair(settings: Settings, time: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """An easy and a hard cluster: slopes against the teacher and against the matched one-hot model."""
    lam = np.array([1.0, settings.ratio])
    against, matched, crossings = [], [], []
    for length in settings.teacher_times:
        own = kd.GradientFlow(length).gain(lam)
        student = kd.GradientFlow(time[:, None]).gain(lam) * own
        reference_time = -np.log1p(-student[:, 0])
        reference = kd.GradientFlow(reference_time[:, None]).gain(lam)
        against.append(np.diff(student)[:, 0] / np.diff(own))
        matched.append(np.diff(student)[:, 0] / np.diff(reference)[:, 0])
        crossings.append(float(kd.measures.exaggeration_time(lam, own)))
    arrays = {"slope": (("teacher_time", "time"), against), "matched": (("teacher_time", "time"), matched)}
    numbers = {
        "crossings": crossings,
        "largest_slopes": [float(np.max(each)) for each in against],
        "smallest_matched": float(np.min(matched)),
    }
    return arrays, numbers


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: margins of clusters. Middle: slope between two of them over student time. Right: over many clusters."""
    figure, (scatter, pair, many) = canvas(3, height=3.1)
    _draw_scatter(scatter, dataset)
    _draw_pair(pair, dataset)
    _draw_many(many, dataset)
    return figure


def _draw_scatter(axes: Any, dataset: Dataset) -> None:
    own, taught = dataset["teacher"], dataset["student"]
    teacher: dict[str, Any] = dict(zip(LOOKS, own, strict=True))
    students: dict[str, Any] = dict(zip(LOOKS, taught, strict=True))
    margins_by_cluster(axes, teacher, students, sizes=dataset["cluster"])
    n = dataset.numbers
    for index, who in enumerate(LOOKS):
        ends = np.array([own[index].min(), own[index].max()])
        axes.plot(ends, n["intercepts"][index] + n["slopes"][index] * ends, **{**role(who).curve, "linewidth": 1.2})
    places = ((0.6, 0.42), (0.43, 0.12))
    for name, slope, who, place in zip(("long", "short"), n["slopes"], LOOKS, places, strict=True):
        label(axes, f"{name}:\nslope {slope:.2f}", place, (6, 0), ha="left", va="center", color=role(who).ink)
    label(axes, "as the\nteacher", (0.5, 0.5), (-6, 6), ha="right", va="bottom", color=GUIDE)
    axes.set_xlim(0, 1.03)
    axes.set_ylim(0, 1.03)
    axes.set_xlabel("teacher's margin")
    axes.set_ylabel("student's margin")
    title(axes, "Same training twice", "a")


def _draw_pair(axes: Any, dataset: Dataset) -> None:
    curves = {f"{time:g}": values for time, values in zip(dataset["teacher_time"], dataset["slope"], strict=True)}
    crossings = dataset.numbers["crossings"]
    marks = {name: ([at], [1.0]) for name, at in zip(curves, crossings, strict=True)}
    slopes_against_time(axes, dataset["time"], curves, looks=LOOKS[::-1], marks=marks)
    axes.plot(
        dataset["time"], dataset["matched"][0], color=role("closed form").colour, linewidth=1.0, linestyle=(0, (1, 1))
    )
    pointer(axes, "$s_c$", (crossings[0], 1.0), (0.35, 1.35))
    places = ((0.9, 0.55), (3.3, 1.75))
    for name, who, place in zip(curves, LOOKS[::-1], places, strict=True):
        label(axes, f"teacher's\ntime {name}", place, (4, 0), ha="left", va="center", color=role(who).ink, fontsize=7.5)
    last = (float(dataset["time"][0]), float(dataset["matched"][0][0]))
    label(axes, "against\nmatched\none-hot", last, (2, 5), ha="left", va="bottom", fontsize=7.5)
    axes.set_ylim(0, 2.35)
    axes.set_xlabel("student's time \u00d7 eigenvalue")
    axes.set_ylabel("slope between two clusters")
    title(axes, "Two clusters", "b")


def _draw_many(axes: Any, dataset: Dataset) -> None:
    curves = {"line": dataset["line"], "origin": dataset["origin"]}
    slopes_against_time(axes, dataset["time"], curves, looks=("student", "teacher"), marks={})
    crosses = {**role("simulation").points, "color": "black", "markersize": 4}
    for name in curves:
        axes.plot(dataset["solved"], dataset[f"measured_{name}"], **crosses, zorder=4)
    label(axes, "with\nintercept", (3.0, 1.5), (-2, 0), ha="right", va="center", color=role("student").ink)
    words = "through origin:\nabsolute\nconfidence"
    label(axes, words, (2.2, 0.45), (0, 0), ha="left", va="center", color=role("teacher").ink)
    axes.set_ylim(0, None)
    axes.set_xlabel("time \u00d7 largest eigenvalue")
    axes.set_ylabel("slope over all points")
    title(axes, "All clusters", "c")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    times = " and ".join(f"{time:g}" for time in dataset["teacher_time"])
    crossings = " and ".join(f"{time:.3f}" for time in n["crossings"])
    largest = " and ".join(f"{slope:.2f}" for slope in n["largest_slopes"])
    return (
        f"Gradient flow on square loss; {n['clusters']} clusters with {n['largest']} to {n['smallest']} points whose "
        f"kernels do not overlap, labels 1; times in units of one over the largest eigenvalue. (a) Margins of student "
        f"and teacher, both trained for {n['long']:g} or both for {n['short']:g}; areas are numbers of points. The "
        f"least-squares lines have the slopes {n['slopes'][0]:.3f} and {n['slopes'][1]:.3f}; lines through the origin "
        f"would have {n['origins'][0]:.3f} and {n['origins'][1]:.3f}. (b) Two clusters with an eigenvalue ratio of "
        f"{n['ratio']:g}, teachers trained for {times}: the slope passes 1 at {crossings} (open markers), is at most "
        f"{largest}, and comes back to 1 from above. Dotted: against a one-hot model matched on the easy cluster (for "
        f"the first teacher), the slope is above 1 at all times. (c) The same training twice, over its time: twice the "
        f"mean gain plus a skew, and the mean of gains; crosses: measured on solved recipes (largest difference "
        f"{n['largest_difference']:.1e})."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    n = dataset.numbers
    return (
        "Three panels. Left: student margins against teacher margins, all points below the diagonal; after long "
        f"training the points lie on a line steeper than the diagonal (slope {n['slopes'][0]:.2f}), after short "
        "training on a flatter one. Middle: the slope between two clusters rises with the student's time from zero "
        "through one to a maximum and falls back towards one; against the matched one-hot model it is above one "
        "throughout. Right: over many clusters, the slope with intercept exceeds one in the middle of training, that "
        "through the origin never."
    )
