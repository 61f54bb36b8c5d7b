"""What is learned: inputs and targets, for training and for testing."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.validation import count, describe, finite_array

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Task:
    """A learning problem; made by the functions of `kdtheory.tasks`.

    Attributes
    ----------
    inputs : array of shape (n, d)
        Training inputs.
    targets : array of shape (n, outputs) or None
        Training targets (one-hot for classes); ``None`` for unlabelled inputs, which only a teacher can give targets.
    test_inputs, test_targets : arrays or None
        The same for testing.
    labels, test_labels : integer arrays of shape (n,) or None
        Classes, where the task is classification.
    clean_targets, clean_test_targets : arrays of shape (n, outputs) and (m, outputs) or None
        Targets without noise, where known: the regression function, the true labels, or the true class probabilities.
    noise_variance : float or None
        Variance of what was added to ``clean_targets``, per output, where it is the same everywhere.
    oracle_weights : array of shape (d, outputs) or None
        Where the truth is linear, its weights: ``inputs @ oracle_weights`` are the clean targets (in a centred task,
        up to a constant).
    oracle_covariance : array of shape (d, d) or None
        Covariance of the population of test inputs, where known.
    name : str
        For tables and captions.
    provenance : dict
        Where the data come from and with which settings.
    input_shift, target_shift : arrays or None
        What `centered` has subtracted.
    """

    inputs: Array
    targets: Array | None = None
    test_inputs: Array | None = None
    test_targets: Array | None = None
    labels: Labels | None = None
    test_labels: Labels | None = None
    clean_targets: Array | None = None
    clean_test_targets: Array | None = None
    noise_variance: float | None = None
    oracle_weights: Array | None = None
    oracle_covariance: Array | None = None
    name: str = "task"
    provenance: dict[str, Any] = field(default_factory=dict)
    input_shift: Array | None = None
    target_shift: Array | None = None

    def __post_init__(self) -> None:
        """Make the arrays read-only: a spectrum is computed once for the inputs it was asked for."""
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray) and value.flags.writeable:
                frozen = value.view()
                frozen.setflags(write=False)
                object.__setattr__(self, item.name, frozen)

    @property
    def size(self) -> int:
        """Number of training inputs."""
        return len(self.inputs)

    @property
    def outputs(self) -> int | None:
        """Number of outputs, where any targets are known."""
        known = self.targets if self.targets is not None else self.test_targets
        return None if known is None else known.shape[1]

    def centered(self) -> Task:
        """The task with inputs and targets shifted to training mean zero; predictions are shifted back.

        A linear model on the centered task is linear regression with an unpenalized intercept.

        >>> import kdtheory as kd
        >>> task = kd.tasks.from_arrays([[0.0], [2.0]], [5.0, 7.0]).centered()
        >>> task.targets.ravel().tolist(), task.target_shift.tolist()
        ([-1.0, 1.0], [6.0])
        """
        if self.targets is None:
            fix = "center the labelled task, or center the inputs yourself"
            raise InvalidArgument("task", expected="a task with targets", got="unlabelled inputs", fix=fix)
        input_mean, target_mean = self.inputs.mean(axis=0), self.targets.mean(axis=0)
        already = np.zeros_like(input_mean), np.zeros_like(target_mean)
        return replace(
            self,
            inputs=self.inputs - input_mean,
            targets=self.targets - target_mean,
            test_inputs=_less(self.test_inputs, input_mean),
            test_targets=_less(self.test_targets, target_mean),
            clean_targets=_less(self.clean_targets, target_mean),
            clean_test_targets=_less(self.clean_test_targets, target_mean),
            input_shift=input_mean + (already[0] if self.input_shift is None else self.input_shift),
            target_shift=target_mean + (already[1] if self.target_shift is None else self.target_shift),
        )

    def restored(self, outputs: Array) -> Array:
        """Outputs in the units of the original targets: the shift of `centered` is added back."""
        return outputs if self.target_shift is None else outputs + self.target_shift

    def __repr__(self) -> str:
        test = 0 if self.test_inputs is None else len(self.test_inputs)
        kind = "unlabelled" if self.targets is None else f"{self.outputs} output(s)"
        return f"Task({self.name!r}, train={self.size}, test={test}, features={self.inputs.shape[1]}, {kind})"


def from_arrays(
    X: ArrayLike,
    y: ArrayLike | None = None,
    X_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    *,
    classes: int | None = None,
    name: str = "arrays",
) -> Task:
    """A task from the user's own arrays.

    Parameters
    ----------
    X, X_test : arrays of shape (n, d)
        Inputs, as they are: nothing is scaled or centred.
    y, y_test : arrays of shape (n,) or (n, outputs)
        Targets. Floats are regression targets (a vector becomes one output); a vector of integers holds class labels
        from 0 and becomes one-hot. ``y=None`` gives unlabelled inputs.
    classes : int, optional
        Number of classes; default: one more than the largest label in ``y``.

    Raises
    ------
    InvalidArgument
        On NaN, infinity, empty arrays, lengths that disagree and labels out of range.

    >>> import kdtheory as kd
    >>> kd.tasks.from_arrays([[0.0, 1.0], [1.0, 0.0]], [0, 1]).targets.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    inputs = finite_array("X", X, ndim=2)
    if y is not None:
        finite_array("y", y, ndim=(1, 2))
    test_inputs = None if X_test is None else finite_array("X_test", X_test, ndim=2)
    if test_inputs is not None and test_inputs.shape[1] != inputs.shape[1]:
        got = f"{test_inputs.shape[1]}"
        raise InvalidArgument(
            "X_test", expected=f"{inputs.shape[1]} columns as in X", got=got, fix="use the same features"
        )
    if y_test is not None and test_inputs is None:
        raise InvalidArgument("X_test", expected="test inputs beside y_test", got="None", fix="pass X_test too")
    if classes is None and y is not None and _holds_labels(y):
        classes = int(np.max(np.asarray(y), initial=0)) + 1
    targets, labels = _targets("y", y, len(inputs), classes)
    test_targets, test_labels = _targets("y_test", y_test, 0 if test_inputs is None else len(test_inputs), classes)
    if targets is not None and test_targets is not None and targets.shape[1] != test_targets.shape[1]:
        got = f"{test_targets.shape[1]} output(s)"
        raise InvalidArgument(
            "y_test", expected=f"{targets.shape[1]} output(s) as in y", got=got, fix="use the same outputs"
        )
    return Task(inputs, targets, test_inputs, test_targets, labels, test_labels, name=name, provenance={"source": name})


