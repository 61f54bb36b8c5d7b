"""Distillation takes noise out of gradients: from SGD without any label noise, and from noisy labels mode by mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import GUIDE, Dataset, canvas, house_style, label, pointer, role, title

ID = "gradient-denoising"
TITLE = "Distillation as a denoiser of gradients"
CLAIMS = ("gradient-denoising", "denoising-threshold", "noise-floor")
LOOKS = ("teacher", "student", "control")


@dataclass(frozen=True)
class Settings:
    """SGD on single samples with clean labels; and noisy labels on single modes."""

    samples: int = 40
    features: int = 4
    seed: int = 0
    teacher_gain: float = 0.7
    share_of_limit: float = 0.2
    steps: int = 1500
    runs: int = 400
    simulated: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)
    unreachable: float = 0.5
    ratios: tuple[float, ...] = (0.3, 3.0, 30.0)
    draws: int = 2000
    points: int = 101


SMALL = Settings(samples=12, features=2, steps=300, runs=20, draws=50, points=21)
QUICK = Settings()
FULL = Settings(runs=4000, steps=4000, draws=20000, points=401)
TOLERANCES = {
    "floor_onehot": {"relative": 1e-8},
    "parabola_error": {"absolute": 1e-10},
    "floor_unreachable_pure": {"relative": 1e-8},
    "bias_pure": {"relative": 1e-8},
    "thresholds": {"relative": 1e-10},
    "best_times": {"relative": 1e-10},
    "least_ratios": {"relative": 1e-8},
    "measured_floor_pure": {"absolute": 1e-10},
}


def compute(settings: Settings) -> Dataset:
    """Exact floors of SGD, runs of it, and errors of gradients over label noise."""
    floors, numbers = _floors(settings)
    errors, times, more = _errors(settings)
    return Dataset(
        arrays={**floors, **errors},
        coordinates={
            "mixing": np.linspace(0.0, 1.25, 26),
            "simulated": settings.simulated,
            "snr": settings.ratios,
            "time": times,
        },
        numbers={**numbers, **more, "runs": settings.runs, "steps": settings.steps, "draws": settings.draws},
    )


def _floors(settings: Settings) -> tuple[dict[str, Any], dict[str, Any]]:
    task, model = _clean(settings), kd.LinearModel()
    inputs, targets = np.asarray(task.inputs), np.asarray(task.targets)
    batch = kd.Minibatch(1, replace=True)
    limit = kd.risk.sgd_step_limit(inputs, batch)
    rate = settings.share_of_limit * limit
    # From zero, until the mode of the largest eigenvalue has reached its gain.
    steps = int(np.ceil(np.log(1 - settings.teacher_gain) / np.log(1 - rate * model.spectrum(task).largest)))
    teacher = kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps, rate)))
    taught = np.asarray(kd.solve(kd.Recipe(teacher=teacher), model, task)["teacher"].train)
    beyond = taught + settings.unreachable * _out_of_reach(inputs, targets, settings.seed)

    def floor(mixing: float, outputs: Any) -> float:
        mixed = (1 - mixing) * targets + mixing * outputs
        moments = kd.risk.sgd_stationary(inputs, mixed, step_size=rate, batch=batch)
        return float(moments.excess_loss(inputs))

    mixings = np.linspace(0.0, 1.25, 26)
    reached, unreached = (np.array([floor(xi, outputs) for xi in mixings]) for outputs in (taught, beyond))
    xi = kd.axis("mixing", settings.simulated)
    run = kd.GradientDescent(settings.steps, rate)
    recipe = kd.Recipe(
        teacher=teacher, student=kd.Fit(kd.Phase(xi * kd.output_of("teacher") + (1 - xi) * kd.labels, run))
    )
    # The teacher's own training is on minibatches too; what it is does not matter, but the floor is around its center.
    ends = kd.simulate(recipe, model, task, batch=batch, seeds=range(settings.runs))
    own, weights = np.asarray(ends["teacher"].train), np.asarray(ends["student"].train)
    least = inputs @ np.linalg.lstsq(inputs, targets, rcond=None)[0]
    away = [weights[:, i] - least - mixing * (own - least) for i, mixing in enumerate(settings.simulated)]
    measured = [0.5 * np.mean(np.sum(each**2, axis=(-2, -1))) for each in away]
    parabola = (1 - mixings) ** 2 * reached[0]
    arrays = {
        "floor": (("mixing",), reached / reached[0]),
        "parabola": (("mixing",), parabola / reached[0]),
        "floor_unreachable": (("mixing",), unreached / reached[0]),
        "measured": (("simulated",), np.array(measured) / reached[0]),
    }
    pure = settings.simulated.index(1.0) if 1.0 in settings.simulated else -1
    numbers = {
        "samples": settings.samples,
        "features": settings.features,
        "share_of_limit": settings.share_of_limit,
        "teacher_gain": settings.teacher_gain,
        "floor_onehot": float(reached[0]),
        "parabola_error": float(np.abs(reached - parabola).max() / reached[0]),
        "floor_unreachable_pure": float(unreached[20] / reached[0]),
        "bias_pure": float(0.5 * np.sum((taught - least) ** 2) / reached[0]),
        "measured_floor_pure": float(measured[pure] / reached[0]),
        "largest_difference": float(
            np.abs(np.array(measured) / reached[0] - (1 - np.array(settings.simulated)) ** 2).max()
        ),
    }
    return arrays, numbers


def _clean(settings: Settings) -> Any:
    """A function without noise that no linear student fits: labels are what they should be."""
    generator = np.random.default_rng(settings.seed)
    inputs = generator.normal(size=(settings.samples, settings.features)) / np.sqrt(settings.samples)
    scaled = inputs * np.sqrt(settings.samples)
    return kd.tasks.from_arrays(inputs, scaled[:, 0] + np.sin(2 * scaled[:, 1]) + scaled[:, 1] * scaled[:, -1])


def _out_of_reach(inputs: Any, targets: Any, seed: int) -> Any:
    """A direction of outputs that no weights reach, as large as the residuals of least squares."""
    other = np.random.default_rng(seed + 1).normal(size=targets.shape)
    left, own = (each - inputs @ np.linalg.lstsq(inputs, each, rcond=None)[0] for each in (targets, other))
    return own * np.linalg.norm(left) / np.linalg.norm(own)


def _errors(settings: Settings) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    """Mean squared errors of the teacher's gradient over those of noisy labels, on modes of eigenvalue 1."""
    snr = np.array(settings.ratios)
    thresholds, best = np.log((1 + snr) / 2), np.log1p(snr)
    times = np.geomspace(0.02, 20.0, settings.points)
    exact = np.stack([_exact(ratio, times) for ratio in snr])
    marks = [(float(_exact(r, [z])[0]) if z > 0 else np.nan) for r, z in zip(snr, thresholds, strict=True)]
    least = np.array([_exact(ratio, [time])[0] for ratio, time in zip(snr, best, strict=True)])
    some = times[:: max(1, settings.points // 10)]
    measured = np.stack([_drawn(ratio, some, settings) for ratio in snr])
    arrays = {
        "error_ratio": (("snr", "time"), exact),
        "measured_ratio": (("snr", "measured_at"), measured),
        "measured_time": (("measured_at",), some),
        "threshold": (("snr",), thresholds),
        "at_threshold": (("snr",), np.array(marks)),
        "best": (("snr",), best),
        "at_best": (("snr",), least),
    }
    numbers = {
        "thresholds": [float(z) for z in thresholds],
        "best_times": [float(z) for z in best],
        "least_ratios": [float(z) for z in least],
        "largest_deviation": float(np.abs(np.log(measured / np.stack([_exact(r, some) for r in snr]))).max()),
    }
    return arrays, times, numbers


def _teacher(task: Any, times: Any) -> Any:
    flow = kd.GradientFlow(time=kd.axis("time", times))
    return kd.solve(kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, flow))), kd.LinearModel(), task)["teacher"]


