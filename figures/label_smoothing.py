"""Label smoothing is a flat gain; a teacher's gain falls with the mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import GUIDE, Dataset, canvas, house_style, label, pointer, role, title

ID = "label-smoothing"
TITLE = "Label smoothing is a flat gain"
CLAIMS = ("label-smoothing-is-a-flat-gain",)


@dataclass(frozen=True)
class Settings:
    """Digits in a kernel model, smoothing, and how far teacher and student are trained."""

    train: int = 300
    seed: int = 0
    depth: int = 2
    smoothing: float = 0.1
    learned: int = 20
    shown_modes: int = 40
    classes: tuple[int, ...] = (2, 10, 1000)
    points: int = 101


SMALL = Settings(train=60, shown_modes=10, points=11)
QUICK = Settings()
FULL = Settings(train=1500, points=401)
TOLERANCES = {
    "flatness": {"absolute": 1e-9},
    "uncentred_difference": {"relative": 1e-6},
    "steepness": {"relative": 1e-6},
    "distance": {"relative": 1e-6},
    "margins": {"relative": 1e-10},
}


def compute(settings: Settings) -> Dataset:
    """Train on smoothed and on one-hot labels, centred or not, and on a teacher; gains are ratios of outputs."""
    task = kd.tasks.digits(train=settings.train, seed=settings.seed)
    inputs, onehot = np.asarray(task.inputs), np.eye(10)[np.asarray(task.labels)]
    smooth = (1 - settings.smoothing) * onehot + settings.smoothing / 10
    model = kd.KernelModel(kd.kernels.NTK(depth=settings.depth))
    spectrum = model.spectrum(task)
    flow = kd.GradientFlow(spectrum.time_at(gain=0.9, mode=settings.learned))
    once = kd.Recipe(student=kd.Fit(kd.Phase(kd.labels, flow)))

    def coefficients(targets: Any, recipe: Any = once) -> Any:
        solved = kd.solve(recipe, model, kd.tasks.from_arrays(inputs, targets))
        return spectrum.coefficients(np.asarray(solved["student"].train))

    centred = onehot - onehot.mean(axis=0)
    plain = coefficients(centred)
    size = np.sqrt(np.sum(plain**2, axis=-1))
    ratios = {
        "smoothed": _along(coefficients(smooth - smooth.mean(axis=0)), plain),
        "distilled": _along(coefficients(centred, kd.self_distillation(flow, flow)), plain),
        "uncentred": _along(coefficients(smooth), coefficients(onehot)),
    }
    weights = np.sum(spectrum.coefficients(centred) ** 2, axis=-1)
    gains = flow.gain(spectrum.eigenvalues)
    mean = np.average(gains, weights=weights)
    alphas = np.geomspace(1e-3, 0.9, settings.points)
    margins = [np.log1p((1 - alphas) * classes / alphas) for classes in settings.classes]
    kept = slice(0, settings.shown_modes)
    known = size > 1e-9 * size.max()
    return Dataset(
        arrays={
            **{name: (("mode",), values[kept]) for name, values in ratios.items()},
            "best": (("classes", "smoothing"), margins),
        },
        coordinates={"mode": np.arange(1, 1 + settings.shown_modes), "classes": settings.classes, "smoothing": alphas},
        numbers={
            "train": task.size,
            "depth": settings.depth,
            "alpha": settings.smoothing,
            "flatness": float(np.abs(ratios["smoothed"][known] - (1 - settings.smoothing)).max()),
            "uncentred_difference": float(np.abs(ratios["uncentred"][kept] - (1 - settings.smoothing)).max()),
            "steepness": float(gains[0] / gains[settings.shown_modes - 1]),
            "distance": float(np.sqrt(np.average((gains - mean) ** 2, weights=weights))),
            "mean": float(mean),
            "margins": [float(np.log1p((1 - settings.smoothing) * c / settings.smoothing)) for c in settings.classes],
        },
    )


def _along(one: Any, other: Any) -> Any:
    """Ratio of coefficients in each mode, over outputs by least squares."""
    return np.sum(one * other, axis=-1) / np.sum(other**2, axis=-1)


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: outputs over those of one-hot labels, by mode. Right: the margin of least loss."""
    figure, (modes, margins) = canvas(2, height=3.2)
    _draw_modes(modes, dataset)
    _draw_margins(margins, dataset)
    return figure


