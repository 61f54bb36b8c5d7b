"""Wrong labels outvoted by rounds, a little ridge in the student, and the barrier of students that regularize."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import (
    Dataset,
    canvas,
    house_style,
    label,
    level,
    named_series,
    points_of_series,
    role,
    title,
)
from kdtheory.plotting.style import SHADE

ID = "label-averaging"
TITLE = "What rounds, a little ridge and a strong student can mend"
CLAIMS = ("label-averaging", "second-stage-ridge", "weak-to-strong")


@dataclass(frozen=True)
class Settings:
    """A class of equal points; two teachers of a ridge student; random-feature teachers of a kernel student."""

    size: int = 20
    wrong: tuple[int, ...] = (3, 7, 9)
    similarity: float = 0.05
    penalty: float = 4.0
    rounds: int = 12
    eigenvalues: tuple[float, ...] = (4.0, 1.0, 0.25, 0.06)
    coefficients: tuple[float, ...] = (2.0, 1.0, 0.5, 0.3)
    noise: float = 0.3
    gains: tuple[float, float] = (0.95, 0.3)
    points: int = 61
    samples: int = 60
    features: tuple[int, ...] = (2, 4, 8, 16, 32)
    seeds: int = 4


SMALL = Settings(rounds=5, points=9, samples=20, features=(2, 8), seeds=1)
QUICK = Settings()
FULL = Settings(points=201, samples=200, features=(2, 4, 8, 16, 32, 64, 128), seeds=10)
TOLERANCES = {
    "needed": {"relative": 1e-10},
    "slopes": {"relative": 1e-10},
    "least_over_barrier": {"relative": 1e-4},
    "largest_error": {"absolute": 1e-10},
}


def compute(settings: Settings) -> Dataset:
    """Rounds of ridge on one class; risks of ridge students; errors of strong students of weak teachers."""
    rounds = np.arange(1, settings.rounds + 1)
    solved = [_scores(settings, wrong) for wrong in settings.wrong]
    gaps = 1.0 - 2.0 * np.asarray(settings.wrong) / settings.size
    rest = 1.0 - settings.similarity
    p, q = kd.Ridge(settings.penalty).gain([rest + settings.size * settings.similarity, rest])
    scores = p**rounds * gaps[:, None] - q**rounds * (1.0 + gaps[:, None])
    needed = kd.risk.oracle_correcting_rounds(p, q, gaps)
    lam, c = np.asarray(settings.eigenvalues), np.asarray(settings.coefficients)
    penalties = np.concatenate([[0.0], np.geomspace(1e-3, 1.0, settings.points - 1)])
    risks, slopes = [], []
    for gain in settings.gains:
        g = kd.Ridge(float(lam[1] * (1.0 / gain - 1.0))).gain(lam)
        student = g * lam / (lam + penalties[:, None])
        risk = np.sum((1.0 - student) ** 2 * c**2 + student**2 * settings.noise, axis=1)
        risks.append(risk / risk[0])
        slopes.append(float(kd.risk.oracle_second_stage_slope(g, lam, c, settings.noise) / risk[0]))
    weak, strong = _weak_and_strong(settings)
    errors = np.linspace(0.0, 1.0, settings.points)
    barrier = kd.risk.weak_to_strong_barrier(errors)
    return Dataset(
        arrays={
            "score": (("gap", "round"), scores / p**rounds),
            "solved": (("gap", "round"), np.asarray(solved) / p**rounds),
            "risk": (("teacher", "penalty"), risks),
            "tangent": (("teacher", "penalty"), 1.0 + np.asarray(slopes)[:, None] * penalties),
            "barrier": (("error",), barrier),
            "weak": (("model",), weak),
            "strong": (("model",), strong),
        },
        coordinates={"gap": gaps, "round": rounds, "teacher": settings.gains, "penalty": penalties, "error": errors},
        numbers={
            "size": settings.size,
            "wrong": list(settings.wrong),
            "gains": [float(p), float(q)],
            "needed": np.asarray(needed).tolist(),
            "largest_error": float(np.max(np.abs(np.asarray(solved) - scores))),
            "slopes": slopes,
            "teacher_gains": list(settings.gains),
            "models": len(weak),
            "least_over_barrier": float(np.min(strong / kd.risk.weak_to_strong_barrier(weak))),
        },
    )


def _scores(settings: Settings, wrong: int) -> list[float]:
    """Right less wrong output at a mislabelled point, round by round."""
    size = settings.size
    gram = settings.similarity + (1.0 - settings.similarity) * np.eye(size)
    task = kd.tasks.from_arrays(np.eye(size), np.eye(2)[[0] * (size - wrong) + [1] * wrong])
    run = kd.Ridge(settings.penalty)
    result = kd.solve(kd.self_distillation(run, run, rounds=settings.rounds - 1), kd.KernelModel(gram=gram), task)
    return [float(result[name].train[-1] @ [1.0, -1.0]) for name in result]


def _weak_and_strong(settings: Settings) -> tuple[Any, Any]:
    """Errors of random-feature teachers that project, and the least error of a kernel student over its times."""
    inputs = np.random.default_rng(0).standard_normal((settings.samples, 3))
    target = np.sin(inputs @ [1.0, 0.5, -0.5])
    task = kd.tasks.from_arrays(inputs, target / np.linalg.norm(target))
    strong = kd.KernelModel(kd.kernels.ArcCosine(order=1))
    student = kd.Fit(kd.Phase(kd.output_of("teacher"), kd.GradientFlow(kd.axis("time", np.geomspace(1e-3, 1e3, 60)))))
    weak_errors, strong_errors = [], []
    for count in settings.features:
        for seed in range(settings.seeds):
            weak = kd.RandomFeatures(kd.kernels.ArcCosine(order=1), count=count, seed=seed)
            teacher = kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(time=np.inf)), model=weak)
            result = kd.solve(kd.Recipe(teacher=teacher, student=student), strong, task)
            weak_errors.append(float(np.sum((result["teacher"].train - task.targets) ** 2)))
            strong_errors.append(float(np.min(np.sum((result["student"].train - task.targets) ** 2, axis=(-2, -1)))))
    return np.asarray(weak_errors), np.asarray(strong_errors)


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: scores by round. Middle: risk by penalty. Right: student's against teacher's error."""
    figure, (scores, risk, errors) = canvas(3, height=3.0)
    _draw_scores(scores, dataset)
    _draw_risk(risk, dataset)
    _draw_errors(errors, dataset)
    return figure


