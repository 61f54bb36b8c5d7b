"""Rounds within a tolerance: how many there are before the collapse, and what they leave of the spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.distillation import constrained_rounds
from kdtheory.plotting import Dataset, canvas, filters_by_eigenvalue, house_style, label, rounds_by_ratio, title

ID = "number-of-rounds"
TITLE = "How many rounds a tolerance allows, and what they leave"
CLAIMS = ("number-of-rounds", "constrained-rounds", "rounds-sharpen-geometrically")
SPECTRA = ("separated", "digits", "power law", "equal")


@dataclass(frozen=True)
class Settings:
    """Digits in a kernel model, and three made-up spectra; ratios of norms from ``lowest`` to ``highest``."""

    train: int = 200
    seed: int = 0
    depth: int = 2
    modes: int = 36
    apart: float = 1e8
    exponent: float = 2.0
    lowest: float = 1.2
    highest: float = 6.0
    points: int = 97
    ratio: float = 4.0


SMALL = Settings(train=40, points=13)
QUICK = Settings()
FULL = Settings(train=1500, points=401)
TOLERANCES = {
    "rounds_at_ratio": {"absolute": 0},
    "outside_bounds": {"absolute": 0},
    "penalties": {"relative": 1e-6},
    "sharpness": {"relative": 1e-6},
}


def compute(settings: Settings) -> Dataset:
    """Count the rounds on four spectra, and follow those of the digits one by one."""
    ratios = np.geomspace(settings.lowest, settings.highest, settings.points)
    problems = _problems(settings)
    counts = np.array([_rounds(lam, y, ratios).rounds for lam, y in problems.values()])
    at = {name: int(_rounds(lam, y, np.array(settings.ratio)).rounds) for name, (lam, y) in problems.items()}
    lam, y = problems["digits"]
    found = _rounds(lam, y, np.array(settings.ratio))
    products = np.cumprod(found.gains, axis=0)
    shown = np.geomspace(lam[-1], lam[0], settings.points)
    curves = np.cumprod(shown / (shown + found.penalties[:, None]), axis=0)
    low, high = lam.size // 2, 0
    return Dataset(
        arrays={
            "rounds": (("spectrum", "ratio"), counts),
            "product": (("round", "eigenvalue"), curves),
        },
        coordinates={
            "spectrum": SPECTRA,
            "ratio": ratios,
            "round": np.arange(1, len(curves) + 1),
            "eigenvalue": shown,
        },
        numbers={
            "train": settings.train,
            "depth": settings.depth,
            "ratio": settings.ratio,
            "rounds_at_ratio": [at[name] for name in SPECTRA],
            "bounds_at_ratio": [settings.ratio - 1.0, settings.ratio**2],
            "outside_bounds": int(np.sum((counts < ratios - 1.0) | (counts >= ratios**2))),
            "penalties": [float(found.penalties[0]), float(found.penalties[-1])],
            "modes_compared": [high + 1, low + 1],
            "sharpness": [float(np.log10(p[high] / p[low])) for p in (products[0], products[-1])],
        },
    )


def _problems(settings: Settings) -> dict[str, tuple[Any, Any]]:
    """Eigenvalues and coefficients by name."""
    task = kd.tasks.digits(train=settings.train, seed=settings.seed)
    spectrum = kd.KernelModel(kd.kernels.NTK(depth=settings.depth)).spectrum(task)
    digits = np.sqrt(np.sum(np.square(spectrum.coefficients(np.asarray(task.targets))), axis=-1))
    rank, flat = np.arange(1.0, settings.modes + 1.0), np.ones(settings.modes)
    return {
        "separated": (settings.apart ** -(rank - 1.0), flat),
        "digits": (spectrum.eigenvalues, digits),
        "power law": (rank**-settings.exponent, 1.0 / rank),
        "equal": (flat, flat),
    }


def _rounds(lam: Any, y: Any, ratios: Any) -> Any:
    """The rounds at each ratio of norms."""
    tolerance = np.sum(np.square(y)) / np.square(ratios) / len(lam)
    return constrained_rounds(np.broadcast_to(lam, (*ratios.shape, len(lam))), y, tolerance)


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: numbers of rounds between their bounds. Right: what each round leaves of the digits' modes."""
    figure, (counts, filters) = canvas(2, height=3.3)
    _draw_counts(counts, dataset)
    _draw_filters(filters, dataset)
    return figure


