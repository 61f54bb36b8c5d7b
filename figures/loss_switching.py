"""What a switch to the distillation loss recovers, by mode and time of the switch, beside the effect itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import Dataset, canvas, heat_map, house_style, label, role, title

ID = "loss-switching"
TITLE = "What switching to the distillation loss recovers"
CLAIMS = ("loss-switching",)


@dataclass(frozen=True)
class Settings:
    """Digits in a kernel model; teacher and student are trained until a mode (0: the largest) has reached a gain."""

    train: int = 500
    seed: int = 0
    depth: int = 2
    mode: int = 5
    gain: float = 0.9
    switches: tuple[float, ...] = (0.25, 0.5, 0.75)
    measured: float = 1e-6
    points: int = 161


SMALL = Settings(train=60, points=21)
QUICK = Settings()
FULL = Settings(train=1500, points=401)
TOLERANCES = {
    "largest_error": {"absolute": 1e-8},
    "conservation_error": {"absolute": 1e-10},
    "recovered_in_effect": {"relative": 1e-8},
    "recovered_on_average": {"relative": 1e-8},
    "largest_effect": {"relative": 1e-8},
}


def compute(settings: Settings) -> Dataset:
    """The fraction by its formula; and by mode from students on the digits, solved in closed form."""
    task = kd.tasks.digits(train=settings.train, seed=settings.seed)
    model = kd.KernelModel(kd.kernels.NTK(depth=settings.depth))
    spectrum = model.spectrum(task)
    time = spectrum.time_at(gain=settings.gain, mode=settings.mode)
    ends = {share: _ends(model, task, time, share) for share in (0.0, *settings.switches, 1.0)}
    progress = spectrum.eigenvalues * time
    onehot, distilled = ends[1.0]["switched"], ends[0.0]["switched"]
    effect = distilled - onehot
    power = np.linalg.norm(effect, axis=-1)
    # A fraction of an effect of rounding size is noise.
    shown = power > settings.measured * power.max()
    fractions = np.stack([_fraction(ends[share]["switched"] - onehot, effect) for share in settings.switches])
    formula = np.stack([_phi(progress, share) for share in settings.switches])
    excess = [ends[share]["switched"] + ends[share]["reversed"] - distilled - onehot for share in settings.switches]
    grid, shares = np.geomspace(1e-2, 1e2, settings.points), np.linspace(0.0, 1.0, settings.points)
    gains = -np.expm1(-grid)
    return Dataset(
        arrays={
            "fraction": (("share", "progress"), np.stack([_phi(grid, share) for share in shares])),
            "effect": (("progress",), np.exp(-grid) * gains),
            "curve": (("switch", "progress"), np.stack([_phi(grid, share) for share in settings.switches])),
            "measured": (("switch", "mode"), fractions[:, shown]),
            "measured_effect": (("mode",), power[shown] ** 2 / np.sum(power**2)),
        },
        coordinates={"progress": grid, "share": shares, "switch": settings.switches, "mode": progress[shown]},
        numbers={
            "train": task.size,
            "depth": settings.depth,
            "mode_number": settings.mode + 1,
            "gain": settings.gain,
            "modes_shown": int(np.sum(shown)),
            "modes": len(progress),
            "largest_error": float(np.abs(fractions - formula)[:, shown].max()),
            "conservation_error": float(np.max(np.abs(excess)) / np.abs(onehot).max()),
            "recovered_in_effect": [_weighted(each, power**2) for each in formula],
            "recovered_on_average": [float(np.mean(each)) for each in formula],
            "largest_effect": float(np.max(np.exp(-grid) * gains)),
            "largest_effect_at": float(np.log(2.0)),
        },
    )


def _ends(model: Any, task: Any, time: float, share: float) -> dict[str, Any]:
    """Coefficients of the student that switches to its teacher after a share of its time, and of the reverse one."""
    flow, taught = kd.GradientFlow(time=time), kd.output_of("teacher")
    before, after = kd.GradientFlow(time=time * share), kd.GradientFlow(time=time * (1 - share))
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, flow)),
        switched=kd.Fit([kd.Phase(kd.labels, before), kd.Phase(taught, after)]),
        reversed=kd.Fit([kd.Phase(taught, before), kd.Phase(kd.labels, after)]),
    )
    solved = kd.solve(recipe, model, task)
    return {name: np.asarray(solved[name].coefficients) for name in ("switched", "reversed")}


def _fraction(part: Any, effect: Any) -> Any:
    """The share of the effect on each mode, over all outputs."""
    power = np.sum(effect * effect, axis=-1)
    return np.divide(np.sum(part * effect, axis=-1), power, out=np.zeros_like(power), where=power > 0)


def _phi(progress: Any, share: float) -> Any:
    return np.expm1(-progress * (1 - share)) / np.expm1(-progress)


def _weighted(fraction: Any, weight: Any) -> float:
    return float(np.sum(fraction * weight) / np.sum(weight))


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: the map with the size of the effect over it. Right: modes of the digits on their curves."""
    figure, (left, right) = canvas(2, height=3.3)
    _draw_map(left, dataset)
    _draw_modes(right, dataset)
    return figure


