"""Two fits of a recipe that ought to predict the same, and one step of each of two trainings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdtheory.distillation import Recipe, solve
from kdtheory.models import LinearModel
from kdtheory.tasks import Task
from kdtheory.testing import Margin

ALLOWED = 1e-9
"""How far apart equal predictions may be: room for rounding, far below any effect."""


@dataclass(frozen=True, eq=False)
class Compared:
    """A solved recipe, two of its fits, and the points at which they are compared."""

    task: Task
    recipe: Recipe
    one: str
    other: str
    on: str = "train"


def same_margin(case: Compared) -> Margin:
    """How far below `ALLOWED` the largest difference of predictions is."""
    result = solve(case.recipe, LinearModel(), case.task)
    difference = result[case.one].outputs(case.on) - result[case.other].outputs(case.on)
    return Margin(same=ALLOWED - np.abs(difference).max())


@dataclass(frozen=True, eq=False)
class FirstStep:
    """The first descent step, of size 1 from zero weights, on some of the samples."""

    task: Task
    samples: tuple[int, ...]


def step_margin(case: FirstStep) -> Margin:
    """How far below `ALLOWED` the difference is of weights after a step on labels and one on a converged teacher."""
    inputs, targets = case.task.inputs, case.task.targets
    if targets is None:
        return Margin(same=ALLOWED)
    taught = inputs @ np.linalg.lstsq(inputs, targets)[0]
    rows = list(case.samples)
    return Margin(same=ALLOWED - np.abs(inputs[rows].T @ (taught - targets)[rows]).max())
