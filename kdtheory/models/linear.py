"""The linear model f(x) = x . b."""

from __future__ import annotations

from dataclasses import dataclass

from kdtheory.models.base import Array, Model
from kdtheory.spectrum import Spectrum, from_features
from kdtheory.tasks import Task


@dataclass(frozen=True)
class LinearModel(Model):
    """Linear regression on the inputs as they are: no intercept (see ``task.centered()``), no scaling.

    >>> import kdtheory as kd
    >>> kd.LinearModel().gram(kd.tasks.from_arrays([[1.0, 2.0]], [1.0])).tolist()
    [[5.0]]
    """

    def gram(self, task: Task) -> Array:
        """``X @ X.T``, shape (n, n)."""
        return task.inputs @ task.inputs.T

    def cross_gram(self, inputs: Array, task: Task) -> Array:
        """``inputs @ X.T``, shape (m, n)."""
        return inputs @ task.inputs.T

    def features(self, inputs: Array) -> Array:
        """The inputs themselves."""
        return inputs

    def _spectrum(self, task: Task) -> Spectrum:
        return from_features(task.inputs)
