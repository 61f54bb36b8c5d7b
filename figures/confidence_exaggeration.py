"""Does a network distilled at temperature 4 exaggerate its teacher's confidence?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.stats

import kdtheory as kd
from kdtheory.plotting import Dataset, canvas, confidence_scatter, house_style, role, slopes_by_seed, title

ID = "confidence-exaggeration"
TITLE = "Confidence of distilled networks against their teacher's"
CLAIMS = ()
NEEDS = ("torch",)
POINTS = ("train", "test")
KINDS = ("slope", "theil_sen")
ACTORS = ("student", "control")


@dataclass(frozen=True)
class Settings:
    """Cross-entropy on digits; the student sees nothing but its teacher, the control nothing but the labels."""

    train: int = 600
    seed: int = 0
    width: int = 256
    depth: int = 1
    rate: float = 1e-3
    epochs: int = 60
    batch: int = 64
    temperature: float = 4.0
    seeds: int = 5
    shown_seed: int = 0


SMALL = Settings(train=100, width=16, epochs=3, batch=50, seeds=3)
QUICK = Settings()
FULL = Settings(train=1000, seeds=20)
# Networks in float32: another machine's rounding grows along training; slopes move by far less than between seeds.
TOLERANCES = {
    f"interval.{on}.{kind}.{who}.mean": {"absolute": 0.02}
    for on in POINTS
    for kind in KINDS
    for who in ("student", "control", "difference")
}


def compute(settings: Settings) -> Dataset:
    """Train teacher, student and retrain control, and measure slopes on train and test points."""
    task = kd.tasks.digits(train=settings.train, seed=settings.seed)
    run = kd.GradientDescent(steps=settings.epochs * (settings.train // settings.batch))
    soft = kd.CrossEntropy(temperature=settings.temperature)
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, run, kd.CrossEntropy())),
        student=kd.Fit(kd.Phase(kd.output_of("teacher"), run, soft)),
        control=kd.Fit(kd.Phase(kd.labels, run, kd.CrossEntropy()), stream="student"),
    )
    network, adam = kd.networks.MLP(settings.width, settings.depth), kd.Adam(rate=settings.rate)
    batch, seeds = kd.Minibatch(settings.batch), range(settings.seeds)
    nets = kd.train(recipe, network, task, seeds=seeds, optimizer=adam, batch=batch)
    measured = {on: _measured(nets, on, "labels") for on in POINTS}
    by_top_class = {on: _measured(nets, on, "teacher") for on in POINTS}
    shown = {on: _shown(measured[on], settings.shown_seed) for on in POINTS}
    return Dataset(
        arrays={
            **{f"confidence_{on}": (("who", f"{on}_point"), shown[on]) for on in POINTS},
            **{f"line_{on}": (("actor", "end", "axis"), _lines(measured[on], settings.shown_seed)) for on in POINTS},
            **{kind: (("on", "actor", "seed"), [_seeds(measured[on], kind) for on in POINTS]) for kind in KINDS},
        },
        coordinates={"who": ["teacher", *ACTORS], "actor": ACTORS, "on": POINTS, "seed": np.arange(settings.seeds)},
        numbers={
            "train": task.size,
            "test": measured["test"].teacher.shape[-1],
            "temperature": settings.temperature,
            "width": settings.width,
            "epochs": settings.epochs,
            "shown_seed": settings.shown_seed,
            "interval": {on: {kind: _intervals(measured[on], kind) for kind in KINDS} for on in POINTS},
            "interval_by_top_class": {
                on: {kind: _intervals(by_top_class[on], kind) for kind in KINDS} for on in POINTS
            },
            "lowest_fifth": {on: _intervals(measured[on], "low_confidence_deviation") for on in POINTS},
            "accuracy": {
                name: {on: float(np.mean(kd.measures.accuracy(nets[name], on=on))) for on in POINTS} for name in nets
            },
        },
    )


def _measured(nets: Any, on: str, of: str) -> Any:
    return kd.measures.confidence(nets["teacher"], nets["student"], on=on, of=of, control=nets["control"])


def _shown(measured: Any, seed: int) -> Any:
    return np.stack([measured.teacher[seed], measured.student[seed], measured.control.student[seed]])


def _lines(measured: Any, seed: int) -> Any:
    """Ends of the least-squares lines of student and control, shape (actor, end, axis)."""
    x = np.array([measured.teacher[seed].min(), measured.teacher[seed].max()])
    fits = (measured, measured.control)
    return np.stack([np.stack([x, fit.intercept[seed] + fit.slope[seed] * x], axis=1) for fit in fits])


def _seeds(measured: Any, kind: str) -> Any:
    return np.stack([getattr(measured, kind), getattr(measured.control, kind)])


def _intervals(measured: Any, kind: str) -> dict[str, dict[str, float]]:
    """Mean over seeds with its Student-t interval, for student, control and their paired difference."""
    values = {
        "student": getattr(measured, kind),
        "control": getattr(measured.control, kind),
        "difference": measured.difference(kind),
    }
    return {name: _interval(seeds) for name, seeds in values.items()}


def _interval(values: Any, level: float = 0.95) -> dict[str, float]:
    mean, error = float(np.mean(values)), float(scipy.stats.sem(values))
    half = float(scipy.stats.t.ppf(0.5 + level / 2, len(values) - 1)) * error
    return {"mean": mean, "low": mean - half, "high": mean + half}


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left and middle: one seed's points, train and test. Right: slopes of all seeds."""
    figure, (train, test, slopes) = canvas(3, height=3.0, width_ratios=[1.0, 1.0, 1.05])
    for axes, on, letter in ((train, "train", "a"), (test, "test", "b")):
        _draw_points(axes, dataset, on)
        title(axes, f"{on.capitalize()} points", letter)
    test.sharey(train)
    train.set_ylabel("confidence minus teacher's (logits)")
    test.tick_params(labelleft=False)
    train.text(
        0.97, 0.99, "one-hot control", transform=train.transAxes, ha="right", va="top", color=role("control").ink
    )
    train.text(0.97, 0.01, "distilled student", transform=train.transAxes, ha="right", color=role("student").ink)
    _draw_slopes(slopes, dataset)
    return figure


