"""Gaussian processes distilled in two ways; what a teacher makes easier, and how faithful a student is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import Dataset, canvas, house_style, label, level, named_series, points_of_series, role, title

ID = "gp-self-distillation"
TITLE = "Two kinds of rounds, supervision complexity and fidelity"
CLAIMS = ("gp-self-distillation", "supervision-complexity", "fidelity")


@dataclass(frozen=True)
class Settings:
    """Digits in a kernel; rounds, and times of teachers and students."""

    train: int = 300
    seed: int = 0
    gamma: float = 0.01
    rounds: tuple[int, ...] = (4, 16)
    noise_mode: int = 20
    half_learned: int = 10
    points: int = 61
    shown: int = 9


SMALL = Settings(train=40, noise_mode=8, half_learned=5, points=9, shown=3)
QUICK = Settings()
FULL = Settings(train=1500, points=201)
TOLERANCES = {
    "largest_error": {"absolute": 1e-6},
    "complexity_at_half": {"relative": 1e-6},
    "faithful_at": {"relative": 1e-3},
    "largest_share_gained": {"relative": 1e-3},
}


def compute(settings: Settings) -> Dataset:
    """Gains of both kinds of processes in the modes of the digits; complexities and distances of solved fits."""
    task = kd.tasks.digits(train=settings.train, test=0, seed=settings.seed)
    model = kd.KernelModel(kd.kernels.RBF(gamma=settings.gamma))
    spectrum = model.spectrum(task)
    noise = float(spectrum.eigenvalues[settings.noise_mode])
    targets = np.asarray(task.targets)
    y = spectrum.coefficients(targets)
    shown = np.unique(np.geomspace(1, settings.train - 1, settings.shown).astype(int))
    kinds, found = [], []
    for kind in ("data", "distribution"):
        for rounds in settings.rounds:
            mean = kd.distillation.gaussian_process(model, task, noise, rounds=rounds, kind=kind).mean()
            gains = np.sum(spectrum.coefficients(mean) * y, axis=1) / np.sum(y**2, axis=1)
            found.append(gains[shown])
            kinds.append(f"{'means' if kind == 'data' else 'posteriors'}, {rounds}")
    ratios = np.geomspace(spectrum.eigenvalues[-1] / noise, spectrum.eigenvalues[0] / noise, settings.points)
    formula = _formulas(settings, ratios)
    error = np.max(np.abs(np.asarray(found) - np.asarray(_formulas(settings, spectrum.eigenvalues[shown] / noise))))

    times = np.geomspace(1e-2, 1e4, settings.points) / spectrum.eigenvalues[settings.half_learned]
    flow = kd.GradientFlow(kd.axis("time", times))
    half = spectrum.time_at(gain=0.5, mode=settings.half_learned)
    teachers = kd.solve(kd.self_distillation(flow, flow), model, task)["teacher"]
    labels = float(kd.measures.supervision_complexity(targets, spectrum))
    complexity = kd.measures.supervision_complexity(teachers) / labels
    at_half = kd.solve(kd.self_distillation(kd.GradientFlow(half), flow), model, task)
    taught, students = at_half["teacher"].train, at_half["student"].train
    distance = np.linalg.norm(students - taught, axis=(-2, -1))
    gained = np.abs(np.linalg.norm(students - targets, axis=(-2, -1)) - np.linalg.norm(taught - targets))
    size = np.linalg.norm(taught)
    # Where the two are apart by more than rounding.
    apart = distance > 1e-6 * size
    own = float(kd.measures.supervision_complexity(at_half["teacher"])) / labels
    return Dataset(
        arrays={
            "gain": (("series", "ratio"), formula),
            "once": (("ratio",), ratios / (1.0 + ratios)),
            "found": (("series", "shown"), found),
            "complexity": (("time",), complexity),
            "fitted": (("time",), np.sum(teachers.train * targets, axis=(-2, -1)) / np.sum(targets**2)),
            "distance": (("time",), distance / size),
            "gained": (("time",), gained / size),
        },
        coordinates={
            "series": kinds,
            "ratio": ratios,
            "shown": spectrum.eigenvalues[shown] / noise,
            "time": times / half,
        },
        numbers={
            "train": settings.train,
            "largest_error": float(error),
            "complexity_at_half": own,
            "mode": settings.half_learned + 1,
            "faithful_at": float(np.interp(-0.1, -distance / size, times / half)),
            "largest_share_gained": float(np.max(gained[apart] / distance[apart])),
        },
    )


def _formulas(settings: Settings, ratio: Any) -> list[Any]:
    """Gains by the ratio of eigenvalue and noise variance."""
    once = ratio / (1.0 + ratio)
    return [once**m for m in settings.rounds] + [ratio / (ratio + 1.0 / m) for m in settings.rounds]


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: gains of both kinds. Middle: complexity against the teacher's time. Right: distance from the teacher."""
    figure, (gains, complexity, distance) = canvas(3, height=3.0)
    _draw_gains(gains, dataset)
    _draw_complexity(complexity, dataset)
    _draw_distance(distance, dataset)
    return figure


