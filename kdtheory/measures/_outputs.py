"""Reading what a measure is given: a fit of any world, or plain arrays; and the classes of its points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.distillation import FitResult, Result
from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array, Named
from kdtheory.tasks import Task
from kdtheory.validation import finite_array, one_of

Classes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Outputs(Named):
    """Outputs of shape ``(*axes, n, outputs)`` and the fit they came from, if any."""

    fit: FitResult | None = None
    on: str = "train"

    @property
    def points(self) -> int:
        """Number of inputs."""
        return self.values.shape[-2]

    @property
    def width(self) -> int:
        """Number of outputs."""
        return self.values.shape[-1]


def read(argument: str, value: object, on: str) -> Outputs:
    """Outputs of a `FitResult` on its train or test inputs, or of an array of shape ``(*axes, n, classes)``."""
    one_of("on", on, ("train", "test"))
    if isinstance(value, Result):
        fix = f"pass one of its fits, for example result[{next(iter(value))!r}]"
        raise InvalidArgument(argument, expected="one fit or an array of outputs", got=repr(value), fix=fix)
    if isinstance(value, FitResult):
        values = finite_array(f"{argument}.{on}", value.outputs(on))
        return Outputs(argument, values, value.axes, 2, value, on)
    values = finite_array(argument, plain(value))
    if values.ndim < 2:
        expected = "a fit, or an array of shape (n, classes) or (*axes, n, classes)"
        fix = "pass one row per point; a single logit per point is logits[:, None]"
        raise InvalidArgument(argument, expected=expected, got=f"shape {values.shape}", fix=fix)
    return Outputs(argument, values, None, 2, None, on)


def plain(value: Any) -> ArrayLike:
    """A torch tensor without its gradient, on the CPU; everything else as it is."""
    return value.detach().cpu() if hasattr(value, "detach") and hasattr(value, "cpu") else value


def refuse_other_points(first: Outputs, second: Outputs) -> None:
    """Raise unless two outputs have one shape per point and, where known, belong to the same inputs."""
    if first.values.shape[-2:] != second.values.shape[-2:]:
        raise InvalidArgument(
            second.argument,
            expected=f"{first.points} points and {first.width} output(s) as {first.argument} has",
            got=f"{second.points} and {second.width}",
            fix="evaluate both on the same inputs",
        )
    if first.fit is None or second.fit is None or _same_inputs(first.fit, second.fit, first.on):
        return
    raise InvalidArgument(
        second.argument,
        expected=f"the {first.on} inputs of {first.argument} ({first.fit.task!r})",
        got=f"other inputs ({second.fit.task!r})",
        fix="evaluate both on the same inputs and pass the outputs as arrays",
    )


def _same_inputs(first: FitResult, second: FitResult, on: str) -> bool:
    if first.task is second.task:
        return True
    left, right = _original_inputs(first.task, on), _original_inputs(second.task, on)
    scale = 1e-9 * float(np.max(np.abs(left), initial=0.0))
    return left.shape == right.shape and bool(np.allclose(left, right, rtol=0.0, atol=scale))


def _original_inputs(task: Task, on: str) -> Array:
    inputs = task.inputs if on == "train" or task.test_inputs is None else task.test_inputs
    return inputs if task.input_shift is None else inputs + task.input_shift


def known_classes(fit: FitResult, on: str) -> Classes | None:
    """Classes of a fit's points where its task tells them: ``(n,)``, and -1 or +1 for a single output."""
    labels, targets = fit.task.labels, fit.task.targets
    if on == "test":
        labels, targets = fit.task.test_labels, fit.task.test_targets
    if targets is None:
        return labels
    values = fit.task.restored(targets)
    if values.shape[1] == 1:
        signs = np.sign(values[:, 0])
        return signs.astype(np.int64) if np.all(signs) else None
    if labels is not None:
        return labels
    one_hot = bool(np.all((np.abs(values) < 1e-12) | (np.abs(values - 1) < 1e-12)) and np.allclose(values.sum(-1), 1))
    return np.argmax(values, axis=1) if one_hot else None


def checked_classes(labels: object, points: int, width: int, *, binary: bool = True) -> Classes:
    """Class labels ``(n,)`` in range for ``width`` outputs; -1 and +1 for a single one (or 0 and 1 if ``binary``)."""
    array = finite_array("labels", plain(labels), ndim=1)
    if len(array) != points:
        fix = "pass one label per point"
        raise InvalidArgument("labels", expected=f"{points} labels, one per point", got=f"{len(array)}", fix=fix)
    if width > 1:
        bad = array[(array < 0) | (array >= width) | (array != np.round(array))]
        if bad.size:
            fix = "relabel, or pass outputs for all classes"
            raise InvalidArgument("labels", expected=f"class labels from 0 to {width - 1}", got=f"{bad[0]:g}", fix=fix)
        return array.astype(np.int64)
    if binary and np.all((array == 0) | (array == 1)):
        return np.where(array > 0, 1, -1)
    if not np.all(array):
        options = "0 and 1, or -1 and +1" if binary else "-1 and +1"
        got = f"0 at index {int(np.flatnonzero(array == 0)[0])}"
        fix = "code the two classes as -1 and +1"
        raise InvalidArgument("labels", expected=f"{options} for a single output", got=got, fix=fix)
    return np.sign(array).astype(np.int64)


def needed_classes(outputs: Outputs, labels: object, *, binary: bool = True) -> Classes:
    """The classes given by ``labels``, or those that the fit's task knows; one line if there are none."""
    if labels is not None:
        return checked_classes(labels, outputs.points, outputs.width, binary=binary)
    known = None if outputs.fit is None else known_classes(outputs.fit, outputs.on)
    if known is None:
        got = "an array" if outputs.fit is None else repr(outputs.fit.task)
        fix = "pass labels="
        raise InvalidArgument("labels", expected="known classes of the points", got=f"None beside {got}", fix=fix)
    return known
