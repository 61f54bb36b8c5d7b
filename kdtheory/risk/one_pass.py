r"""One-pass SGD on Gaussian inputs: every sample is seen once, so that the moments of the weights obey a recursion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.validation import count, describe, finite_array, number


@dataclass(frozen=True, eq=False)
class OnePass:
    """Weights after one pass, in the eigenbasis of the inputs' covariance.

    Attributes
    ----------
    gains : array of shape (p,)
        Expected weight over target: ``1 - (1 - step_size * eigenvalue)^samples``.
    mean, second_moment : arrays of shape (p,)
        Of each weight: E[b_k] and E[b_k^2].
    risk : float
        Expected squared error on one new input against ``x . weights``.
    """

    gains: Array
    mean: Array
    second_moment: Array
    risk: float


def one_pass_sgd(
    eigenvalues: ArrayLike,
    weights: ArrayLike,
    *,
    step_size: float,
    samples: int,
    noise_variance: float = 0.0,
    teacher: OnePass | None = None,
) -> OnePass:
    r"""Exact moments of SGD from zero, one fresh :math:`x \sim N(0, S)` a step, on :math:`x \cdot b^* + \text{noise}`.

    The error :math:`e = b - b^*` moves by :math:`e \leftarrow (I - \eta x x^T) e + \eta x \varepsilon`; Gaussian fourth
    moments give for :math:`M = E[e e^T]`

    .. math:: M \leftarrow M - \eta (S M + M S) + \eta^2 \bigl( 2 S M S + \mathrm{tr}(S M) S + s^2 S \bigr),

    whose diagonal in the eigenbasis of S, all that the risk needs, moves by itself. The gain of the mean is
    :math:`1 - (1 - \eta \lambda)^N`. A student of a `teacher` on samples of its own multiplies the mean gains.
    Derived here (`sgd_moments` is for samples that are given and drawn again and again).

    Parameters
    ----------
    eigenvalues, weights : arrays of shape (p,)
        Of S; of the truth in its eigenbasis.
    step_size : float
        Of the loss of one sample, :math:`\frac12 (x \cdot b - y)^2`.
    samples : int
        Steps N, each on a sample of its own.
    noise_variance : float
        Of a label; a teacher's outputs have none.
    teacher : OnePass, optional
        Labels are the outputs of its weights instead: those of one run on other samples.

    Raises
    ------
    InvalidArgument
        Where the second moments grow beyond float64.

    >>> run = one_pass_sgd([1.0], [1.0], step_size=0.5, samples=1)
    >>> run.gains.tolist(), run.risk  # E (1 - x^2 / 2)^2 = 1 - 1 + 3 / 4
    ([0.5], 0.75)
    """
    lam, truth = finite_array("eigenvalues", eigenvalues, ndim=1), finite_array("weights", weights, ndim=1)
    rate, noise = number("step_size", step_size, above=0.0), number("noise_variance", noise_variance, at_least=0.0)
    steps = count("samples", samples)
    _refuse_misfit(lam, truth, teacher)
    gains = _mean_gain(rate * lam, steps)
    if teacher is None:
        error = _moved(lam, np.square(truth), rate, steps, noise)
        mean = gains * truth
        return OnePass(gains, mean, error - np.square(truth) + 2.0 * truth * mean, float(np.sum(lam * error)))
    # e = b - b_T starts at -b_T and decays in the mean, given b_T.
    error = _moved(lam, teacher.second_moment, rate, steps, noise)
    mean = gains * teacher.mean
    second = error - teacher.second_moment + 2.0 * gains * teacher.second_moment
    risk = float(np.sum(lam * (second - 2.0 * truth * mean + np.square(truth))))
    return OnePass(gains * teacher.gains, mean, second, risk)


def _mean_gain(h: Array, steps: int) -> Array:
    """``1 - (1 - h)^steps``, without cancellation where it is small."""
    with np.errstate(over="ignore"):
        return np.where(h < 0.5, -np.expm1(steps * np.log1p(-np.minimum(h, 0.5))), 1.0 - np.power(1.0 - h, steps))


def _moved(eigenvalues: Array, moments: Array, step_size: float, steps: int, noise_variance: float) -> Array:
    """The diagonal of M after that many steps."""
    h = step_size * eigenvalues
    kept = np.square(1.0 - h) + np.square(h)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            moments = kept * moments + step_size * h * (np.sum(eigenvalues * moments) + noise_variance)
    if not np.isfinite(moments).all():
        fix = "take a smaller step"
        raise InvalidArgument("step_size", expected="moments that stay finite", got=f"{step_size:g}", fix=fix)
    return moments


def _refuse_misfit(eigenvalues: Array, weights: Array, teacher: OnePass | None) -> None:
    if eigenvalues.min() < 0:
        got = f"{eigenvalues.min():g}"
        raise InvalidArgument("eigenvalues", expected="no negative number", got=got, fix="pass those of a covariance")
    if weights.shape != eigenvalues.shape:
        got, expected = f"{len(weights)}", f"{len(eigenvalues)} weights"
        raise InvalidArgument("weights", expected=expected, got=got, fix="pass one per eigenvalue")
    if teacher is not None and (not isinstance(teacher, OnePass) or teacher.mean.shape != eigenvalues.shape):
        fix = "pass the result of one_pass_sgd for the same eigenvalues"
        raise InvalidArgument("teacher", expected="a OnePass of as many weights", got=describe(teacher), fix=fix)
