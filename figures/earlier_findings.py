"""Six findings on distillation, each as the gain that it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import Dataset, canvas, gain_curves, house_style, title

ID = "earlier-findings"
TITLE = "Earlier findings, each as the gain it stands for"
CLAIMS = ("earlier-findings",)
PANELS = (
    "Late students copy",
    "Rounds amplify",
    "Labels dampen",
    "Smoothing is flat",
    "Soft labels denoise",
    "Early students miss",
)


@dataclass(frozen=True)
class Settings:
    """Digits in a kernel model; what the six panels vary."""

    train: int = 300
    seed: int = 0
    depth: int = 2
    reference_mode: int = 10
    later: tuple[float, ...] = (1.0, 30.0)
    rounds: tuple[int, ...] = (1, 5)
    label_weight: float = 0.3
    smoothing: float = 0.2
    shown_modes: int = 9
    points: int = 121


SMALL = Settings(train=60, points=21)
QUICK = Settings()
FULL = Settings(train=1500)
TOLERANCES = {"largest_error": {"absolute": 1e-9}, "largest_missed": {"relative": 1e-9}}


def compute(settings: Settings) -> Dataset:
    """Six formulas as curves, and the gains of solved recipes in some modes of digits."""
    task = kd.tasks.digits(train=settings.train, seed=settings.seed)
    model = kd.KernelModel(kd.kernels.NTK(depth=settings.depth))
    spectrum = model.spectrum(task)
    unit = spectrum.eigenvalues[settings.reference_mode]
    progress = np.geomspace(spectrum.eigenvalues[-1] / unit, spectrum.largest / unit, settings.points)
    modes = np.unique(np.geomspace(1, spectrum.size, settings.shown_modes).astype(int)) - 1
    at = spectrum.eigenvalues[modes] / unit
    solved = _solved(settings, model, task, spectrum, unit)
    curves, points = _lines(settings, progress), np.stack([gains[modes] for gains in solved])
    errors = np.abs(points - _lines(settings, at))
    return Dataset(
        arrays={
            "line": (("curve", "progress"), curves),
            "solved": (("curve", "mode"), points),
            "mode_progress": (("mode",), at),
        },
        coordinates={"progress": progress, "mode": modes},
        numbers={
            "train": task.size,
            "depth": settings.depth,
            "mode": settings.reference_mode + 1,
            "later": list(settings.later),
            "rounds": list(settings.rounds),
            "label_weight": settings.label_weight,
            "smoothing": settings.smoothing,
            "largest_error": float(errors.max()),
            "largest_missed": float(curves[-1].max()),
        },
    )


def _lines(settings: Settings, z: Any) -> Any:
    """The formulas, in the order of the panels; ``z`` is the eigenvalue in units of the one named in the caption."""
    flow, ridge = -np.expm1(-z), z / (z + 1.0)
    weight, late = settings.label_weight, settings.later
    return np.stack(
        [
            flow, *(-np.expm1(-later * z) * flow for later in late),
            ridge, *(ridge ** (rounds + 1) for rounds in settings.rounds),
            ridge, weight * z / (1.0 + weight * z),
            flow, (1.0 - settings.smoothing) * flow,
            np.ones_like(z), flow**2,
            flow, np.exp(-z) * flow,
        ]
    )  # fmt: skip


def _solved(settings: Settings, model: Any, task: Any, spectrum: Any, unit: float) -> list[Any]:
    """The same gains from recipes."""
    flow, ridge = kd.GradientFlow(1.0 / unit), kd.Ridge(unit)
    teacher = kd.solve(kd.self_distillation(flow, flow), model, task)
    late = [kd.solve(kd.self_distillation(flow, kd.GradientFlow(s / unit)), model, task) for s in settings.later]
    rounds = kd.solve(kd.self_distillation(ridge, ridge, rounds=max(settings.rounds)), model, task)
    names = ["student" if count == 1 else f"student_{count}" for count in settings.rounds]
    limit = kd.self_distillation(ridge, ridge, mixing=1.0 - settings.label_weight, rounds=np.inf)
    dampened = kd.solve(limit, model, task)["student"].gains
    first, student = teacher["teacher"].gains, teacher["student"].gains
    once = rounds["teacher"].gains
    return [
        first, *(fits["student"].gains for fits in late),
        once, *(rounds[name].gains for name in names),
        once, dampened,
        first, _smoothed(settings, flow, model, task, spectrum),
        np.ones(spectrum.size), first * first,
        first, first - student,
    ]  # fmt: skip


def _smoothed(settings: Settings, flow: Any, model: Any, task: Any, spectrum: Any) -> Any:
    """Gain of a training on smoothed labels, with respect to the plain ones; both are centred over the classes."""
    plain = task.targets - task.targets.mean(axis=1, keepdims=True)
    smooth = (1.0 - settings.smoothing) * task.targets + settings.smoothing / task.targets.shape[1]
    smooth = kd.tasks.from_arrays(task.inputs, smooth - smooth.mean(axis=1, keepdims=True))
    outputs = kd.solve(kd.Recipe(student=kd.Fit(kd.Phase(kd.labels, flow))), model, smooth)["student"].train
    learned, wanted = spectrum.coefficients(outputs), spectrum.coefficients(plain)
    return np.sum(learned * wanted, axis=1) / np.sum(np.square(wanted), axis=1)


def _curves(dataset: Dataset) -> list[list[tuple[str, str]]]:
    """Role and words of every curve, panel by panel, in the order of the data."""
    n = dataset.numbers
    late = [("student", f"student, time {time:g}") for time in n["later"]]
    rounds = [("student", f"{count} round{'s' if count > 1 else ''}") for count in n["rounds"]]
    return [
        [("teacher", "teacher, time 1"), *late],
        [("teacher", "ridge"), *rounds],
        [("teacher", "ridge"), ("control", f"rounds, labels {n['label_weight']:g}")],
        [("teacher", "flow"), ("control", f"smoothed by {n['smoothing']:g}")],
        [("teacher", "labels"), ("student", "teacher's outputs")],
        [("teacher", "teacher"), ("student", "what the student misses")],
    ]


@house_style()
def draw(dataset: Dataset) -> Any:
    """Six panels with the same horizontal axis."""
    figure, panels = canvas(3, height=4.6, rows=2)
    number = 0
    for index, (axes, described) in enumerate(zip(panels, _curves(dataset), strict=True)):
        taken = range(number, number + len(described))
        curves = [(*words, dataset["line"][k]) for words, k in zip(described, taken, strict=True)]
        points = [(dataset["mode_progress"], dataset["solved"][k]) for k in taken]
        gain_curves(axes, dataset["progress"], curves, points)
        axes.set_ylim(-0.03, 1.3 + 0.13 * (len(described) - 2))
        axes.legend(loc="upper left", fontsize=7, borderaxespad=0.0, handlelength=2.2)
        axes.set_xlabel("eigenvalue \u00d7 time" if index in (0, 3, 4, 5) else "eigenvalue / penalty")
        axes.set_ylabel("share of noise variance" if index == 4 else "gain")
        title(axes, PANELS[index], "abcdef"[index])
        number += len(described)
    return figure


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    late = n["later"][-1]
    return (
        f"Lines: formulas. Dots: recipes solved on {n['train']} digits with the neural tangent kernel of depth "
        f"{n['depth']}, in some of their modes; the two differ by at most {n['largest_error']:.1e}. One unit of the "
        f"horizontal axis is the eigenvalue of mode {n['mode']}. (a) A student of {late:g} times the teacher's time is "
        "almost the teacher: no effect without early stopping. (b) Rounds of ridge regression multiply: small modes "
        f"are lost. (c) With labels of weight {n['label_weight']:g} in every round the limit is ridge again, with a "
        f"larger penalty. (d) Labels smoothed by {n['smoothing']:g} lower all gains alike. (e) Noise in the labels "
        "reaches the gradient through the square of the teacher's gain. (f) What a student of equal time misses of "
        f"its teacher is largest in the middle of the spectrum ({n['largest_missed']:.3f})."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    return (
        "Six panels of gain against eigenvalue on a logarithmic axis. In all of them the curve of a single training "
        "rises from zero to one. Students and rounds lie below it, a late student on it; labels mixed in move it to "
        "the right; smoothing scales it down to a lower plateau; the variance of noise is one for labels and rises "
        "from zero for a teacher's outputs; what a student misses is a bump in the middle."
    )