def _draw_counts(axes: Any, dataset: Dataset) -> None:
    ratios = dataset["ratio"]
    end = len(ratios) - 1
    up = {"digits": 4, "power law": 0, "equal": -3}
    places = {str(name): (end, (5, up.get(str(name), 0))) for name in dataset["spectrum"]}
    named = dict(zip(places, dataset["rounds"], strict=True))
    rounds_by_ratio(axes, ratios, named, (ratios - 1.0, ratios**2), places)
    label(axes, "ratio squared", (ratios[end // 2], ratios[end // 2] ** 2), (-5, 5))
    label(axes, "ratio less one", (ratios[end // 3], ratios[end // 3] - 1.0), (6, -7))
    ticks = [ratio for ratio in (1.2, 1.5, 2, 3, 4, 5, 6) if ratios[0] <= ratio * 1.001 and ratio <= ratios[-1] * 1.001]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks([0.3, 1, 3, 10, 30], ["0.3", "1", "3", "10", "30"])
    axes.minorticks_off()
    axes.set_xlabel("norm of the labels / what a round may leave out")
    axes.set_ylabel("rounds before the collapse")
    title(axes, "Number of rounds", "a")


def _draw_filters(axes: Any, dataset: Dataset) -> None:
    lam, products = dataset["eigenvalue"], dataset["product"]
    rounds = dataset["round"]
    shown = sorted({0, 1, len(rounds) // 2, len(rounds) - 1})
    curves = {str(rounds[j]): products[j] for j in shown}
    filters_by_eigenvalue(axes, lam, curves, dict.fromkeys(curves, (0, (9, -4))))
    axes.set_yscale("log")
    axes.set_xlabel("eigenvalue (digits)")
    axes.set_ylabel("product of the gains so far")
    title(axes, f"After rounds {', '.join(curves)}, at the ratio {dataset.numbers['ratio']:g}", "b")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    counts = ", ".join(f"{name} {count}" for name, count in zip(dataset["spectrum"], n["rounds_at_ratio"], strict=True))
    high, low = n["modes_compared"]
    first, last = n["sharpness"]
    return (
        "Rounds of self-distillation, each the smallest function within one tolerance of the outputs before it. (a) "
        "The number of rounds that fit more than nothing, against the norm of the labels in units of what a round may "
        "leave out, for four spectra: it stays between the ratio less one (equal eigenvalues) and its square "
        f"(separated ones); {n['outside_bounds']} of all counts lie outside. At the ratio {n['ratio']:g}, with bounds "
        f"{n['bounds_at_ratio'][0]:g} and {n['bounds_at_ratio'][1]:g}: {counts} rounds. (b) Products of the gains of "
        f"these rounds on {n['train']} digits (neural tangent kernel of depth {n['depth']}): the penalty grows from "
        f"{n['penalties'][0]:.2f} to {n['penalties'][1]:.2f}, and the ratio of the gains of modes {high} and {low} by "
        f"{first:.2f} decades in the first round and by {last:.2f} in all."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    return (
        "Two panels on logarithmic axes. Left: staircases of the number of rounds against the ratio of norms for four "
        "spectra, in a band between the ratio less one and the ratio squared; equal eigenvalues follow the lower edge, "
        "separated ones the upper edge. Right: gains against the eigenvalue after several rounds; each round "
        "bends them down further towards small eigenvalues."
    )
