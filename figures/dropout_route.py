"""Dropout shrinks a timid teacher's confidence and exaggerates a confident one's."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import Dataset, canvas, house_style, label, level, named_series, points_of_series, role, title

ID = "dropout-route"
TITLE = "What dropout does to a linear student's confidence"
CLAIMS = ("dropout-route", "logit-noise")


@dataclass(frozen=True)
class Settings:
    """Inputs of a point, rates and temperatures; and points with shared weights, all masks enumerated."""

    features: int = 16
    shown_rates: tuple[float, ...] = (0.1, 0.3, 0.5)
    teacher_logit: float = 8.0
    temperatures: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0)
    least_logit: float = 0.3
    most_logit: float = 12.0
    points: int = 61
    columns: int = 8
    samples: int = 60
    deviation: float = 4.0
    seed: int = 0


SMALL = Settings(points=9, columns=4, samples=12)
QUICK = Settings()
FULL = Settings(points=201, columns=10, samples=200)
TOLERANCES = {
    "turns": {"absolute": 1e-6},
    "limit_turn": {"relative": 1e-12},
    "slopes_at_half": {"relative": 1e-8},
    "slopes_at_half_with_teacher": {"relative": 1e-8},
    "shared_slopes": {"relative": 1e-6},
}


def compute(settings: Settings) -> Dataset:
    """Slopes at optima: of one point in closed form, of points with shared weights by Newton's method."""
    dropout = kd.distillation.dropout_student_logits
    logits = np.geomspace(settings.least_logit, settings.most_logit, settings.points)
    rates = np.linspace(0.0, 0.7, settings.points)
    shown, temperatures = np.asarray(settings.shown_rates), np.asarray(settings.temperatures)

    def excess(logit: float, rate: float) -> float:
        return float(dropout(logit, rate, settings.features) / logit) - 1.0

    by_rate = [
        dropout(settings.teacher_logit, rates, settings.features, temperature=temperatures[:, None], teacher_dropout=on)
        / settings.teacher_logit
        for on in (False, True)
    ]
    half = [
        dropout(settings.teacher_logit, 0.5, settings.features, temperature=temperatures, teacher_dropout=on)
        / settings.teacher_logit
        for on in (False, True)
    ]
    own = np.array([0.1, 0.3, 0.5, 0.7])
    shared = np.array([[_shared(settings, p, t) for p in own] for t in temperatures])
    return Dataset(
        arrays={
            "by_logit": (("shown", "logit"), dropout(logits, shown[:, None], settings.features) / logits),
            "additive": (("logit",), kd.distillation.noisy_student_logits(logits, 1.0) / logits),
            "by_rate": (("temperature", "rate"), by_rate[0]),
            "by_rate_with_teacher": (("temperature", "rate"), by_rate[1]),
            "shared": (("temperature", "own"), shared),
        },
        coordinates={"logit": logits, "shown": shown, "temperature": temperatures, "rate": rates, "own": own},
        numbers={
            "features": settings.features,
            "teacher_logit": settings.teacher_logit,
            "turns": [_root(lambda u, rate=rate: excess(u, rate)) for rate in shown],
            "limit_turn": _root(lambda u: u / 2 * np.tanh(u / 2) - 1.0),
            "slopes_at_half": half[0].tolist(),
            "slopes_at_half_with_teacher": half[1].tolist(),
            "shared_slopes": shared[:, 2].tolist(),
            "columns": settings.columns,
            "samples": settings.samples,
            "deviation": settings.deviation,
        },
    )


def _root(function: Callable[[float], float]) -> float:
    """Between 1 and 6 temperatures."""
    from scipy.optimize import brentq

    found: Any = brentq(function, 1.0, 6.0, xtol=1e-13)
    return float(found)


def _shared(settings: Settings, rate: float, temperature: float) -> float:
    """Slope of student on teacher log-odds over points whose weights are shared, at the optimum over all masks."""
    from scipy.optimize import minimize
    from scipy.special import expit

    generator = np.random.default_rng(settings.seed)
    inputs = generator.standard_normal((settings.samples, settings.columns))
    direction = generator.standard_normal(settings.columns)
    teacher = inputs @ (settings.deviation * direction / np.linalg.norm(direction))
    masks = np.array(list(itertools.product([0.0, 1.0], repeat=settings.columns)))
    chances = np.prod(np.where(masks > 0, 1.0 - rate, rate), axis=1)
    seen = (inputs[:, None, :] * masks / (1.0 - rate)).reshape(-1, settings.columns) / temperature
    weight = np.tile(chances, settings.samples)
    soft = np.repeat(1.0 / (1.0 + np.exp(-teacher / temperature)), len(masks))
    start = settings.deviation * direction / np.linalg.norm(direction)
    found = minimize(
        lambda w: float(weight @ (np.logaddexp(0.0, seen @ w) - soft * (seen @ w))),
        start,
        jac=lambda w: seen.T @ (weight * (expit(seen @ w) - soft)),
        hess=lambda w: (seen * (weight * expit(seen @ w) * expit(-seen @ w))[:, None]).T @ seen,
        method="trust-exact",
        options={"gtol": 1e-9},
    ).x
    return float(teacher @ (inputs @ found) / (teacher @ teacher))


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: against the teacher's confidence. Middle: against the rate. Right: points that share their weights."""
    figure, (logits, rates, shared) = canvas(3, height=3.0)
    _draw_logits(logits, dataset)
    _draw_rates(rates, dataset)
    _draw_shared(shared, dataset)
    logits.set_ylabel("slope: student over teacher log-odds")
    return figure


