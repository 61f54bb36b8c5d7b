"""Which model and task each fit of a recipe works on, checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.distillation.recipe import Fit, Recipe
from kdtheory.errors import InvalidArgument, UnsupportedRecipe
from kdtheory.models import Model
from kdtheory.tasks import Task
from kdtheory.validation import describe

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Setting:
    """A fit's model and task, and the number of outputs that all fits of its recipe have."""

    model: Any
    task: Task
    outputs: int


def settings(recipe: Recipe, model: Any, task: Task, kind: type = Model, argument: str = "model") -> dict[str, Setting]:
    """The setting of every fit; ``kind`` is what a model must be an instance of, ``argument`` what the caller calls it.

    Raises one line if a model or task is missing, labels are needed and not there, or outputs disagree.
    """
    if not isinstance(recipe, Recipe):
        raise InvalidArgument("recipe", expected="a Recipe", got=describe(recipe), fix="use kd.self_distillation(...)")
    if not isinstance(task, Task):
        raise InvalidArgument("task", expected="a Task", got=describe(task), fix="use kd.tasks.from_arrays(...)")
    outputs = _outputs(recipe, task)
    if issubclass(kind, Model):
        _refuse_training_mode(recipe)
    chosen: dict[str, Setting] = {}
    for name, fit in recipe.items():
        own = Setting(model if fit.model is None else fit.model, task if fit.task is None else fit.task, outputs)
        if not isinstance(own.model, kind):
            fix = (
                "pass for example networks.MLP(width=512)"
                if argument == "network"
                else "pass for example LinearModel()"
            )
            raise InvalidArgument(argument, expected=f"a {argument}", got=describe(own.model), fix=fix)
        _refuse_missing_labels(name, fit, own.task)
        _refuse_other_features(name, fit, own, chosen)
        chosen[name] = own
    return chosen


def seen_by(teacher: Task, student: Task) -> Array:
    """The student's training inputs in the coordinates of the teacher's task (which may be centred elsewhere)."""
    own, other = student.input_shift, teacher.input_shift
    if own is other or (own is not None and other is not None and np.array_equal(own, other)):
        return student.inputs  # the very array: a precomputed Gram matrix knows it
    inputs = student.inputs if own is None else student.inputs + own
    return inputs if other is None else inputs - other


def _outputs(recipe: Recipe, task: Task) -> int:
    tasks = [task if fit.task is None else fit.task for fit in recipe.values()]
    counts: Mapping[int, Task] = {t.outputs: t for t in tasks if t.outputs is not None}
    if len(counts) != 1:
        got = " and ".join(repr(t) for t in counts.values()) or "no targets at all"
        raise InvalidArgument("task", expected="one number of outputs", got=got, fix="use tasks with the same outputs")
    return next(iter(counts))


def _refuse_missing_labels(name: str, fit: Fit, task: Task) -> None:
    uses_labels = any(source.fit is None for phase in fit.phases for _, source in phase.target.terms)
    if uses_labels and task.targets is None:
        fix = "train it on output_of(...) alone, or pass targets"
        raise InvalidArgument(name, expected="a task with labels", got=repr(task), fix=fix)


def _refuse_training_mode(recipe: Recipe) -> None:
    for name, fit in recipe.items():
        for phase in fit.phases:
            for _, source in phase.target.terms:
                if source.mode != "evaluation":
                    fix = "train networks, or drop mode="
                    raise UnsupportedRecipe(name, expected="a target in evaluation mode", got=str(source), fix=fix)


def _refuse_other_features(name: str, fit: Fit, own: Setting, chosen: dict[str, Setting]) -> None:
    for teacher in fit.teachers:
        columns = chosen[teacher].task.inputs.shape[1]
        if own.task.inputs.shape[1] != columns:
            got = f"{own.task.inputs.shape[1]} features"
            fix = "the teacher must be able to see the student's inputs"
            raise InvalidArgument(name, expected=f"{columns} features as {teacher!r} has", got=got, fix=fix)
