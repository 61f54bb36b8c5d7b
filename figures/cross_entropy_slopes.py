"""Cross-entropy on clusters: slopes over student time at several temperatures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import GUIDE, Dataset, canvas, house_style, label, pointer, role, slopes_against_time, title

ID = "cross-entropy-slopes"
TITLE = "Slopes of confidence under cross-entropy, over student time"
CLAIMS = ("exaggeration-under-cross-entropy", "no-exaggeration-at-temperature-one")
LOOKS = ("control", "networks", "student", "teacher")
LIMIT = 1e6


@dataclass(frozen=True)
class Settings:
    """Clusters of this many points and classes, a teacher's time, temperatures; simulated students with small steps."""

    sizes: tuple[int, int] = (40, 10)
    classes: int = 10
    teacher_time: float = 2.0
    temperatures: tuple[float, ...] = (1.0, 2.0, 4.0, LIMIT)
    simulated: float = 4.0
    step: float = 0.0025
    shares: tuple[float, ...] = (0.05, 0.2, 0.4, 1.0)
    stopped: float = 0.25
    longest: float = 1000.0
    points: int = 161


SMALL = Settings(step=0.02, points=21)
QUICK = Settings()
FULL = Settings(step=0.0005, points=801)
TOLERANCES = {
    "largest_slopes": {"relative": 1e-6},
    "peak_shares": {"relative": 1e-6},
    "crossing_shares": {"relative": 1e-6},
    "simulated_difference": {"absolute": 1e-6},
    "earliest_peak": {"relative": 1e-6},
    "latest_peak": {"relative": 1e-6},
}


def compute(settings: Settings) -> Dataset:
    """Closed forms over time, deficits by margin, peaks by the teacher's time, and steps of a simulation."""
    lam, time = np.asarray(settings.sizes, dtype=float), np.geomspace(3e-3, 10.0, settings.points)
    own = kd.distillation.margins_on_labels(lam, settings.teacher_time, classes=settings.classes)
    slopes = [_slope(settings, lam, own, tau, time * settings.teacher_time) for tau in settings.temperatures]
    peaks = [int(np.argmax(each)) for each in slopes]
    measured = _simulated(settings)
    exact = _slope(settings, lam, own, settings.simulated, np.asarray(settings.shares) * settings.teacher_time)
    sizes = np.geomspace(0.3, settings.longest, settings.points)
    reach = kd.distillation.margins_on_labels(
        sizes / settings.teacher_time, settings.teacher_time, classes=settings.classes
    )
    lacking = [_lacking(settings, sizes / settings.teacher_time, reach, tau) for tau in settings.temperatures]
    progress = np.geomspace(1.0, settings.longest, settings.points)
    peak = [_peak(settings, each) for each in progress]
    return Dataset(
        arrays={
            "slope": (("temperature", "share"), slopes),
            "simulated_slope": (("simulated_share",), measured),
            "margin": (("size",), reach),
            "deficit": (("temperature", "size"), lacking),
            "peak": (("progress",), [each[0] for each in peak]),
            "crossing": (("progress",), [each[1] for each in peak]),
        },
        coordinates={
            "temperature": settings.temperatures,
            "share": time,
            "simulated_share": settings.shares,
            "size": sizes,
            "progress": progress,
        },
        numbers={
            "sizes": list(settings.sizes),
            "classes": settings.classes,
            "simulated": settings.simulated,
            "margins": [float(each) for each in own],
            "largest_slopes": [float(each.max()) for each in slopes],
            "peak_shares": [float(time[index]) for index in peaks],
            "crossing_shares": [float(time[np.argmax(each > 1)]) for each in slopes],
            "simulated_difference": float(np.abs(measured - exact).max()),
            "stopped": settings.stopped,
            "progress": float(lam[0] * settings.teacher_time),
            "earliest_peak": float(min(each[0] for each in peak)),
            "latest_peak": float(max(each[0] for each in peak)),
            "ratio": float(lam[1] / lam[0]),
        },
    )


