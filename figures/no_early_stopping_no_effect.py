"""What distillation changes in a linear model dies out with the teacher's time, on train and on test points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import Dataset, canvas, deviation_against_time, house_style, label, role, title

ID = "no-early-stopping-no-effect"
TITLE = "Without early stopping, distillation has no effect"
CLAIMS = ("no-early-stopping-no-effect",)
SHAPES = ("wide", "tall")
ON = ("train", "test")
ROUNDING = 1e-13
FLOOR = 1e-17


@dataclass(frozen=True)
class Settings:
    """Random regression with fewer and with more samples than features; times in units of 1 / largest eigenvalue."""

    features: int = 40
    wide: int = 20
    tall: int = 120
    test: int = 500
    exponent: float = 1.0
    noise_variance: float = 0.1
    student_time: float = 10.0
    longest: float = 1e4
    points: int = 61
    seed: int = 0


SMALL = Settings(features=6, wide=4, tall=12, test=20, points=9)
QUICK = Settings()
FULL = Settings(features=200, wide=100, tall=600, test=2000)
TOLERANCES = {
    "early": {"relative": 1e-8},
    "frozen": {"relative": 1e-8},
    "condition": {"relative": 1e-8},
    "at_end": {"absolute": ROUNDING},
    "faithful": {"absolute": ROUNDING},
    "tall_test": {"absolute": ROUNDING},
}


def compute(settings: Settings) -> Dataset:
    """Solve teachers of many times with two students each: one that is stopped, and one that is not."""
    spectrum = kd.tasks.power_law(settings.features, exponent=settings.exponent)
    times = np.geomspace(0.1, settings.longest, settings.points)
    wide, tall = (_deviations(settings, spectrum, times, samples) for samples in (settings.wide, settings.tall))
    found = {name: [wide[name], tall[name]] for name in wide}
    return Dataset(
        arrays={
            "from_onehot": (("shape", "on", "time"), found["onehot"]),
            "from_teacher": (("shape", "on", "time"), found["teacher"]),
        },
        coordinates={"shape": SHAPES, "on": ON, "time": times},
        numbers={
            "features": settings.features,
            "samples": [settings.wide, settings.tall],
            "student_time": settings.student_time,
            "early": [[float(x[0]) for x in pair] for pair in found["onehot"]],
            "at_end": float(np.max(found["at_end"])),
            "faithful": float(np.max([pair[0] for pair in found["teacher"]])),
            "frozen": float(np.mean(wide["teacher"][1])),
            "tall_test": float(np.max(tall["teacher"][1])),
            "condition": found["condition"],
            "interpolates": found["interpolates"],
        },
    )


def _deviations(settings: Settings, spectrum: Any, times: Any, samples: int) -> dict[str, Any]:
    """Root mean square over points of differences of predictions, over that of the targets."""
    alignment = np.full(settings.features, settings.features**-0.5)
    task: Any = kd.tasks.regression(
        spectrum,
        alignment,
        train=samples,
        test=settings.test,
        noise_variance=settings.noise_variance,
        seed=settings.seed,
    )
    model = kd.LinearModel()
    known = model.spectrum(task)
    size = settings.features**-0.5 / np.sqrt(np.asarray(spectrum))
    weights = np.random.default_rng(settings.seed).standard_normal((2, settings.features)) * size
    own, other = (kd.Start(weights=start) for start in weights)
    run, end = kd.GradientFlow(settings.student_time / known.largest), kd.GradientFlow(np.inf)
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(kd.axis("time", times / known.largest))), start=own),
        stopped=kd.Fit(kd.Phase(kd.output_of("teacher"), run), start=other),
        faithful=kd.Fit(kd.Phase(kd.output_of("teacher"), end), start=other),
        onehot=kd.Fit(kd.Phase(kd.labels, run), start=other),
        converged=kd.Fit(kd.Phase(kd.labels, end), start=own),
        untouched=kd.Fit(kd.Phase(kd.output_of("converged"), run), start=other),
    )
    fits = kd.solve(recipe, model, task)

    scale = {on: np.sqrt(np.mean(np.square(y))) for on, y in zip(ON, (task.targets, task.test_targets), strict=True)}

    def distance(one: str, two: str) -> list[Any]:
        differences = {on: fits[one].outputs(on) - fits[two].outputs(on) for on in ON}
        return [np.sqrt(np.mean(differences[on] ** 2, axis=(-2, -1))) / scale[on] for on in ON]

    misfit = np.abs(fits["converged"].train - task.targets).max()
    return {
        "onehot": distance("stopped", "onehot"),
        "teacher": distance("faithful", "teacher"),
        "at_end": distance("untouched", "onehot"),
        "condition": float(known.condition),
        "interpolates": bool(misfit < ROUNDING * known.condition),
    }


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: fewer samples than features. Right: more."""
    figure, panels = canvas(2, height=3.3)
    n, times = dataset.numbers, dataset["time"]
    for index, axes in enumerate(panels):
        onehot, teacher = dataset["from_onehot"][index], dataset["from_teacher"][index]
        deviation_against_time(axes, times, onehot, teacher, rounding=ROUNDING, floor=FLOOR)
        axes.set_ylim(None, 30.0)
        axes.set_xlabel("teacher's time \u00d7 largest eigenvalue")
        title(axes, f"{n['samples'][index]} samples, {n['features']} features", "ab"[index])
        middle = len(times) // 2
        near = (times[middle], onehot[0][middle])
        label(axes, "stopped student\nminus one-hot run", near, (-2, -18), va="top", color=role("student").ink)
    _label_panels(panels[0], panels[1], dataset)
    panels[0].set_ylabel("difference of predictions / targets (RMS)")
    return figure


