"""What soft labels trade: variance of gradients for bias, residuals, and the same in the loss itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.stats

import kdtheory as kd
from kdtheory.plotting import GUIDE, Dataset, canvas, house_style, label, role, title

ID = "soft-label-variance"
TITLE = "Soft labels trade variance for bias"
CLAIMS = ("total-variance-of-soft-labels", "uniform-student-residual", "kl-bias-variance")
LOOKS = ("control", "student", "networks")


@dataclass(frozen=True)
class Settings:
    """Digits-like features with known probabilities; teachers between the truth and certainty."""

    samples: int = 60
    features: int = 5
    classes: int = 3
    sharpness: float = 1.6
    wrong: float = 1.0
    seed: int = 0
    teachers: tuple[float, ...] = (0.5, 0.7, 0.95)
    labels: int = 10
    probability: float = 0.7
    draws: int = 2000
    batch: int = 8
    points: int = 61


SMALL = Settings(samples=12, points=11, draws=200)
QUICK = Settings()
FULL = Settings(points=241, draws=100000)
TOLERANCES = {
    "critical": {"relative": 1e-8},
    "one_hot_variance": {"relative": 1e-8},
    "best_pseudo_count": {"relative": 1e-6},
    "least_divergence": {"relative": 1e-8},
    "decomposition_error": {"absolute": 1e-11},
}


def compute(settings: Settings) -> Dataset:
    """Exact moments of minibatch gradients, residuals, and divergences of models estimated from few labels."""
    task, model, truth, teachers = _problem(settings)
    loss, names = kd.CrossEntropy(), ("truth", "sharper", "wrong")
    said = {"oracle_targets": truth, "loss": loss}
    noise = [kd.measures.gradient_noise(model, task, each, **said) for each in teachers]
    batch = np.geomspace(1, 1e3, settings.points)
    onehot = float(noise[0].one_hot.total_variance)
    errors = [each.distillation.total_squared_bias + each.distillation.total_variance / batch for each in noise]
    measured = _measured(settings, task, truth, teachers)
    student = np.linspace(0.02, 0.98, settings.points)
    residuals = [np.abs(student - told) / (1 - student) for told in settings.teachers]
    pseudo = np.geomspace(0.02, 30.0, settings.points)
    parts = np.array([_divergences(settings, each) for each in pseudo])
    return Dataset(
        arrays={
            "one_hot_error": (("batch",), onehot / batch / onehot),
            "error": (("told", "batch"), np.array(errors) / onehot),
            "measured": (("told",), measured / onehot),
            "residual": (("teacher", "student"), residuals),
            "divergence": (("pseudo_count", "part"), parts),
        },
        coordinates={
            "batch": batch,
            "told": names,
            "teacher": settings.teachers,
            "student": student,
            "pseudo_count": pseudo,
            "part": ["all", "bias", "variance"],
        },
        numbers={
            "samples": settings.samples,
            "features": settings.features,
            "classes": settings.classes,
            "one_hot_variance": onehot,
            "critical": [float(each.critical_batch) for each in noise[1:]],
            "truth_share": float(noise[0].distillation.total_variance / onehot),
            "batch": settings.batch,
            "draws": settings.draws,
            "labels": settings.labels,
            "probability": settings.probability,
            "best_pseudo_count": float(pseudo[np.argmin(parts[:, 0])]),
            "least_divergence": float(parts[:, 0].min()),
            "decomposition_error": float(np.abs(parts[:, 0] - parts[:, 1] - parts[:, 2]).max()),
        },
    )


def _problem(settings: Settings) -> tuple[Any, Any, Any, list[Any]]:
    """Linear logits: the truth's, those of a sharper teacher, and those of one that is sharper and elsewhere."""
    generator = np.random.default_rng(settings.seed)
    inputs = generator.normal(size=(settings.samples, settings.features))
    weights, other = generator.normal(size=(2, settings.features, settings.classes)) / np.sqrt(settings.features)
    logits = inputs @ weights
    chances = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    labels = [int(generator.choice(settings.classes, p=row)) for row in chances]
    task, model = kd.tasks.from_arrays(inputs, np.array(labels)), kd.LinearModel()
    astray = logits + settings.wrong * inputs @ other
    return task, model, chances, [logits, settings.sharpness * logits, settings.sharpness * astray]


def _measured(settings: Settings, task: Any, truth: Any, teachers: list[Any]) -> Any:
    """Mean squared errors of batches drawn at random, gradients written out."""
    generator, inputs = np.random.default_rng(settings.seed + 1), np.asarray(task.inputs)
    uniform = np.full(truth.shape, 1 / settings.classes)
    clean = inputs.T @ (uniform - truth)
    rows = generator.integers(settings.samples, size=(settings.draws, settings.batch))
    found = []
    for told in teachers:
        soft = np.exp(told) / np.exp(told).sum(axis=-1, keepdims=True)
        slopes = (uniform - soft) * settings.samples / settings.batch
        each = np.einsum("dbp,dbk->dpk", inputs[rows], slopes[rows])
        found.append(float(np.mean(np.sum((each - clean) ** 2, axis=(1, 2)))))
    return np.array(found)