def _draw_logits(axes: Any, dataset: Dataset) -> None:
    x = dataset["logit"]
    level(axes, y=1.0)
    level(axes, x=dataset.numbers["limit_turn"])
    curves = {f"rate {rate:g}": row for rate, row in zip(dataset["shown"], dataset["by_logit"], strict=True)}
    last = len(x) - 1
    named_series(axes, x, curves, dict.fromkeys(curves, (last, (3, 0))), size=7)
    axes.plot(x, dataset["additive"], color=role("closed form").colour, linewidth=1.2)
    label(axes, "given noise of\ndeviation 1", (float(x[0]), float(dataset["additive"][0])), (2, 22), fontsize=7)
    label(axes, f"{dataset.numbers['limit_turn']:.2f}", (dataset.numbers["limit_turn"], 1.8), (3, 0), fontsize=7)
    axes.set_xscale("log")
    axes.set_xlim(x[0], x[-1] * 2.6)
    axes.set_ylim(0.85, 2.0)
    axes.set_xticks([0.5, 1, 2, 5, 10], ["0.5", "1", "2", "5", "10"])
    axes.minorticks_off()
    axes.set_xlabel("teacher log-odds / temperature")
    title(axes, "Confidence decides", "a")


def _draw_rates(axes: Any, dataset: Dataset) -> None:
    level(axes, y=1.0)
    x = dataset["rate"]
    curves = {f"{t:g}": row for t, row in zip(dataset["temperature"], dataset["by_rate"], strict=True)}
    offsets = ((3, 3), (3, 3), (3, 5), (3, 3), (3, -2))
    places = {name: (len(x) - 1, offset) for name, offset in zip(curves, offsets, strict=True)}
    named_series(axes, x, curves, places, size=7)
    for row in dataset["by_rate_with_teacher"]:
        axes.plot(x, row, color="#9a9a9a", linewidth=0.9, zorder=1)
    lowest = float(dataset["by_rate_with_teacher"][0, -1])
    label(axes, "teacher's\ndropout on", (float(x[-1]), lowest), (-4, -6), fontsize=7, color="#555555")
    label(axes, "temperature", (float(x[-1]), float(dataset["by_rate"][0, -1])), (-10, 2), fontsize=7)
    axes.set_xlim(0, 0.82)
    axes.set_ylim(0.55, None)
    axes.set_xlabel("dropout rate")
    title(axes, f"Log-odds of {dataset.numbers['teacher_logit']:g}", "b")


def _draw_shared(axes: Any, dataset: Dataset) -> None:
    level(axes, y=1.0)
    x = dataset["own"]
    curves = {f"{t:g}": row for t, row in zip(dataset["temperature"], dataset["shared"], strict=True)}
    names = list(curves)
    places = {names[0]: (len(x) - 1, (5, 0)), names[1]: (len(x) - 1, (5, 0))}
    named_series(axes, x, curves, places, size=7)
    label(axes, f"{names[2]} to\n{names[-1]}", (float(x[-1]), float(curves[names[-1]][-1])), (5, 6), fontsize=7)
    points_of_series(axes, x, dataset["shared"])
    axes.set_xlim(0.05, 0.85)
    axes.set_xlabel("dropout rate")
    title(axes, "Shared weights", "c")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    turns = ", ".join(f"{turn:.3f}" for turn in n["turns"])
    shown = ", ".join(f"{rate:g}" for rate in dataset["shown"])
    temperatures = ", ".join(f"{t:g}" for t in dataset["temperature"])
    half = ", ".join(f"{slope:.3f}" for slope in n["slopes_at_half"])
    both = ", ".join(f"{slope:.3f}" for slope in n["slopes_at_half_with_teacher"])
    shared = ", ".join(f"{slope:.3f}" for slope in n["shared_slopes"])
    return (
        "Logistic students with dropout on their inputs, at the optimum of their expected loss, of teachers without. "
        f"(a) One point, {n['features']} inputs: less confidence than the teacher's below a turning point, more above; "
        f"at the rates {shown} it lies at {turns} temperatures (dotted: its limit for little noise, "
        f"{n['limit_turn']:.3f}). Noise of a given size that training cannot reduce (black) always exaggerates. (b) "
        f"Teacher log-odds of {n['teacher_logit']:g}, at the temperatures {temperatures}: at rate 1/2 the slope is "
        f"{half}; with the teacher's dropout left on (grey) it is {both}, below 1 at every rate. (c) {n['samples']} "
        f"points that share {n['columns']} weights, teacher log-odds of deviation {n['deviation']:g}, all masks "
        f"enumerated: slope through the origin, at rate 1/2 {shared}. Noise there is no longer proportional to a "
        "point's own logit, it shrinks all of them, and most at the lowest temperature."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    return (
        "Three panels of the slope of student on teacher log-odds. Left: against the teacher's log-odds, curves for "
        "three dropout rates cross 1 near 2.4 temperatures from below; a curve for given noise stays above 1 and falls "
        "to it. Middle: against the dropout rate, curves for five temperatures fan out from 1, upward for low and "
        "downward for high temperatures; with the teacher's dropout all fall. Right: the same for points that share "
        "weights: all below 1, lowest for the lowest temperature."
    )
