"""The other side of the claims on gradients: gradients as the toolkit measures them, and trained students."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._switched_runs import swept
from kdtheory.distillation import Fit, Phase, Recipe, Start, labels, output_of, solve
from kdtheory.measures import GradientNoise, GradientRelation, gradient_denoising, gradient_relation
from kdtheory.models import LinearModel
from kdtheory.procedures import GradientFlow
from kdtheory.tasks import Task, from_arrays, from_spectrum
from kdtheory.testing import tolerance

Array = NDArray[np.float64]
EIGENVALUE = 4.0
SAMPLES = ([[1.0, 0.5], [-0.5, 1.0], [0.3, -1.2], [2.0, 0.1]], [1.0, -0.5, 2.0, 0.7])
BATCH = (3, 1, 3)
TINY = 1e-300


def share_left(found: Any, expected: Any, scale: Any, condition: Any = 1.0) -> Array:
    """The share of the tolerance that an identity did not need, the smallest of each case."""
    error = np.abs(found - expected) / (scale + TINY)
    left = 1.0 - error / np.reshape(tolerance(condition=condition), (-1, *[1] * (error.ndim - 1)))
    return left.reshape(len(error), -1).min(axis=1)


def relation(progress: Any, at: Any = None) -> GradientRelation:
    """Gradients of one mode with gradient-flow teachers: in one output the labels are 1, in the other the start is.

    ``at`` holds one position per case, for both outputs; ``None`` is the start itself.
    """
    task = from_spectrum([EIGENVALUE], coefficients=[[1.0, 0.0]])
    start = Start(weights=np.array([[0.0, 1.0]]) / np.sqrt(EIGENVALUE))
    teacher = Fit(Phase(labels, GradientFlow(swept(progress / EIGENVALUE))), start=start)
    solved = solve(Recipe(teacher=teacher), LinearModel(), task)["teacher"]
    where = start if at is None else np.reshape(at, (-1, 1, 1)) * np.ones((1, 1, 2))
    return gradient_relation(LinearModel(), task, solved, where)


def minibatch_relation(progress: Any, at: Any) -> GradientRelation:
    """The same for a minibatch of four samples in two dimensions, one of them drawn twice."""
    inputs, targets = (np.asarray(each) for each in SAMPLES)
    task = from_arrays(inputs, targets)
    flow = GradientFlow(swept(progress))
    solved = solve(Recipe(teacher=Fit(Phase(labels, flow))), LinearModel(), task)["teacher"]
    where = np.reshape(at, (-1, 1, 1)) * (inputs @ [1.0, -0.5])[:, None]
    return gradient_relation(LinearModel(), task, solved, where, samples=BATCH)


def noise(progress: Any) -> GradientNoise:
    """Bias and variance of one mode's gradient over label noise of variance 1 around a clean target of 1."""
    task: Task = from_spectrum([EIGENVALUE], coefficients=[1.0])
    recipe = Recipe(teacher=Fit(Phase(labels, GradientFlow(swept(progress / EIGENVALUE)))))
    teacher = solve(recipe, LinearModel(), task)["teacher"]
    return gradient_denoising(teacher, oracle_targets=task.targets, oracle_noise_variance=1.0)


def reached(progress: Any, student_progress: Any, start: float = 0.0) -> tuple[Array, Array]:
    """Coefficients of students of a teacher and of labels of 1, trained equally long; the teacher starts at zero."""
    task = from_spectrum([EIGENVALUE], coefficients=[1.0])
    flow, begin = GradientFlow(swept(student_progress / EIGENVALUE)), Start(weights=[start / np.sqrt(EIGENVALUE)])
    fits = {
        "teacher": Fit(Phase(labels, GradientFlow(swept(progress / EIGENVALUE)))),
        "distilled": Fit(Phase(output_of("teacher"), flow), start=begin),
        "onehot": Fit(Phase(labels, flow), start=begin),
    }
    solved = solve(Recipe(**fits), LinearModel(), task)
    distilled, onehot = (np.asarray(solved[name].coefficients).reshape(-1) for name in ("distilled", "onehot"))
    return distilled, onehot
