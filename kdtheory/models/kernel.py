"""Kernel models: by a kernel function, or by Gram matrices computed elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import Function, Kernel
from kdtheory.models.base import Array, Model
from kdtheory.spectrum import Spectrum, from_gram
from kdtheory.tasks import Task
from kdtheory.validation import describe, finite_array


@dataclass(frozen=True, init=False)
class KernelModel(Model):
    """A kernel model: the closure of ``f(x) = sum_i k(x, x_i) dual_i``.

    Parameters
    ----------
    kernel : Kernel or callable, optional
        One of `kdtheory.kernels`, or any function of a pair of inputs.
    gram : array of shape (n, n), optional
        Instead of ``kernel``: the Gram matrix of the task's training inputs.
    cross : array of shape (m, n), optional
        With ``gram``: the kernel of the task's test inputs with its training inputs.

    >>> import kdtheory as kd
    >>> task = kd.tasks.from_arrays([[0.0], [1.0]], [1.0, -1.0])
    >>> kd.KernelModel(kd.kernels.RBF(gamma=1.0)).gram(task).round(3).tolist()
    [[1.0, 0.368], [0.368, 1.0]]
    """

    _source: Computed | Precomputed

    def __init__(
        self,
        kernel: Kernel | Callable[[Array, Array], float] | None = None,
        *,
        gram: ArrayLike | None = None,
        cross: ArrayLike | None = None,
    ) -> None:
        if (kernel is None) == (gram is None):
            got = "neither" if kernel is None else "both"
            fix = "for example KernelModel(kernels.RBF(gamma=1.0)) or KernelModel(gram=K, cross=K_test)"
            raise InvalidArgument("kernel", expected="a kernel or gram=, one of the two", got=got, fix=fix)
        if kernel is not None and not isinstance(kernel, Kernel):
            if not callable(kernel) or isinstance(kernel, type):
                fix = "pass an instance such as kernels.RBF(gamma=1.0), or a function of two inputs"
                raise InvalidArgument("kernel", expected="a kernel or a callable", got=describe(kernel), fix=fix)
            kernel = Function(kernel)
        if cross is not None and gram is None:
            raise InvalidArgument("cross", expected="cross only beside gram=", got="a kernel", fix="drop cross=")
        object.__setattr__(self, "_source", Precomputed(gram, cross) if kernel is None else Computed(kernel))

    def gram(self, task: Task) -> Array:
        """Kernel of the training inputs with themselves, shape (n, n)."""
        return self._source.train(task)

    def cross_gram(self, inputs: Array, task: Task) -> Array:
        """Kernel of ``inputs`` with the training inputs, shape (m, n)."""
        return self._source.between(inputs, task)

    def _spectrum(self, task: Task) -> Spectrum:
        return from_gram(self.gram(task), self._source.argument)

    def __repr__(self) -> str:
        return f"KernelModel({self._source!r})"


@dataclass(frozen=True)
class Computed:
    """Gram matrices by a kernel function; compared by value."""

    kernel: Kernel
    argument = "kernel"

    def train(self, task: Task) -> Array:
        """The Gram matrix of the training inputs."""
        return self.kernel.gram(task.inputs)

    def between(self, inputs: Array, task: Task) -> Array:
        """The kernel of ``inputs`` with the training inputs."""
        return self.kernel.gram(inputs, task.inputs)

    def __repr__(self) -> str:
        return repr(self.kernel)


class Precomputed:
    """Gram matrices of one task, computed by the user; compared by identity."""

    argument = "gram"

    def __init__(self, gram: ArrayLike | None, cross: ArrayLike | None) -> None:
        self._gram = finite_array("gram", gram, ndim=2)
        # The spectrum's tolerances depend on the precision the numbers came in.
        self._raw: Any = np.asarray(gram)
        self._cross = None if cross is None else finite_array("cross", cross, ndim=2)
        if self._cross is not None and self._cross.shape[1] != self._gram.shape[1]:
            raise InvalidArgument(
                "cross",
                expected=f"{self._gram.shape[1]} columns, one per training input",
                got=f"shape {self._cross.shape}",
                fix="pass the kernel of (test inputs, training inputs)",
            )

    def train(self, task: Task) -> Array:
        """The Gram matrix, if it fits the task."""
        if len(self._gram) != task.size:
            fix = "pass the Gram matrix of this task's training inputs"
            raise InvalidArgument("gram", expected=f"{task.size} rows", got=f"{len(self._gram)}", fix=fix)
        return self._raw

    def between(self, inputs: Array, task: Task) -> Array:
        """The cross-Gram matrix: known for the task's own training and test inputs only."""
        if inputs is task.inputs:
            return self._gram
        if inputs is not task.test_inputs or self._cross is None:
            got = "other inputs" if inputs is not task.test_inputs else "no cross matrix"
            fix = "pass cross=, or a kernel function in place of gram="
            raise InvalidArgument(
                "cross", expected="the kernel between these inputs and the training inputs", got=got, fix=fix
            )
        if len(self._cross) != len(inputs):
            fix = "pass the kernel of (test inputs, training inputs)"
            raise InvalidArgument("cross", expected=f"{len(inputs)} rows", got=f"{len(self._cross)}", fix=fix)
        return self._cross

    def __repr__(self) -> str:
        return "gram=..."