def _draw_modes(axes: Any, dataset: Dataset) -> None:
    for name, who in {"smoothed": "control", "distilled": "student"}.items():
        look = role(who)
        axes.plot(dataset["mode"], dataset[name], **{**look.points, "markersize": 3.4})
    rings = {**role("teacher").points, "markersize": 6.5, "markerfacecolor": "none"}
    axes.plot(dataset["mode"], dataset["uncentred"], **rings, zorder=4)
    last, flat = float(dataset["mode"][-1]), 1 - dataset.numbers["alpha"]
    label(axes, "smoothed, centred: flat", (last, flat), (0, 6), ha="right", color=role("control").ink)
    middle = (3 * len(dataset["mode"])) // 4
    at = (float(dataset["mode"][middle]), float(dataset["distilled"][middle]))
    label(axes, "distilled", at, (-8, -8), ha="right", color=role("student").ink)
    first = (float(dataset["mode"][0]), float(dataset["uncentred"][0]))
    pointer(axes, "smoothed, not centred", first, (0.35 * last, 1.08), color=role("teacher").ink)
    axes.axhline(1.0, color=GUIDE, linewidth=0.9, zorder=0)
    axes.set_ylim(None, 1.15)
    axes.set_xlabel("mode")
    axes.set_ylabel("output / that of one-hot labels")
    title(axes, "Squared loss, by mode", "a")


def _draw_margins(axes: Any, dataset: Dataset) -> None:
    looks = ("control", "student", "teacher")
    for count, values, who in zip(dataset["classes"], dataset["best"], looks, strict=True):
        axes.plot(dataset["smoothing"], values, **role(who).curve)
        first = (float(dataset["smoothing"][0]), float(values[0]))
        offset = (3, 5) if count > 2 else (3, -26)
        label(axes, f"{count} classes", first, offset, ha="left", va="bottom", color=role(who).ink)
    axes.set_xscale("log")
    axes.set_ylim(0, 15.5)
    axes.set_xlabel("smoothing")
    axes.set_ylabel("margin of least loss")
    title(axes, "Cross-entropy", "b")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    margins = ", ".join(f"{margin:.2f}" for margin in n["margins"])
    classes = ", ".join(f"{count}" for count in dataset["classes"])
    return (
        f"(a) {n['train']} digits with the neural tangent kernel of depth {n['depth']}, gradient flow on square loss: "
        f"outputs over those of one-hot labels, by mode. Smoothing by {n['alpha']:g} scales all modes of centred "
        f"labels alike (largest deviation {n['flatness']:.1e}); without centring, the constant that it adds shows in "
        f"modes that overlap with the vector of ones (up to {n['uncentred_difference']:.2f}). A teacher, trained "
        f"alike, shrinks small modes more: its gains fall by a factor of {n['steepness']:.2f} over the modes shown, "
        f"and are {n['distance']:.3f} away from any one number (their mean, weighted by the labels' power, is "
        f"{n['mean']:.3f}). (b) The margin at which the smoothed cross-entropy is least; for {classes} classes and "
        f"smoothing {n['alpha']:g} it is {margins}."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    return (
        "Two panels. Left: by mode, outputs on smoothed and centred labels lie on a horizontal line at "
        f"{1 - dataset.numbers['alpha']:g} of those on one-hot labels, while distilled ones fall with the mode. "
        "Right: the margin of least loss falls with the smoothing, and is larger for more classes."
    )
