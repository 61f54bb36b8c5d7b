"""Many rounds of self-distillation, at one leading gain: the filters that they tend to, and what lower modes lose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.plotting import Dataset, canvas, filters_by_eigenvalue, house_style, label, role, title
from kdtheory.procedures import GradientFlow, Ridge, gain_of_rounds, limiting_gain

ID = "extreme-value-limit-of-rounds"
TITLE = "Many rounds end in a power filter or in a cut-off"
CLAIMS = ("extreme-value-limit-of-rounds", "many-stages-lag-more")


@dataclass(frozen=True)
class Settings:
    """All rounds have the gain ``gain`` on mode 1; lower modes down to ``lowest`` of its eigenvalue."""

    gain: float = float(np.exp(-1.0))
    rounds: tuple[int, ...] = (1, 10, 1000, 1000000)
    errors: tuple[float, ...] = (1e2, 1e4, 1e6)
    lowest: float = 0.1
    highest: float = 10.0
    points: int = 241
    ratio: float = 0.8
    most: int = 1000


SMALL = Settings(points=31, most=100)
QUICK = Settings()
FULL = Settings(points=1201, most=100000)
TOLERANCES = {
    "largest_errors": {"relative": 1e-6},
    "ridge_lag": {"relative": 1e-9},
    "flow_lag": {"relative": 1e-9},
    "width": {"relative": 1e-9},
}


def compute(settings: Settings) -> Dataset:
    """Rounds of ridge and of gradient flow at one gain on mode 1, their limits, and how they lag on a lower mode."""
    lam = np.geomspace(settings.lowest, settings.highest, settings.points)
    rounds = np.array(settings.rounds, dtype=float)
    depth = -np.log(settings.gain)
    stages = np.unique(np.geomspace(1, settings.most, 25).astype(int)).astype(float)
    fine = np.geomspace(1e-3, 1e3, 4001)
    errors = [
        float(np.max(np.abs(gain_of_rounds(_ridge(m, depth), m, fine) - limiting_gain(Ridge(depth), 1.0, fine))))
        for m in settings.errors
    ]
    lags = {
        name: np.array([float(-np.log(gain_of_rounds(run(m, depth), m, settings.ratio))) for m in stages])
        for name, run in (("ridge", _ridge), ("flow", _flow))
    }
    # Between the gains .9 and .1 of many rounds of gradient flow, over the place of the cut-off.
    width = np.log(np.log(0.1) / np.log(0.9)) / np.log(rounds[1:])
    return Dataset(
        arrays={
            "ridge": (("rounds", "eigenvalue"), [gain_of_rounds(_ridge(m, depth), m, lam) for m in rounds]),
            "flow": (("rounds", "eigenvalue"), [gain_of_rounds(_flow(m, depth), m, lam) for m in rounds]),
            "ridge_limit": (("eigenvalue",), limiting_gain(Ridge(depth), 1.0, lam)),
            "flow_limit": (("eigenvalue",), np.where(lam < 1.0, 0.0, 1.0)),
            "ridge_lag": (("stages",), lags["ridge"] - lags["ridge"][0]),
            "flow_lag": (("stages",), lags["flow"] - lags["flow"][0]),
        },
        coordinates={"rounds": rounds, "eigenvalue": lam, "stages": stages},
        numbers={
            "gain": settings.gain,
            "ratio": settings.ratio,
            "errors_at": list(settings.errors),
            "largest_errors": errors,
            "ridge_lag": float(lags["ridge"][-1] - lags["ridge"][0]),
            "ridge_lag_limit": float(depth / settings.ratio - lags["ridge"][0]),
            "flow_lag": float(lags["flow"][-1] - lags["flow"][0]),
            "stages": int(stages[-1]),
            "width": width.tolist(),
        },
    )


def _ridge(rounds: float, depth: float) -> Ridge:
    """Ridge whose rounds have that depth (minus the log of the gain) at eigenvalue 1."""
    return Ridge(float(np.expm1(depth / rounds)))


def _flow(rounds: float, depth: float) -> GradientFlow:
    return GradientFlow(float(-np.log(-np.expm1(-depth / rounds))))


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left and middle: filters of many rounds with their limits. Right: the lag on a lower mode."""
    figure, (left, middle, right) = canvas(3, height=3.0)
    lam = dataset["eigenvalue"]
    names = [_words(rounds) for rounds in dataset["rounds"]]
    for axes, kind, words, letter in ((left, "ridge", "Ridge", "a"), (middle, "flow", "Gradient flow", "b")):
        curves = dict(zip(names, dataset[kind], strict=True))
        filters_by_eigenvalue(axes, lam, curves, {}, limit=dataset[f"{kind}_limit"])
        axes.set_xlabel("eigenvalue / leading one")
        title(axes, words, letter)
    left.set_ylabel("gain of all rounds")
    _name_curves(middle, names)
    place = int(0.62 * len(lam))
    label(left, "limit (pale)", (lam[place], dataset["ridge_limit"][place]), (-8, 14), fontsize=7.5)
    _draw_lags(right, dataset)
    return figure


