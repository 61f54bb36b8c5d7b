"""SGD on least squares: its arguments, checked, and the noise of its gradients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import Minibatch
from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.validation import describe, finite_array


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """Features (n, p), targets (n, outputs), start (p, outputs) and samples per step."""

    features: Array
    targets: Array
    start: Array
    batch: int

    @property
    def size(self) -> int:
        """Number of samples."""
        return len(self.features)

    @cached_property
    def hessian(self) -> Array:
        """``X^T X``, shape (p, p)."""
        return self.features.T @ self.features

    def gradient(self, mean: Array) -> Array:
        """Full gradient at weights (p, outputs): of one half of the summed squared error."""
        return self.features.T @ (self.features @ mean - self.targets)

    def gradient_noise(self, mean: Array, covariance: Array) -> Array:
        r"""Expected covariance of a minibatch gradient at random weights, shape (outputs, p, p).

        .. math:: (n X^T \mathrm{diag}(E r_i^2) X - E[g g^T]) / B, \quad E r_i^2 = (x_i \cdot m - y_i)^2 + x_i^T C x_i
        """
        X, hessian, gradient = self.features, self.hessian, self.gradient(mean).T
        squared = np.square(X @ mean - self.targets).T + np.sum((X @ covariance) * X, axis=-1)
        second = self.size * X.T @ (squared[..., None] * X)
        full = gradient[:, :, None] * gradient[:, None, :] + hessian @ covariance @ hessian
        return (second - full) / self.batch


def checked_features(features: ArrayLike) -> Array:
    """Features as a matrix."""
    return finite_array("features", features, ndim=2)


def checked_batch(batch: object) -> int:
    """Samples per step of batches that are drawn independently."""
    if not isinstance(batch, Minibatch):
        fix = "pass kd.Minibatch(size, replace=True)"
        raise InvalidArgument("batch", expected="a Minibatch", got=describe(batch), fix=fix)
    if not batch.replace:
        fix = "pass kd.Minibatch(size, replace=True): shuffled epochs have no such recursion"
        raise InvalidArgument("batch", expected="batches drawn with replacement", got=repr(batch), fix=fix)
    return batch.size


def checked(features: ArrayLike, targets: ArrayLike, batch: object, start: ArrayLike | None) -> LeastSquares:
    """The problem, if its parts fit together."""
    X, y = checked_features(features), finite_array("targets", targets, ndim=(1, 2))
    y = y.reshape(len(y), -1)
    if len(y) != len(X):
        fix = "pass one row of targets per row of features"
        raise InvalidArgument("targets", expected=f"{len(X)} rows", got=f"{len(y)}", fix=fix)
    shape = (X.shape[1], y.shape[1])
    if start is None:
        return LeastSquares(X, y, np.zeros(shape), checked_batch(batch))
    weights = finite_array("start", start, ndim=(1, 2))
    weights = weights.reshape(len(weights), -1)
    if weights.shape != shape:
        fix = "pass one weight per feature and output"
        raise InvalidArgument("start", expected=f"shape {shape}", got=f"{weights.shape}", fix=fix)
    return LeastSquares(X, y, weights, checked_batch(batch))
