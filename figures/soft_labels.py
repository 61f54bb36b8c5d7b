"""Soft labels are attained, one-hot labels are not; at high temperatures they are logits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.special

import kdtheory as kd
from kdtheory.plotting import GUIDE, Dataset, canvas, house_style, label, role, title

ID = "soft-labels"
TITLE = "Soft labels are attained, and become logits at high temperatures"
CLAIMS = ("soft-labels-are-attained", "temperature-limit")


@dataclass(frozen=True)
class Settings:
    """One cluster, taught by margins or by labels; random logits of student and teacher."""

    margins: tuple[float, ...] = (1.0, 3.0, 6.0)
    longest: float = 1e6
    step: float = 0.05
    simulated: tuple[int, ...] = (20, 200, 2000)
    hottest: float = 1e4
    classes: tuple[int, ...] = (2, 3, 10)
    rows: int = 100
    seed: int = 0
    points: int = 121


SMALL = Settings(points=15, rows=5, simulated=(20, 100))
QUICK = Settings()
FULL = Settings(points=601, rows=2000, simulated=(20, 200, 2000, 20000))
TOLERANCES = {
    "growth": {"relative": 1e-9},
    "half_times": {"relative": 1e-9},
    "orders": {"absolute": 1e-6},
    "simulated_difference": {"absolute": 1e-8},
}


def compute(settings: Settings) -> Dataset:
    """Closed forms of a cluster, steps of gradient descent, and errors of the limit over temperature."""
    time = np.geomspace(0.1, settings.longest, settings.points)
    onehot = kd.distillation.margins_on_labels(1.0, time)
    soft = [kd.distillation.margins_on_teacher(1.0, time, told).margins for told in settings.margins]
    steps = np.asarray(settings.simulated)
    measured = _simulated(settings, steps)
    exact = kd.distillation.margins_on_labels(1.0, steps * settings.step)
    temperature = np.geomspace(1.0, settings.hottest, settings.points)
    errors = np.stack([_errors(settings, count, temperature) for count in settings.classes])
    late = temperature > 0.01 * settings.hottest
    orders = [float(np.polyfit(np.log(temperature[late]), np.log(each[late]), 1)[0]) for each in errors]
    half = [float(np.interp(told / 2, each, time)) for told, each in zip(settings.margins, soft, strict=True)]
    return Dataset(
        arrays={
            "onehot": (("time",), onehot),
            "soft": (("margin", "time"), soft),
            "measured": (("simulated",), measured),
            "error": (("classes", "temperature"), errors),
        },
        coordinates={
            "time": time,
            "margin": settings.margins,
            "simulated": steps * settings.step,
            "classes": settings.classes,
            "temperature": temperature,
        },
        numbers={
            "growth": float(onehot[-1] - np.interp(time[-1] / 10, time, onehot)),
            "half_times": half,
            "orders": orders,
            "step": settings.step,
            "rows": settings.rows,
            "simulated_difference": float(np.abs(measured - exact).max()),
        },
    )


def _simulated(settings: Settings, steps: Any) -> Any:
    """Margins after steps of gradient descent on one-hot labels: two points of one class each."""
    task = kd.tasks.from_arrays(np.eye(2), [0, 1])
    fits = {
        f"after_{count}": kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(int(count), settings.step), kd.CrossEntropy()))
        for count in steps
    }
    ends = kd.simulate(kd.Recipe(**fits), kd.LinearModel(), task)
    logits = [np.asarray(ends[name].train)[0] for name in fits]
    return np.array([each[0] - each[1] for each in logits])


def _errors(settings: Settings, classes: int, temperature: Any) -> Any:
    """Distance of slopes from those of centred logits over K, over the latter; root mean square over random rows."""
    generator = np.random.default_rng(settings.seed)
    student, teacher = generator.normal(size=(2, settings.rows, classes)) * 2.0
    tau = temperature[:, None, None]
    slopes = tau * (scipy.special.softmax(student / tau, axis=-1) - scipy.special.softmax(teacher / tau, axis=-1))
    away = student - teacher
    limit = (away - away.mean(axis=-1, keepdims=True)) / classes
    return np.sqrt(np.mean((slopes - limit) ** 2, axis=(-2, -1)) / np.mean(limit**2))


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: margins over time. Right: the error of the limit over temperature."""
    figure, (growth, limit) = canvas(2, height=3.2)
    _draw_growth(growth, dataset)
    _draw_limit(limit, dataset)
    return figure


def _draw_growth(axes: Any, dataset: Dataset) -> None:
    time, teacher, student = dataset["time"], role("teacher"), role("student")
    axes.plot(time, dataset["onehot"], **teacher.curve)
    axes.plot(dataset["simulated"], dataset["measured"], **{**role("simulation").points, "color": "black"}, zorder=4)
    for told, values in zip(dataset["margin"], dataset["soft"], strict=True):
        axes.axhline(told, color=GUIDE, linewidth=0.7, zorder=0)
        axes.plot(time, values, **student.curve)
    last = (float(time[-1]), float(dataset["onehot"][-1]))
    label(axes, "one-hot labels", last, (-62, -10), ha="right", color=teacher.ink)
    label(axes, "soft labels\nof three teachers", (float(time[-1]), 4.75), (0, 0), ha="right", color=student.ink)
    axes.set_xscale("log")
    axes.set_ylim(0, None)
    axes.set_xlabel("time \u00d7 eigenvalue")
    axes.set_ylabel("margin")
    title(axes, "Margins over time", "a")


def _draw_limit(axes: Any, dataset: Dataset) -> None:
    looks = ("control", "student", "teacher")
    for count, values, who in zip(dataset["classes"], dataset["error"], looks, strict=False):
        axes.plot(dataset["temperature"], values, **role(who).curve)
        where = int((0.85 if count == 3 else 0.6) * len(values))
        at = (float(dataset["temperature"][where]), float(values[where]))
        offset = (6, 6) if count > 3 else (-6, -7)
        label(axes, f"{count} classes", at, offset, color=role(who).ink)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("temperature")
    axes.set_ylabel("distance of slopes from centred logits / K")
    title(axes, "The limit of high temperatures", "b")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    times = ", ".join(f"{time:.2f}" for time in n["half_times"])
    orders = ", ".join(f"{order:.3f}" for order in n["orders"])
    margins = ", ".join(f"{told:g}" for told in dataset["margin"])
    classes = ", ".join(f"{count}" for count in dataset["classes"])
    return (
        "(a) The margin of a cluster of its own under cross-entropy with two classes. One-hot labels drive it without "
        f"end, by {n['growth']:.3f} in the last tenfold of time (crosses: gradient descent with steps of "
        f"{n['step']:g}, largest difference {n['simulated_difference']:.3f}); soft labels of teachers with the margins "
        f"{margins} are attained, half of the way after the times {times}. (b) Slopes of the cross-entropy, times the "
        f"squared temperature, against centred logits over K, for {n['rows']} random rows of student and teacher: "
        f"relative root mean square. For {classes} classes it falls like the temperature to the powers {orders}."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    return (
        "Two panels. Left: against the logarithm of time, the margin on one-hot labels rises along a straight line "
        "without end, while the margins on three soft labels level off at those of their teachers. Right: on "
        f"logarithmic axes, errors fall with the temperature, for two classes with the slope "
        f"{dataset.numbers['orders'][0]:.2f}, for more classes half as steeply."
    )
