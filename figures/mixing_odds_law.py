"""Mixing labels in shifts the log-odds of every gain; repeated pure distillation bends them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import (
    Dataset,
    canvas,
    distances_by_round,
    flow_time_of_limit,
    house_style,
    label,
    odds_plane,
    role,
    title,
)

ID = "mixing-odds-law"
TITLE = "Mixing labels in multiplies the odds of every gain"
CLAIMS = ("mixing-odds-law",)
PROCEDURES = ("gradient flow", "ridge", "gradient descent")


@dataclass(frozen=True)
class Settings:
    """Digits in a kernel model; label weights, and rounds without labels."""

    train: int = 300
    seed: int = 0
    depth: int = 2
    half_learned: int = 10
    label_weights: tuple[float, ...] = (0.1, 0.5, 1.8)
    pure_rounds: tuple[int, ...] = (3, 30)
    rounds: int = 12
    shown_mode: int = 2
    shown_modes: int = 12
    overshooting_gain: float = 1.9
    overshooting_weight: float = 0.3
    lowest: float = 0.0005
    points: int = 201


SMALL = Settings(train=60, points=11, rounds=4)
QUICK = Settings()
FULL = Settings(train=1500)
TOLERANCES = {
    "largest_error_of_log_odds": {"absolute": 1e-9},
    "factors": {"relative": 1e-8},
    "overshooting_factor": {"relative": 1e-9},
    "smallest_time": {"relative": 1e-6},
    "largest_time": {"relative": 1e-6},
}


def compute(settings: Settings) -> Dataset:
    """Solve three procedures on the digits: limits of infinitely many rounds, and the rounds one by one."""
    task = kd.tasks.digits(train=settings.train, seed=settings.seed)
    model = kd.KernelModel(kd.kernels.NTK(depth=settings.depth))
    spectrum = model.spectrum(task)
    time = spectrum.time_at(gain=0.5, mode=settings.half_learned)
    half = spectrum.eigenvalues[settings.half_learned]
    runs = (kd.GradientFlow(time), kd.Ridge(half), kd.GradientDescent(steps=math.ceil(2 * time * spectrum.largest)))
    weights = np.asarray(settings.label_weights)
    mixing = kd.axis("mixing", 1.0 - weights)

    limits = [kd.solve(kd.self_distillation(r, r, mixing=mixing, rounds=math.inf), model, task) for r in runs]
    once = np.stack([one["teacher"].gains for one in limits])
    left = np.stack([one["teacher"].residuals for one in limits])
    learned = np.stack([one["student"].gains for one in limits])
    rest = np.stack([one["student"].residuals for one in limits])
    shift = np.log(learned) - np.log(rest) - (np.log(once) - np.log(left))[:, None]
    times = -np.log(rest[0]) / (spectrum.eigenvalues * time)

    path, lines, factors = _rounds(settings, runs[0], model, task, mixing, learned[0, :, settings.shown_mode])
    shown = np.unique(np.geomspace(1, spectrum.size, settings.shown_modes).astype(int)) - 1
    gains = 1.0 / (1.0 + np.exp(-np.linspace(-1, 1, settings.points) * np.log(1 / settings.lowest - 1)))
    progress = np.geomspace(1e-4, 1e2, settings.points)
    return Dataset(
        arrays={
            "shifted": (("label_weight", "gain"), weights[:, None] * gains / (1 - gains + weights[:, None] * gains)),
            "bent": (("pure_rounds", "gain"), gains ** np.array(settings.pure_rounds)[:, None]),
            "once": (("procedure", "shown"), once[:, shown]),
            "limit": (("procedure", "label_weight", "shown"), learned[..., shown]),
            "distance": (("series", "round"), path),
            "line": (("series", "round"), lines),
            "time": (("label_weight", "shown"), times[:, shown]),
            "time_line": (
                ("label_weight", "progress"),
                np.log1p(weights[:, None] * np.expm1(progress)) / progress,
            ),
            "mode_progress": (("shown",), spectrum.eigenvalues[shown] * time),
        },
        coordinates={
            "label_weight": weights,
            "pure_rounds": settings.pure_rounds,
            "gain": gains,
            "procedure": PROCEDURES,
            "shown": shown,
            "round": np.arange(settings.rounds + 1),
            "progress": progress,
        },
        numbers={
            "train": task.size,
            "depth": settings.depth,
            "modes": spectrum.size,
            "lowest": settings.lowest,
            "largest_error_of_log_odds": float(np.max(np.abs(shift - np.log(weights)[:, None]))),
            "factors": factors[:-1],
            "overshooting_gain": settings.overshooting_gain,
            "overshooting_weight": settings.overshooting_weight,
            "overshooting_factor": factors[-1],
            "mode": settings.shown_mode + 1,
            "gain": float(once[0, settings.shown_mode]),
            "smallest_time": times[:, -1].tolist(),
            "largest_time": times[:, 0].tolist(),
        },
    )


def _rounds(settings: Settings, run: Any, model: Any, task: Any, mixing: Any, limit: Any) -> tuple[Any, Any, list]:
    """One mode's distance from its limit over that of the teacher, as solved and by the formula; last the overshoot."""
    mode, weight, once = settings.shown_mode, settings.overshooting_weight, settings.overshooting_gain
    found = kd.solve(kd.self_distillation(run, run, mixing=mixing, rounds=settings.rounds), model, task)
    gains = np.stack([np.broadcast_to(found[name].gains[..., mode], limit.shape) for name in found])
    long = kd.GradientDescent(steps=1, step_size=once / model.spectrum(task).largest)
    over = kd.solve(kd.self_distillation(long, long, mixing=1 - weight, rounds=settings.rounds), model, task)
    fixed = weight * once / (1 - (1 - weight) * once)
    path = np.column_stack([gains - limit, [over[name].gains[0] - fixed for name in over]]).T
    factors = np.abs([*(mixing.values * gains[0]), (1 - weight) * once])
    return np.abs(path / path[:, :1]), factors[:, None] ** np.arange(settings.rounds + 1), factors.tolist()


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: odds. Middle: rounds one by one. Right: the gradient-flow time that the limit corresponds to."""
    figure, (odds, rounds, times) = canvas(3, height=3.1, width_ratios=[1.15, 1.0, 1.0])
    _draw_odds(odds, dataset)
    _draw_rounds(rounds, dataset)
    _draw_times(times, dataset)
    return figure


def _draw_odds(axes: Any, dataset: Dataset) -> None:
    low, weights = dataset.numbers["lowest"], dataset["label_weight"]
    names = [str(name) for name in dataset["procedure"]]
    points = {
        name: (np.tile(dataset["once"][i], len(weights)), dataset["limit"][i].reshape(-1))
        for i, name in enumerate(names)
    }
    curves = {name: dataset[name] for name in ("shifted", "bent")}
    odds_plane(axes, gains=dataset["gain"], **curves, points=points, limits=(low, 1 - low))
    axes.legend(loc="upper left", handletextpad=0.1, borderaxespad=0.0, labelspacing=0.25, fontsize=7.5)
    falling = ", ".join(f"{weight:g}" for weight in sorted(weights, reverse=True))
    axes.text(0.03, 0.73, f"solid: label weight\n{falling}", transform=axes.transAxes, fontsize=7.5, va="top")
    rounds = " and ".join(str(count) for count in dataset["pure_rounds"])
    axes.text(
        0.98, 0.02, f"no labels:\n{rounds}\nrounds", transform=axes.transAxes, fontsize=7.5, ha="right",
        color=role("student").ink,
    )  # fmt: skip
    axes.set_xlabel("gain of one training")
    axes.set_ylabel("gain after the rounds")
    title(axes, "All modes, logit axes", "a")


def _draw_rounds(axes: Any, dataset: Dataset) -> None:
    rounds, n = dataset["round"], dataset.numbers
    distances_by_round(axes, rounds, list(dataset["distance"]), list(dataset["line"]))
    ends = [float(line[-1]) for line in dataset["line"]]
    for weight, end in zip(dataset["label_weight"], ends, strict=False):
        label(axes, f"{weight:g}", (rounds[-1], end), (6, 0))
    over = f"gain {n['overshooting_gain']:g},\nlabel weight {n['overshooting_weight']:g}"
    label(axes, over, (rounds[-1], ends[-1]), (-27, 2))
    label(axes, "label\nweight", (rounds[-1], 1.0), (0, 0), va="center")
    axes.set_xlim(-0.5, rounds[-1] + 2.5)
    axes.set_xlabel("round")
    axes.set_ylabel("distance from the limit / first")
    title(axes, f"Rounds (mode {n['mode']})", "b")


def _draw_times(axes: Any, dataset: Dataset) -> None:
    lines, points = dataset["time_line"], dataset["time"]
    flow_time_of_limit(axes, (dataset["progress"], lines), (dataset["mode_progress"], points))
    for weight, line in zip(dataset["label_weight"], lines, strict=True):
        label(axes, f"weight {weight:g}", (dataset["progress"][0], line[0]), (0, 4), ha="left")
    axes.set_xlabel("eigenvalue \u00d7 time")
    axes.set_ylabel("flow time of the limit / time")
    title(axes, "Gradient flow", "c")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    weights, pure = dataset["label_weight"], dataset["pure_rounds"]
    named = ", ".join(f"{weight:g}" for weight in weights)
    factors = ", ".join(f"{factor:.3f}" for factor in n["factors"])
    small = ", ".join(f"{time:.3f}" for time in n["smallest_time"])
    large = ", ".join(f"{time:.3f}" for time in n["largest_time"])
    return (
        f"Rounds of self-distillation on {n['train']} digits with the neural tangent kernel of depth {n['depth']}; the "
        f"labels' weights are {named}. (a) Infinitely many rounds move the log-odds of the gain by the log of the "
        f"label weight, in all {n['modes']} modes (some are shown) and for every procedure (largest error "
        f"{n['largest_error_of_log_odds']:.1e}): parallel lines. Rounds without labels ({pure[0]} and {pure[1]}, "
        f"dashed) bend. (b) Gradient flow, mode {n['mode']} with the gain {n['gain']:.3f}: every round multiplies the "
        f"distance from the limit by {factors}; a descent step that overshoots to the gain {n['overshooting_gain']:g} "
        f"moves away from it, by {n['overshooting_factor']:.2f} per round. (c) The limit of gradient flow is "
        f"gradient flow of no one time: in the smallest mode it is that of {small} times the time of one round, "
        f"in the largest of {large} times."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    n = dataset.numbers
    return (
        "Three panels. Left: on logit axes the gain of the limit lies on lines parallel to the diagonal, one per label "
        "weight, with the modes of three procedures on them; curves for rounds without labels fall away from the "
        "diagonal towards small gains. Middle: distances from the limit fall geometrically with the round, except for "
        f"a gain of {n['overshooting_gain']:g}, where they grow. Right: the flow time of the limit over that of one "
        "round goes from the label weight at small eigenvalues to one at large ones."
    )
