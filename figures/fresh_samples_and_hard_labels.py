"""One-pass SGD on fresh samples, its student on others, and hard labels on a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import kdtheory as kd
from kdtheory.plotting import GUIDE, Dataset, canvas, drawn_points, house_style, label, level, limit_line, role, title

ID = "fresh-samples-and-hard-labels"
TITLE = "A student on samples of its own, and one on hard labels"
CLAIMS = ("one-pass-sgd", "hard-pseudo-labels")
RUNS = ("teacher", "student")
ROUNDS = ("teacher", "soft", "hard")


@dataclass(frozen=True)
class Settings:
    """A power law of eigenvalues seen once; a cluster of labels with flips, trained by ridge."""

    features: int = 20
    exponent: float = 2.0
    noise_variance: float = 0.3
    step_size: float = 0.1
    samples: int = 256
    shown: tuple[int, ...] = (4, 16, 64, 256)
    runs: int = 400
    cluster: int = 21
    gain: float = 0.7
    seed: int = 0


SMALL = Settings(features=5, samples=16, shown=(4, 16), runs=20, cluster=9)
QUICK = Settings()
FULL = Settings(features=50, samples=1024, shown=(4, 16, 64, 256, 1024), runs=2000, cluster=101)
TOLERANCES = {
    "teacher_risk": {"relative": 1e-8},
    "student_risk": {"relative": 1e-8},
    "horizon_gain": {"relative": 1e-8},
    "teacher_drawn": {"relative": 1e-6},
    "student_drawn": {"relative": 1e-6},
}


def compute(settings: Settings) -> Dataset:
    """Exact moments against runs on fresh samples; gains by mode; three trainings at every number of flips."""
    lam = kd.tasks.power_law(settings.features, exponent=settings.exponent)
    counts = np.unique(np.geomspace(1, settings.samples, 25).astype(int))
    exact = np.array([[run.risk for run in _pair(settings, lam, int(count))] for count in counts]).T
    drawn = np.array([_drawn(settings, lam, count) for count in settings.shown])
    last = _pair(settings, lam, settings.samples)
    gains = np.array([run.gains for run in last])
    horizon = np.log(2.0) / settings.samples
    flips, outputs = _cluster(settings)
    return Dataset(
        arrays={
            "risk": (("run", "count"), exact),
            "drawn": (("run", "shown", "moment"), drawn[:, :2].transpose(1, 0, 2)),
            "mean_gain": (("run", "progress", "moment"), drawn[-1, 2:].reshape(2, -1, 2)[:, : settings.features]),
            "gain": (("run", "progress"), gains),
            "output": (("round", "share"), outputs),
        },
        coordinates={
            "run": RUNS,
            "count": counts,
            "shown": settings.shown,
            "progress": lam * settings.step_size * settings.samples,
            "round": ROUNDS,
            "share": flips,
        },
        numbers={
            "features": settings.features,
            "step_size": settings.step_size,
            "noise_variance": settings.noise_variance,
            "samples": settings.samples,
            "runs": settings.runs,
            "teacher_risk": last[0].risk,
            "student_risk": last[1].risk,
            "teacher_drawn": float(drawn[-1, 0, 0]),
            "student_drawn": float(drawn[-1, 1, 0]),
            "teacher_error": float(drawn[-1, 0, 1]),
            "student_error": float(drawn[-1, 1, 1]),
            "horizon": horizon * settings.samples,
            "horizon_gain": float(1.0 - (1.0 - horizon) ** settings.samples),
            "cluster": settings.cluster,
            "gain_of_ridge": settings.gain,
        },
    )


def _pair(settings: Settings, eigenvalues: Any, samples: int) -> tuple[kd.risk.OnePass, kd.risk.OnePass]:
    truth = np.ones(len(eigenvalues))
    shared = {"step_size": settings.step_size, "samples": samples}
    teacher = kd.risk.one_pass_sgd(eigenvalues, truth, noise_variance=settings.noise_variance, **shared)
    return teacher, kd.risk.one_pass_sgd(eigenvalues, truth, teacher=teacher, **shared)


def _drawn(settings: Settings, eigenvalues: Any, samples: int) -> Any:
    """Mean and standard error of the risks of teacher and student, then of all their weights."""
    generator = np.random.default_rng(settings.seed)
    truth = np.ones(len(eigenvalues))
    ends, target = [], np.broadcast_to(truth, (settings.runs, len(truth)))
    for noise in (settings.noise_variance, 0.0):
        weights = np.zeros((settings.runs, len(truth)))
        for _ in range(samples):
            inputs = generator.standard_normal(weights.shape) * np.sqrt(eigenvalues)
            errors = np.sqrt(noise) * generator.standard_normal(settings.runs)
            residual = np.sum(inputs * (target - weights), axis=1) + errors
            weights = weights + settings.step_size * inputs * residual[:, None]
        ends.append(weights)
        target = weights
    risks = [np.sum(eigenvalues * np.square(weights - truth), axis=1) for weights in ends]
    numbers = np.column_stack([*risks, *ends])
    return np.stack([numbers.mean(axis=0), numbers.std(axis=0, ddof=1) / np.sqrt(settings.runs)], axis=-1)


def _cluster(settings: Settings) -> tuple[Any, Any]:
    """Shares of flipped labels, and outputs times the label of teacher, soft and hard student."""
    count = settings.cluster
    run, model = kd.Ridge(count * (1.0 / settings.gain - 1.0)), kd.LinearModel()
    found, shares = [], []
    for flipped in range(count + 1):
        if 2 * flipped == count:
            continue
        labels = np.where(np.arange(count) < flipped, -1.0, 1.0)
        task = kd.tasks.from_arrays(np.ones((count, 1)), labels)
        soft = kd.solve(kd.self_distillation(run, run), model, task)
        pseudo = kd.tasks.from_arrays(np.ones((count, 1)), np.sign(soft["teacher"].train[:, 0]))
        hard = kd.solve(kd.Recipe(student=kd.Fit(kd.Phase(kd.labels, run))), model, pseudo)["student"]
        found.append([float(fit.train[0, 0]) for fit in (soft["teacher"], soft["student"], hard)])
        shares.append(flipped / count)
    return np.array(shares), np.array(found).T


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: risk against samples. Middle: mean gains. Right: a cluster."""
    figure, (left, middle, right) = canvas(3, height=3.0)
    for place, name in enumerate(RUNS):
        limit_line(left, dataset["count"], dataset["risk"][place], name)
        points = dataset["drawn"][place]
        drawn_points(left, dataset["shown"], points[:, 0], points[:, 1], name)
        limit_line(middle, dataset["progress"], dataset["gain"][place], name)
        means = dataset["mean_gain"][place]
        drawn_points(middle, dataset["progress"], means[:, 0], means[:, 1], name)
        middle_count = len(dataset["count"]) // 2
        point = (dataset["count"][middle_count], dataset["risk"][place, middle_count])
        label(left, name, point, (-5, -6) if place == 0 else (5, 6), color=role(name).ink)
    left.set_xscale("log")
    left.set_xlabel("samples, each seen once")
    left.set_ylabel("risk")
    title(left, "One pass", "a")
    middle.set_xscale("log")
    middle.set_xlabel("step size \u00d7 eigenvalue \u00d7 samples")
    middle.set_ylabel("mean weight / truth")
    level(middle, x=dataset.numbers["horizon"], y=0.5)
    label(middle, "log 2", (dataset.numbers["horizon"], 1.0), (-4, -2), color=GUIDE)
    title(middle, "Horizon", "b")
    _draw_cluster(right, dataset)
    return figure