def _draw_map(axes: Any, dataset: Dataset) -> None:
    grid, effect = dataset["progress"], dataset["effect"]
    levels = (0.1, 0.25, 0.5, 0.75, 0.9)
    heat_map(axes, grid, dataset["share"], dataset["fraction"], levels=levels)
    axes.plot(grid, effect, color="white", linewidth=3.4, solid_capstyle="butt")
    axes.plot(grid, effect, **{**role("student").curve, "linewidth": 1.8})
    box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.9}
    label(axes, "effect / target", (6.5, 0.08), (1, 0), color=role("student").ink, bbox=box)
    axes.set_xlabel("eigenvalue \u00d7 training time")
    axes.set_ylabel("switch after this share of the training\n(dashed line: effect / target)")
    title(axes, "Recovered fraction of the effect", "a")


def _draw_modes(axes: Any, dataset: Dataset) -> None:
    grid = dataset["progress"]
    for curve, points, share, marker in zip(
        dataset["curve"], dataset["measured"], dataset["switch"], "osD", strict=False
    ):
        axes.plot(grid, curve, color=role("closed form").colour, linewidth=0.9, zorder=2)
        look = {**role("student").points, "marker": marker, "markersize": 3.2}
        axes.plot(dataset["mode"], points, **look, markeredgewidth=0, alpha=0.75, zorder=3)
        label(
            axes, f"switch after {100 * share:g} %", (grid[0], curve[0]), (4, 9), ha="left", color=role("student").ink
        )
    effect = dataset["measured_effect"]
    axes.vlines(dataset["mode"], 0.0, effect / effect.max() * 0.2, color=role("teacher").colour, linewidth=0.9)
    label(
        axes,
        "share of the\nsquared effect\n(scaled)",
        (float(dataset["mode"].max()), 0.1),
        (5, 0),
        color=role("teacher").ink,
    )
    axes.set_xscale("log")
    axes.set_xlim(grid[0], grid[-1])
    axes.set_ylim(0, 1.03)
    axes.set_xlabel("eigenvalue \u00d7 training time")
    axes.set_ylabel("recovered fraction")
    title(axes, "Modes of the digits", "b")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    shares = ", ".join(f"{100 * share:g} %" for share in dataset["switch"])
    felt = ", ".join(f"{value:.3f}" for value in n["recovered_in_effect"])
    mean = ", ".join(f"{value:.3f}" for value in n["recovered_on_average"])
    return (
        "Gradient flow; the student starts on the labels and switches to its teacher. (a) Fraction of the effect of "
        "distillation (final coefficient with the teacher throughout minus with labels throughout) that is recovered. "
        "It does not depend on teacher and target. The dashed line, on the same scale from 0 to 1, is the effect "
        f"itself for a teacher trained as long as the student: at most {n['largest_effect']:.2f} of the target (at "
        f"{n['largest_effect_at']:.2f}), and small where nearly all of it is recovered. (b) The same from closed-form "
        f"students on {n['train']} digits, neural tangent kernel of depth {n['depth']}, trained until mode "
        f"{n['mode_number']} has reached {n['gain']:.1f}: {n['modes_shown']} of {n['modes']} modes (those with a "
        f"measurable effect) on the formula's lines, largest error {n['largest_error']:.1e}. At the bottom: each "
        f"mode's share of the squared effect (scaled). After {shares} of the training, a switch recovers {felt} of the "
        f"effect, weighted by its square (unweighted mean over all modes: {mean})."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    n = dataset.numbers
    return (
        "Two panels over eigenvalue times training time on a logarithmic axis. Left: a map of the recovered fraction "
        "against the share of the training after which the loss is switched; level lines are straight and evenly "
        "spaced for small eigenvalues and crowd towards late switches for large ones; over it the size of the effect, "
        f"a hump of height {n['largest_effect']:.2f}. Right: recovered fractions of {n['modes_shown']} modes of the "
        "digits lie on three rising curves, one per time of the switch."
    )