def _slope(settings: Settings, lam: Any, own: Any, tau: float, time: Any) -> Any:
    taught = kd.distillation.margins_on_teacher(lam, time[:, None], own, temperature=tau, classes=settings.classes)
    return np.diff(taught.margins)[:, 0] / np.diff(own)


def _lacking(settings: Settings, lam: Any, own: Any, tau: float) -> Any:
    """Deficits of students stopped at a share of the teacher's time."""
    time = settings.stopped * settings.teacher_time
    return kd.distillation.margins_on_teacher(lam, time, own, temperature=tau, classes=settings.classes).deficits


def _peak(settings: Settings, progress: float) -> tuple[float, float]:
    """Student times, as shares of the teacher's, of the maximum and of the crossing at a high temperature."""
    lam = np.array([progress, progress * settings.sizes[1] / settings.sizes[0]])
    own = kd.distillation.margins_on_labels(lam, 1.0, classes=settings.classes)
    crossing = float(kd.measures.exaggeration_time(lam / settings.classes, own))
    return crossing + float(kd.measures.exaggeration_time(lam / settings.classes, lam)), crossing


def _simulated(settings: Settings) -> Any:
    """Softmax trained step by step on as many clusters as classes; slopes between the two sizes."""
    counts = [settings.sizes[0], settings.sizes[1], *[1] * (settings.classes - 2)]
    inputs = np.repeat(np.eye(settings.classes), counts, axis=0)
    task = kd.tasks.from_arrays(inputs, np.repeat(np.arange(settings.classes), counts))
    steps = round(settings.teacher_time / settings.step)
    soft = kd.CrossEntropy(temperature=settings.simulated)
    fits = {"teacher": kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps, settings.step), kd.CrossEntropy()))}
    for index, share in enumerate(settings.shares):
        run = kd.GradientDescent(round(share * steps), settings.step)
        fits[f"student_{index}"] = kd.Fit(kd.Phase(kd.output_of("teacher"), run, soft))
    ends = kd.simulate(kd.Recipe(**fits), kd.LinearModel(), task)

    def margins(name: str) -> Any:
        logits = np.asarray(ends[name].train)[[0, counts[0]]]
        return logits[[0, 1], [0, 1]] - logits[[0, 1], [2, 2]]

    own = margins("teacher")
    return np.array([np.diff(margins(f"student_{i}"))[0] / np.diff(own)[0] for i in range(len(settings.shares))])


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: slopes over time. Middle: what is lacking, by margin. Right: when the slope is largest."""
    figure, (slopes, lacking, peaks) = canvas(3, height=3.1, width_ratios=[1.15, 1.0, 1.0])
    _draw_slopes(slopes, dataset)
    _draw_lacking(lacking, dataset)
    _draw_peaks(peaks, dataset)
    return figure


def _names(dataset: Dataset) -> list[str]:
    return ["limit" if tau >= LIMIT else f"{tau:g}" for tau in dataset["temperature"]]


def _draw_slopes(axes: Any, dataset: Dataset) -> None:
    curves = dict(zip(_names(dataset), dataset["slope"], strict=True))
    slopes_against_time(axes, dataset["share"], curves, looks=LOOKS, marks={})
    crosses = {**role("simulation").points, "color": "black", "markersize": 4}
    axes.plot(dataset["simulated_share"], dataset["simulated_slope"], **crosses, zorder=5)
    lines = axes.get_lines()[1 : 1 + len(curves)]
    axes.legend(lines, list(curves), title="temperature", loc="upper right", fontsize=7.5, title_fontsize=7.5)
    axes.set_ylim(0, None)
    axes.set_xlabel("student's time / teacher's time")
    axes.set_ylabel("slope between two clusters")
    title(axes, "Over student time", "a")


def _draw_lacking(axes: Any, dataset: Dataset) -> None:
    for name, values, who in zip(_names(dataset), dataset["deficit"], LOOKS, strict=True):
        axes.plot(dataset["margin"], values, **role(who).curve)
        if name in ("1", "limit"):
            where = -1 if name == "1" else int(np.flatnonzero(values > 0.8)[-1])
            at = (float(dataset["margin"][where]), float(values[where]))
            words, offset = ("1", (0, 6)) if name == "1" else (name, (4, 0))
            label(axes, words, at, offset, ha="right" if name == "1" else "left", color=role(who).ink)
    axes.axhline(0.0, color=GUIDE, linewidth=0.7)
    axes.set_xlabel("teacher's margin")
    axes.set_ylabel("teacher's minus student's margin")
    title(axes, f"At {dataset.numbers['stopped']:g} of the time", "b")


def _draw_peaks(axes: Any, dataset: Dataset) -> None:
    axes.plot(dataset["progress"], dataset["peak"], **role("student").curve)
    axes.plot(dataset["progress"], dataset["crossing"], **role("teacher").curve)
    axes.axhspan(0.2, 0.4, color="#e9e4da", zorder=0)
    last = (float(dataset["progress"][-1]), 0.283)
    label(axes, "0.2 to 0.4", last, (-2, 0), ha="right", color=GUIDE, fontsize=7.5)
    index = int(0.3 * len(dataset["progress"]))
    at = [(float(dataset["progress"][index]), float(dataset[name][index])) for name in ("peak", "crossing")]
    label(axes, "largest slope", at[0], (5, 7), color=role("student").ink)
    label(axes, "slope 1", at[1], (-7, -7), color=role("teacher").ink)
    pointer(axes, "setting of (a)", (dataset.numbers["progress"], _at_setting(dataset)), (200.0, 3.0))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("eigenvalue \u00d7 teacher's time")
    axes.set_ylabel("student's time / teacher's time")
    title(axes, "High temperature", "c")


def _at_setting(dataset: Dataset) -> float:
    return float(np.interp(dataset.numbers["progress"], dataset["progress"], dataset["peak"]))


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    names = _names(dataset)
    largest = ", ".join(f"{slope:.2f} ({name})" for slope, name in zip(n["largest_slopes"], names, strict=True))
    later = " and ".join(f"{share:.2f}" for share in n["peak_shares"][2:])
    return (
        f"Gradient flow of cross-entropy with {n['classes']} classes on clusters of {n['sizes'][0]} and "
        f"{n['sizes'][1]} points whose kernels do not overlap; the teacher's margins are {n['margins'][0]:.2f} and "
        f"{n['margins'][1]:.2f}. (a) Slope between the two clusters, by temperature; crosses: softmax trained in small "
        f"steps at temperature {n['simulated']:g} (largest difference {n['simulated_difference']:.3f}). The largest "
        f"slopes are {largest}; at the two highest temperatures they are reached at {later} of the teacher's time, and "
        f"the slope comes back to 1 from above. (b) What students stopped at {n['stopped']:g} of the teacher's time "
        "lack, by the teacher's margin: at temperature 1 confident clusters all lack the same, at higher ones the "
        "confident clusters lack least. (c) In the limit of high temperatures, when the slope passes 1 and when it is "
        f"largest, for an eigenvalue ratio of {n['ratio']:g}: the maximum lies between {n['earliest_peak']:.3f} and "
        f"{n['latest_peak']:.1f} of the teacher's time, the earlier the longer the teacher was trained."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    n = dataset.numbers
    return (
        "Three panels. Left: slopes against student time; at temperature 1 the curve rises to about one and stays, at "
        f"higher temperatures it rises above one, to {n['largest_slopes'][-1]:.1f} in the limit, and comes back. "
        "Middle: what students lack against the teacher's margin: flat at temperature 1 for confident clusters, "
        "falling to zero at higher ones. Right: on logarithmic axes, the times of the crossing and of the maximum "
        "fall with the teacher's training."
    )
