"""Weight decay: where distillation exaggerates, and where long trainings reverse it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.plotting import GUIDE, Dataset, canvas, house_style, label, role, title
from kdtheory.plotting.style import SHADE
from kdtheory.procedures import Ridge, WeightDecayFlow, decay_threshold

ID = "weight-decay-boundary"
TITLE = "Weight decay exaggerates up to one eigenvalue"
CLAIMS = ("weight-decay-boundary",)


@dataclass(frozen=True)
class Settings:
    """Eigenvalues in units of the decay; lower modes as ratios of the leading eigenvalue."""

    ratios: tuple[float, ...] = (0.8, 0.5, 0.1)
    steps: tuple[float, ...] = (0.0, 0.1, 0.3)
    lowest: float = 0.05
    highest: float = 100.0
    points: int = 241


SMALL = Settings(points=31)
QUICK = Settings()
FULL = Settings(points=2001)
TOLERANCES = {"thresholds": {"relative": 1e-9}, "largest_lead": {"relative": 1e-6}}


def compute(settings: Settings) -> Dataset:
    """The threshold by step size, and student over reference where teacher and student have converged."""
    lam = np.geomspace(settings.lowest, settings.highest, settings.points)
    steps = np.linspace(0.0, 0.9, settings.points)
    rho = Ridge(1.0).gain(lam)
    time = -np.log1p(-rho) / (lam + 1.0)
    lead = []
    for ratio in settings.ratios:
        reference = WeightDecayFlow(time, 1.0).gain(ratio * lam)
        lead.append(Ridge(1.0).gain(ratio * lam) ** 2 / reference)
    return Dataset(
        arrays={
            "threshold": (("step",), decay_threshold(1.0, steps)),
            "stable": (("step",), np.divide(1.0, steps, out=np.full(steps.shape, np.inf), where=steps > 0) - 1.0),
            "lead": (("ratio", "eigenvalue"), lead),
        },
        coordinates={"step": steps, "ratio": settings.ratios, "eigenvalue": lam},
        numbers={
            "steps": list(settings.steps),
            "thresholds": decay_threshold(1.0, np.array(settings.steps)).tolist(),
            "largest_lead": [float(np.max(values)) for values in lead],
            "ratios": list(settings.ratios),
        },
    )


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: the threshold against the step size. Right: student over reference for converged trainings."""
    figure, (left, right) = canvas(2, height=3.0)
    _draw_threshold(left, dataset)
    _draw_leads(right, dataset)
    return figure


def _draw_threshold(axes: Any, dataset: Dataset) -> None:
    steps, line, stable = dataset["step"], dataset["threshold"], dataset["stable"]
    axes.fill_between(steps, 0.0, line, color=SHADE, linewidth=0)
    axes.plot(steps, line, color=role("closed form").colour, linewidth=1.4)
    axes.plot(steps, stable, color=GUIDE, linewidth=0.9, linestyle=(0, (1, 1.5)))
    at = int(0.62 * len(steps))
    label(axes, "steps overshoot", (steps[at], stable[at]), (8, 14), color=GUIDE)
    label(axes, "lower modes lag,\nwhatever the lengths", (0.04, 0.6), (1, 0))
    label(axes, "long trainings\nreverse", (0.1, 1.85), (1, 0))
    axes.set_xlim(0.0, steps[-1])
    axes.set_ylim(0.0, 2.5)
    axes.set_xlabel("step size × decay")
    axes.set_ylabel("leading eigenvalue / decay")
    title(axes, "The threshold", "a")


def _draw_leads(axes: Any, dataset: Dataset) -> None:
    lam = dataset["eigenvalue"]
    axes.axhline(1.0, color=GUIDE, linewidth=0.8, linestyle=(0, (1, 1.5)))
    axes.axvline(dataset.numbers["thresholds"][0], color=GUIDE, linewidth=0.8, linestyle=(0, (1, 1.5)))
    for ratio, values, name in zip(dataset["ratio"], dataset["lead"], ("teacher", "student", "control"), strict=True):
        actor = role(name)
        axes.plot(lam, values, **actor.curve)
        label(axes, f"ratio {ratio:g}", (lam[0], values[0]), (6, 3), color=actor.ink, va="bottom")
    label(axes, "$(e - 1)\\,w$", (dataset.numbers["thresholds"][0], 0.2), (4, 0), color=GUIDE)
    axes.set_xscale("log")
    axes.set_xlim(lam[0], lam[-1])
    axes.set_ylim(0.0, None)
    axes.set_xlabel("leading eigenvalue / decay")
    axes.set_ylabel("student / reference, lower mode")
    title(axes, "Converged gradient flow", "b")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    steps = ", ".join(f"{step:g}" for step in n["steps"])
    thresholds = ", ".join(f"{value:.3f}" for value in n["thresholds"])
    ratios = ", ".join(f"{ratio:g}" for ratio in n["ratios"])
    leads = ", ".join(f"{lead:.3f}" for lead in n["largest_lead"])
    return (
        "Weight decay. (a) Largest leading eigenvalue, in units of the decay, on which distillation by descent makes "
        f"all lower modes lag: {thresholds} at step size times decay {steps}. It falls with the step size; beyond the "
        "dotted line steps overshoot. (b) Teacher and student of gradient flow with decay that have converged, against "
        f"the reference that is as far on the leading mode: on lower modes of {ratios} times its eigenvalue the "
        f"student lags on small eigenvalues and leads on large ones, by at most {leads}."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    return (
        "Two panels. Left: a falling curve divides the plane of step size and eigenvalue into a shaded region where "
        "lower modes lag and one above it where long trainings reverse the order. Right: three curves of the student's "
        "over the reference's gain on a lower mode against the leading eigenvalue; they start below one, cross it "
        "beyond e minus one times the decay, have a maximum and come back to one."
    )
