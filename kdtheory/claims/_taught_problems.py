"""No early stopping, no effect, on random linear problems: weights after training against the formulas of claim C5."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.procedures import GradientFlow, Procedure, Ridge
from kdtheory.testing import LinearProblem, Margin, logarithmic, tolerance

Array = NDArray[np.float64]
# Singular values are at least 1e-3 of the largest, or zero up to rounding.
_ZERO = 1e-8


@dataclass(frozen=True)
class TaughtProblem(LinearProblem):
    """A linear problem with a teacher and a student, both with starts of their own.

    Attributes
    ----------
    teacher_progress, student_progress : between 1e-3 and 30
        Largest eigenvalue times training time, where training is stopped.
    penalty : between 1e-6 and 1e3
        Of a ridge teacher, over the largest eigenvalue.
    """

    teacher_progress: Annotated[Any, logarithmic(1e-3, 30.0, simple=1.0)]
    student_progress: Annotated[Any, logarithmic(1e-3, 30.0, simple=1.0)]
    penalty: Annotated[Any, logarithmic(1e-6, 1e3, simple=1.0)]


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; each mutant replaces one of them by a wrong one."""

    onehot_time: Callable[..., Any] = lambda teacher, student: student
    converged: Callable[..., Array] = lambda seen, taught, start: seen(taught) + start - seen(start)
    gap: Callable[..., Array] = lambda seen, taught, start: (start - taught) - seen(start - taught)
    effect: Callable[..., Array] = lambda lam, teacher, student: (
        -GradientFlow(teacher).residual(lam) * GradientFlow(student).dual_gain(lam)
    )
    inherited: Callable[..., Any] = lambda penalty: penalty


def margins(case: TaughtProblem, formulas: Formulas) -> Margin:
    """Margins of all parts, as shares of what rounding may do to weights, test and train outputs."""
    problem = _Trained(case)
    return Margin(**_teacher_to_the_end(problem, formulas), **_student_to_the_end(problem, formulas))


class _Trained:
    """A problem with its singular vectors, computed from its inputs alone."""

    def __init__(self, case: TaughtProblem) -> None:
        self.inputs, self.targets, self.test_inputs = case.inputs, case.targets, case.test_inputs
        self.left, self.sizes, self.right = np.linalg.svd(self.inputs)
        self.scale = 1.0 / np.sqrt(case.largest)
        self.starts = case.starts
        times = case.teacher_progress / case.largest, case.student_progress / case.largest
        self.teacher_time, self.student_time = (np.asarray(time)[..., None] for time in times)
        self.penalty = np.asarray(case.penalty * case.largest)[..., None]
        self.projector, self.rank, self.features = case.projector, case.rank, case.shape[1]
        self.rounding = tolerance(self.inputs.shape[-1], case.condition)

    def after(self, procedure: Procedure, targets: Array, start: Array) -> Array:
        """Weights after a training of the linear model."""
        keep = self.sizes > _ZERO * self.sizes[..., :1]
        gain = procedure.gain(np.where(keep, np.square(self.sizes), 0.0))
        wanted = _times(np.swapaxes(self.left, -1, -2), targets - _times(self.inputs, start))
        moved = np.divide(gain * wanted, self.sizes, out=np.zeros_like(gain), where=keep)
        return start + _times(np.swapaxes(self.right, -1, -2), moved)

    def seen(self, weights: Array) -> Array:
        """What the training inputs see of the weights: their part in the row space, by its construction."""
        return _times(self.projector, weights)

    def equal(self, one: Array, other: Array, *sizes: Array) -> Array:
        """Margin of equal weights; ``sizes`` are weights that were rounded on the way."""
        error, size = np.linalg.norm(one - other, axis=-1), self._size(one, other, *sizes)
        return 1.0 - error / (self.rounding * size)

    def equal_outputs(self, inputs: Array, one: Array, other: Array, *sizes: Array) -> Array:
        """Margin of equal outputs."""
        error = np.linalg.norm(_times(inputs, one - other), axis=-1)
        return 1.0 - error / (self.rounding * self._size(one, other, *sizes) * np.linalg.norm(inputs, axis=(-2, -1)))

    def apart(self, one: Array, other: Array) -> Array:
        """Log of the distance of weights over its rounding error: positive where they differ for certain."""
        error = self.rounding * self._size(one, other)
        distance = np.linalg.norm(one - other, axis=-1)
        return np.log(np.maximum(distance, np.finfo(float).tiny) / error)

    def _size(self, *weights: Array) -> Array:
        return self.scale + np.sum([np.linalg.norm(each, axis=-1) for each in (*weights, *self.starts)], axis=0)


def _teacher_to_the_end(problem: _Trained, formulas: Formulas) -> dict[str, Array]:
    """(a): the student of a converged teacher is the one-hot run; of a stopped one, it is off by a known amount."""
    targets, (own, other) = problem.targets, problem.starts
    times = problem.teacher_time, problem.student_time
    run = GradientFlow(problem.student_time)
    converged = problem.after(GradientFlow(np.inf), targets, own)
    stopped = problem.after(GradientFlow(problem.teacher_time), targets, own)
    student, early = (problem.after(run, _times(problem.inputs, taught), other) for taught in (converged, stopped))
    onehot = problem.after(GradientFlow(formulas.onehot_time(*times)), targets, other)
    # In weight space, through another decomposition: eigenvalues near zero need no care there.
    lam, basis = np.linalg.eigh(np.swapaxes(problem.inputs, -1, -2) @ problem.inputs)
    pull = _times(np.swapaxes(problem.inputs, -1, -2), targets - _times(problem.inputs, own))
    effect = formulas.effect(np.maximum(lam, 0.0), *times) * _times(np.swapaxes(basis, -1, -2), pull)
    return {
        "train": problem.equal_outputs(problem.inputs, student, onehot, converged),
        "test": problem.equal_outputs(problem.test_inputs, student, onehot, converged),
        "effect": problem.equal(early, problem.after(run, targets, other) + _times(basis, effect), stopped),
    }


def _student_to_the_end(problem: _Trained, formulas: Formulas) -> dict[str, Array]:
    """(b) and (c): the converged student has its teacher's weights as far as the training inputs see them."""
    end, (own, other) = GradientFlow(np.inf), problem.starts
    taught = problem.after(GradientFlow(problem.teacher_time), problem.targets, own)
    student = problem.after(end, _times(problem.inputs, taught), other)
    alike = problem.after(end, _times(problem.inputs, taught), problem.seen(other) + own - problem.seen(own))
    gap = formulas.gap(problem.seen, taught, other)
    ridge, nothing = problem.after(Ridge(problem.penalty), problem.targets, 0 * own), 0 * own
    heir = problem.after(Ridge(formulas.inherited(problem.penalty)), problem.targets, nothing)
    return {
        "faithful": problem.equal_outputs(problem.inputs, student, taught),
        "weights": problem.equal(student, formulas.converged(problem.seen, taught, other), taught),
        "test_gap": problem.equal_outputs(problem.test_inputs, student - taught, gap, taught, student),
        "same_frozen_start": problem.equal(alike, taught),
        "other_frozen_start": np.where(problem.features > problem.rank, problem.apart(student, taught), 1.0),
        "ridge": problem.equal(problem.after(end, _times(problem.inputs, ridge), nothing), heir, ridge),
    }


def _times(matrix: Array, vector: Array) -> Array:
    return (matrix @ vector[..., None])[..., 0]
