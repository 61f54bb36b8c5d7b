"""Who looks at a network where: a fit is evaluated on its own inputs, and on those of the fits that imitate it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.distillation import Recipe, Target
from kdtheory.distillation.setting import Setting, seen_by

Array = NDArray[np.float64]
Spoken = Callable[[Any], Any]


@dataclass(frozen=True)
class Said:
    """What a trained fit says: its outputs by place, and its answers in training mode to batches of a place."""

    outputs: Mapping[str, Array]
    aloud: Callable[[str, Any], Any]


@dataclass(frozen=True)
class Term:
    """One term of a target.

    Attributes
    ----------
    weight : float
    values : array of shape (n, outputs)
        On the training inputs.
    labels : bool
        Whether they are the task's labels.
    spoken : callable, optional
        What takes the place of ``values`` in a step: from the batch's indices to a teacher's answers in training mode.
    """

    weight: float
    values: Array
    labels: bool
    spoken: Spoken | None = None


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


def said_by(target: Target, name: str, chosen: Mapping[str, Setting], done: Mapping[str, Said]) -> list[Term]:
    """The terms of a target on the inputs of the fit ``name``, in the units of the original targets.

    ``done`` holds what earlier fits say.
    """
    task = chosen[name].task
    terms = []
    for weight, source in target.terms:
        if source.fit is None:
            terms.append(Term(weight, task.restored(task.targets), labels=True))  # type: ignore[arg-type]
        else:
            said, place = done[source.fit], _place(name)
            spoken = partial(said.aloud, place) if source.mode == "training" else None
            terms.append(Term(weight, said.outputs[place], labels=False, spoken=spoken))  # type: ignore[arg-type]
    return terms


def _place(student: str) -> str:
    return f"for {student}"