def _label_panels(wide: Any, tall: Any, dataset: Dataset) -> None:
    first, blue = dataset["time"][0], role("teacher").ink
    look = {"offset": (2, 4), "ha": "left", "va": "bottom", "color": blue}
    text = "converged student minus its teacher"
    label(wide, f"{text}, test", (first, dataset["from_teacher"][0][1][0]), **look)
    label(wide, f"{text}, train", (first, FLOOR), **look)
    label(tall, text, (first, ROUNDING), **look)
    label(wide, "zero, up to rounding", (first, ROUNDING), (2, -3), ha="left", va="top")
    label(tall, "zero, up to rounding", (first, FLOOR), (2, 2), ha="left", va="bottom")
    words = "full markers: train points\nopen markers: test points"
    wide.text(0.03, 0.42, words, transform=wide.transAxes, fontsize=7.5)


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    early = [f"{pair[0]:.2f} (train) and {pair[1]:.2f} (test)" for pair in n["early"]]
    fits = ["fits" if each else "does not fit" for each in n["interpolates"]]
    end = f"at most {n['at_end']:.1e}" if n["at_end"] else "exactly zero"
    return (
        f"Linear regression on {n['samples'][0]} (a) and {n['samples'][1]} (b) samples of {n['features']} features, "
        "gradient flow; teacher and students have starts of their own. A student stopped at "
        f"{n['student_time']:g} / largest eigenvalue differs from the same training on labels by {early[0]} of the "
        f"targets' size in (a), {early[1]} in (b), if its teacher was hardly trained. The difference dies out with the "
        f"teacher's time, and is {end} for a teacher trained to the end, which {fits[0]} the labels in (a) "
        f"and {fits[1]} them in (b). A student trained to the end agrees with its teacher on train points (to "
        f"{n['faithful']:.1e}), wherever that stopped. On test points it does so in (b) (to {n['tall_test']:.1e}), "
        f"while in (a) what training cannot see of the two starts stays ({n['frozen']:.2f})."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    return (
        "Two panels with the teacher's time on the horizontal axis and differences of predictions on the vertical one, "
        "both logarithmic. In both, the difference between a stopped student and the one-hot run falls from order one "
        "to rounding, on train and test points alike. The difference between a converged student and its teacher is "
        f"zero up to rounding, except on test points with fewer samples than features, where it stays at "
        f"{dataset.numbers['frozen']:.2f}."
    )
