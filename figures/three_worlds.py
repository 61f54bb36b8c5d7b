"""One recipe in closed form, in simulation, and on networks of growing width."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import (
    GUIDE,
    Dataset,
    canvas,
    deviation_against_size,
    gain_by_mode,
    house_style,
    label,
    role,
    title,
)

from ._network_lag import lag_in_networks

ID = "three-worlds"
TITLE = "One recipe, three worlds"
CLAIMS = ("exaggerated-bias",)
NEEDS = ("torch",)
FITS = ("teacher", "student")


@dataclass(frozen=True)
class Settings:
    """Self-distillation by gradient descent on digits, with ReLU networks in NTK parametrization."""

    train: int = 100
    test: int = 200
    seed: int = 0
    depth: int = 1
    steps: int = 100
    widths: tuple[int, ...] = (64, 128, 256, 512, 1024, 2048, 4096)
    fit_from: int = 256
    seeds: int = 5
    shown_modes: int = 24
    lag_width: int = 1024
    leading: int = 1
    lag_modes: int = 10


SMALL = Settings(train=40, test=20, steps=10, widths=(16, 32, 64), fit_from=32, seeds=2, lag_width=32, lag_modes=4)
QUICK = Settings()
FULL = Settings(train=200, test=400, widths=(64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384), seeds=10)
# Exponents of networks in float32: other machines round otherwise, and far-off rounding is all that may differ.
TOLERANCES = {
    "exponent.teacher.exponent": {"absolute": 0.02},
    "exponent.student.exponent": {"absolute": 0.02},
    "deviation_at_widest.teacher": {"relative": 0.05},
    "deviation_at_widest.student": {"relative": 0.05},
    "simulation.teacher.test": {"absolute": 1e-10},
    "simulation.student.test": {"absolute": 1e-10},
    "lag_in_networks.mean": {"absolute": 0.03},
    "lag_in_networks.closed_form": {"relative": 1e-6},
    "exact_gain_of_mode_10.teacher": {"relative": 1e-8},
    "exact_gain_of_mode_10.student": {"relative": 1e-8},
}


def compute(settings: Settings) -> Dataset:
    """Run the recipe in the three worlds and measure how far they are apart."""
    task = kd.tasks.digits(train=settings.train, test=settings.test, seed=settings.seed)
    model = kd.KernelModel(kd.kernels.NTK(depth=settings.depth))
    spectrum = model.spectrum(task)
    descent = kd.GradientDescent(steps=settings.steps)
    recipe = kd.self_distillation(teacher=descent, student=descent)
    exact, steps = kd.solve(recipe, model, task), kd.simulate(recipe, model, task)
    seeds = range(settings.seeds)
    nets = {
        width: kd.train(recipe, kd.networks.MLP(width, settings.depth, parametrization="ntk"), task, seeds=seeds)
        for width in settings.widths
    }
    widest = nets[settings.widths[-1]]
    deviations = {on: _deviations(nets, exact, on) for on in ("test", "train")}
    modes = np.unique(np.geomspace(1, spectrum.rank, settings.shown_modes).astype(int)) - 1
    fitted = np.asarray(settings.widths) >= settings.fit_from
    widths = np.asarray(settings.widths, dtype=float)
    laws = {fit: kd.measures.power_law(widths[fitted], deviations["test"][i][:, fitted]) for i, fit in enumerate(FITS)}
    all_laws = {fit: kd.measures.power_law(widths, deviations["test"][i]) for i, fit in enumerate(FITS)}
    on_modes = [
        [result[fit].on(spectrum).gains.filled(np.nan)[..., modes] for fit in FITS] for result in (steps, widest)
    ]
    grid = np.geomspace(spectrum.largest, spectrum.eigenvalues[modes[-1]], 121)
    return Dataset(
        arrays={
            "curve": (("fit", "grid"), _curve(recipe, grid)),
            "deviation_test": (("fit", "seed", "width"), deviations["test"]),
            "deviation_train": (("fit", "seed", "width"), deviations["train"]),
            "law": (("fit", "fitted_width"), [laws[fit].factor * widths[fitted] ** laws[fit].exponent for fit in FITS]),
            "gain_closed_form": (("fit", "mode"), [exact[fit].gains[modes] for fit in FITS]),
            "gain_simulation": (("fit", "mode"), on_modes[0]),
            "gain_networks": (("fit", "seed", "mode"), on_modes[1]),
            "eigenvalue": (("mode",), spectrum.eigenvalues[modes]),
        },
        coordinates={
            "fit": FITS,
            "seed": np.arange(settings.seeds),
            "width": widths,
            "fitted_width": widths[fitted],
            "mode": modes,
            "grid": grid,
        },
        numbers={
            "train": settings.train,
            "test": settings.test,
            "depth": settings.depth,
            "steps": settings.steps,
            "fit_from": settings.fit_from,
            "exponent": {fit: asdict(law) for fit, law in laws.items()},
            "exponent_over_all_widths": {fit: asdict(law) for fit, law in all_laws.items()},
            "deviation_at_widest": {fit: float(deviations["test"][i][:, -1].mean()) for i, fit in enumerate(FITS)},
            "simulation": {
                fit: {on: float(kd.measures.deviation(steps[fit], exact[fit], on=on)) for on in ("train", "test")}
                for fit in FITS
            },
            "lag_in_networks": lag_in_networks(settings, task, spectrum, exact),
            "exact_gain_of_mode_10": {fit: float(exact[fit].gains[10]) for fit in FITS},
            "comparison": _table(kd.compare(exact, steps, widest, names=["closed form", "simulation", "networks"])),
        },
    )


def _curve(recipe: Any, eigenvalues: Any) -> Any:
    """Closed-form gains between the modes: the same recipe (and step size) on a problem with these eigenvalues."""
    task = kd.tasks.from_spectrum(eigenvalues, np.ones(len(eigenvalues)))
    solved = kd.solve(recipe, kd.LinearModel(), task)
    return np.stack([solved[fit].gains for fit in FITS])


def _deviations(nets: dict[int, Any], exact: Any, on: str) -> Any:
    """Relative deviation from the closed form, shape (fit, seed, width)."""
    return np.array(
        [np.stack([kd.measures.deviation(n[fit], exact[fit], on=on) for n in nets.values()], -1) for fit in FITS]
    )


def _table(comparison: Any) -> list[dict[str, Any]]:
    """The comparison of the three worlds as JSON values: mean, smallest and largest over seeds."""
    names = ("train_deviation", "test_deviation", "train_accuracy", "test_accuracy")
    rows = []
    for row in comparison.rows:
        cells = {name: None if getattr(row, name) is None else _spread(getattr(row, name)) for name in names}
        rows.append({"fit": row.fit, "world": row.world, **cells})
    return rows


def _spread(values: Any) -> list[float]:
    return [float(np.mean(values)), float(np.min(values)), float(np.max(values))]


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: every world mode by mode. Right: how networks approach the closed form."""
    figure, (left, right) = canvas(2, height=3.4)
    _draw_gains(left, dataset)
    _draw_deviations(right, dataset)
    return figure