def _draw_gains(axes: Any, dataset: Dataset) -> None:
    x = dataset["ratio"]
    names = [str(name) for name in dataset["series"]]
    curves = dict(zip(names, dataset["gain"], strict=True))
    low, high = (int(np.searchsorted(x, ratio)) for ratio in (5.0, 14.0))
    named_series(axes, x, curves, {names[0]: (low, (5, -6)), names[1]: (high, (5, -6))}, size=6.8)
    # The upper curves are named above them, in their order from the left.
    for name, look_of, height in ((names[3], "closed form", 1.10), (names[2], "control", 1.04)):
        label(axes, name, (float(x[0]), height), (1, 0), fontsize=6.8, color=role(look_of).ink)
    axes.set_ylim(-0.04, 1.15)
    axes.plot(x, dataset["once"], color=role("closed form").colour, linewidth=2.4, alpha=0.35, zorder=1)
    points_of_series(axes, dataset["shown"], dataset["found"])
    axes.set_xscale("log")
    axes.set_xlabel("eigenvalue / noise variance")
    axes.set_ylabel("gain of the posterior mean")
    title(axes, "Rounds of both kinds", "a")


def _draw_complexity(axes: Any, dataset: Dataset) -> None:
    level(axes, y=1.0)
    x, teacher = dataset["time"], role("teacher")
    axes.plot(x, dataset["complexity"], **teacher.curve)
    axes.plot(x, dataset["fitted"], **role("control").curve)
    at = 2 * len(x) // 5
    label(
        axes,
        "fit to\nlabels",
        (float(x[at]), float(dataset["fitted"][at])),
        (-5, 8),
        fontsize=7,
        color=role("control").ink,
    )
    at = 3 * len(x) // 4
    label(axes, "complexity", (float(x[at]), float(dataset["complexity"][at])), (4, -10), fontsize=7, color=teacher.ink)
    axes.set_xscale("log")
    axes.set_xlabel("teacher's time / half-learned")
    axes.set_ylabel("share of the labels'")
    title(axes, "A teacher is easier", "b")


def _draw_distance(axes: Any, dataset: Dataset) -> None:
    x, student = dataset["time"], role("student")
    axes.plot(x, dataset["distance"], **student.curve)
    axes.plot(x, dataset["gained"], color=role("closed form").colour, linewidth=1.2)
    at = len(x) // 3
    label(
        axes,
        "distance from\nthe teacher",
        (float(x[at]), float(dataset["distance"][at])),
        (8, 10),
        fontsize=7,
        color=student.ink,
    )
    label(axes, "change of\nthe error", (float(x[at]), float(dataset["gained"][at])), (-5, -10), fontsize=7)
    axes.set_xscale("log")
    axes.set_xlabel("student's time / half-learned")
    axes.set_ylabel("relative to the teacher's outputs")
    title(axes, "A student is faithful", "c")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    return (
        f"{n['train']} digits, RBF kernel. (a) Gaussian process regression distilled into itself: rounds on means "
        "(gain below that of one fit, grey) and on posteriors (above it); lines are the formulas, markers the modes of "
        f"solved processes (largest difference {n['largest_error']:.1e}). (b) Complexity of a teacher's outputs over "
        f"that of the labels, and how much of the labels it fits: when it has half learned mode {n['mode']}, its "
        f"outputs have {n['complexity_at_half']:.2e} of the labels' complexity. (c) A student of that teacher: its "
        f"distance from the teacher falls to a tenth of the teacher's size after {n['faithful_at']:.1f} times the "
        "teacher's time, and bounds by how much the error on the labels changes (at most "
        f"{n['largest_share_gained']:.3f} of it)."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    return (
        "Three panels. Left: gains against eigenvalue over noise on a logarithmic axis; curves of rounds on means lie "
        "below that of one fit, curves of rounds on posteriors above. Middle: against the teacher's time the "
        "complexity of its outputs rises from zero to one, much later than its fit to the labels. Right: against the "
        "student's time its distance from the teacher falls, and the change of its error stays below the distance."
    )
