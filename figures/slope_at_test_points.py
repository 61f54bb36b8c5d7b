"""Slopes of ridge students at test points: above one where the signal hides in weak directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import Dataset, canvas, drawn_points, house_style, label, level, limit_line, role, title

ID = "slope-at-test-points"
TITLE = "When a student is steeper than its teacher at test points"
CLAIMS = ("slope-at-test-points",)
SIGNALS = ("weak", "half", "strong")


@dataclass(frozen=True)
class Settings:
    """Strong directions that use up nine samples in ten, and a few weak ones of eigenvalue 1."""

    strong: float = 1e3
    strong_share: float = 0.9
    weak_share: float = 0.05
    samples: int = 200
    draws: int = 6
    shown: int = 6
    points: int = 61
    range: tuple[float, float] = (1e-3, 30.0)
    penalty: float = 0.1
    noise: tuple[float, float] = (1e-3, 3.0)


SMALL = Settings(samples=40, draws=2, shown=2, points=9)
QUICK = Settings()
FULL = Settings(samples=800, draws=20, shown=10)
TOLERANCES = {
    "steepest": {"relative": 1e-6},
    "steepest_train": {"relative": 1e-5},
    "steepest_drawn": {"relative": 1e-5},
    "break_even_noise": {"relative": 1e-6},
}


def compute(settings: Settings) -> Dataset:
    """Limits over penalties, signals and noise, and slopes over the population of students that are drawn."""
    grid = np.geomspace(*settings.range, settings.points)
    few = np.geomspace(settings.range[0] * 2, settings.range[1] / 2, settings.shown)
    shares = {"weak": 0.0, "half": 0.5, "strong": 1.0}
    lines = [_slope(settings, grid, shares[name]) for name in SIGNALS]
    drawn = np.array([_drawn(settings, few, shares[name]) for name in SIGNALS])
    steepest = int(np.argmax(lines[0]))
    here = _drawn(settings, grid[[steepest]], 0.0)
    noise = np.geomspace(*settings.noise, settings.points)
    falling = np.array([_slope(settings, grid[steepest], 0.0, level) for level in noise])
    return Dataset(
        arrays={
            "slope": (("signal", "penalty"), np.array(lines)),
            "drawn": (("signal", "shown", "moment"), drawn[..., :2]),
            "train": (("signal", "shown", "moment"), drawn[..., 2:]),
            "noisy": (("noise",), falling),
        },
        coordinates={"signal": SIGNALS, "penalty": grid, "shown": few, "noise": noise},
        numbers={
            "strong": settings.strong,
            "strong_share": settings.strong_share,
            "weak_share": settings.weak_share,
            "samples": settings.samples,
            "draws": settings.draws,
            "steepest": float(lines[0][steepest]),
            "steepest_penalty": float(grid[steepest]),
            "steepest_drawn": float(here[0, 0]),
            "steepest_error": float(here[0, 1]),
            "steepest_train": float(here[0, 2]),
            "break_even_noise": _break_even(settings, float(grid[steepest])),
        },
    )


def _population(settings: Settings, on_strong: float, noise: float) -> kd.risk.Population:
    masses = np.array([settings.strong_share, settings.weak_share])
    signal = [on_strong / settings.strong, 1.0 - on_strong]
    return kd.risk.Population([settings.strong, 1.0], signal, masses.sum(), noise, masses / masses.sum())


def _slope(settings: Settings, penalty: Any, on_strong: float, noise: float = 0.0) -> Any:
    return kd.risk.proportional_test_slope(_population(settings, on_strong, noise), penalty, penalty)


def _break_even(settings: Settings, penalty: float) -> float:
    """The noise variance at which the slope is 1."""
    from scipy.optimize import brentq

    def excess(log: float) -> float:
        return float(_slope(settings, penalty, 0.0, float(np.exp(log)))) - 1.0

    found: Any = brentq(excess, -20.0, 20.0, xtol=1e-12)
    return float(np.exp(found))


def _drawn(settings: Settings, penalties: Any, on_strong: float) -> Any:
    """Mean and standard error of slopes over the population, then at train points, for each penalty."""
    counts = [round(settings.strong_share * settings.samples), round(settings.weak_share * settings.samples)]
    lam = np.repeat([settings.strong, 1.0], counts)
    coefficients = np.sqrt(np.repeat([on_strong / counts[0], (1.0 - on_strong) / counts[1]], counts))
    recipes = [kd.self_distillation(run, run) for run in (kd.Ridge(settings.samples * c) for c in penalties)]
    slopes = np.empty((settings.draws, len(recipes), 2))
    for draw in range(settings.draws):
        task = kd.tasks.regression(lam, coefficients, train=settings.samples, test=0, seed=draw)
        for place, recipe in enumerate(recipes):
            solved = kd.solve(recipe, kd.LinearModel(), task)
            pairs = [
                (np.sqrt(lam)[:, None] * solved[name].weights, solved[name].train) for name in ("teacher", "student")
            ]
            for kind, (teacher, student) in enumerate(zip(*pairs, strict=True)):
                slopes[draw, place, kind] = np.sum(teacher * student) / np.sum(teacher**2)
    mean, error = slopes.mean(axis=0), slopes.std(axis=0, ddof=1) / np.sqrt(settings.draws)
    return np.stack([mean[:, 0], error[:, 0], mean[:, 1], error[:, 1]], axis=-1)


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: test points. Middle: the same students at train points. Right: what noise does."""
    figure, axes = canvas(3, height=3.0)
    looks = dict(zip(SIGNALS, ("student", "control", "teacher"), strict=True))
    for place, name in enumerate(SIGNALS):
        limit_line(axes[0], dataset["penalty"], dataset["slope"][place], looks[name])
        for panel, kind in zip(axes, ("drawn", "train"), strict=False):
            points = dataset[kind][place]
            drawn_points(panel, dataset["shown"], points[:, 0], points[:, 1], looks[name])
    limit_line(axes[2], dataset["noise"], dataset["noisy"], "student")
    low = min(float(dataset["drawn"][..., 0].min()), float(dataset["slope"].min()))
    for panel in axes:
        level(panel, y=1.0)
        panel.set_xscale("log")
        panel.set_ylim(low - 0.05, 1.1 * float(dataset["slope"].max()))
    for panel in axes[:2]:
        panel.set_xlabel("penalty / weak eigenvalue")
    axes[0].set_ylabel("slope of the student on the teacher")
    axes[2].set_xlabel("noise / power of clean labels")
    words = {"weak": "signal on weak\ndirections", "half": "half and half", "strong": "signal on\nstrong directions"}
    handles = [
        axes[1].plot([], [], **{**role(looks[name]).points, "markerfacecolor": "white"}, label=words[name])[0]
        for name in SIGNALS
    ]
    axes[1].legend(handles=handles, loc="lower left", borderaxespad=0.0, handletextpad=0.1)
    n = dataset.numbers
    label(axes[0], f"{n['steepest']:.2f}", (n["steepest_penalty"], n["steepest"]), (0, 4), color=role("student").ink)
    label(axes[2], f"{n['break_even_noise']:.2f}", (n["break_even_noise"], 1.0), (4, 7), color=role("student").ink)
    for panel, text, letter in zip(axes, ("Test points", "Train points", "Noise"), "abc", strict=True):
        title(panel, text, letter)
    return figure


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    return (
        f"Ridge taught by ridge with the same penalty, no labels mixed in; {n['strong_share']:g} strong directions per "
        f"sample (eigenvalue {n['strong']:g}) and {n['weak_share']:g} weak ones (eigenvalue 1). Slopes are through the "
        f"origin. Lines: the limit. Markers: means over {n['draws']} draws of {n['samples']} samples, with two "
        "standard errors. (a) At new points, without noise: with all signal on weak directions the slope reaches "
        f"{n['steepest']:.3f} at the penalty {n['steepest_penalty']:.3f} (drawn: {n['steepest_drawn']:.3f}, standard "
        f"error {n['steepest_error']:.3f}); with all signal on strong directions it stays below 1. (b) At train points "
        f"no slope is above 1: that of the steepest student is {n['steepest_train']:.3f}. (c) The steepest student of "
        f"(a) with noisy labels: above a noise variance of {n['break_even_noise']:.3f} times the power of the clean "
        "labels its slope is below 1."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    n = dataset.numbers
    return (
        "Three panels of slopes. Left: against the penalty, at test points; the curve for signal on weak directions "
        f"rises above one to {n['steepest']:.2f} and falls again, that for signal on strong directions stays below "
        "one. Middle: at train points all markers are at or below one. Right: the slope falls with the noise and "
        f"crosses one at {n['break_even_noise']:.2f}."
    )
