"""At equal progress on the leading mode, a distilled student is behind on every lower mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import (
    GUIDE,
    Dataset,
    canvas,
    coefficient_plane,
    house_style,
    label,
    lag_by_mode,
    pointer,
    role,
    title,
)

ID = "exaggerated-bias"
TITLE = "Distillation exaggerates the bias of gradient flow"
CLAIMS = ("exaggerated-bias",)


@dataclass(frozen=True)
class Settings:
    """Digits in a kernel model; modes count from 0, the largest eigenvalue."""

    train: int = 500
    seed: int = 0
    depth: int = 2
    leading: int = 1
    lower: int = 5
    teacher_gain: float = 0.9
    matched_gain: float = 0.6
    teacher_gains: tuple[float, ...] = (0.1, 0.9, 0.999)
    points: int = 201


SMALL = Settings(train=60, points=11)
QUICK = Settings()
FULL = Settings(train=1500)
TOLERANCES = {
    "ratio": {"relative": 1e-8},
    "matched_student": {"relative": 1e-8},
    "matched_onehot": {"relative": 1e-8},
    "lags_at_lower": {"relative": 1e-8},
    "smallest_margin": {"relative": 1e-6},
}


def compute(settings: Settings) -> Dataset:
    """Solve teacher, student and one-hot run on the digits, in closed form."""
    task = kd.tasks.digits(train=settings.train, seed=settings.seed)
    model = kd.KernelModel(kd.kernels.NTK(depth=settings.depth))
    spectrum = model.spectrum(task)
    pair = [settings.leading, settings.lower]
    ratio = float(spectrum.eigenvalues[settings.lower] / spectrum.eigenvalues[settings.leading])

    def time(gain: float) -> float:
        return spectrum.time_at(gain=gain, mode=settings.leading)

    def onehot(times: Any) -> Any:
        flow = kd.GradientFlow(time=kd.axis("time", times))
        return kd.solve(kd.Recipe(onehot=kd.Fit(kd.Phase(kd.labels, flow))), model, task)["onehot"].gains

    def student(teacher: float, times: Any) -> Any:
        flow = kd.GradientFlow(time=kd.axis("time", times))
        recipe = kd.self_distillation(kd.GradientFlow(time=time(teacher)), flow)
        return kd.solve(recipe, model, task)["student"].gains

    # Times at which the leading mode takes evenly spaced steps; the student's gain is a share of the teacher's.
    progress = np.linspace(0.0, 0.9995, settings.points)
    times = [time(gain) for gain in progress]
    plane = {"onehot": onehot(times)[:, pair], "student": student(settings.teacher_gain, times)[:, pair]}
    meeting = settings.matched_gain / settings.teacher_gain
    below = student(settings.teacher_gain, [time(meeting)])[0, pair]
    above = onehot([time(settings.matched_gain)])[0, pair]

    # Students trained as long as their teacher, beside the one-hot run that is as far on the leading mode.
    behind = slice(settings.leading + 1, spectrum.rank)
    ratios = spectrum.eigenvalues[behind] / spectrum.eigenvalues[settings.leading]
    measured = [_lag(model, task, time(gain), settings.leading) for gain in settings.teacher_gains]
    lags = np.stack([np.asarray(lag.ratio[behind]) for lag in measured])
    shortfalls = np.stack([np.asarray(lag.shortfall[behind]) for lag in measured])
    margin = min(float(np.min(lags / ratios - 1.0)), float(np.min(shortfalls)))
    return Dataset(
        arrays={
            "onehot": (("progress", "pair"), plane["onehot"]),
            "student": (("progress", "pair"), plane["student"]),
            "bound": (("progress", "pair"), plane["onehot"] * [1.0, ratio]),
            "lag": (("teacher_gain", "ratio"), lags),
        },
        coordinates={"progress": progress, "pair": pair, "teacher_gain": settings.teacher_gains, "ratio": ratios},
        numbers={
            "train": task.size,
            "depth": settings.depth,
            "ratio": ratio,
            "leading": settings.leading,
            "lower": settings.lower,
            "teacher": onehot([time(settings.teacher_gain)])[0, pair].tolist(),
            "teacher_gain": settings.teacher_gain,
            "matched_leading": float(above[0]),
            "matched_onehot": float(above[1]),
            "matched_student": float(below[1]),
            "matching_error": float(abs(above[0] - below[0])),
            "lags_at_lower": lags[:, settings.lower - settings.leading - 1].tolist(),
            "modes_behind": int(np.sum(np.all(shortfalls > 0, axis=0))),
            "modes": len(ratios),
            "largest_ratio": float(spectrum.largest / spectrum.eigenvalues[settings.leading]),
            "outside": int(np.sum(np.any((shortfalls <= 0) | (lags <= ratios), axis=0))),
            "smallest_margin": margin,
        },
    )


def _lag(model: Any, task: Any, time: float, leading: int) -> Any:
    flow = kd.GradientFlow(time=time)
    student = kd.solve(kd.self_distillation(flow, flow), model, task)["student"]
    return kd.measures.lag(student, kd.GradientFlow, leading=leading)


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: two modes against each other. Right: the lag of every mode, for three teachers."""
    figure, (left, right) = canvas(2, height=3.3)
    _draw_plane(left, dataset)
    _draw_lags(right, dataset)
    return figure


