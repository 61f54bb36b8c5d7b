"""Expected risk as a function of the gains, for somebody who knows the truth: a quadratic form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.risk._population import root_of
from kdtheory.risk.wiener import powers
from kdtheory.validation import finite_array, number


@dataclass(frozen=True, eq=False)
class QuadraticRisk:
    r"""Risk of trainings from zero that have the gains :math:`a` in the modes, in the units of `decompose`.

    .. math:: \mathrm{bias}(a) = |M (1 - a) + m|^2, \qquad \mathrm{variance}(a) = \sum_k v_k a_k^2

    Attributes
    ----------
    signal : array of shape (modes,) or (points, modes)
        :math:`M`: errors per unit of residual; of shape (modes,), where every mode is seen by itself.
    unreachable : array of shape (modes,) or (points,)
        :math:`m`: errors of the fit that has gain 1 in every mode.
    noise : array of shape (modes,)
        :math:`v`: variance per squared gain.
    """

    signal: Array
    unreachable: Array
    noise: Array

    @property
    def modes(self) -> int:
        """Number of modes."""
        return len(self.noise)

    def bias(self, gains: ArrayLike, residuals: ArrayLike | None = None) -> Array:
        """Squared bias, shape ``(*axes,)``; ``residuals`` are ``1 - gains``, if they are known without cancellation."""
        _, left = self.checked(gains, residuals)
        return np.sum(np.square(self.errors(left) + self.unreachable), axis=-1)

    def variance(self, gains: ArrayLike) -> Array:
        """Variance, shape ``(*axes,)``."""
        return np.square(self.checked(gains)[0]) @ self.noise

    def total(self, gains: ArrayLike, residuals: ArrayLike | None = None) -> Array:
        """Risk, shape ``(*axes,)``."""
        return self.bias(gains, residuals) + self.variance(gains)

    def errors(self, residuals: Array) -> Array:
        """``M @ residuals`` along the last axis."""
        return residuals * self.signal if self.signal.ndim == 1 else residuals @ self.signal.T

    def oracle_gains(self) -> Array:
        """Gains of least risk (of least norm, where several are best)."""
        if self.signal.ndim == 1 and not self.unreachable.any():
            total = self.signal**2 + self.noise
            return np.divide(self.signal**2, total, out=np.zeros_like(total), where=total > 0)
        matrix = np.diag(self.signal) if self.signal.ndim == 1 else self.signal
        stacked = np.vstack([matrix, np.diag(np.sqrt(self.noise))])
        goal = np.concatenate([matrix.sum(axis=1) + self.unreachable, np.zeros(self.modes)])
        return np.asarray(np.linalg.lstsq(stacked, goal, rcond=None)[0], dtype=float)

    def checked(self, gains: ArrayLike, residuals: ArrayLike | None = None) -> tuple[Array, Array]:
        """Gains and residuals, one per mode along the last axis."""
        values = self._per_mode("gains", gains)
        return values, 1.0 - values if residuals is None else self._per_mode("residuals", residuals)

    def _per_mode(self, argument: str, values: ArrayLike) -> Array:
        array = finite_array(argument, values)
        if array.ndim == 0 or array.shape[-1] != self.modes:
            fix, expected = "pass one number per mode", f"{self.modes} modes along the last axis"
            raise InvalidArgument(argument, expected=expected, got=f"shape {array.shape}", fix=fix)
        return array


def oracle_fixed_design(coefficients: ArrayLike, noise_variance: ArrayLike) -> QuadraticRisk:
    r"""Risk at the train points, :math:`\sum_k (1-a_k)^2 c_k^2 + a_k^2 s^2`, as a function of the gains (derived here).

    Parameters
    ----------
    coefficients, noise_variance
        As in `oracle_wiener_gains`; several outputs are summed over.

    >>> risk = oracle_fixed_design([3.0, 1.0], noise_variance=1.0)
    >>> (
    ...     float(risk.bias([0.5, 0.5])),
    ...     float(risk.variance([0.5, 0.5])),
    ...     risk.oracle_gains().tolist(),
    ... )
    (2.5, 0.5, [0.9, 0.5])
    """
    signal, noise = powers(coefficients, noise_variance)
    return QuadraticRisk(np.sqrt(signal), np.zeros(len(signal)), noise)


def oracle_random_design(
    features: ArrayLike,
    weights: ArrayLike,
    covariance: ArrayLike,
    noise_variance: float,
    *,
    test_weights: ArrayLike | None = None,
) -> QuadraticRisk:
    r"""Risk on one random input, given the training inputs, as a function of the gains (derived here).

    With the singular value decomposition :math:`X = U \sqrt\Lambda V^T` (nonzero eigenvalues only) and second moment
    :math:`\Sigma` of the inputs to predict on, which need not be distributed as those of training:

    .. math:: |\Sigma^{1/2} (V \mathrm{diag}(a) V^T b^* - b^*)|^2
              + s^2 \sum_k \frac{a_k^2}{\lambda_k} v_k^T \Sigma v_k

    Parameters
    ----------
    features : array of shape (n, p)
        Training inputs. Modes are those of ``kd.LinearModel().spectrum(task)`` with a nonzero eigenvalue.
    weights : array of shape (p,)
        :math:`b^*`, which made the labels.
    covariance : array of shape (p, p)
        :math:`\Sigma`.
    noise_variance : float
        Of each label.
    test_weights : array of shape (p,), optional
        What is true where predictions are made, if that is something else than ``weights``.

    >>> risk = oracle_random_design(
    ...     [[2.0, 0.0]], [1.0, 1.0], [[1.0, 0.0], [0.0, 3.0]], noise_variance=4.0
    ... )
    >>> (
    ...     round(float(risk.bias([0.5])), 9),
    ...     float(risk.variance([0.5])),
    ... )  # 0.5^2 + 3; 4 * 0.5^2 / 4
    (3.25, 0.25)
    """
    X = finite_array("features", features, ndim=2)
    size = X.shape[1]
    truth = _sized("weights", weights, (size,))
    there = truth if test_weights is None else _sized("test_weights", test_weights, (size,))
    root = root_of(_sized("covariance", covariance, (size, size)), "covariance")
    variance = number("noise_variance", noise_variance, at_least=0.0)
    _, singular, right = scipy.linalg.svd(X, full_matrices=False)
    kept = singular > max(X.shape) * np.finfo(float).eps * singular[0]
    seen = root @ right[kept].T
    noise = variance * np.sum(seen**2, axis=0) / singular[kept] ** 2
    along = right[kept] @ truth
    return QuadraticRisk(seen * along, root @ (there - right[kept].T @ along), noise)


def _sized(argument: str, value: ArrayLike, shape: tuple[int, ...]) -> Array:
    array = finite_array(argument, value)
    if array.shape != shape:
        fix = "pass one number per feature" if len(shape) == 1 else "pass the second moment of the inputs"
        raise InvalidArgument(argument, expected=f"shape {shape}", got=f"shape {array.shape}", fix=fix)
    return array