def _exact(snr: float, times: Any) -> Any:
    task = kd.tasks.from_spectrum([1.0], coefficients=[np.sqrt(snr)])
    truth = {"oracle_targets": task.targets, "oracle_noise_variance": 1.0}
    return np.asarray(kd.measures.gradient_denoising(_teacher(task, times), **truth).ratio)[:, 0]


def _drawn(snr: float, times: Any, settings: Settings) -> Any:
    """The same from draws of noise: each is an output of its own, with its own teacher."""
    noise = np.random.default_rng(settings.seed).normal(size=settings.draws)
    clean = np.full((1, settings.draws), np.sqrt(snr))
    task, model = kd.tasks.from_spectrum([1.0], coefficients=clean + noise), kd.LinearModel()
    taught = kd.measures.gradients(model, task, teacher=_teacher(task, times)).modes[:, 0]
    onehot = kd.measures.gradients(model, task).modes[0]
    wanted = kd.measures.gradients(model, task, labels=clean).modes[0]
    return np.mean((taught - wanted) ** 2, axis=-1) / np.mean((onehot - wanted) ** 2)


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: the noise floor of SGD against the mixing. Right: errors of gradients against the teacher's time."""
    figure, (left, right) = canvas(2, height=3.3)
    _draw_floor(left, dataset)
    _draw_errors(right, dataset)
    return figure