def _draw_gains(axes: Any, dataset: Dataset) -> None:
    lam = dataset["eigenvalue"]
    closed = dataset["gain_closed_form"]
    for position, fit in enumerate(FITS):
        curve = (dataset["grid"], dataset["curve"][position])
        simulated, networks = dataset["gain_simulation"][position], dataset["gain_networks"][position]
        gain_by_mode(axes, lam, curve, simulated, networks, actor=fit)
    middle = len(lam) // 3
    label(axes, "teacher", (lam[middle], closed[0, middle]), (-8, 8), color=role("teacher").ink)
    label(axes, "student", (lam[middle], closed[1, middle]), (9, -8), color=role("student").ink)
    axes.set_xlabel("eigenvalue of the mode (kernel units)")
    axes.set_ylabel("gain: share of the target learnt")
    axes.set_ylim(-0.04, 1.09)
    title(axes, "Mode by mode", "a")
    _key(axes, int(dataset["width"][-1]))


def _key(axes: Any, width: int) -> None:
    """The three worlds in black, which belong to no fit."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color="black", linewidth=1.2, label="closed form"),
        Line2D([], [], color="black", linestyle="none", marker="x", markersize=4.5, label="simulation"),
        Line2D([], [], color="black", linestyle="none", marker="o", markerfacecolor="white", markersize=4, label=""),
    ]
    handles[2].set_label(f"networks, width {width}")
    axes.legend(handles=handles, loc="upper left", handlelength=1.4, borderaxespad=0.2)


def _draw_deviations(axes: Any, dataset: Dataset) -> None:
    n = dataset.numbers
    for position, fit in enumerate(FITS):
        law = (dataset["fitted_width"], dataset["law"][position])
        deviation_against_size(
            axes,
            dataset["width"],
            dataset["deviation_test"][position],
            actor=fit,
            line=law,
            shift=(0.96, 1.04)[position],
        )
    for fit, place, side in (("teacher", (0.98, 0.93), "right"), ("student", (0.04, 0.17), "left")):
        law = n["exponent"][fit]
        text = f"{fit}: exponent {law['exponent']:.2f}\n95 % interval {law['low']:.2f} to {law['high']:.2f}"
        axes.text(*place, text, transform=axes.transAxes, color=role(fit).ink, ha=side, va="top", fontsize=8)
    simulated = max(n["simulation"][fit]["test"] for fit in FITS)
    axes.text(0.04, 0.02, f"simulation deviates by {simulated:.0e}", transform=axes.transAxes, color=GUIDE, fontsize=8)
    named = dataset["width"][:: 1 + len(dataset["width"]) // 8]
    axes.set_xticks(named, [f"{width:g}" for width in named])
    axes.minorticks_off()
    ticks = [tick for tick in (0.02, 0.05, 0.1, 0.2, 0.4) if tick > 0.7 * dataset["deviation_test"].min()]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_ylim(dataset["deviation_test"].min() * 0.6, dataset["deviation_test"].max() * 1.35)
    axes.set_xlabel("width of the hidden layer (units)")
    axes.set_ylabel("relative deviation on test points")
    title(axes, "Deviation of the networks", "b")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    laws = [
        f"{fit} {law['exponent']:.3f} ({law['low']:.3f} to {law['high']:.3f})" for fit, law in n["exponent"].items()
    ]
    everywhere = [f"{fit} {law['exponent']:.3f}" for fit, law in n["exponent_over_all_widths"].items()]
    simulated = max(n["simulation"][fit][on] for fit in FITS for on in ("train", "test"))
    widest = [f"{fit} {value:.3f}" for fit, value in n["deviation_at_widest"].items()]
    return (
        f"Self-distillation by {n['steps']} steps of gradient descent each on {n['train']} digits, in closed form, "
        f"simulated, and on ReLU networks with {n['depth']} hidden layer(s) in NTK parametrization. (a) Gain of each "
        f"mode; networks of width {dataset['width'][-1]:g} with their range over {len(dataset['seed'])} seeds. (b) "
        f"Relative deviation of the networks from the closed form on {n['test']} test points against width: single "
        f"seeds, geometric means and a power law fitted from width {n['fit_from']} on. Exponent with 95 % interval: "
        f"{'; '.join(laws)}. Over all widths the exponent is {', '.join(everywhere)}; random fluctuations of the "
        f"kernel alone would fall with exponent -1/2. Deviation at the largest width: {', '.join(widest)}. "
        f"Simulation deviates by at most {simulated:.1e}."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    law = dataset.numbers["exponent"]
    return (
        "Two panels. Left: gains of teacher and student against the eigenvalue, rising from zero to one, the "
        "student to the right of the teacher; crosses of the simulation lie on the lines of the closed form and the "
        "networks' markers close to them. Right: on logarithmic axes the networks' deviation falls along straight "
        f"lines as the width grows, with exponent {law['teacher']['exponent']:.2f} for the teacher and "
        f"{law['student']['exponent']:.2f} for the student."
    )


def findings(dataset: Dataset) -> dict[str, dict[str, Any]]:
    """What these networks say about claims: fixed settings, no pre-registered study."""
    lag = dataset.numbers["lag_in_networks"]
    verdict = (
        f"networks of width {lag['width']}, {len(dataset['seed'])} seeds, against a one-hot network of equal "
        f"initialization that is as far on mode {lag['leading'] + 1}: mean lag on the {lag['modes']} modes below "
        f"{lag['mean']:.3f} (95 % interval {lag['low']:.3f} to {lag['high']:.3f}; closed form "
        f"{lag['closed_form']:.3f}), behind in {lag['behind']} of {lag['pairs']} pairs of seed and mode"
    )
    numbers = {name: value for name, value in lag.items() if name != "width"}
    return {"exaggerated-bias": {"held": lag["high"] < 1.0, "verdict": verdict, "numbers": numbers}}
