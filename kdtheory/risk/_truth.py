"""What is known of the truth: clean labels and the variance of their noise, task by task."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import ExactFit
from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.tasks import Task
from kdtheory.validation import finite_array


@dataclass(frozen=True, eq=False)
class Truth:
    """The truth about the labels that reach a fit.

    Attributes
    ----------
    labelled : dict of tasks
        Whose labels reach the fit, by the key under which it knows them.
    clean : dict of tasks
        These, and the fit's own task, with the truth as targets.
    noise : dict of arrays of shape (n,)
        Variance of each sample's labels, summed over outputs.
    centred : bool
        Whether the mean of the labels was subtracted before the fit and added after it.
    test_points : int
    """

    labelled: dict[Hashable, Task]
    clean: dict[Hashable, Task]
    noise: dict[Hashable, Array]
    centred: bool
    test_points: int


def known(
    fit: ExactFit,
    on: str,
    clean_targets: ArrayLike | None,
    clean_test_targets: ArrayLike | None,
    noise_variance: ArrayLike | None,
) -> Truth:
    """The truth as given, else as the tasks know it; one line names what is missing."""
    labelled, own, outputs = fit._reaching(), fit.task, fit.outputs_count
    centred = _centred(fit)
    _refuse_ambiguous(labelled, {"clean_targets": clean_targets, "noise_variance": noise_variance})
    needed: dict[Hashable, Task] = {**labelled, id(own): own} if on == "train" else labelled
    test_values = None
    if on == "test":
        size = 0 if own.test_inputs is None else len(own.test_inputs)
        test_values = _values("clean_test_targets", clean_test_targets, own.clean_test_targets, size, outputs, own)
    clean: dict[Hashable, Task] = {id(own): replace(own, test_targets=test_values)}
    for key, task in needed.items():
        given = clean_targets if key in labelled or not labelled else None
        values = _values("clean_targets", given, task.clean_targets, task.size, outputs, task)
        clean[key] = replace(clean.get(key, task), targets=values)
    if centred:
        clean = {key: _recentred(task) for key, task in clean.items()}
    noise = {key: _variances(noise_variance, task, outputs) for key, task in labelled.items()}
    return Truth(labelled, clean, noise, centred, 0 if test_values is None else len(test_values))


def mean_fit(fit: ExactFit, truth: Truth) -> ExactFit:
    """The expectation of a fit, which is the fit to the clean labels; its own targets are the truth."""
    return replace(
        fit,
        task=truth.clean.get(id(fit.task), fit.task),
        labelled={key: truth.clean.get(key, task) for key, task in fit.labelled.items()},
        foreign={name: mean_fit(teacher, truth) for name, teacher in fit.foreign.items()},
    )


def _values(argument: str, given: ArrayLike | None, own: Array | None, size: int, outputs: int, task: Task) -> Array:
    if given is None and own is None:
        fix = f"pass {argument}=, or set it with dataclasses.replace(task, {argument}=...) and solve again"
        raise InvalidArgument(argument, expected="a known truth", got=f"None in {task!r}", fix=fix)
    values = finite_array(argument, own if given is None else given, ndim=(1, 2))
    values = values[:, None] if values.ndim == 1 else values
    if values.shape != (size, outputs):
        fix = "pass one row per input and one column per output"
        raise InvalidArgument(argument, expected=f"shape {(size, outputs)}", got=f"{values.shape}", fix=fix)
    return values


def _variances(given: ArrayLike | None, task: Task, outputs: int) -> Array:
    value = task.noise_variance if given is None else given
    if value is None:
        fix = "pass noise_variance="
        raise InvalidArgument("noise_variance", expected="a known variance", got=f"None in {task!r}", fix=fix)
    array = finite_array("noise_variance", value)
    if array.min() < 0:
        fix = "pass variances, not covariances or deviations"
        raise InvalidArgument("noise_variance", expected="no negative number", got=f"{array.min():g}", fix=fix)
    if array.shape not in {(), (task.size,), (task.size, outputs)}:
        expected = f"a number, or shape {(task.size,)} or {(task.size, outputs)}"
        fix = "pass one variance per sample, or per sample and output"
        raise InvalidArgument("noise_variance", expected=expected, got=f"shape {array.shape}", fix=fix)
    return array.sum(axis=1) if array.ndim == 2 else np.broadcast_to(outputs * array, (task.size,))


def _refuse_ambiguous(labelled: dict[Hashable, Task], given: dict[str, ArrayLike | None]) -> None:
    tasks = list(labelled.values())
    for position, first in enumerate(tasks):
        for other in tasks[:position]:
            if np.array_equal(first.inputs, other.inputs) and np.array_equal(first.targets, other.targets):  # type: ignore[arg-type]
                got = f"{other!r} twice, as two objects"
                fix = "share one Task object, so that their noise counts as one"
                raise InvalidArgument("fit", expected="tasks with labels of their own", got=got, fix=fix)
    for argument, value in given.items():
        if len(tasks) > 1 and value is not None:
            got = f"labels of {len(tasks)} tasks"
            fix = f"set it in each with dataclasses.replace(task, {argument}=...) and solve again"
            raise InvalidArgument(argument, expected="labels of one task to reach the fit", got=got, fix=fix)


def _centred(fit: ExactFit) -> bool:
    """Whether all of the fit stands on one centred task."""
    tasks = {id(own.task): own.task for own in (fit, *fit.foreign.values())}
    if all(task.target_shift is None for task in tasks.values()):
        return False
    if len(tasks) > 1:
        fix = "solve on tasks that are not centred"
        got = f"{len(tasks)} tasks, some of them centred"
        raise InvalidArgument("fit", expected="one centred task, or tasks that are not", got=got, fix=fix)
    targets = np.asarray(fit.task.targets)
    if np.any(np.abs(targets.mean(axis=0)) > 1e-9 * np.max(np.abs(targets), initial=1e-300)):
        fix = "center the task after its targets are set"
        raise InvalidArgument("fit", expected="centred targets of mean 0", got=f"{targets.mean(axis=0)}", fix=fix)
    return True


def _recentred(task: Task) -> Task:
    """A centred task with its mean taken out of clean targets, as `Task.centered` would take it out of labels."""
    mean = np.asarray(task.targets).mean(axis=0)
    test = None if task.test_targets is None else task.test_targets - mean
    shift = task.target_shift + mean  # type: ignore[operator]
    return replace(task, targets=np.asarray(task.targets) - mean, test_targets=test, target_shift=shift)