def _draw_plane(axes: Any, dataset: Dataset) -> None:
    n = dataset.numbers
    matched = {name: n[f"matched_{name}"] for name in ("leading", "onehot", "student")}
    curves = {name: tuple(dataset[name].T) for name in ("onehot", "student", "bound")}
    coefficient_plane(axes, **curves, teacher=tuple(n["teacher"]), matched=matched)
    green, orange = role("control").ink, role("student").ink
    label(
        axes,
        f"one-hot run\n{n['matched_onehot']:.2f}",
        (n["matched_leading"], n["matched_onehot"]),
        (-7, 9),
        color=green,
    )
    label(axes, f"{n['matched_student']:.2f}", (n["matched_leading"], n["matched_student"]), (6, -5), color=orange)
    pointer(axes, "distilled\nstudent", _near(dataset["student"], 0.35), (0.17, 0.27), color=orange)
    label(axes, "teacher\nstops", tuple(n["teacher"]), (-9, 4), color=role("teacher").ink)
    pointer(axes, "ratio of eigenvalues\n\u00d7 one-hot run", _near(dataset["bound"], 0.8), (0.825, 0.07), color=GUIDE)
    axes.set_xlabel(f"leading mode (number {n['leading'] + 1}): coefficient / target")
    axes.set_ylabel(f"lower mode (number {n['lower'] + 1}): coefficient / target")
    title(axes, "Two modes along training", "a")


def _near(curve: Any, leading: float) -> tuple[float, float]:
    """The point of a curve whose leading coordinate is closest to ``leading``."""
    x, y = curve[np.argmin(np.abs(curve[:, 0] - leading))]
    return float(x), float(y)


def _draw_lags(axes: Any, dataset: Dataset) -> None:
    ratios = dataset["ratio"]
    labels = [f"{100 * gain:g} %" for gain in dataset["teacher_gain"]]
    lag_by_mode(axes, ratios, list(zip(labels, dataset["lag"], strict=True)), lower=ratios)
    left = float(ratios[-1])
    label(axes, "student equals one-hot run", (left, 1.0), (0, 2), ha="left", color=GUIDE)
    heading = "in percent: how\nmuch of its\nleading mode the\nteacher learnt"
    label(axes, heading, (left, 0.38), (4, 0), color=role("student").ink)
    pointer(axes, "ratio of eigenvalues", (0.03, 0.03), (0.12, 0.008), color=GUIDE)
    axes.set_xlabel("eigenvalue / leading eigenvalue")
    axes.set_ylabel("student / one-hot coefficient\nat equal leading progress")
    title(axes, f"All {dataset.numbers['modes']} lower modes", "b")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    teachers = ", ".join(f"{100 * gain:g} %" for gain in dataset["teacher_gain"])
    lags = ", ".join(f"{lag:.3f}" for lag in n["lags_at_lower"])
    return (
        f"Gradient flow on {n['train']} digits with the neural tangent kernel of depth {n['depth']}. (a) When the "
        f"leading mode has reached {n['matched_leading']:.2f} of its target, the lower mode (eigenvalue ratio "
        f"{n['ratio']:.3f}) has reached {n['matched_onehot']:.3f} in a one-hot run but {n['matched_student']:.3f} in "
        f"the student of a teacher that stopped at {n['teacher_gain']:.2f}. The wedge is what the two-sided bound "
        f"allows. Modes are numbered from 1, the largest; {_left_out(n)}(b) Lag (student over one-hot coefficient) of "
        f"every lower mode, student trained as long as its teacher, whose leading mode reached {teachers}: "
        f"{n['modes_behind']} of {n['modes']} modes are behind for all of them, {n['outside']} leave the bounds "
        f"(smallest relative margin {n['smallest_margin']:.2g}). Lag of the lower mode of (a): {lags}."
    )


def _left_out(numbers: Any) -> str:
    if numbers["leading"] == 0:
        return ""
    larger = f"{numbers['largest_ratio']:.1f} times larger"
    return f"those before number {numbers['leading'] + 1}, whose eigenvalues reach {larger}, are left out. "


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    n = dataset.numbers
    return (
        "Two panels. Left: coefficient of a lower mode against that of the leading mode, along a one-hot run and "
        f"along the training of a student; where the leading mode is at {n['matched_leading']:.2f}, the student is "
        f"at {n['matched_student']:.2f} and the one-hot run at {n['matched_onehot']:.2f}; they meet where the "
        "teacher stops. Right: on logarithmic axes, the lag of every lower mode for three teachers, between the "
        f"eigenvalue ratio and one; {n['modes_behind']} of {n['modes']} modes are behind."
    )
