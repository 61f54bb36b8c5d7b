"""Random features approach their kernel, and distilled predictions with them, like one over the root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import Dataset, canvas, house_style, label, named_series, points_of_series, role, title

ID = "random-features-converge"
TITLE = "Random features and their limit"
CLAIMS = ("random-features-converge",)
SERIES = ("kernel", "distilled prediction", "hard cut-off")


@dataclass(frozen=True)
class Settings:
    """Points on a sphere, numbers of features, and draws of each."""

    samples: int = 10
    columns: int = 3
    counts: tuple[int, ...] = (16, 32, 64, 128, 256, 512, 1024)
    draws: int = 60
    progress: float = 3.0
    cut: int = 1
    seed: int = 0


SMALL = Settings(samples=5, counts=(16, 64, 256), draws=6)
QUICK = Settings()
FULL = Settings(samples=30, counts=(16, 32, 64, 128, 256, 512, 1024, 2048, 4096), draws=400)
TOLERANCES = {
    "exponents": {"absolute": 1e-6},
    "largest_error_in_standard_errors": {"absolute": 1e-5},
    "bias_times_count": {"relative": 1e-8},
}


def compute(settings: Settings) -> Dataset:
    """Draw random features, solve two stages of gradient flow on them, and compare with the kernel."""
    generator = np.random.default_rng(settings.seed)
    inputs = generator.standard_normal((settings.samples, settings.columns))
    inputs /= np.linalg.norm(inputs, axis=1, keepdims=True)
    task = kd.tasks.from_arrays(inputs, np.sin(3.0 * inputs[:, 0]))
    kernel = kd.kernels.ArcCosine(order=1)
    limit = kd.KernelModel(kernel)
    spectrum = limit.spectrum(task)
    flow = kd.GradientFlow(settings.progress / spectrum.largest)
    cut = kd.SpectralCutOff(float(spectrum.eigenvalues[settings.cut]) * (1.0 - 1e-12))
    recipes = {"distilled prediction": kd.self_distillation(flow, flow), "hard cut-off": kd.self_distillation(cut, cut)}
    gram = limit.gram(task)
    targets = {name: kd.solve(recipe, limit, task)["teacher" if "cut" in name else "student"].train
               for name, recipe in recipes.items()}  # fmt: skip
    size = {"kernel": gram, **targets}
    squares = np.empty((len(SERIES), settings.draws, len(settings.counts)))
    for draw in range(settings.draws):
        for place, count in enumerate(settings.counts):
            model = kd.RandomFeatures(kernel, count=count, seed=draw * len(settings.counts) + place)
            found = {name: kd.solve(recipe, model, task)["teacher" if "cut" in name else "student"].train
                     for name, recipe in recipes.items()}  # fmt: skip
            found["kernel"] = model.gram(task)
            squares[:, draw, place] = [np.sum((found[name] - size[name]) ** 2) for name in SERIES]
    counts = np.asarray(settings.counts)
    law = np.sum(kd.models.feature_variance(kernel, inputs)) / counts
    means = squares.mean(axis=1)
    kernel_error = np.std(squares[0], axis=0) / np.sqrt(settings.draws)
    norms = np.array([np.linalg.norm(size[name]) for name in SERIES])[:, None]
    fits = [kd.measures.power_law(counts, np.sqrt(_groups(rows))) for rows in squares]
    progress = np.array([0.3, 1.0, 3.0])
    return Dataset(
        arrays={
            "error": (("series", "count"), np.sqrt(means) / norms),
            "law": (("count",), np.sqrt(law) / norms[0]),
            "fit": (("series", "count"), np.array([fit.factor * counts**fit.exponent for fit in fits]) / norms),
            "bias": (("progress", "count"), np.array([_bias(p, counts) for p in progress])),
            "leading": (("progress", "count"), 2.5 * (progress**2 * np.exp(-progress))[:, None] / counts),
        },
        coordinates={"series": SERIES, "count": counts, "progress": progress},
        numbers={
            "samples": settings.samples,
            "draws": settings.draws,
            "exponents": [fit.exponent for fit in fits],
            "low": [fit.low for fit in fits],
            "high": [fit.high for fit in fits],
            "largest_error_in_standard_errors": float(np.max(np.abs(means[0] - law) / kernel_error)),
            "cut": settings.cut + 1,
            "bias_times_count": [float(_bias(p, counts)[-1] * counts[-1]) for p in progress],
            "most": int(counts[-1]),
        },
    )


def _groups(rows: Any, groups: int = 6) -> Any:
    """Mean squares of a few groups of draws, each of which is an observation of the exponent."""
    return np.stack([part.mean(axis=0) for part in np.array_split(rows, groups)])


def _bias(progress: float, counts: Any) -> Any:
    """Of one input and one stage, exactly: the residual's expectation is a power of a chi-squared transform."""
    inside = np.log1p((1.0 / np.sqrt(1.0 + 4.0 * progress / counts) - 1.0) / 2.0)
    return np.exp(-progress) * np.expm1(counts * inside + progress)


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: errors against the number of features. Right: the bias of one input."""
    figure, (errors, bias) = canvas(2, height=3.1)
    x, n = dataset["count"], dataset.numbers
    errors.plot(x, dataset["law"], color=role("closed form").colour, linewidth=4.0, alpha=0.25, zorder=1)
    curves = dict(zip(map(str, dataset["series"]), dataset["fit"], strict=True))
    named_series(errors, x, curves, {})
    points_of_series(errors, x, dataset["error"])
    for name, row, exponent, low, high in zip(curves, dataset["fit"], n["exponents"], n["low"], n["high"], strict=True):
        text = f"{name}\n{exponent:.2f} ({low:.2f} to {high:.2f})"
        label(errors, text, (float(x[-1]), float(row[-1])), (6, 0), fontsize=7)
    label(errors, "exact law", (float(x[1]), float(dataset["law"][1])), (6, 6), fontsize=7, color="#555555")
    errors.set_xlim(x[0] * 0.8, x[-1] * 14)
    errors.set_xlabel("number of features")
    errors.set_ylabel("root mean square error, relative")
    title(errors, "Errors and their exponents", "a")
    lines = {f"K T = {p:g}": row for p, row in zip(dataset["progress"], dataset["leading"], strict=True)}
    named_series(bias, x, lines, {name: (len(x) - 1, (6, dy)) for name, dy in zip(lines, (0, -5, 5), strict=True)})
    points_of_series(bias, x, dataset["bias"])
    bias.set_xlim(x[0] * 0.8, x[-1] * 4)
    bias.set_xlabel("number of features")
    bias.set_ylabel("gain of the kernel less mean gain")
    title(bias, "Bias, one input", "b")
    for axes in (errors, bias):
        axes.set_xscale("log")
        axes.set_yscale("log")
        ticks = [tick for tick in (16, 64, 256, 1024, 4096) if tick <= x[-1]]
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
        axes.xaxis.set_ticks([], minor=True)
        axes.yaxis.set_minor_formatter("")
    errors.set_yticks([0.05, 0.1, 0.2, 0.5], ["0.05", "0.1", "0.2", "0.5"])
    return figure


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    laws = "; ".join(
        f"{name} {exponent:.3f} ({low:.3f} to {high:.3f})"
        for name, exponent, low, high in zip(dataset["series"], n["exponents"], n["low"], n["high"], strict=True)
    )
    bias = ", ".join(f"{value:.3f}" for value in n["bias_times_count"])
    return (
        f"Random ReLU features against the arc-cosine kernel, {n['samples']} inputs, {n['draws']} draws per number of "
        "features. (a) Root mean square errors, relative to the limit, with fitted exponents and their 95 % intervals: "
        f"{laws}. The grey band is the exact law of the kernel's error, which the means meet within "
        f"{n['largest_error_in_standard_errors']:.2f} standard errors. A hard cut-off at the eigenvalue of mode "
        f"{n['cut']} keeps or loses it by chance. (b) The exact bias of the gain of one input (markers) and its "
        f"leading term (lines): it falls with the number of features itself; times {n['most']} features it is {bias} "
        "at the largest number."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    return (
        "Two panels on logarithmic axes. Left: the errors of the kernel and of a distilled prediction fall along "
        "straight lines of slope one half with the number of features; that of a hard cut-off stays level. Right: the "
        "bias of one input falls along lines of slope one, for three training times."
    )