def _draw_floor(axes: Any, dataset: Dataset) -> None:
    mixing, student, other = dataset["mixing"], role("student"), role("networks")
    axes.plot(mixing, dataset["parabola"], color=role("closed form").colour, linewidth=3.2, alpha=0.25)
    axes.plot(mixing, dataset["floor"], **student.curve)
    axes.plot(mixing, dataset["floor_unreachable"], color=other.colour, linestyle=(0, (1, 1)), linewidth=1.6)
    axes.plot(dataset["simulated"], dataset["measured"], **{**role("simulation").points, "color": "black"}, zorder=4)
    pointer(axes, "SGD, run", (0.25, float(dataset["measured"][1])), (0.5, 0.75))
    pointer(
        axes, "exact floor, on\n(1 \u2212 mixing)\u00b2", _at(dataset, "floor", 0.65), (0.3, 0.1), color=student.ink
    )
    pointer(
        axes, "teacher with a part\nno student reaches", _at(dataset, "floor_unreachable", 1.0), (1.0, 0.55),
        color=other.ink,
    )  # fmt: skip
    axes.set_xlim(0, 1.28)
    axes.set_ylim(-0.03, 1.05)
    axes.set_xlabel("mixing (weight of the teacher)")
    axes.set_ylabel("noise floor of SGD / that of labels")
    title(axes, "No label noise", "a")


def _at(dataset: Dataset, name: str, mixing: float) -> tuple[float, float]:
    index = int(np.argmin(np.abs(dataset["mixing"] - mixing)))
    return float(dataset["mixing"][index]), float(dataset[name][index])


def _draw_errors(axes: Any, dataset: Dataset) -> None:
    times = dataset["time"]
    axes.axhline(1.0, color=GUIDE, linewidth=0.9)
    label(axes, "one-hot gradient", (times[0], 1.0), (0, 3), ha="left", va="bottom", color=GUIDE)
    for index, (snr, name) in enumerate(zip(dataset["snr"], LOOKS, strict=False)):
        look, curve = role(name), dataset["error_ratio"][index]
        axes.plot(times, curve, **look.curve)
        axes.plot(
            dataset["measured_time"], dataset["measured_ratio"][index],
            **{**role("simulation").points, "color": "black", "markersize": 3}, zorder=3,
        )  # fmt: skip
        best = {**look.points, "marker": "v", "markersize": 6.5}
        axes.plot(dataset["best"][index], dataset["at_best"][index], **best, zorder=4)
        if dataset["threshold"][index] > 0:
            even = {**look.points, "marker": "o", "markersize": 6, "markerfacecolor": "white"}
            axes.plot(dataset["threshold"][index], dataset["at_threshold"][index], **even, zorder=4)
        label(axes, f"SNR {snr:g}", (times[0], float(curve[0])), (3, 5), ha="left", va="bottom", color=look.ink)
    last = len(dataset["snr"]) - 1
    at = (float(dataset["threshold"][last]), 1.0)
    pointer(axes, "threshold\nlog((1 + SNR) / 2)", at, (8.0, 8.0))
    pointer(axes, "best: log(1 + SNR)", (float(dataset["best"][1]), float(dataset["at_best"][1])), (5.0, 0.42))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(0.17, 60)
    axes.set_xlabel("eigenvalue \u00d7 teacher's training time")
    axes.set_ylabel("squared error of the gradient / one-hot")
    title(axes, "With label noise, per mode", "b")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    floors = ", ".join(f"{value:.3f}" for value in n["thresholds"])
    best = ", ".join(f"{value:.3f}" for value in n["best_times"])
    least = ", ".join(f"{value:.3f}" for value in n["least_ratios"])
    ratios = ", ".join(f"{value:g}" for value in dataset["snr"])
    return (
        f"(a) Constant-step SGD on single samples, {n['samples']} of them with {n['features']} features. Labels have "
        "no noise, but no linear student fits them. The stationary noise floor (expected minus least loss) on mixtures "
        "with a teacher of the student's class follows (1 - mixing) squared, largest error "
        f"{n['parabola_error']:.1e} of the one-hot floor; crosses: mean of {n['runs']} runs of {n['steps']} steps. For "
        f"pure distillation they give {n['measured_floor_pure']:.1e}; what is paid is the bias of the center, "
        f"{n['bias_pure']:.2f} in the same units. A teacher with a part that no student reaches keeps a floor "
        f"({n['floor_unreachable_pure']:.2f} for pure distillation). (b) Needs label noise: mean squared error of the "
        "teacher's gradient on one mode over that of noisy labels, both against clean targets, for signal-to-noise "
        f"ratios {ratios}. It falls below 1 (circles) at eigenvalue times time {floors} (negative: at once) and is "
        f"least (triangles) at {best}, where it is {least}. Crosses: {n['draws']} draws of the noise."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    n = dataset.numbers
    return (
        "Two panels. Left: the noise floor of SGD against the weight of the teacher, a parabola that falls from one to "
        "zero at weight one and rises again, with simulated crosses on it; a second curve, for a teacher that the "
        f"student cannot realise, ends at {n['floor_unreachable_pure']:.2f}. Right: on logarithmic axes, error ratios "
        "against the teacher's time for three signal-to-noise ratios: they fall through one at the circles, reach "
        "their least value at the triangles and come back to one."
    )
