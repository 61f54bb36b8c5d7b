"""Who looks at a network where: a fit is evaluated on its own inputs, and on those of the fits that imitate it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kdtheory.distillation import Recipe, Target
from kdtheory.distillation.setting import Setting, seen_by

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Term:
    """One term of a target: its weight, its values on the training inputs, shape (n, outputs), whether it is labels."""

    weight: float
    values: Array
    labels: bool


def places_of(name: str, recipe: Recipe, chosen: Mapping[str, Setting]) -> dict[str, Array]:
    """Where a fit is evaluated, in coordinates of its own task: ``train``, ``test``, and one place per student."""
    task = chosen[name].task
    places = {"train": task.inputs}
    if task.test_inputs is not None:
        places["test"] = task.test_inputs
    for student, fit in recipe.items():
        if name in fit.teachers:
            places[_place(student)] = seen_by(task, chosen[student].task)
    return places


def said_by(
    target: Target, name: str, chosen: Mapping[str, Setting], done: Mapping[str, Mapping[str, Array]]
) -> list[Term]:
    """The terms of a target on the inputs of the fit ``name``, in the units of the original targets.

    ``done`` holds the outputs of earlier fits, by fit and place.
    """
    task = chosen[name].task
    terms = []
    for weight, source in target.terms:
        if source.fit is None:
            terms.append(Term(weight, task.restored(task.targets), labels=True))  # type: ignore[arg-type]
        else:
            terms.append(Term(weight, done[source.fit][_place(name)], labels=False))  # type: ignore[arg-type]
    return terms


def _place(student: str) -> str:
    return f"for {student}"
