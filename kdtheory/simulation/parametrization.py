"""A fit's function in the coordinates that training moves: weights on features, or dual coefficients on a kernel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kdtheory.distillation import Start
from kdtheory.distillation.results import Array
from kdtheory.distillation.starts import offset_values, start_weights
from kdtheory.models import Model
from kdtheory.tasks import Task


@dataclass(frozen=True)
class Parametrization:
    """A function ``f(x) = design(x) @ position + constant(x)``, in the units of the task's original targets.

    With explicit features the design holds features and the position is the weights; otherwise the design holds the
    kernel with the training inputs and the position is the dual coefficients, whose descent ``dual -= step * dL/df``
    is gradient descent in the kernel's own space.
    """

    model: Model
    task: Task
    start: Start
    outputs: int

    @property
    def explicit(self) -> bool:
        """Whether the model has explicit weights."""
        return type(self.model).features is not Model.features

    @cached_property
    def training_design(self) -> Array:
        """Features or kernel of the training inputs, shape (n, parameters)."""
        matrix = self.model.features(self.task.inputs) if self.explicit else self.model.gram(self.task)
        return np.asarray(matrix, dtype=np.float64)

    def design(self, points: Array) -> Array:
        """Features or kernel of points given in the task's own coordinates, shape (m, parameters)."""
        if points is self.task.inputs:
            return self.training_design
        matrix = self.model.features(points) if self.explicit else self.model.cross_gram(points, self.task)
        return np.asarray(matrix, dtype=np.float64)

    def constant(self, points: Array) -> Array:
        """What training never moves: the offset, and the shift of a centred task; shape (m, outputs)."""
        offset = np.zeros((len(points), self.outputs))
        if self.start.offset is not None:
            offset = offset_values(self.start, points, self.outputs)
        return self.task.restored(offset)

    def beginning(self) -> Array:
        """The position before training, shape (parameters, outputs)."""
        if self.start.weights is None:
            return np.zeros((self.training_design.shape[1], self.outputs))
        return start_weights(self.start, self.model.features(self.task.inputs).shape[1], self.outputs)

    def values(self, position: Array, points: Array) -> Array:
        """Outputs at points in the task's own coordinates, ``(..., parameters, outputs)`` to ``(..., m, outputs)``."""
        return self.design(points) @ position + self.constant(points)