def _words(rounds: float) -> str:
    return f"{int(rounds)}" if rounds < 1e4 else f"$10^{{{round(np.log10(rounds))}}}$"


def _name_curves(axes: Any, names: list[str]) -> None:
    axes.legend(axes.lines[-len(names) :], names, loc="lower right", title="rounds", fontsize=7.5, title_fontsize=7.5)


def _draw_lags(axes: Any, dataset: Dataset) -> None:
    stages, n = dataset["stages"], dataset.numbers
    for kind, words, actor, offset in (
        ("flow", "gradient flow", role("student"), (-32, -22)),
        ("ridge", "ridge", role("teacher"), (-4, 7)),
    ):
        axes.plot(stages, dataset[f"{kind}_lag"], **actor.curve)
        end = (float(stages[-1]), float(dataset[f"{kind}_lag"][-1]))
        label(axes, words, end, offset, color=actor.ink, fontsize=7.5)
    axes.axhline(n["ridge_lag_limit"], color="#6b6b6b", linewidth=0.9, linestyle=(0, (1, 1.5)))
    label(axes, "limit of ridge", (12.0, n["ridge_lag_limit"]), (0, 3), fontsize=7.5, ha="left")
    axes.set_xscale("log")
    axes.set_xlabel("rounds (stages)")
    axes.set_ylabel(f"log lag at eigenvalue ratio {n['ratio']:g}")
    title(axes, "More stages lag more", "c")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    errors = ", ".join(f"{error:.2e}" for error in n["largest_errors"])
    at = ", ".join(f"{rounds:g}" for rounds in n["errors_at"])
    widths = ", ".join(f"{width:.2f}" for width in n["width"])
    return (
        f"Rounds of self-distillation with the gain {n['gain']:.3f} on the leading mode in all. (a) Ridge tends to the "
        f"filter exp(-k / eigenvalue) (pale): the largest difference is {errors} after {at} rounds. (b) Gradient flow "
        "tends to a hard cut-off, but only as fast as a logarithm grows: between the gains 0.9 and 0.1 the filter is "
        f"as wide as {widths} of the place of its cut-off. (c) Log of the reference's over the student's gain on a "
        f"mode of {n['ratio']:g} of the leading eigenvalue: for ridge it stays below {n['ridge_lag_limit']:.3f} "
        f"({n['ridge_lag']:.3f} after {n['stages']} stages), for gradient flow it grows without bound "
        f"({n['flow_lag']:.3f})."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    return (
        "Three panels. Left: gains of 1, 10, 1000 and a million rounds of ridge against the eigenvalue, which soon lie "
        "on one smooth curve. Middle: the same for gradient flow; the curves grow steeper slowly, towards a step at "
        "the leading eigenvalue. Right: the lag of a lower mode against the number of stages on a logarithmic axis; "
        "that of ridge levels off at its limit, that of gradient flow goes on growing."
    )