def _draw_points(axes: Any, dataset: Dataset, on: str) -> None:
    teacher, student, control = dataset[f"confidence_{on}"]
    lines = {name: tuple(dataset[f"line_{on}"][i].T) for i, name in enumerate(ACTORS)}
    confidence_scatter(axes, teacher, {"control": control, "student": student}, lines)
    axes.set_xlabel("teacher's confidence (logits)")


def _draw_slopes(axes: Any, dataset: Dataset) -> None:
    intervals = dataset.numbers["interval"]
    groups = [(kind, i, on) for kind in KINDS for i, on in enumerate(POINTS)]
    words = {"slope": "least\nsquares", "theil_sen": "Theil-\nSen"}
    names = [f"{on}\n{words[kind]}" for kind, _, on in groups]
    slopes = {who: [dataset[kind][i, a] for kind, i, _ in groups] for a, who in enumerate(ACTORS)}
    ends = {
        who: [[intervals[on][kind][who][end] for end in ("mean", "low", "high")] for kind, _, on in groups]
        for who in ACTORS
    }
    slopes_by_seed(axes, names, slopes, ends)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.24 * (high - low))
    for place, (kind, _, on) in enumerate(groups):
        gap = intervals[on][kind]["difference"]
        half = (gap["high"] - gap["low"]) / 2
        axes.text(place, high + 0.03 * (high - low), f"{gap['mean']:+.3f}\n\u00b1 {half:.3f}", ha="center", fontsize=7)
    axes.text(0.5, 0.995, "student minus control", transform=axes.transAxes, ha="center", va="top", fontsize=7.5)
    axes.set_ylabel("slope on the teacher's confidence")
    title(axes, f"{len(dataset['seed'])} seeds", "c")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    said = "; ".join(f"{on} points: {_sentence(n['interval'][on])}" for on in POINTS)
    lowest = ", ".join(f"{on} {n['lowest_fifth'][on]['difference']['mean']:+.2f}" for on in POINTS)
    accuracy = ", ".join(f"{name} {100 * value['test']:.1f} %" for name, value in n["accuracy"].items())
    return (
        f"ReLU networks of width {n['width']} on {n['train']} digits, cross-entropy, {n['epochs']} epochs of Adam; "
        f"the student is distilled at temperature {n['temperature']:g}, the control is trained on labels with the "
        "student's initialization and batches. Confidence is the log odds of the true class. (a, b) Seed "
        f"{n['shown_seed']}: a rising line is a slope above 1, exaggeration. (c) Slopes of student and control, "
        f"{len(dataset['seed'])} seeds with mean and 95 % interval; above them the paired difference. Least squares, "
        f"{said}. Where the teacher is least confident (lowest fifth), student minus control is {lowest} logits. "
        f"Mean test accuracy: {accuracy}. Intervals are over seeds on one split of the data."
    )


def _sentence(interval: Any) -> str:
    slope, gap = interval["slope"]["student"], interval["slope"]["difference"]
    return (
        f"slope {slope['mean']:.3f} ({slope['low']:.3f} to {slope['high']:.3f}), student minus control "
        f"{gap['mean']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f})"
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    slope = {on: dataset.numbers["interval"][on]["slope"] for on in POINTS}
    return (
        "Three panels. Left and middle: confidence of student and control minus the teacher's, against the teacher's, "
        "on train and test points of one seed, with fitted lines. Right: slopes of every seed; mean of the student "
        f"{slope['train']['student']['mean']:.2f} on train and {slope['test']['student']['mean']:.2f} on test points, "
        f"of the control {slope['train']['control']['mean']:.2f} and {slope['test']['control']['mean']:.2f}."
    )
