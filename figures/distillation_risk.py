"""Risk of one round of self-distillation: the saddle at the best penalty, and who keeps the sign rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import Dataset, canvas, house_style, label, risk_surface, role, sign_plane, title

ID = "distillation-risk"
TITLE = "What one round of distillation does to the risk"
CLAIMS = (
    "wiener-gain",
    "random-design-risk",
    "optimal-mixing-one-step",
    "sign-rule",
    "ridge-is-special",
    "steepness-test",
    "isotropic-prior",
)


@dataclass(frozen=True)
class Settings:
    """A power law of eigenvalues with the signal on a few top modes; and two groups of modes for the sign rule."""

    modes: int = 20
    exponent: float = 1.0
    signals: tuple[float, ...] = (3.0, 2.0, 1.0)
    noise_variance: float = 0.25
    penalties: tuple[float, float] = (0.005, 50.0)
    weights: tuple[float, float] = (-2.5, 3.5)
    flow_eigenvalues: tuple[float, float] = (3.0, 0.1)
    flow_tail: int = 20
    flow_power: float = 60.0
    flow_time: float = 1.0
    points: int = 161


SMALL = Settings(points=31)
QUICK = Settings()
FULL = Settings(points=601)
TOLERANCES = {
    "ridge_risk": {"relative": 1e-3},
    "best_risk": {"relative": 1e-2},
    "steepness": {"relative": 5e-2},
    "flow_risk": {"relative": 1e-9},
    "flow_distilled_risk": {"relative": 1e-9},
    "flow_weight": {"relative": 1e-9},
    "flow_slope": {"relative": 1e-6},
}


def compute(settings: Settings) -> Dataset:
    """Exact risks at the train points over penalties and weights; slopes and best weights along two paths."""
    lam = kd.tasks.power_law(settings.modes, exponent=settings.exponent)
    c = np.zeros(settings.modes)
    c[: len(settings.signals)] = settings.signals
    risk = kd.risk.oracle_fixed_design(c, settings.noise_variance)
    least = float(risk.total(risk.oracle_gains()))
    penalties = np.geomspace(*settings.penalties, settings.points)
    weights = np.linspace(*settings.weights, settings.points)
    ridge = kd.Ridge(penalties[:, None])
    g, e = ridge.gain(lam), ridge.residual(lam)
    move = weights[:, None, None] * g * e
    surface = risk.total(g - move, e + move) / least
    alone = risk.total(g, e) / least
    tuned = int(np.argmin(alone))
    best = np.unravel_index(np.argmin(surface), surface.shape)
    power, s2 = c**2, settings.noise_variance
    pull = s2 * g[tuned] - power * e[tuned]
    spread = np.sum((power + s2) * (g[tuned] * e[tuned]) ** 2)
    return Dataset(
        arrays={
            "risk": (("weight", "penalty"), surface),
            "best_weight": (("penalty",), kd.risk.oracle_step_mixing(risk, g, residuals=e)),
            **_signs(settings),
        },
        coordinates={"penalty": penalties, "weight": weights},
        numbers={
            "modes": settings.modes,
            "signals": len(settings.signals),
            "noise_variance": s2,
            "ridge_penalty": float(penalties[tuned]),
            "ridge_risk": float(alone[tuned]),
            "best_penalty": float(penalties[best[1]]),
            "best_mixing": float(weights[best[0]]),
            "best_risk": float(surface[best]),
            "steepness": float(np.sum(pull * g[tuned] ** 2 * e[tuned]) / spread),
            **_example(settings),
        },
    )


def _flow_problem(settings: Settings) -> tuple[Any, Any]:
    lam = np.repeat(settings.flow_eigenvalues, [1, settings.flow_tail])
    signal = np.concatenate([[np.sqrt(settings.flow_power)], np.zeros(settings.flow_tail)])
    return lam, kd.risk.oracle_fixed_design(signal, 1.0)


def _signs(settings: Settings) -> dict[str, Any]:
    """Slope of the risk by the log of penalty (or of one over the time), and best weight, along both paths."""
    lam, risk = _flow_problem(settings)
    strength = np.geomspace(1e-2, 1e2, settings.points)[:, None]
    found = {}
    for name, run in (("ridge", kd.Ridge(strength)), ("flow", kd.GradientFlow(1 / strength))):
        g, e = run.gain(lam), run.residual(lam)
        fall = g * e if name == "ridge" else lam / strength * e  # of the gain, by the log of the strength
        found[f"{name}_slope"] = (("strength",), 2 * (fall * (risk.signal**2 * e - risk.noise * g)).sum(axis=-1))
        found[f"{name}_weight"] = (("strength",), kd.risk.oracle_step_mixing(risk, g, residuals=e))
    return found


def _example(settings: Settings) -> dict[str, float]:
    """Gradient flow that should be trained longer, and gains from distillation."""
    lam, risk = _flow_problem(settings)
    run = kd.GradientFlow(settings.flow_time)
    g, e = run.gain(lam), run.residual(lam)
    xi = float(kd.risk.oracle_step_mixing(risk, g, residuals=e))
    fall = lam * settings.flow_time * e
    return {
        "flow_power": settings.flow_power,
        "flow_tail": settings.flow_tail,
        "flow_time": settings.flow_time,
        "flow_risk": float(risk.total(g, e)),
        "flow_distilled_risk": float(risk.total(g - xi * g * e, e + xi * g * e)),
        "flow_weight": xi,
        "flow_slope": float(2 * np.sum(fall * (risk.signal**2 * e - risk.noise * g))),
    }


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: the risk over penalty and weight. Right: the best weight against the slope of the risk."""
    figure, (left, right) = canvas(2, height=3.3, width_ratios=[1.15, 1.0])
    _draw_surface(left, dataset)
    _draw_signs(right, dataset)
    return figure