def _divergences(settings: Settings, pseudo: float) -> tuple[float, float, float]:
    """Expected divergence from the truth of frequencies with pseudo-counts, its bias and its variance; exact."""
    counts = np.arange(settings.labels + 1)
    shares = scipy.stats.binom.pmf(counts, settings.labels, settings.probability)
    first = (counts + pseudo) / (settings.labels + 2 * pseudo)
    logs = np.log(np.stack([first, 1 - first], axis=-1))
    truth = np.array([settings.probability, 1 - settings.probability])
    mean = np.exp(shares @ logs)
    mean = mean / mean.sum()
    total = float(shares @ ((np.log(truth) - logs) @ truth))
    bias = float(truth @ np.log(truth / mean))
    return total, bias, float(shares @ ((np.log(mean) - logs) @ mean))


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: errors over batch size. Middle: residuals. Right: divergences."""
    figure, (errors, residuals, parts) = canvas(3, height=3.1, width_ratios=[1.2, 1.0, 1.0])
    _draw_errors(errors, dataset)
    _draw_residuals(residuals, dataset)
    _draw_parts(parts, dataset)
    return figure


def _draw_errors(axes: Any, dataset: Dataset) -> None:
    batch = dataset["batch"]
    axes.plot(batch, dataset["one_hot_error"], **role("teacher").curve)
    label(axes, "one-hot", (3.0, 1 / 3.0), (6, 4), color=role("teacher").ink)
    offsets = ((-4, -8), (4, 0), (4, 0))
    names = [str(name) for name in dataset["told"]]
    for name, values, who, offset, place in zip(names, dataset["error"], LOOKS, offsets, (0.45, 1.0, 1.0), strict=True):
        axes.plot(batch, values, **role(who).curve)
        where = int(place * (len(batch) - 1))
        at = (float(batch[where]), float(values[where]))
        label(axes, name, at, offset, color=role(who).ink)
    for limit, who in zip(dataset.numbers["critical"], LOOKS[1:], strict=True):
        if 1 <= limit <= batch[-1]:
            axes.plot(
                [limit], [1 / limit], **{**role(who).points, "markerfacecolor": "white", "markersize": 5}, zorder=5
            )
    crosses = {**role("simulation").points, "color": "black", "markersize": 4}
    axes.plot([dataset.numbers["batch"]] * len(names), dataset["measured"], **crosses, zorder=4)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(None, 2e4)
    axes.set_xlabel("batch size")
    axes.set_ylabel("squared error of the gradient")
    title(axes, "Gradients", "a")


def _draw_residuals(axes: Any, dataset: Dataset) -> None:
    axes.axhline(1.0, color=GUIDE, linewidth=0.9, zorder=0)
    for told, values, who in zip(dataset["teacher"], dataset["residual"], LOOKS, strict=True):
        axes.plot(dataset["student"], values, **role(who).curve)
        start = (float(dataset["student"][0]), float(values[0]))
        height = 5 if told > 0.5 else -12
        label(axes, f"says {told:g}", start, (2, height), ha="left", va="bottom", color=role(who).ink, fontsize=7.5)
    axes.axvline(0.5, color=GUIDE, linewidth=0.9, linestyle=(0, (1, 1.5)))
    label(axes, "uniform\nstudent", (0.5, 1.75), (3, 0), ha="left", color=GUIDE, fontsize=7.5)
    axes.set_ylim(0, 2)
    axes.set_xlabel("student's probability of the label")
    axes.set_ylabel("residual / that of the label")
    title(axes, "Residuals, two classes", "b")


def _draw_parts(axes: Any, dataset: Dataset) -> None:
    places = {
        "all": ("teacher", 0.97, (-6, 6)),
        "bias": ("student", 0.86, (6, -4)),
        "variance": ("control", 0.62, (-6, -6)),
    }
    for index, (name, (who, place, offset)) in enumerate(places.items()):
        values = dataset["divergence"][:, index]
        axes.plot(dataset["pseudo_count"], values, **role(who).curve)
        where = int(place * (len(values) - 1))
        at = (float(dataset["pseudo_count"][where]), float(values[where]))
        label(axes, name, at, offset, color=role(who).ink)
    axes.set_xscale("log")
    axes.set_ylim(0, None)
    axes.set_xlabel("pseudo-count")
    axes.set_ylabel("expected divergence")
    title(axes, "Cross-entropy", "c")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    critical = " and ".join(f"{value:.1f}" for value in n["critical"])
    return (
        f"(a) Mean squared error of minibatch gradients of cross-entropy at a uniform student, over that of one-hot "
        f"labels at batch size 1: linear model, {n['samples']} inputs, {n['features']} features, {n['classes']} "
        f"classes. The truth as a soft label leaves {n['truth_share']:.2f} of the variance; two teachers are biased, "
        f"and are better than labels below the batch sizes {critical} (open markers). Crosses: {n['draws']} batches "
        f"of {n['batch']}. (b) A soft label's residual over that of the label, by what the student says: below 1 at a "
        f"uniform student, whatever the teacher says, not everywhere. (c) A model that estimates a probability of "
        f"{n['probability']:g} from {n['labels']} labels, with pseudo-counts: expected divergence, bias and variance "
        f"(they add up to {n['decomposition_error']:.1e}); least, {n['least_divergence']:.4f}, with "
        f"{n['best_pseudo_count']:.2f}."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    return (
        "Three panels. Left: on logarithmic axes, errors of gradients fall with the batch size along parallel lines "
        "for labels and for the truth; those of two teachers level off and cross the line of labels. Middle: ratios of "
        "residuals, all below one where the student is uniform, above one where it is confident. Right: the expected "
        "divergence has a minimum between a variance that falls and a bias that rises with the pseudo-count."
    )