def _draw_cluster(axes: Any, dataset: Dataset) -> None:
    share, words = dataset["share"], {"teacher": "teacher", "soft": "soft student", "hard": "hard student"}
    looks = {"teacher": "teacher", "soft": "student", "hard": "control"}
    for name, values in zip(ROUNDS, dataset["output"], strict=True):
        for half in (share < 0.5, share > 0.5):
            limit_line(axes, share[half], values[half], looks[name])
    ends = dataset["output"][:, 0]
    label(axes, words["teacher"], (0.16, 0.68 * ends[0]), (6, 2), color=role("teacher").ink)
    label(axes, words["soft"], (1.0, 0.0), (0, -2), color=role("student").ink, ha="right")
    label(axes, words["hard"], (0.25, ends[2]), (0, 4), color=role("control").ink)
    level(axes, x=0.5, y=0.0)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.12 * (high - low))
    axes.set_xlabel("share of flipped labels")
    axes.set_ylabel("output \u00d7 label")
    title(axes, "Hard labels", "c")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    return (
        f"(a) SGD from zero with step size {n['step_size']:g} on {n['features']} features, eigenvalues of a power law, "
        f"noise variance {n['noise_variance']:g}; the student is taught by the teacher on as many samples of its own. "
        f"Lines: exact moments. Markers: means over {n['runs']} runs, with two standard errors. After {n['samples']} "
        f"samples the risk is {n['teacher_risk']:.3f} for the teacher (drawn: {n['teacher_drawn']:.3f}, standard error "
        f"{n['teacher_error']:.3f}) and {n['student_risk']:.3f} for the student (drawn: {n['student_drawn']:.3f}, "
        f"standard error {n['student_error']:.3f}). (b) Mean weights then: the teacher has learned half of a direction "
        f"at the horizon log 2 (gain there: {n['horizon_gain']:.4f}); the student's gain is the square. (c) A cluster "
        f"of {n['cluster']} samples, ridge with the gain {n['gain_of_ridge']:g}: hard labels give that gain whatever "
        "the share of flips, up to one half, and its negative beyond."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    n = dataset.numbers
    return (
        "Three panels. Left: risk against the number of samples, falling for teacher and student, markers on the "
        "lines. Middle: mean weights over truth rise from zero to one with the eigenvalue; the student's curve is "
        "below the teacher's, which crosses one half at log 2. Right: against the share of flipped labels the outputs "
        "of teacher and soft student fall in straight lines through zero at one half, that of the hard student steps "
        f"from {n['gain_of_ridge']:g} to minus that."
    )
