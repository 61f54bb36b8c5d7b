"""A fit in closed form: factors per source and mode; values, predictions and weights are made when asked for."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.axes import at_points, on_grid
from kdtheory.distillation.composition import LABELS, OFFSET, OUTPUT, START, Key, State
from kdtheory.distillation.link import Link
from kdtheory.distillation.recipe import Start
from kdtheory.distillation.results import Array, FitResult
from kdtheory.distillation.setting import seen_by
from kdtheory.distillation.starts import offset_values, start_weights
from kdtheory.distillation.surface import losses
from kdtheory.errors import InvalidArgument, NotDiagonal
from kdtheory.models import Model
from kdtheory.spectrum import Spectrum
from kdtheory.tasks import Task
from kdtheory.validation import describe, finite_array


@dataclass(eq=False, repr=False)
class ExactFit(FitResult):
    """A fit solved in closed form on squared loss.

    Everything is lazy: nothing is composed before it is asked for, and losses of a large sweep need no predictions.
    """

    name: str
    task: Task
    model: Model
    spectrum: Spectrum
    start: Start
    link: Link
    outputs_count: int
    axes: dict[str, Array]
    all_axes: tuple[str, ...]
    foreign: dict[str, ExactFit] = field(default_factory=dict)
    labelled: dict[Hashable, Task] = field(default_factory=dict)
    logits: bool = False

    @cached_property
    def state(self) -> State:
        """Factors per source and mode on the whole grid of the sweeps."""
        known = {name: fit.state for name, fit in self.foreign.items() if name in self.link.teachers}
        return self.link.state(self.spectrum.eigenvalues, on_grid(self.all_axes), known)

    @property
    def gains(self) -> Array:
        """Weight of the labels in each mode, shape ``(*axes, modes)``.

        Raises
        ------
        NotDiagonal
            If a teacher lives on other inputs or another kernel: there is no gain per mode then; see `operator`.
        """
        self._refuse_foreign("gains")
        return self._shown(sum((self.state.shown.position[key] for key in self._label_keys), np.zeros(1)), self._modes)

    @property
    def residuals(self) -> Array:
        """``1 - gains`` without cancellation, shape ``(*axes, modes)``."""
        self._refuse_foreign("residuals")
        return self._shown(self.state.shown.residual, self._modes)

    @property
    def coefficients(self) -> Array:
        """Fitted values in the eigenbasis, without the shift of a centred task, shape ``(*axes, modes, outputs)``."""
        total = self._sum(self.state.shown.position)
        if self.start.offset is not None:
            total = total + self.source(Key(OFFSET, self.name))
        return self._shown(total, total.shape[-2:])

    @property
    def train(self) -> Array:
        """Fitted values, shape ``(*axes, n, outputs)``."""
        return self.task.restored(self.spectrum.values(self.coefficients))

    @property
    def test(self) -> Array:
        """Predictions on the task's test inputs, shape ``(*axes, m, outputs)``."""
        if self.task.test_inputs is None:
            fix = "make the task with test inputs, or call predict(inputs)"
            raise InvalidArgument("test", expected="a task with test inputs", got=repr(self.task), fix=fix)
        return self._predict(self.task.test_inputs)

    def predict(self, inputs: ArrayLike) -> Array:
        """Predictions on ``inputs`` of shape (m, d), in the task's original units; shape ``(*axes, m, outputs)``."""
        points = self._checked(inputs)
        if self.task.input_shift is not None:
            points = points - self.task.input_shift
        return self._predict(points)

    def _checked(self, inputs: ArrayLike) -> Array:
        points = finite_array("inputs", inputs, ndim=2)
        columns = self.task.inputs.shape[1]
        if points.shape[1] != columns:
            got = f"{points.shape[1]}"
            raise InvalidArgument(
                "inputs", expected=f"{columns} columns as in training", got=got, fix="use the same features"
            )
        return points

    @property
    def dual(self) -> Array:
        """Dual coefficients, one per training input: the trained part is ``sum_i k(x, x_i) dual_i``."""
        return self.spectrum.values(self._shown(self._sum(self.state.shown.dual), (*self._modes, self.outputs_count)))

    @property
    def weights(self) -> Array:
        """Weights of a model with explicit weights, shape ``(*axes, p, outputs)``."""
        weights = self.model.features(self.task.inputs).T @ self.dual
        if self.start.weights is not None:
            weights = weights + self._kept(self._start_weights)
        return weights

    def operator(self, task: Task | None = None, inputs: ArrayLike | None = None) -> Array:
        """The matrix that takes the labels of ``task`` to this fit's values, shape ``(*axes, points, n labels)``.

        Parameters
        ----------
        task : Task, optional
            Whose labels; default: the one task whose labels reach this fit.
        inputs : array, optional
            Where the fit is evaluated; default: its own training inputs.
        """
        if inputs is not None and inputs is not self.task.test_inputs:
            inputs = self._checked(inputs)
        if task is not None and not isinstance(task, Task):
            raise InvalidArgument("task", expected="a Task", got=describe(task), fix="say whose labels: operator(task)")
        if task is None:
            reaching = self._reaching()
            if len(reaching) != 1:
                names = ", ".join(repr(known) for known in reaching.values()) or "no labels"
                raise InvalidArgument(
                    "task", expected="labels of one task", got=names, fix="say whose labels: operator(task)"
                )
            (task,) = reaching.values()
        points = None if inputs is None else np.asarray(inputs)
        matrix = self._linear_map(
            id(task), task.size, self.task.test_inputs if inputs is self.task.test_inputs else points
        )
        return self._shown(matrix, matrix.shape[-2:])

    def loss(self, task: Task | None = None, *, on: str = "test") -> Array:
        """As `FitResult.loss`; over a large sweep without forming its predictions."""
        reference, targets = self._reference(task, on)
        own = on == "train" and reference is self.task and self._label_keys == [self.link.labels]
        found = losses(self, on, None if own else reference.restored(targets) - self._shift)
        if found is not None:
            return self._shown(found, ())
        return 0.5 * np.sum(np.square(self.errors), axis=(-2, -1)) if own else super().loss(task, on=on)

    @property
    def errors(self) -> Array:
        """Fitted values minus labels in the eigenbasis, without cancellation, shape ``(*axes, modes, outputs)``."""
        shown = self.state.shown
        factors = {key: factor for key, factor in shown.position.items() if key.kind != LABELS}
        total = self._sum({**factors, self.link.labels: -shown.residual})
        if self.start.offset is not None:
            total = total + self.source(Key(OFFSET, self.name))
        return self._shown(total, total.shape[-2:])

    def mode_values(self, on: str) -> Array:
        """Values of unit coefficients (train) or unit dual coefficients (test) of each mode, shape (points, modes)."""
        if on == "train":
            return self.spectrum.basis
        return self.model.cross_gram(self._points(on), self.task) @ self.spectrum.basis

    def start_values(self, on: str) -> Array:
        """Values of the start's weights, shape (points, outputs)."""
        return self.model.features(self._points(on)) @ self._start_weights

    def offset_on(self, on: str) -> Array:
        """Values of the offset, shape (points, outputs) or (1, 1)."""
        return self._offset(self._points(on))

    @property
    def has_foreign_teacher(self) -> bool:
        """Whether a teacher on another spectrum reaches this fit."""
        return any(key.kind == OUTPUT for key in self.sources)

    @cached_property
    def sources(self) -> list[Key]:
        """The sources of its function, found by composing one mode at one point of the sweeps."""
        first = at_points({name: np.zeros(1, dtype=np.intp) for name in self.all_axes})
        return list(self.link.state(self.spectrum.eigenvalues[:1], first, {}).shown.position)

    @property
    def _modes(self) -> tuple[int]:
        return (self.spectrum.size,)

    @property
    def _label_keys(self) -> list[Key]:
        return [key for key in self.sources if key.kind == LABELS]

    def _points(self, on: str) -> Array:
        return self.task.inputs if on == "train" else np.asarray(self.task.test_inputs)

    @property
    def _start_weights(self) -> Array:
        return start_weights(self.start, self.model.features(self.task.inputs).shape[1], self.outputs_count)

    def _refuse_foreign(self, what: str) -> None:
        foreign = [str(key.of) for key in self.sources if key.kind == OUTPUT]
        if foreign:
            raise NotDiagonal(
                what,
                expected="a teacher with the student's inputs and kernel",
                got=f"{self.name!r} taught by {foreign[0]!r}, which has its own",
                fix="use operator(), or result.on(spectrum)",
            )

    def source(self, key: Key) -> Array:
        """Coefficients of a source in this fit's eigenbasis, shape ``(*axes, modes, outputs)``."""
        if key.kind == LABELS:
            return self.spectrum.coefficients(np.asarray(self.labelled[key.of].targets))
        if key.kind == OUTPUT:
            teacher = self.foreign[str(key.of)]
            values = teacher.task.restored(teacher._predict_all(seen_by(teacher.task, self.task)))
            return self.spectrum.coefficients(values - self._shift)
        owner = self if key.of == self.name else self.foreign[str(key.of)]
        if key.kind == START:
            if owner.start.weights is None:
                return np.zeros((1, 1))
            return self.spectrum.coefficients(owner.model.features(self.task.inputs) @ owner._start_weights)
        return self.spectrum.coefficients(offset_values(owner.start, self.task.inputs, self.outputs_count))

    @property
    def _shift(self) -> Array | float:
        return 0.0 if self.task.target_shift is None else self.task.target_shift

    def _sum(self, factors: dict[Key, Array]) -> Array:
        total = np.zeros((self.spectrum.size, self.outputs_count))
        for key, factor in factors.items():
            if np.any(factor):
                total = total + np.asarray(factor)[..., None] * self.source(key)
        return total

    def _kept(self, start_values: Array) -> Array:
        """The part of the start that training leaves alone off the row space, on all axes the fit depends on."""
        return self._shown(np.asarray(self.state.scale)[..., None] * start_values, start_values.shape)

    def _predict(self, points: Array) -> Array:
        """Predictions in original units at points given in the task's own coordinates."""
        values = self.model.cross_gram(points, self.task) @ self.dual
        return self.task.restored(values + self._untrained(points))

    def _predict_all(self, points: Array) -> Array:
        """As `_predict` without the shift, with every axis of the recipe present, for composition."""
        values = self.model.cross_gram(points, self.task) @ self.spectrum.values(self._sum(self.state.shown.dual))
        if self.start.weights is not None:
            start = self.model.features(points) @ self._start_weights
            values = values + np.asarray(self.state.scale)[..., None] * start
        return values + self._offset(points)

    def _untrained(self, points: Array) -> Array:
        start = np.zeros((1, 1))
        if self.start.weights is not None:
            start = self._kept(self.model.features(points) @ self._start_weights)
        return start + self._offset(points)

    def _offset(self, points: Array) -> Array:
        return np.zeros((1, 1)) if self.start.offset is None else offset_values(self.start, points, self.outputs_count)

    def _reaching(self) -> dict[Hashable, Task]:
        reaching = {key.of: self.labelled[key.of] for key in self._label_keys}
        for key in self.sources:
            if key.kind == OUTPUT:
                reaching |= self.foreign[str(key.of)]._reaching()
        return reaching

    def _linear_map(self, labels_of: int, size: int, inputs: Array | None) -> Array:
        basis = self.spectrum.basis
        left = basis if inputs is None else self.model.cross_gram(inputs, self.task) @ basis
        factors = self.state.shown.position if inputs is None else self.state.shown.dual
        total = np.zeros((len(left), size))
        for key, factor in factors.items():
            if key.kind == LABELS and key.of == labels_of:
                total = total + (left * np.asarray(factor)[..., None, :]) @ basis.T
            elif key.kind == OUTPUT:
                teacher = self.foreign[str(key.of)]
                inner = teacher._linear_map(labels_of, size, seen_by(teacher.task, self.task))
                total = total + (left * np.asarray(factor)[..., None, :]) @ basis.T @ inner
        return total

    def _shown(self, array: Array, tail: tuple[int, ...]) -> Array:
        """``array`` with exactly the axes that the fit depends on, before the dimensions ``tail``."""
        shape = [len(self.axes[name]) if name in self.axes else 1 for name in self.all_axes]
        full = np.broadcast_to(array, (*shape, *tail))
        drop = tuple(position for position, name in enumerate(self.all_axes) if name not in self.axes)
        return np.array(full.squeeze(axis=drop)) if drop else np.array(full)
