"""Rounds of self-distillation as polynomials of the gain: how near they come to the best gains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import Dataset, canvas, gains_by_rounds, house_style, label, risk_by_rounds, role, title

ID = "repeated-distillation"
TITLE = "As many rounds as modes reach the best gains"
CLAIMS = ("k-step-distillation",)


@dataclass(frozen=True)
class Settings:
    """Eigenvalues evenly spaced between 1 and 2, signal on the largest only."""

    sizes: tuple[int, ...] = (2, 4, 8, 16)
    signal_to_noise: float = 1e4
    shown: int = 5
    shown_rounds: tuple[int, ...] = (0, 1, 2, 5)
    shown_penalty: float = 1.0
    most_rounds: int = 6
    penalties: int = 5
    grid: int = 901


SMALL = Settings(sizes=(2, 4), shown=3, shown_rounds=(0, 1, 3), most_rounds=3, grid=201)
QUICK = Settings()
FULL = Settings(penalties=41, most_rounds=8)
TOLERANCES = {
    "ridge_ratios": {"relative": 1e-4},
    "one_round_ratios": {"relative": 1e-4},
    "last_ratio": {"relative": 1e-3},
    "shown_condition": {"relative": 1e-4},
}


def compute(settings: Settings) -> Dataset:
    """The least risks over penalties and weights, round by round, for spectra of several sizes."""
    found = {size: _ratios(settings, size) for size in settings.sizes}
    lam, risk = _problem(settings, settings.shown)
    run = kd.Ridge(settings.shown_penalty)
    g, e = run.gain(lam), run.residual(lam)
    reached = [
        kd.risk.oracle_mixings(risk, g, rounds, residuals=e) if rounds else None for rounds in settings.shown_rounds
    ]
    last: Any = reached[-1]
    return Dataset(
        arrays={
            "ratio": (("size", "rounds"), np.stack(list(found.values()))),
            "gain": (("shown_rounds", "eigenvalue"), np.stack([g if one is None else one.gains for one in reached])),
            "best": (("eigenvalue",), risk.oracle_gains()),
        },
        coordinates={
            "size": settings.sizes,
            "rounds": np.arange(settings.most_rounds + 1),
            "shown_rounds": settings.shown_rounds,
            "eigenvalue": lam,
        },
        numbers={
            "signal_to_noise": settings.signal_to_noise,
            "shown_penalty": settings.shown_penalty,
            "shown_mixings": list(last.mixings),
            "shown_condition": last.condition,
            "sizes": list(settings.sizes),
            "ridge_ratios": [float(one[0]) for one in found.values()],
            "one_round_ratios": [float(one[1]) for one in found.values()],
            "last_ratio": float(np.nanmin(found[settings.sizes[-1]])),
            "last_rounds": int(np.nanargmin(found[settings.sizes[-1]])),
        },
    )


def _problem(settings: Settings, size: int) -> tuple[Any, Any]:
    signal = np.zeros(size)
    signal[0] = np.sqrt(settings.signal_to_noise)
    return np.linspace(2.0, 1.0, size), kd.risk.oracle_fixed_design(signal, 1.0)


def _ratios(settings: Settings, size: int) -> Any:
    """Least risk after 0, 1, 2, ... rounds over that of the best gains; NaN where all weights were refused."""
    lam, risk = _problem(settings, size)
    least = float(risk.total(risk.oracle_gains()))
    fine = kd.Ridge(np.geomspace(1e-6, 1e8, settings.grid)[:, None])
    g, e = fine.gain(lam), fine.residual(lam)
    move = kd.risk.oracle_step_mixing(risk, g, residuals=e)[:, None] * g * e
    found = [risk.total(g, e).min(), risk.total(g - move, e + move).min()]
    for rounds in range(2, settings.most_rounds + 1):
        found.append(min(_refused_or_risk(risk, lam, c, rounds) for c in np.geomspace(0.01, 100, settings.penalties)))
    return np.where(np.isfinite(found), found, np.nan) / least


def _refused_or_risk(risk: Any, lam: Any, penalty: float, rounds: int) -> float:
    run = kd.Ridge(penalty)
    try:
        return kd.risk.oracle_mixings(risk, run.gain(lam), rounds, residuals=run.residual(lam)).risk
    except kd.errors.InvalidArgument:
        return np.inf


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: gains after some rounds beside the best ones. Right: risk against rounds."""
    figure, (left, right) = canvas(2, height=3.1)
    _draw_gains(left, dataset)
    _draw_risks(right, dataset)
    return figure


def _draw_gains(axes: Any, dataset: Dataset) -> None:
    lam = dataset["eigenvalue"]
    gains_by_rounds(axes, lam, list(dataset["gain"]), dataset["best"])
    names = ("teacher", "control", "student", "closed form")
    for values, rounds, name in zip(dataset["gain"], dataset["shown_rounds"], names, strict=False):
        words = "ridge" if rounds == 0 else f"{rounds} round{'s' if rounds > 1 else ''}"
        label(axes, words, (lam[-1], values[-1]), (-8, 0), color=role(name).ink, fontsize=7.5)
    label(axes, "open circles: best gains", (lam[len(lam) // 2], 0.0), (6, -9), fontsize=7.5)
    axes.set_xlim(lam[-1] - 0.32, lam[0] + 0.05)
    axes.set_xlabel("eigenvalue")
    axes.set_ylabel("gain of the last round")
    title(axes, f"Gains on {len(lam)} modes", "a")


def _draw_risks(axes: Any, dataset: Dataset) -> None:
    rounds, ratios = dataset["rounds"], dataset["ratio"]
    risk_by_rounds(axes, rounds, {f"{size}": values for size, values in zip(dataset["size"], ratios, strict=True)})
    for size, values in zip(dataset["size"], ratios, strict=True):
        label(axes, f"{size} modes", (rounds[0], values[0]), (-7, 0), fontsize=7.5)
    axes.set_xlim(-1.9, rounds[-1] + 0.3)
    axes.set_xlabel("rounds of self-distillation")
    axes.set_ylabel("risk / least risk")
    title(axes, "Risk, best penalty and weights", "b")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    sizes = ", ".join(str(size) for size in n["sizes"])
    none, one = (", ".join(f"{ratio:.2f}" for ratio in n[name]) for name in ("ridge_ratios", "one_round_ratios"))
    weights = ", ".join(f"{weight:.2f}" for weight in n["shown_mixings"])
    return (
        "Ridge on eigenvalues evenly spaced between 2 and 1, signal on the largest only, signal to noise "
        f"{n['signal_to_noise']:g}. (a) Gains after the best rounds of penalty {n['shown_penalty']:g}: as many rounds "
        f"as modes reach the best gains, with the weights {weights} (condition {n['shown_condition']:.0f}). (b) Least "
        f"risk over that of the best gains, penalty and weights tuned together. Ridge alone: {none} on {sizes} modes; "
        f"one round: {one}, in the limit of large penalties; {n['last_rounds']} rounds on {n['sizes'][-1]} modes: "
        f"{n['last_ratio']:.2f}. Weights that would multiply rounding by more than 1e8 are left out."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    return (
        "Two panels. Left: gains against eigenvalues; those of ridge are nearly flat, those of two rounds rise "
        "steeply from below zero, those of as many rounds as modes lie in the open circles of the best gains, which "
        "are zero except on the largest eigenvalue. Right: risk over the least risk falls with the number of "
        "rounds, from the number of modes towards one, the later the more modes there are."
    )
