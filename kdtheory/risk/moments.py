"""Mean and covariance of SGD's weights on squared loss, exactly: beside ``simulate`` with minibatches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import Minibatch
from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.risk._least_squares import LeastSquares, checked, checked_features
from kdtheory.validation import count, describe, number


@dataclass(frozen=True, eq=False)
class Moments:
    """First and second moments of random weights, the outputs each by itself.

    Attributes
    ----------
    mean : array of shape ``(..., p, outputs)``
    covariance : array of shape ``(..., outputs, p, p)``
        Over the weights of one output; leading axis: steps, where several were asked for.
    """

    mean: Array
    covariance: Array

    @property
    def second_moment(self) -> Array:
        """``E[b b^T]`` of each output's weights, shape ``(..., outputs, p, p)``."""
        mean = np.swapaxes(self.mean, -1, -2)
        return self.covariance + mean[..., :, None] * mean[..., None, :]

    def variance_at(self, features: ArrayLike) -> Array:
        """Variance of the outputs at points with ``features`` of shape (m, p), shape ``(..., m, outputs)``."""
        points = checked_features(features)
        if points.shape[1] != self.mean.shape[-2]:
            fix = "use the features that were trained on"
            expected, got = f"{self.mean.shape[-2]} columns", f"{points.shape[1]}"
            raise InvalidArgument("features", expected=expected, got=got, fix=fix)
        return np.swapaxes(np.sum((points @ self.covariance) * points, axis=-1), -1, -2)

    def excess_loss(self, features: ArrayLike) -> Array:
        """Expected loss minus the loss of the mean weights: one half of the summed variance over points and outputs.

        On the training features of `sgd_stationary` this is the noise floor: expected minus least loss.
        """
        return 0.5 * np.sum(self.variance_at(features), axis=(-2, -1))[()]


def sgd_moments(
    features: ArrayLike,
    targets: ArrayLike,
    *,
    step_size: float,
    steps: int | Iterable[int],
    batch: Minibatch,
    start: ArrayLike | None = None,
) -> Moments:
    r"""Exact mean and covariance of the weights of minibatch SGD on squared loss, drawn with replacement.

    A step is :math:`b \leftarrow b - \eta \bar g`, where :math:`\bar g` is the mean over B independent draws of
    :math:`n x_i r_i`, :math:`r_i = x_i \cdot b - y_i` (gradients scaled by n / batch, as in `simulate`). With
    :math:`H = X^T X` and :math:`g = E[\bar g | b] = Hb - X^T y`, mean m and covariance C obey

    .. math:: m' = m - \eta (Hm - X^T y), \qquad C' = (I - \eta H) C (I - \eta H) + \eta^2 E[\mathrm{Cov}(\bar g | b)],

    .. math:: E[\mathrm{Cov}(\bar g | b)] = \frac1B \Big( n \sum_i \big((x_i \cdot m - y_i)^2 + x_i^T C x_i\big)
        x_i x_i^T - (Hm - X^T y)(Hm - X^T y)^T - H C H \Big).

    Derivation: Cov(b') = Cov(E[b' | b]) + E Cov(b' | b), and B independent draws divide the covariance of one by B;
    that of one is :math:`E[n^2 r_i^2 x_i x_i^T] - g g^T`, whose expectation over b needs m and C only. Derived here.
    Who writes the loss as a mean over samples calls :math:`n \eta` the step size and H / n the Hessian.

    Parameters
    ----------
    features : array of shape (n, p)
        ``model.features(task.inputs)``; p is small: a step costs ``n p^2`` per output.
    targets : array of shape (n, outputs) or (n,)
        Any fixed targets: labels, or ``(1 - mixing) * labels + mixing * teacher``.
    step_size : float
        Any: the recursion is exact for a finite number of steps, stable or not (see `sgd_step_limit`).
    steps : int, or increasing numbers
        One number: moments after that many steps. Several: a leading axis.
    batch : Minibatch
        With ``replace=True``.
    start : array of shape (p, outputs) or (p,), optional
        Initial weights; default: zero.

    >>> import kdtheory as kd
    >>> batch = kd.Minibatch(
    ...     1, replace=True
    ... )  # one of b <- b - 0.1 * 2 * (b - 1) and b <- b + 0.1 * 2
    >>> moments = kd.risk.sgd_moments(
    ...     [[1.0], [0.0]], [1.0, 5.0], step_size=0.1, steps=1, batch=batch
    ... )
    >>> moments.mean.round(9).tolist(), moments.covariance.round(9).tolist()
    ([[0.1]], [[[0.01]]])
    """
    problem = checked(features, targets, batch, start)
    rate = number("step_size", step_size, above=0.0)
    marks = _marks(steps)
    width, outputs = problem.start.shape
    mean, covariance = problem.start, np.zeros((outputs, width, width))
    kept: list[tuple[Array, Array]] = []
    done = 0
    with np.errstate(over="ignore", invalid="ignore"):
        for mark in marks:
            for _ in range(done, mark):
                mean, covariance = _step(problem, rate, mean, covariance)
            done = mark
            _refuse_divergence(covariance, rate, done)
            kept.append((mean, covariance))
    if not isinstance(steps, Iterable):
        return Moments(*kept[0])
    return Moments(np.stack([mean for mean, _ in kept]), np.stack([covariance for _, covariance in kept]))


def _step(problem: LeastSquares, rate: float, mean: Array, covariance: Array) -> tuple[Array, Array]:
    shrink = np.eye(len(mean)) - rate * problem.hessian
    noise = problem.gradient_noise(mean, covariance)
    after = shrink @ covariance @ shrink + rate**2 * noise
    return mean - rate * problem.gradient(mean), 0.5 * (after + np.swapaxes(after, -1, -2))


def _marks(steps: Any) -> list[int]:
    if not isinstance(steps, Iterable):
        return [count("steps", steps)]
    marks = [count("steps", step) for step in steps]
    if not marks or marks != sorted(marks):
        fix = "pass for example range(0, 101, 10)"
        raise InvalidArgument("steps", expected="increasing whole numbers", got=describe(list(marks)), fix=fix)
    return marks


def _refuse_divergence(covariance: Array, rate: float, steps: int) -> None:
    if not np.isfinite(covariance).all():
        fix = "take a smaller step (see sgd_step_limit), or larger batches"
        got = f"infinity or NaN after {steps} steps of size {rate:.6g}"
        raise InvalidArgument("step_size", expected="moments that stay finite", got=got, fix=fix)