def _draw_surface(axes: Any, dataset: Dataset) -> None:
    n = dataset.numbers
    levels = (1.5, 1.8, 2.2, 3.0, 5.0, 10.0)
    risk_surface(
        axes, dataset["penalty"], dataset["weight"], dataset["risk"], levels=levels, best_y=dataset["best_weight"]
    )
    look = {"color": "white", "markeredgecolor": "black", "linestyle": "none", "markersize": 7, "zorder": 5}
    axes.plot(n["ridge_penalty"], 0.0, marker="X", **look)
    axes.plot(n["best_penalty"], n["best_mixing"], marker="o", **look)
    box = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    label(axes, "best ridge:\na saddle", (n["ridge_penalty"], 0.0), (-8, 16), fontsize=7.5, bbox=box)
    label(axes, "best pair", (n["best_penalty"], n["best_mixing"]), (10, 6), fontsize=7.5, bbox=box)
    axes.set_xlabel("penalty / largest eigenvalue")
    axes.set_ylabel("weight of the teacher\n(dashed: the best one)")
    title(axes, "Risk / least risk, ridge", "a")


def _draw_signs(axes: Any, dataset: Dataset) -> None:
    n = dataset.numbers
    curves = {
        "closed form": (dataset["ridge_slope"], dataset["ridge_weight"]),
        "student": (dataset["flow_slope"], dataset["flow_weight"]),
    }
    sign_plane(axes, curves, limits=(3.0, 1.2))
    at = n["flow_slope"], n["flow_weight"]
    axes.plot(*at, **{**role("student").points, "markersize": 6}, zorder=4)
    label(axes, "gradient flow", at, (5, 9), color=role("student").ink)
    label(axes, "ridge", (-2.0, 0.62), (0, 0), ha="center", color=role("closed form").ink)
    label(axes, "sign rule fails", (2.9, 1.1), (0, 0), ha="right", va="top", fontsize=7.5, style="italic")
    axes.set_xlabel("slope of the risk by log regularization")
    axes.set_ylabel("best weight of the teacher")
    title(axes, "The sign rule", "b")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    return (
        "(a) Risk at the train points of a ridge student of a ridge teacher, both of one penalty, over the least "
        f"risk of any gains; {n['modes']} modes, eigenvalues falling like one over the mode, signal on the first "
        f"{n['signals']}, noise variance {n['noise_variance']:g}. At the best penalty ({n['ridge_penalty']:.3f}, "
        f"risk {n['ridge_risk']:.3f}) no weight of the teacher helps, but the best gains fall more steeply than "
        f"ridge's (Q / A = {n['steepness']:.3f}): a saddle. Penalty and weight together reach, in the range shown, "
        f"{n['best_risk']:.3f} (penalty {n['best_penalty']:.3f}, weight {n['best_mixing']:.3f}). (b) One strong mode "
        f"with signal (power {n['flow_power']:g}) and {n['flow_tail']} weak ones with noise only: ridge has a "
        f"positive best weight exactly where more penalty lowers the risk. Gradient flow at time {n['flow_time']:g} "
        f"(square) should be trained longer (slope {n['flow_slope']:.3f}), yet the weight {n['flow_weight']:.3f} of "
        f"its teacher lowers the risk from {n['flow_risk']:.4f} to {n['flow_distilled_risk']:.4f}."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    return (
        "Two panels. Left: level lines of the risk over penalty, on a logarithmic axis, and the weight of the "
        "teacher; the dashed curve of best weights crosses weight 0 at the best ridge penalty, which is a saddle; "
        "the lowest point lies in a valley away from it. Right: the best weight against the slope of the risk; the "
        "curve of ridge goes through the origin from the upper left to the lower right, that of gradient flow cuts "
        "through the shaded upper right."
    )