def _draw_scores(axes: Any, dataset: Dataset) -> None:
    level(axes, y=0.0)
    x, n = dataset["round"], dataset.numbers
    names = [f"{wrong} of {n['size']} wrong" for wrong in n["wrong"]]
    curves = dict(zip(names, dataset["score"], strict=True))
    named_series(axes, x, curves, {name: (len(x) - 1, (-2, 7)) for name in names}, size=7)
    points_of_series(axes, x, dataset["solved"])
    for needed in n["needed"]:
        if needed < x[-1]:
            axes.plot(needed, 0.0, marker="|", color="black", markersize=9, zorder=4)
    axes.set_xlim(0.5, x[-1] + 0.5)
    axes.set_xticks(range(1, len(x) + 1, 2 if len(x) > 6 else 1))
    axes.set_ylim(-0.75, None)
    axes.set_xlabel("training (1 is the teacher)")
    axes.set_ylabel("right less wrong label, relative")
    title(axes, "A mislabelled point", "a")


def _draw_risk(axes: Any, dataset: Dataset) -> None:
    level(axes, y=1.0)
    x = dataset["penalty"]
    names = [f"teacher's gain {gain:g}" for gain in dataset["teacher"]]
    curves = dict(zip(names, dataset["risk"], strict=True))
    middle = int(np.searchsorted(x, 0.5))
    places = {names[0]: (middle, (6, -9)), names[1]: (middle, (4, -10))}
    named_series(axes, x, curves, places, size=7)
    for row in dataset["tangent"]:
        axes.plot(x, row, color=role("closed form").colour, linewidth=0.8, linestyle=(0, (1, 1)), zorder=1)
    axes.set_xlim(0, 1)
    axes.set_ylim(0.6, 1.45)
    axes.set_xlabel("student's penalty")
    axes.set_ylabel("student's risk over teacher's")
    title(axes, "A little ridge", "b")


def _draw_errors(axes: Any, dataset: Dataset) -> None:
    x, barrier = dataset["error"], dataset["barrier"]
    axes.fill_between(x, 0.0, barrier, color=SHADE, linewidth=0, zorder=0)
    axes.plot(x, barrier, color=role("closed form").colour, linewidth=1.2)
    axes.plot([0, 1], [0, 1], color="#6b6b6b", linewidth=0.8, linestyle=(0, (1, 1.5)))
    axes.plot(dataset["weak"], dataset["strong"], **{**role("student").points, "markersize": 3.6})
    at = 3 * len(x) // 4
    label(axes, "barrier", (float(x[at]), float(barrier[at])), (6, -10), fontsize=7)
    label(axes, "no better", (0.55, 0.55), (-6, 8), fontsize=7, color="#555555")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("weak teacher's error")
    axes.set_ylabel("strong student's error")
    title(axes, "Weak to strong", "c")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    needed = ", ".join(f"{value:.2f}" for value in n["needed"])
    wrong = ", ".join(str(value) for value in n["wrong"])
    slopes = " and ".join(f"{value:.3f}" for value in n["slopes"])
    gains = " and ".join(f"{value:g}" for value in n["teacher_gains"])
    return (
        f"(a) A class of {n['size']} equally similar points of which {wrong} have the wrong label: by how much a "
        "mislabelled point prefers the right one, over the mean's gain (lines: formula; markers: solved, largest "
        f"difference {n['largest_error']:.1e}). One training has the gains {n['gains'][0]:.3f} and "
        f"{n['gains'][1]:.3f}; it takes more than {needed} trainings (bars). (b) Risk of a student with a ridge "
        f"penalty over that of its teacher, a ridge regression with the gain {gains} on mode 2; dotted: the slope at "
        f"zero, {slopes}. A little helps the teacher that regularizes too little. (c) {n['models']} random-feature "
        "teachers that project, and the best of a kernel student's times: none comes below the barrier (shaded), the "
        f"nearest has {n['least_over_barrier']:.2f} times its error."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    return (
        "Three panels. Left: scores of a mislabelled point rise with the number of trainings and cross zero, later the "
        "more labels are wrong. Middle: against a student's penalty the risk first falls for one teacher and rises for "
        "the other, each along its tangent. Right: errors of strong students against those of weak teachers, all "
        "between the barrier and the diagonal."
    )
