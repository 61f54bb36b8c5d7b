"""Where a gradient is taken and what it aims at, as function values on a task's training inputs.

All values are in the original units of the task: the shift of a centred task is in them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import CrossEntropy, ExactFit, FitResult, Loss, SquaredError, Start
from kdtheory.distillation.starts import offset_values, start_weights
from kdtheory.errors import InvalidArgument
from kdtheory.measures._loss_slopes import distributions
from kdtheory.measures._named import Named
from kdtheory.measures._outputs import _original_inputs, read
from kdtheory.models import Model
from kdtheory.tasks import Task
from kdtheory.validation import describe

Position = FitResult | Start | ArrayLike | None


def refuse_unless(model: object, task: object, loss: object) -> None:
    """Raise unless these are a model linear in its parameters, a task and a loss."""
    wanted = {"model": (model, Model), "task": (task, Task), "loss": (loss, SquaredError | CrossEntropy)}
    fixes = {"model": "pass kd.LinearModel() or kd.KernelModel(...)", "task": "use kd.tasks.from_arrays(...)"}
    for name, (value, kind) in wanted.items():
        if not isinstance(value, kind):
            fix = fixes.get(name, "pass kd.SquaredError() or kd.CrossEntropy()")
            raise InvalidArgument(name, expected=f"a {name}", got=describe(value), fix=fix)


def position(at: Position, model: Model, task: Task, outputs: int) -> Named:
    """The values of the model at a fit, at weights and offset, or as given; ``None`` is the zero function."""
    if at is not None and not isinstance(at, Start):
        return of_width(on_inputs("at", at, task), outputs)
    start = Start() if at is None else at
    values = np.zeros((task.size, outputs))
    if start.weights is not None:
        features = model.features(task.inputs)
        values = values + features @ start_weights(start, features.shape[1], outputs)
    if start.offset is not None:
        values = values + offset_values(start, task.inputs, outputs)
    return Named("at", task.restored(values), {}, 2)


def label_values(argument: str, labels: ArrayLike | None, task: Task, loss: Loss) -> Named:
    """Labels as given, or the task's own; for cross-entropy they must be probabilities."""
    if labels is not None:
        found = on_inputs(argument, labels, task)
    elif task.targets is None:
        raise InvalidArgument(argument, expected="a labelled task", got=repr(task), fix=f"pass {argument}=")
    else:
        found = Named(argument, task.restored(task.targets), {}, 2)
    if isinstance(loss, CrossEntropy):
        distributions(argument, found.values)
    return found


def oracle_values(oracle_targets: ArrayLike | None, task: Task, loss: Loss) -> Named:
    """The clean targets as given, or those the task knows."""
    if oracle_targets is None and task.clean_targets is None:
        fix = "pass oracle_targets=, shape (n, outputs)"
        raise InvalidArgument("oracle_targets", expected="known clean targets", got=repr(task), fix=fix)
    if oracle_targets is None:
        oracle_targets = task.restored(np.asarray(task.clean_targets))
    return label_values("oracle_targets", oracle_targets, task, loss)


def on_inputs(argument: str, value: FitResult | ArrayLike, task: Task) -> Named:
    """Outputs of a fit or an array of shape ``(*axes, n, outputs)``, on the task's training inputs."""
    outputs = read(argument, value, "train")
    fix = "evaluate it on the task's training inputs and pass the outputs as an array"
    if outputs.points != task.size:
        got = f"{outputs.points}"
        raise InvalidArgument(argument, expected=f"{task.size} points, one per training input", got=got, fix=fix)
    if outputs.fit is not None and outputs.fit.task is not task:
        own, other = (_original_inputs(each, "train") for each in (task, outputs.fit.task))
        if own.shape != other.shape or not np.allclose(own, other, rtol=0.0, atol=1e-9 * float(np.abs(own).max())):
            expected, got = f"the training inputs of {task!r}", f"other inputs ({outputs.fit.task!r})"
            raise InvalidArgument(argument, expected=expected, got=got, fix=fix)
    return Named(argument, outputs.values, outputs.axes, 2)


def of_width(item: Named, outputs: int) -> Named:
    """The item, if it has that many outputs."""
    if item.values.shape[-1] != outputs:
        fix = "pass values with one column per output of the targets"
        got = f"{item.values.shape[-1]}"
        raise InvalidArgument(item.argument, expected=f"{outputs} output(s)", got=got, fix=fix)
    return item


def refuse_other_model(teacher: object, model: Model) -> None:
    """Raise if a closed form is known to be of another model, so that its weights are no point of this one."""
    if isinstance(teacher, ExactFit) and teacher.model != model:
        fix = "pass the teacher's own model, or its outputs as an array if only they matter"
        raise InvalidArgument("teacher", expected=f"a fit of {model!r}", got=f"one of {teacher.model!r}", fix=fix)