def one_hot(labels: Labels, classes: int) -> Array:
    """One-hot targets of shape (n, classes)."""
    return np.eye(classes)[labels]


def _less(values: Array | None, mean: Array) -> Array | None:
    return None if values is None else values - mean


def _holds_labels(y: ArrayLike) -> bool:
    array = np.asarray(y)
    return array.ndim == 1 and array.dtype.kind in "iub"


def _targets(argument: str, y: ArrayLike | None, size: int, classes: int | None) -> tuple[Array | None, Labels | None]:
    if y is None:
        return None, None
    array = finite_array(argument, y, ndim=(1, 2))
    if len(array) != size:
        fix = "pass as many targets as inputs"
        raise InvalidArgument(argument, expected=f"{size} targets, one per input", got=f"{len(array)}", fix=fix)
    if classes is None or array.ndim == 2:
        return array.reshape(size, -1), None
    return _one_hot_targets(argument, y, array, count("classes", classes, at_least=1))


def _one_hot_targets(argument: str, y: Any, array: Array, classes: int) -> tuple[Array, Labels]:
    bad = array[(array < 0) | (array >= classes) | (array != np.round(array))]
    if bad.size:
        expected = f"class labels from 0 to {classes - 1}"
        raise InvalidArgument(argument, expected=expected, got=f"{bad[0]:g}", fix="relabel, or pass classes=")
    if not _holds_labels(y):
        fix = "convert the labels to integers"
        raise InvalidArgument(argument, expected="integer labels beside classes=", got=describe(np.asarray(y)), fix=fix)
    labels = array.astype(np.int64)
    return one_hot(labels, classes), labels
