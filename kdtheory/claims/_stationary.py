"""Small problems for the stationary state of SGD: all of a batch are solved together.

The noise floor needs a matrix problem. It is the smallest one that has everything: three samples, two features, one
direction that no student reaches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.testing import Case, linear, logarithmic

Array = NDArray[np.float64]
Turn = Annotated[Any, linear(0.0, 6.28, simple=1.0)]
Weight = Annotated[Any, linear(-3.0, 3.0, simple=0.0)]


@dataclass(frozen=True)
class SmallProblem(Case):
    """Three samples with two features, a teacher's weights, and SGD.

    Attributes
    ----------
    position : between -3 and 3
        Where gradients are taken.
    ratio : between 0.01 and 0.99
        Smaller over larger eigenvalue.
    turn_1, turn_2, turn_3 : between 0 and 6.28
        Angles of the samples.
    teacher_1, teacher_2 : between -3 and 3
        The teacher's weights.
    mixing : between -1 and 3
    step : between 0.05 and 1
        Step size times the largest squared norm of a sample.
    """

    position: Annotated[Any, linear(-3.0, 3.0, simple=1.0)]
    ratio: Annotated[Any, logarithmic(0.01, 0.99, simple=0.5)]
    turn_1: Turn
    turn_2: Turn
    turn_3: Turn
    teacher_1: Weight
    teacher_2: Weight
    mixing: Annotated[Any, linear(-1.0, 3.0, simple=0.5)]
    step: Annotated[Any, linear(0.05, 1.0, simple=0.5)]


@dataclass(frozen=True)
class Problems:
    """Small least-squares problems: three samples, two features; arrays with a leading axis of cases.

    Attributes
    ----------
    features : (cases, 3, 2)
        With the squares of their singular values, ``eigenvalues`` of shape (cases, 2).
    targets : (cases, 3)
        Of the labels: those of the weights (1, 0.5), and 1 in the direction that no weights reach.
    teacher, point : (cases, 2)
        Weights.
    rate : (cases,)
        Step size of SGD on single samples, gradients not scaled.
    """

    features: Array
    eigenvalues: Array
    targets: Array
    teacher: Array
    point: Array
    rate: Array

    @classmethod
    def of(cls, case: SmallProblem) -> Problems:
        """Those of a batch of cases."""
        parts = [np.atleast_1d(value) for value in (case.ratio, case.position, case.teacher_1, case.teacher_2)]
        ratio, position, *teacher = parts
        basis = _rotations(*(np.atleast_1d(turn) for turn in (case.turn_1, case.turn_2, case.turn_3)))
        eigenvalues = np.stack([np.ones_like(ratio), ratio], axis=-1)
        features = basis[..., :2] * np.sqrt(eigenvalues)[:, None, :]
        targets = features @ [1.0, 0.5] + basis[..., 2]
        point = np.stack([position, -position], axis=-1)
        rate = np.atleast_1d(case.step) / np.max(np.sum(features**2, axis=-1), axis=-1)
        return cls(features, eigenvalues, targets, np.stack(teacher, axis=-1), point, rate)

    def mixed(self, mixing: Any) -> Array:
        """Labels mixed with the teacher's outputs."""
        xi = np.atleast_1d(mixing)[:, None]
        return (1 - xi) * self.targets + xi * self._values(self.teacher)

    def stationary(self, targets: Array) -> tuple[Array, Array]:
        """Mean and covariance to which SGD tends, by the definition of stationarity."""
        X, eye = self.features, np.eye(2)
        mean = np.einsum("cip,ci->cp", X, targets) / self.eigenvalues
        left = targets - self._values(mean)
        outer = np.einsum("cip,ciq->cipq", X, X)
        steps = eye - self.rate[:, None, None, None] * outer
        source = self.rate[:, None, None] ** 2 * np.mean(left[..., None, None] ** 2 * outer, axis=1)
        carried = np.mean(np.einsum("cipq,cirs->ciprqs", steps, steps), axis=1).reshape(-1, 4, 4)
        covariance = np.linalg.solve(np.eye(4) - carried, source.reshape(-1, 4, 1)).reshape(-1, 2, 2)
        return mean, covariance

    def gradients(self, weights: Array, targets: Array) -> Array:
        """One sample's gradients minus their mean, shape (cases, 3, 2)."""
        each = self.features * (self._values(weights) - targets)[..., None]
        return each - each.mean(axis=1, keepdims=True)

    def _values(self, weights: Array) -> Array:
        return np.einsum("cip,cp->ci", self.features, weights)


def _rotations(one: Array, two: Array, three: Array) -> Array:
    """Rotations of space by three angles, shape (cases, 3, 3)."""
    planes = ((0, 1), (1, 2), (0, 1))
    result = np.broadcast_to(np.eye(3), (one.size, 3, 3))
    for angle, (i, j) in zip((one, two, three), planes, strict=True):
        turn = np.array(np.broadcast_to(np.eye(3), (one.size, 3, 3)))
        turn[:, i, i], turn[:, j, j] = np.cos(angle), np.cos(angle)
        turn[:, i, j], turn[:, j, i] = -np.sin(angle), np.sin(angle)
        result = result @ turn
    return result
